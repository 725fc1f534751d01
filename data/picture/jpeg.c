/* The segments of a JPEG, which the decoder does not look at closely enough. */
#include "data/picture/jpeg.h"

#include <string.h>

#include "core/base/error.h"
#include "data/picture.h"

bool tarn__pixels_check(const char *path, int64_t size, int64_t width, int64_t height,
                        int64_t pixels_in_byte)
{
    if (width < 1 || height < 1)
        return tarn_set_error("%s: has %lld x %lld pixels, expects at least one", path,
                              (long long)width, (long long)height);
    if (width > TARN__MEGAPIXELS * INT64_C(1000000) / height)
        return tarn_set_error("%s: has %lld x %lld pixels, expects at most %d million", path,
                              (long long)width, (long long)height, TARN__MEGAPIXELS);
    if (width * height / pixels_in_byte > size)
        return tarn_set_error("%s: is truncated or damaged: a file of %lld bytes cannot hold "
                              "%lld x %lld pixels",
                              path, (long long)size, (long long)width, (long long)height);
    return true;
}

/* The number that some bytes are, the lowest first or last. */
static int64_t number(const uint8_t *bytes, int count, bool little_endian)
{
    int64_t result = 0;
    for (int i = 0; i < count; i++)
        result = result << 8 | bytes[little_endian ? count - 1 - i : i];
    return result;
}

/* ---- EXIF data, which tell how the camera was held. They are a small TIFF file: behind its head
   is a directory, a count and entries of 12 bytes, each a tag, a type, a count and a value. */

/* Where the first row and the first column of the pixels belong, as EXIF counts the eight ways from
   1; 0 where it does not say so in good form. */
static int orientation_in(const uint8_t *entry, bool little_endian)
{
    enum { SHORT = 3 };
    const int64_t type = number(entry + 2, 2, little_endian),
                  count = number(entry + 4, 4, little_endian),
                  value = number(entry + 8, 2, little_endian);
    return type == SHORT && count == 1 && value <= 8 ? (int)value : 0;
}

/* The same for a segment, which may hold anything. */
static int exif_orientation(const uint8_t *content, int length)
{
    enum { START = 6, HEAD = 8, ENTRY = 12, ORIENTATION = 0x0112 };
    if (length < START + HEAD || memcmp(content, "Exif\0\0", START) != 0)
        return 0;
    const uint8_t *tiff = content + START;
    const int64_t size = length - START;
    const bool little_endian = memcmp(tiff, "II*\0", 4) == 0;
    if (!little_endian && memcmp(tiff, "MM\0*", 4) != 0)
        return 0;
    const int64_t directory = number(tiff + 4, 4, little_endian);
    if (directory > size - 2)
        return 0;
    int64_t entries = number(tiff + directory, 2, little_endian);
    for (int64_t at = directory + 2; entries > 0 && at <= size - ENTRY; entries--, at += ENTRY)
        if (number(tiff + at, 2, little_endian) == ORIENTATION)
            return orientation_in(tiff + at, little_endian);
    return 0;
}

/* ---- JPEG. A file is a row of segments: 0xFF, a marker, and for most a length of two bytes, which
   counts itself, and content. Behind the segment that begins a scan comes its data, in which 0xFF
   stands before 0 or a restart marker only. */

enum {
    START_OF_IMAGE = 0xD8,
    END_OF_IMAGE = 0xD9,
    START_OF_SCAN = 0xDA,
    HUFFMAN_TABLES = 0xC4,
    BASELINE = 0xC0, /* to PROGRESSIVE; 0xC8 and 0xCC are no frames, and not read either */
    PROGRESSIVE = 0xC2,
    LAST_FRAME = 0xCF,
    APPLICATION_1 = 0xE1, /* EXIF data, among others */
};

typedef struct jpeg {
    const char *path;
    const uint8_t *bytes;
    int64_t size;
    int frames, scans;
    int orientation; /* see exif_orientation() */
} jpeg;

static int big_endian(const uint8_t *bytes)
{
    return bytes[0] << 8 | bytes[1];
}

