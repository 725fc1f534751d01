/*
 * PNG is what data/image.h reads, PNM what data/picture/pnm.h reads; the rest is stb_image's.
 * Files come from anywhere, and the version in Debian 12 (2.27) errs on damaged ones. In JPEG there
 * are four ways, and each is closed here:
 *
 * - A table of more than 256 Huffman codes is written behind its end. tarn__jpeg_check() sees each
 *   table that the decoder will see, and refuses such.
 * - Tables that the file does not define, and parts of the image that no scan fills, are used as
 *   the heap holds them. All memory is zeroed instead.
 * - Coefficients overflow an int, which meson.build makes a defined thing (-fwrapv).
 * - At the end of the data a zero is shifted by 32 bits or more. It stays zero on any processor.
 *
 * Where BMP and GIF end early it goes on with zeros; their sizes are checked before. What it has
 * errs in are the animations of GIF, which it is not asked for. tests/fuzz/fuzz_picture.c looks for
 * more.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/input.h"
#include "data/picture.h"
#include "data/picture/jpeg.h"
#include "data/picture/pnm.h"

/* To the end of the file: gcc reports unused functions there. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_ASSERT(condition) ((void)0)
#define STBI_MALLOC(size) calloc(1, size)
#define STBI_REALLOC(block, size) realloc(block, size)
#define STBI_FREE(block) free(block)
#include <stb_image.h>
#pragma GCC diagnostic pop

/* What stb_image calls out of memory is not always so, nor is all that is. */
static bool decode_stb(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size,
                       const char *kind)
{
    errno = 0;
    picture->pixels = stbi_load_from_memory(bytes, (int)size, &picture->width, &picture->height,
                                            &picture->channels, 0);
    if (!picture->pixels && errno == ENOMEM)
        return tarn_set_error("%s: out of memory for its pixels", path);
    return picture->pixels ||
           tarn_set_error("%s: cannot be read as %s: %s", path, kind, stbi_failure_reason());
}

/* ---- JPEG */

/* Puts the pixels where they belong; on failure they are freed. */
static bool turn(tarn__image *picture, const char *path, int orientation)
{
    if (orientation <= 1)
        return true;
    /* The ways 5 to 8 swap rows and columns; 3, 4, 7 and 8 then turn over up and down, and 2, 3, 6
       and 7 left and right. */
    const bool swap = orientation >= 5, up = (orientation - 1) & 2, left = orientation & 2;
    const size_t pixel = (size_t)picture->channels;
    const int height = swap ? picture->width : picture->height,
              width = swap ? picture->height : picture->width;
    const uint8_t *from = picture->pixels;
    uint8_t *pixels = malloc((size_t)height * (size_t)width * pixel);
    for (int y = 0; pixels && y < picture->height; y++)
        for (int x = 0; x < picture->width; x++, from += pixel) {
            const int right = swap ? y : x, down = swap ? x : y;
            const int row = up ? height - 1 - down : down,
                      column = left ? width - 1 - right : right;
            memcpy(pixels + ((size_t)row * (size_t)width + (size_t)column) * pixel, from, pixel);
        }
    free(picture->pixels);
    *picture = (tarn__image){height, width, picture->channels, pixels, false};
    return pixels || tarn_set_error("%s: out of memory for %d x %d pixels", path, width, height);
}

static bool decode_jpeg(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size)
{
    int orientation;
    return tarn__jpeg_check(path, bytes, size, &orientation) &&
           decode_stb(picture, path, bytes, size, "JPEG") && turn(picture, path, orientation);
}

/* ---- PNG. The size stands at the begin of the first chunk. */

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool decode_png(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size,
                       bool keeps_depth)
{
    if (size >= 24 && memcmp(bytes + 12, "IHDR", 4) != 0)
        return tarn_set_error("%s: is damaged: its first PNG chunk is no header", path);
    return (size < 24 || tarn__pixels_check(path, size, big_endian(bytes + 16),
                                            big_endian(bytes + 20), 8 * 1032)) &&
           tarn__image_decode(picture, path, bytes, size, true, keeps_depth);
}

/* ---- BMP: a head of 14 bytes, which ends with where the pixels are, and another that begins with
   its own size. The rows are filled up to multiples of four bytes. */

static int64_t little_endian(const uint8_t *bytes, int count)
{
    int64_t result = 0;
    for (int i = 0; i < count; i++)
        result |= (int64_t)bytes[i] << 8 * i;
    return result;
}

