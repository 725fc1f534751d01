/* Writes gzip files by hand: deflated data made of stored blocks. */
#ifndef TARN_TESTS_DATA_GZIP_OF_H
#define TARN_TESTS_DATA_GZIP_OF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "data/crc32.h"

/* Writes the low bytes of a value, the lowest first; returns how many. */
static inline size_t put_little(uint8_t *to, uint32_t value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    return count;
}

/* Writes at most 65,535 bytes as a gzip file, with the header fields that flags ask for; returns
   its size, at most 64 more. */
static inline size_t gzip_of(uint8_t *to, const void *contents, size_t size, int flags)
{
    const uint8_t fixed[10] = {0x1F, 0x8B, 8, (uint8_t)flags, 1, 2, 3, 4, 0, 3};
    size_t at = sizeof fixed;
    memcpy(to, fixed, at);
    if (flags & 4) {
        at += put_little(to + at, 3, 2);
        at += put_little(to + at, 0x00FFEE, 3);
    }
    if (flags & 8) {
        memcpy(to + at, "name", 5);
        at += 5;
    }
    if (flags & 16) {
        memcpy(to + at, "a comment", 10);
        at += 10;
    }
    if (flags & 2)
        at += put_little(to + at, tarn__crc32(to, (int64_t)at), 2);
    to[at++] = 1; /* the last block, stored */
    at += put_little(to + at, (uint32_t)size, 2);
    at += put_little(to + at, ~(uint32_t)size, 2);
    memcpy(to + at, contents, size);
    at += size;
    at += put_little(to + at, tarn__crc32(contents, (int64_t)size), 4);
    return at + put_little(to + at, (uint32_t)size, 4);
}

#endif