static bool damaged(const jpeg *j, int64_t at, const char *what)
{
    return tarn_set_error("%s: is damaged: the JPEG segment at byte %lld %s", j->path,
                          (long long)at, what);
}

/* Tables, each of a byte that names it, 16 numbers of codes of each length, and a byte a code. */
static bool check_tables(const jpeg *j, int64_t at, const uint8_t *content, int length)
{
    while (length >= 17) {
        int codes = 0;
        for (int i = 1; i <= 16; i++)
            codes += content[i];
        if (codes > 256)
            return damaged(j, at, "has a table of more than 256 codes");
        content += 17 + codes;
        length -= 17 + codes;
    }
    return length == 0 || damaged(j, at, "has tables that do not fill it");
}

static bool check_frame(jpeg *j, int64_t at, int marker, const uint8_t *content, int length)
{
    if (marker > PROGRESSIVE)
        return tarn_set_error("%s: is a JPEG of a rare kind (0x%02X), expects a baseline or a "
                              "progressive one",
                              j->path, (unsigned)marker);
    if (length < 6 || ++j->frames > 1)
        return damaged(j, at, "is out of place");
    /* A block of 8 x 8 pixels takes a bit at least. */
    return tarn__pixels_check(j->path, j->size, big_endian(content + 3), big_endian(content + 1),
                              8 * 64);
}

/* How many bytes from there belong to the data of a scan. */
static int64_t scan_length(const uint8_t *bytes, int64_t size)
{
    int64_t at = 0;
    for (; at + 1 < size; at++) {
        const int next = bytes[at + 1];
        if (bytes[at] == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7))
            return at;
    }
    return size;
}

/* Checks the segment whose marker stands before the byte at; moves there to its end. */
static bool check_segment(jpeg *j, int64_t *at, int marker)
{
    enum { MOST_SCANS = 100 }; /* writers make 20 at most; each takes time */
    const int64_t start = *at, left = j->size - start;
    const int length = left < 2 ? 0 : big_endian(j->bytes + start);
    if (left < 2 || length > left)
        return tarn_set_error("%s: is truncated: its JPEG data end within a segment", j->path);
    if (marker < BASELINE || (marker >= 0xD0 && marker <= START_OF_IMAGE) || length < 2)
        return damaged(j, start, "is none that belongs there");
    const uint8_t *content = j->bytes + start + 2;
    *at += length;
    if (marker == APPLICATION_1 && j->orientation == 0)
        j->orientation = exif_orientation(content, length - 2);
    if (marker == HUFFMAN_TABLES)
        return check_tables(j, start, content, length - 2);
    if (marker <= LAST_FRAME)
        return check_frame(j, start, marker, content, length - 2);
    if (marker == START_OF_SCAN) {
        *at += scan_length(j->bytes + *at, j->size - *at);
        return ++j->scans <= MOST_SCANS || damaged(j, start, "begins one scan too many");
    }
    return true;
}

/* Walks over the segments as the decoder will, which too skips what stands between them. */
static bool check_segments(jpeg *j)
{
    const uint8_t *bytes = j->bytes;
    const int64_t size = j->size;
    int64_t at = 2;
    while (at < size) {
        while (at < size && bytes[at] != 0xFF)
            at++;
        while (at < size && bytes[at] == 0xFF)
            at++;
        if (at >= size)
            break;
        const int marker = bytes[at++];
        if (marker == END_OF_IMAGE)
            return (j->frames > 0 && j->scans > 0) ||
                   tarn_set_error("%s: is a JPEG without an image", j->path);
        if (!check_segment(j, &at, marker))
            return false;
    }
    return tarn_set_error("%s: is truncated: its JPEG data end after %lld bytes without the "
                          "closing marker",
                          j->path, (long long)size);
}

bool tarn__jpeg_check(const char *path, const uint8_t *bytes, int64_t size, int *orientation)
{
    jpeg j = {.path = path, .bytes = bytes, .size = size};
    if (!check_segments(&j))
        return false;
    *orientation = j.orientation;
    return true;
}