static bool decode_bmp(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size)
{
    enum { HEAD = 14, OLDEST = 12 };
    const bool oldest = size > HEAD + 4 && little_endian(bytes + HEAD, 4) == OLDEST;
    if (size < HEAD + (oldest ? OLDEST : 40))
        return tarn_set_error("%s: is truncated: its BMP data end within the header", path);
    const int64_t width = oldest ? little_endian(bytes + 18, 2) : little_endian(bytes + 18, 4),
                  bits = little_endian(bytes + (oldest ? 24 : 28), 2),
                  start = little_endian(bytes + 10, 4);
    int64_t height = oldest ? little_endian(bytes + 20, 2) : (int32_t)little_endian(bytes + 22, 4);
    height = height < 0 ? -height : height; /* negative: the rows go down */
    if (!tarn__pixels_check(path, size, width, height, 8))
        return false;
    const int64_t needed = (width * bits + 31) / 32 * 4 * height;
    if (needed > size - start)
        return tarn_set_error("%s: is truncated: its BMP header promises %lld bytes of pixels, "
                              "%lld follow",
                              path, (long long)needed,
                              (long long)(start < size ? size - start : 0));
    return decode_stb(picture, path, bytes, size, "BMP");
}

/* ---- GIF: a head of 13 bytes and a table of colours, then blocks, the first image among them. */

/* Where the chain of sub-blocks from there ends, each a length and as many bytes; -1: beyond the
   end of the file. */
static int64_t skip_blocks(const uint8_t *bytes, int64_t size, int64_t at)
{
    while (at < size && bytes[at] != 0)
        at += 1 + bytes[at];
    return at < size ? at + 1 : -1;
}

static int64_t table_size(uint8_t flags)
{
    return flags & 0x80 ? 3 * (2 << (flags & 7)) : 0;
}

/* Whether the first image is there to its end. */
static bool gif_is_whole(const uint8_t *bytes, int64_t size)
{
    int64_t at = 13 + table_size(bytes[10]);
    while (at >= 0 && at < size) {
        if (bytes[at] == 0x21) { /* an extension, with a byte that says of which kind */
            at = skip_blocks(bytes, size, at + 2);
            continue;
        }
        if (bytes[at] != 0x2C || at + 10 > size)
            return false;
        at += 10 + table_size(bytes[at + 9]) + 1; /* with the size of the first codes */
        return skip_blocks(bytes, size, at) >= 0;
    }
    return false;
}

/* A code of 12 bits stands for at most 4096 pixels. */
static bool decode_gif(tarn__image *picture, const char *path, const uint8_t *bytes, int64_t size)
{
    if (size < 13 || !gif_is_whole(bytes, size))
        return tarn_set_error("%s: is truncated or damaged: its GIF data hold no whole image",
                              path);
    return tarn__pixels_check(path, size, little_endian(bytes + 6, 2), little_endian(bytes + 8, 2),
                              4096) &&
           decode_stb(picture, path, bytes, size, "GIF");
}

/* ---- Any */

bool tarn__picture_decode(tarn__image *picture, const char *path, const uint8_t *bytes,
                          int64_t size, bool keeps_depth)
{
    *picture = (tarn__image){0};
    if (size > INT_MAX)
        return tarn_set_error("%s: has %lld bytes, expects less than 2 GB", path, (long long)size);
    if (size >= 3 && memcmp(bytes, "\xFF\xD8\xFF", 3) == 0)
        return decode_jpeg(picture, path, bytes, size);
    if (size >= 2 && memcmp(bytes, "\x89P", 2) == 0)
        return decode_png(picture, path, bytes, size, keeps_depth);
    if (size >= 2 && memcmp(bytes, "BM", 2) == 0)
        return decode_bmp(picture, path, bytes, size);
    if (size >= 4 && memcmp(bytes, "GIF8", 4) == 0)
        return decode_gif(picture, path, bytes, size);
    if (size >= 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6')
        return tarn__pnm_decode(picture, path, bytes, size, keeps_depth);
    return tarn_set_error("%s: is no picture, expects PNG, JPEG, BMP, PNM or GIF", path);
}

bool tarn__picture_read(tarn__image *picture, const char *path, bool keeps_depth)
{
    *picture = (tarn__image){0};
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    uint8_t *bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    if (!bytes)
        return false;
    errno = 0; /* a stream reads also without memory for its buffer */
    const bool good = tarn__picture_decode(picture, path, bytes, input.size, keeps_depth);
    free(bytes);
    return good;
}
