#include "nn/exchange/npz.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/input.h"
#include "nn/exchange/npy_format.h"
#include "nn/exchange/zip.h"
#include "nn/safetensors.h"

#define ENDING ".npy"

/* ---- Reading */

/* Cuts the ending of a member's name. */
static bool cut_ending(const tarn__reader *r, char *name)
{
    const size_t length = strlen(name), end = strlen(ENDING);
    if (length <= end || strcmp(name + length - end, ENDING) != 0)
        return tarn_set_error("%s: has a member \"%s\", expects arrays of NumPy, \"NAME" ENDING
                              "\"",
                              r->path, tarn__quote(name).text);
    name[length - end] = '\0';
    if (!strcmp(name, TARN__METADATA) || json_object_get(r->header, name))
        return tarn_set_error("%s: has two arrays \"%s\", or a name that none can have", r->path,
                              tarn__quote(name).text);
    return true;
}

/* The entry of the header for the array, whose elements come next. A failure of jansson's shows in
   tarn__json_failed(). */
static void add_entry(tarn__reader *r, const char *name, const tarn__npy *npy)
{
    json_t *shape = json_array();
    for (int i = 0; i < npy->shape.ndim; i++)
        json_array_append_new(shape, json_integer(npy->shape.dim[i]));
    json_object_set_new(r->header, name,
                        json_pack("{s:s, s:o, s:[I,I]}", "dtype", tarn__dtype_name(npy->dtype),
                                  "shape", shape, "data_offsets", (json_int_t)r->data_size,
                                  (json_int_t)(r->data_size + npy->bytes)));
}

static bool add_member(tarn__reader *r, const tarn__zip *zip, tarn__member *member)
{
    tarn__npy npy;
    if (!cut_ending(r, member->name))
        return false;
    uint8_t *bytes = tarn__zip_start(zip, member, TARN__NPY_START);
    const int64_t count = member->unpacked < TARN__NPY_START ? member->unpacked : TARN__NPY_START;
    const bool added =
        bytes && tarn__npy_parse_start(r->path, member->name, bytes, count, member->unpacked, &npy);
    free(bytes);
    if (added) {
        add_entry(r, member->name, &npy);
        r->data_size += npy.bytes;
    }
    return added;
}

/* The metadata, if the comment is such; of a comment of others there is none. */
static void add_metadata(tarn__reader *r, const tarn__zip *zip)
{
    json_t *metadata =
        zip->comment_length > 0 && zip->comment[0] == '{'
            ? tarn__json_parse(r->path, "its comment", zip->comment, (size_t)zip->comment_length)
            : NULL;
    bool is_text = json_is_object(metadata);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        is_text &= json_is_string(value);
    }
    if (is_text)
        json_object_set_new(r->header, TARN__METADATA, metadata);
    else
        json_decref(metadata);
}

static bool read_members(tarn__reader *r, const uint8_t *bytes, int64_t size)
{
    tarn__zip zip;
    tarn__member member;
    if (!tarn__zip_open(&zip, r->path, bytes, size))
        return false;
    tarn__json_watch();
    r->header = json_object();
    for (int i = 0; i < zip.count; i++)
        if (!tarn__zip_next(&zip, &member) || !add_member(r, &zip, &member))
            return false;
    const bool failed = tarn__json_failed();
    add_metadata(r, &zip);
    return (!failed && !tarn__json_failed()) ||
           tarn_set_error("%s: out of memory for the names of %d arrays", r->path, zip.count);
}

bool tarn__npz_open(tarn__reader *r)
{
    tarn__input input;
    if (!tarn__input_open(&input, r->path))
        return false;
    r->archive = tarn__input_load(&input, 0);
    r->archive_size = input.size;
    tarn__input_close(&input);
    return r->archive && read_members(r, r->archive, r->archive_size);
}

bool tarn__npz_each(const tarn__reader *r, const tarn__span *spans, tarn__npz_take *take,
                    void *context)
{
    tarn__zip zip;
    tarn__member member;
    bool complete = tarn__zip_open(&zip, r->path, r->archive, r->archive_size);
    for (int i = 0; complete && i < zip.count; i++) {
        tarn__npy npy;
        complete = tarn__zip_next(&zip, &member);
        if (!complete || (spans && spans[i].slot < 0))
            continue;
        uint8_t *bytes = tarn__zip_unpack(&zip, &member);
        member.name[strlen(member.name) - strlen(ENDING)] = '\0';
        complete = bytes && tarn__npy_parse(r->path, member.name, bytes, member.unpacked, &npy) &&
                   take(context, i, member.name, &npy);
        free(bytes);
    }
    return complete;
}

/* What the array began with said where in the data it goes: the spans are in its order. */
static bool take_elements(void *reader, int i, const char *name, const tarn__npy *npy)
{
    tarn__reader *r = reader;
    (void)name;
    tarn__npy_order(npy, r->data + r->spans[i].begin);
    return true;
}

bool tarn__npz_read(tarn__reader *r)
{
    return tarn__npz_each(r, r->spans, take_elements, r);
}

/* ---- Writing */

static bool add_slot(tarn__zip_writer *w, const tarn__slot *slot)
{
    char name[256];
    size_t size;
    if (strlen(slot->name) > TARN__NPZ_MOST_NAME)
        return tarn_set_error("%s: the name %.60s... is longer than %d bytes", w->file.path,
                              slot->name, TARN__NPZ_MOST_NAME);
    stpcpy(stpcpy(name, slot->name), ENDING);
    uint8_t *bytes = tarn__npy_make(w->file.path, slot, &size);
    const bool added = bytes && tarn__zip_add(w, name, bytes, size);
    free(bytes);
    return added;
}

bool tarn__write_npz(const char *path, json_t *metadata, const tarn__slot *slots, int count)
{
    enum { MOST_COMMENT = 65535 };
    static const char advice[] = "save it as .safetensors, which has no such limit";
    tarn__zip_writer w;
    char *comment = metadata ? json_dumps(metadata, JSON_COMPACT) : NULL;
    json_decref(metadata);
    if (!comment || tarn__json_failed()) {
        free(comment);
        return tarn_set_error("%s: out of memory for the metadata of the file", path);
    }
    if (strlen(comment) > MOST_COMMENT) {
        tarn_set_error("%s: cannot be written: what it says of the network takes %zu bytes, and a "
                       "ZIP file has room for %d: %s",
                       path, strlen(comment), MOST_COMMENT, advice);
        free(comment);
        return false;
    }
    bool complete = tarn__zip_begin(&w, path);
    for (int i = 0; i < count && complete; i++)
        complete = add_slot(&w, &slots[i]);
    complete = tarn__zip_end(&w, complete, comment);
    free(comment);
    return complete;
}
