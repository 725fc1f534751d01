/* Writes small BMP and GIF pictures by hand. */
#ifndef TARN_TESTS_DATA_PICTURES_OF_H
#define TARN_TESTS_DATA_PICTURES_OF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline size_t put_little(uint8_t *to, uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    return (size_t)count;
}

/* Colours of 24 bits, rows from below. */
static inline size_t bmp_of(uint8_t *to, uint32_t width, uint32_t height, const uint8_t *colours)
{
    const size_t row = (width * 3 + 3) / 4 * 4, size = 54 + row * height;
    memset(to, 0, size);
    memcpy(to, "BM", 2);
    put_little(to + 2, (uint32_t)size, 4);
    put_little(to + 10, 54, 4);
    put_little(to + 14, 40, 4);
    put_little(to + 18, width, 4);
    put_little(to + 22, height, 4);
    put_little(to + 26, 1, 2);
    put_little(to + 28, 24, 2);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (size_t c = 0; c < 3; c++)
                to[54 + (height - 1 - y) * row + 3 * x + c] = colours[(y * width + x) * 3 + 2 - c];
    return size;
}

/* Two frames of up to 100 pixels each, below 128: places in a palette where i is (i, 2 i, 255 - i).
   The codes have 8 bits, as long as their table is cleared in time. */
static inline size_t gif_of(uint8_t *to, uint32_t width, uint32_t height, const uint8_t *places)
{
    const size_t count = width * height;
    size_t at = 0;
    memcpy(to, "GIF89a", at = 6);
    at += put_little(to + at, width, 2);
    at += put_little(to + at, height, 2);
    at += put_little(to + at, 0x86, 3); /* 128 colours */
    for (uint32_t i = 0; i < 128; i++)
        at += put_little(to + at, i | (2 * i) << 8 | (255 - i) << 16, 3);
    for (int frame = 0; frame < 2; frame++) {
        at += put_little(to + at, 0x2C, 5);
        at += put_little(to + at, width, 2);
        at += put_little(to + at, height, 2);
        at += put_little(to + at, 0, 1);
        at += put_little(to + at, 7, 1);
        at += put_little(to + at, (uint32_t)(count + 2), 1);
        at += put_little(to + at, 128, 1);
        for (size_t i = 0; i < count; i++)
            to[at++] = frame == 0 ? places[i] : 0;
        at += put_little(to + at, 129, 1);
        at += put_little(to + at, 0, 1);
    }
    to[at++] = 0x3B;
    return at;
}

#endif
