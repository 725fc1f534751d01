/* Writes PNG pictures by hand: one stored block, no filters. */
#ifndef TARN_TESTS_DATA_PNG_OF_H
#define TARN_TESTS_DATA_PNG_OF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "data/crc32.h"

enum { PNG_GRAY = 0, PNG_COLOUR = 2, PNG_GRAY_ALPHA = 4 };

static inline size_t put_big(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
    return 4;
}

static inline size_t put_chunk(uint8_t *to, const char *type, const uint8_t *body, size_t size)
{
    put_big(to, (uint32_t)size);
    memcpy(to + 4, type, 4);
    memcpy(to + 8, body, size);
    put_big(to + 8 + size, tarn__crc32(to + 4, 4 + (int64_t)size));
    return 12 + size;
}

/* Writes pixels, of 8 bits or of 16 with the upper byte first, as a PNG file of at most 4096 bytes;
   returns its size. */
static inline size_t png_of_bits(uint8_t bits, uint8_t *to, uint32_t width, uint32_t height,
                                 uint8_t colour_type, const uint8_t *pixels)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    const size_t channels[] = {1, 0, 3, 0, 2}, row = width * channels[colour_type] * bits / 8;
    memcpy(to, signature, 8);
    size_t at = 8;

    uint8_t header[13] = {0};
    put_big(header, width);
    put_big(header + 4, height);
    header[8] = bits;
    header[9] = colour_type;
    at += put_chunk(to + at, "IHDR", header, sizeof header);

    uint8_t data[4096] = {0x78, 0x01, 1};
    uint32_t size = (uint32_t)(height * (row + 1));
    data[3] = (uint8_t)size;
    data[4] = (uint8_t)(size >> 8);
    data[5] = (uint8_t)~size;
    data[6] = (uint8_t)(~size >> 8);
    for (size_t y = 0; y < height; y++)
        memcpy(data + 7 + y * (row + 1) + 1, pixels + y * row, row);
    at += put_chunk(to + at, "IDAT", data, 7 + size + 4); /* no Adler-32: nobody looks */
    return at + put_chunk(to + at, "IEND", data, 0);
}

static inline size_t png_of(uint8_t *to, uint32_t width, uint32_t height, uint8_t colour_type,
                            const uint8_t *pixels)
{
    return png_of_bits(8, to, width, height, colour_type, pixels);
}

#endif
