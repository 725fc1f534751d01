/*
 * Reads a gzip file: header, deflated data, trailer (the CRC-32 of the contents, and their size).
 *
 * The inflater is stb_image's. It allocates nothing and never writes past its output, but it does
 * not say where the data ended; the trailer is found by what it must contain.
 */
#include "data/gzip.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "data/crc32.h"
#include "data/image.h"

enum {
    FIXED_HEADER = 10,
    TRAILER = 8,
    /* Flags of the header. */
    FHCRC = 2,
    FEXTRA = 4,
    FNAME = 8,
    FCOMMENT = 16,
    RESERVED = 0xE0,
    /* Deflate spends at least 2 bits on 258 bytes. */
    LARGEST_EXPANSION = 1032
};

bool tarn__is_gzip(const uint8_t *bytes, int64_t size)
{
    return size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

static uint32_t little_endian(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value |= (uint32_t)bytes[i] << 8 * i;
    return value;
}

/* The position behind the zero that ends a text; past the end if there is none. */
static int64_t skip_text(const uint8_t *bytes, int64_t at, int64_t end)
{
    while (at < end && bytes[at] != 0)
        at++;
    return at + 1;
}

/* Where the deflated data begin, or -1. */
static int64_t skip_header(const char *path, const uint8_t *bytes, int64_t size)
{
    int64_t at = FIXED_HEADER, end = size - TRAILER;
    if (at > end) {
        tarn_set_error("%s: is truncated: %lld bytes, the smallest gzip file has more", path,
                       (long long)size);
        return -1;
    }
    int method = bytes[2], flags = bytes[3];
    if (method != 8 || flags & RESERVED) {
        tarn_set_error("%s: is no gzip file: method %d, flags 0x%02x; expects method 8 (deflate) "
                       "and flags below 0x20",
                       path, method, (unsigned)flags);
        return -1;
    }
    if (flags & FEXTRA)
        at += 2 + (at + 2 <= end ? little_endian(bytes + at, 2) : 0);
    if (flags & FNAME)
        at = skip_text(bytes, at, end);
    if (flags & FCOMMENT)
        at = skip_text(bytes, at, end);
    int64_t checked = at;
    if (flags & FHCRC)
        at += 2;
    if (at > end) {
        tarn_set_error("%s: is truncated: it ends within its gzip header", path);
        return -1;
    }
    if (flags & FHCRC &&
        little_endian(bytes + checked, 2) != (tarn__crc32(bytes, checked) & 0xFFFF)) {
        tarn_set_error("%s: is damaged: the checksum of its gzip header is wrong", path);
        return -1;
    }
    return at;
}

/* The data that inflated to contents must be followed by their trailer, and that by nothing. */
static bool check_end(const char *path, const uint8_t *bytes, int64_t size, const uint8_t *contents,
                      int64_t contents_size)
{
    uint32_t crc = tarn__crc32(contents, contents_size);
    for (int64_t at = FIXED_HEADER; at <= size - TRAILER; at++) {
        if (little_endian(bytes + at, 4) != crc ||
            little_endian(bytes + at + 4, 4) != (uint32_t)contents_size)
            continue;
        if (at == size - TRAILER)
            return true;
        return tarn_set_error("%s: goes on for %lld bytes after its gzip data (several files in "
                              "one?), expects a single gzip member",
                              path, (long long)(size - TRAILER - at));
    }
    return tarn_set_error("%s: is truncated or damaged: its gzip data inflate to %lld bytes with "
                          "CRC %08x, its trailer says %lld bytes with CRC %08x",
                          path, (long long)contents_size, crc,
                          (long long)little_endian(bytes + size - 4, 4),
                          little_endian(bytes + size - 8, 4));
}

uint8_t *tarn__gunzip(const char *path, const uint8_t *bytes, int64_t size, int64_t *inflated_size)
{
    int64_t start = skip_header(path, bytes, size);
    if (start < 0)
        return NULL;
    int64_t promised = little_endian(bytes + size - 4, 4);
    if (promised > LARGEST_EXPANSION * (size - start) || promised > INT_MAX || size > INT_MAX) {
        tarn_set_error("%s: is truncated or damaged: %lld bytes of gzip data cannot hold the %lld "
                       "that its trailer says",
                       path, (long long)size, (long long)promised);
        return NULL;
    }
    /* Zeroed: from damaged data stb_image copies bytes that it has not written. */
    uint8_t *contents = calloc((size_t)promised + 1, 1);
    if (!contents) {
        tarn_set_error("%s: out of memory for %lld bytes", path, (long long)promised);
        return NULL;
    }
    /* The trailer is passed too: stb_image reads a few bytes ahead. */
    *inflated_size = tarn__inflate(contents, promised, bytes + start, size - start);
    bool good = *inflated_size < 0
                    ? tarn_set_error("%s: is truncated or damaged, or goes on after its gzip data: "
                                     "they do not inflate to the %lld bytes that its trailer says",
                                     path, (long long)promised)
                    : check_end(path, bytes, size, contents, *inflated_size);
    if (!good) {
        free(contents);
        contents = NULL;
    }
    return contents;
}
