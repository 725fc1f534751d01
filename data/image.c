/*
 * stb_image, compiled for PNG alone, in which no errors are known; data/picture/decode.c has the
 * rest of it.
 */
#include "data/image.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/crc32.h"
#include "data/input.h"

/* Whether memory ran out in stb_image, which does not always say so. */
static _Thread_local bool out_of_memory;

static void *noted(void *block)
{
    out_of_memory |= !block;
    return block;
}

/* To the end of the file: gcc reports unused functions there. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
/* A damaged file must not abort. */
#define STBI_ASSERT(condition) ((void)0)
#define STBI_MALLOC(size) noted(malloc(size))
#define STBI_REALLOC(block, size) noted(realloc(block, size))
#define STBI_FREE(block) free(block)
#include <stb_image.h>
#pragma GCC diagnostic pop

int64_t tarn__inflate(uint8_t *to, int64_t capacity, const uint8_t *bytes, int64_t size)
{
    return stbi_zlib_decode_noheader_buffer((char *)to, (int)capacity, (const char *)bytes,
                                            (int)size);
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A PNG is a signature and chunks: length, type, that many bytes, and a CRC of type and bytes,
   which stb_image does not look at. */
static bool check_chunks(const char *path, const uint8_t *bytes, int64_t size)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (size < 8 || memcmp(bytes, signature, 8) != 0)
        return tarn_set_error("%s: is not a PNG picture", path);
    int64_t at = 8;
    while (size - at >= 12) {
        int64_t length = big_endian(bytes + at);
        const uint8_t *type = bytes + at + 4;
        if (length > size - at - 12)
            break;
        if (tarn__crc32(type, 4 + length) != big_endian(type + 4 + length))
            return tarn_set_error("%s: is damaged: the checksum of the PNG chunk at byte %lld is "
                                  "wrong",
                                  path, (long long)at);
        /* On an empty one stb_image computes with a null pointer; no writer makes such. */
        if (length == 0 && memcmp(type, "IDAT", 4) == 0)
            return tarn_set_error("%s: is damaged: the PNG chunk at byte %lld is empty", path,
                                  (long long)at);
        if (memcmp(type, "IEND", 4) == 0)
            return true;
        at += 12 + length;
    }
    return tarn_set_error("%s: is truncated: its PNG data end after %lld bytes without the closing "
                          "chunk",
                          path, (long long)size);
}

bool tarn__image_decode(tarn__image *image, const char *path, const uint8_t *bytes, int64_t size,
                        bool opacity, bool keeps_depth)
{
    *image = (tarn__image){0};
    if (size > INT_MAX)
        return tarn_set_error("%s: has %lld bytes, expects a PNG picture below 2 GB", path,
                              (long long)size);
    if (!check_chunks(path, bytes, size))
        return false;
    const int length = (int)size;
    int height, width, channels;
    if (!stbi_info_from_memory(bytes, length, &width, &height, &channels))
        return tarn_set_error("%s: cannot be read as PNG: %s", path, stbi_failure_reason());
    /* stb_image allocates what the header asks for; deflate expands 1032 times at most, and a
       pixel takes a bit or more. */
    if ((int64_t)height * width / 1032 / 8 > size)
        return tarn_set_error("%s: is truncated or damaged: a file of %lld bytes cannot hold %d x "
                              "%d pixels",
                              path, (long long)size, width, height);
    const int wanted = opacity ? 0 : channels < 3 ? 1 : 3; /* 0: what is there */
    image->is_deep = keeps_depth && stbi_is_16_bit_from_memory(bytes, length);
    out_of_memory = false;
    image->pixels =
        image->is_deep
            ? (void *)stbi_load_16_from_memory(bytes, length, &width, &height, &channels, wanted)
            : stbi_load_from_memory(bytes, length, &width, &height, &channels, wanted);
    image->channels = opacity ? channels : wanted;
    image->height = height;
    image->width = width;
    if (!image->pixels && out_of_memory)
        return tarn_set_error("%s: out of memory for %d x %d pixels", path, width, height);
    return image->pixels ||
           tarn_set_error("%s: cannot be read as PNG: %s", path, stbi_failure_reason());
}

bool tarn__image_load(tarn__image *image, const char *path)
{
    *image = (tarn__image){0};
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    uint8_t *bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    bool good = bytes && tarn__image_decode(image, path, bytes, input.size, false, true);
    free(bytes);
    return good;
}
