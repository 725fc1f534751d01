#include "nn/exchange/zip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "data/crc32.h"
#include "data/image.h"
#include "nn/reader.h"

enum {
    LOCAL_HEADER = 30,
    ENTRY = 46, /* of the list */
    END = 22,
    MOST_COMMENT = 65535,
    STORED = 0,
    DEFLATED = 8,
    /* Deflate spends at least 2 bits on 258 bytes. */
    LARGEST_EXPANSION = 1032
};
static const uint32_t local_mark = 0x04034B50, entry_mark = 0x02014B50, end_mark = 0x06054B50,
                      wide = 0xFFFFFFFF; /* the number stands elsewhere, since it is larger */

static uint32_t get(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static bool damaged(const char *path, const char *reason)
{
    return tarn_set_error("%s: is no ZIP file that can be read, or damaged: %s", path, reason);
}

/* ---- Reading */

bool tarn__zip_open(tarn__zip *zip, const char *path, const uint8_t *bytes, int64_t size)
{
    int64_t at = size - END;
    while (at >= 0 && size - at - END <= MOST_COMMENT &&
           (get(bytes + at, 4) != end_mark || get(bytes + at + 20, 2) != size - at - END))
        at--;
    if (at < 0 || size - at - END > MOST_COMMENT)
        return damaged(path, "it has no end");
    *zip = (tarn__zip){.path = path,
                       .bytes = bytes,
                       .size = size,
                       .count = (int)get(bytes + at + 10, 2),
                       .directory = get(bytes + at + 16, 4),
                       .end = at,
                       .comment = (const char *)bytes + at + END,
                       .comment_length = size - at - END};
    zip->at = zip->directory;
    if (get(bytes + at + 16, 4) == wide || zip->count == 0xFFFF)
        return damaged(path, "it has more than 4 GB or 65,534 members");
    if (get(bytes + at + 4, 4) != 0 || get(bytes + at + 8, 2) != (uint32_t)zip->count)
        return damaged(path, "it is a part of several");
    return zip->directory + get(bytes + at + 12, 4) == at ||
           damaged(path, "its list of members is not where it says");
}

/* The data behind the local header, which repeats the name. */
static bool find_data(tarn__zip *zip, tarn__member *member, int64_t offset)
{
    if (offset < zip->data_end || offset + LOCAL_HEADER > zip->directory ||
        get(zip->bytes + offset, 4) != local_mark)
        return damaged(zip->path, "a member is not where its list says");
    const int64_t begin =
        offset + LOCAL_HEADER + get(zip->bytes + offset + 26, 2) + get(zip->bytes + offset + 28, 2);
    if (begin > zip->directory || member->packed > zip->directory - begin)
        return damaged(zip->path, "a member is cut off");
    member->data = zip->bytes + begin;
    zip->data_end = begin + member->packed;
    return true;
}

static bool check_sizes(const tarn__zip *zip, const tarn__member *member, uint32_t flags,
                        uint32_t method)
{
    if (flags & 1)
        return damaged(zip->path, "it is encrypted");
    if (method != STORED && method != DEFLATED)
        return damaged(zip->path, "a member is neither stored nor deflated");
    if (member->packed == wide || member->unpacked == wide)
        return damaged(zip->path, "a member has more than 4 GB");
    if (method == STORED ? member->packed != member->unpacked
                         : member->unpacked > LARGEST_EXPANSION * member->packed ||
                               member->unpacked > INT_MAX || member->packed > INT_MAX)
        return damaged(zip->path, "a member cannot have so many bytes as it says");
    return true;
}

bool tarn__zip_next(tarn__zip *zip, tarn__member *member)
{
    const uint8_t *entry = zip->bytes + zip->at;
    if (zip->end - zip->at < ENTRY || get(entry, 4) != entry_mark)
        return damaged(zip->path, "its list of members is too short");
    const int64_t name = get(entry + 28, 2);
    const int64_t length = ENTRY + name + get(entry + 30, 2) + get(entry + 32, 2);
    if (length > zip->end - zip->at || name >= (int64_t)sizeof member->name)
        return damaged(zip->path, "the name of a member is too long");
    *member = (tarn__member){.deflated = get(entry + 10, 2) == DEFLATED,
                             .crc = get(entry + 16, 4),
                             .packed = get(entry + 20, 4),
                             .unpacked = get(entry + 24, 4)};
    memcpy(member->name, entry + ENTRY, (size_t)name);
    if (strlen(member->name) != (size_t)name || !tarn_is_utf8(member->name))
        return damaged(zip->path, "the name of a member is not UTF-8");
    zip->at += length;
    return check_sizes(zip, member, get(entry + 8, 2), get(entry + 10, 2)) &&
           find_data(zip, member, get(entry + 42, 4));
}

/* So many bytes for what a member has. Zeroed: from damaged data stb_image copies bytes that it has
   not written. */
static uint8_t *new_bytes(const tarn__zip *zip, int64_t count)
{
    uint8_t *bytes = calloc((size_t)count + 1, 1);
    if (!bytes)
        tarn_set_error("%s: out of memory for %lld bytes", zip->path, (long long)count);
    return bytes;
}

/* How many bytes a member gives, at most the capacity; -1 if it is damaged or gives more. */
static int64_t unpack(const tarn__zip *zip, const tarn__member *member, uint8_t *to,
                      int64_t capacity)
{
    const int64_t rest = zip->bytes + zip->size - member->data;
    if (member->deflated) /* the rest is passed too: stb_image reads a few bytes ahead */
        return tarn__inflate(to, capacity, member->data, rest < INT_MAX ? rest : INT_MAX);
    memcpy(to, member->data, (size_t)(capacity < member->packed ? capacity : member->packed));
    return member->packed;
}

uint8_t *tarn__zip_start(const tarn__zip *zip, const tarn__member *member, int64_t count)
{
    /* Where the capacity ends, stb_image leaves out a whole piece: at most a stored block. */
    enum { LARGEST_PIECE = 65535 };
    const int64_t most = count + LARGEST_PIECE;
    const int64_t capacity = member->unpacked < most ? member->unpacked : most;
    uint8_t *bytes = new_bytes(zip, capacity);
    if (bytes)
        unpack(zip, member, bytes, capacity);
    return bytes;
}

uint8_t *tarn__zip_unpack(const tarn__zip *zip, const tarn__member *member)
{
    uint8_t *bytes = new_bytes(zip, member->unpacked);
    if (!bytes)
        return NULL;
    const int64_t size = unpack(zip, member, bytes, member->unpacked);
    if (size == member->unpacked && tarn__crc32(bytes, size) == member->crc)
        return bytes;
    tarn_set_error("%s: is damaged: the member \"%s\" does not give what its checksum is of",
                   zip->path, tarn__quote(member->name).text);
    free(bytes);
    return NULL;
}

/* ---- Writing */

static void put(uint8_t *to, uint32_t value, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

bool tarn__zip_begin(tarn__zip_writer *w, const char *path)
{
    *w = (tarn__zip_writer){.file = {.path = path}};
    return tarn__replace_begin(&w->file, path);
}

static bool write(tarn__zip_writer *w, const void *bytes, size_t size)
{
    w->written += size;
    return tarn__replace_write(&w->file, bytes, size);
}

/* What the local header and the entry of the list have in common: version 2.0, names in UTF-8,
   stored, 1 January 1980. */
static void put_member(uint8_t *to, const char *name, const uint8_t *bytes, size_t size)
{
    put(to, 20, 2);
    put(to + 2, 1 << 11, 2);
    put(to + 4, STORED, 2);
    put(to + 6, 0, 2);
    put(to + 8, 0x21, 2);
    put(to + 10, tarn__crc32(bytes, (int64_t)size), 4);
    put(to + 14, (uint32_t)size, 4);
    put(to + 18, (uint32_t)size, 4);
    put(to + 22, (uint32_t)strlen(name), 2);
}

bool tarn__zip_add(tarn__zip_writer *w, const char *name, const uint8_t *bytes, size_t size)
{
    const size_t length = strlen(name);
    const uint64_t begin = w->written;
    uint8_t header[LOCAL_HEADER] = {0};
    if (begin + LOCAL_HEADER + length + size >= wide - MOST_COMMENT || w->count == 0xFFFE)
        return tarn_set_error("%s: cannot be written: it would have more than 4 GB or 65,534 "
                              "members",
                              w->file.path);
    uint8_t *list = realloc(w->list, w->list_size + ENTRY + length);
    if (!list)
        return tarn_set_error("%s: out of memory for %d names", w->file.path, w->count);
    w->list = list;
    uint8_t *entry = list + w->list_size;
    memset(entry, 0, ENTRY);
    put(entry, entry_mark, 4);
    put(entry + 4, 20, 2);
    put_member(entry + 6, name, bytes, size);
    put(entry + 42, (uint32_t)begin, 4);
    memcpy(entry + ENTRY, name, length);
    w->list_size += ENTRY + length;
    w->count++;
    put(header, local_mark, 4);
    memcpy(header + 4, entry + 6, 24);
    return write(w, header, sizeof header) && write(w, name, length) && write(w, bytes, size);
}

bool tarn__zip_end(tarn__zip_writer *w, bool complete, const char *comment)
{
    const size_t length = strlen(comment);
    uint8_t end[END] = {0};
    put(end, end_mark, 4);
    put(end + 8, (uint32_t)w->count, 2);
    put(end + 10, (uint32_t)w->count, 2);
    put(end + 12, (uint32_t)w->list_size, 4);
    put(end + 16, (uint32_t)w->written, 4);
    put(end + 20, (uint32_t)length, 2);
    const bool written = complete && write(w, w->list, w->list_size) && write(w, end, sizeof end) &&
                         write(w, comment, length) && tarn__replace_commit(&w->file);
    if (!written)
        tarn__replace_abort(&w->file);
    free(w->list);
    return written;
}
