/* A checksum keeps a fuzzer out of a PNG. */
#ifndef TARN_TESTS_FUZZ_MEND_H
#define TARN_TESTS_FUZZ_MEND_H

#include "tests/data/png_of.h"

/* Puts right the checksums of all chunks that are whole. */
static inline void mend_checksums(uint8_t *bytes, size_t size)
{
    size_t at = 8, length;
    for (; size >= 12 && at <= size - 12; at += 12 + length) {
        length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
                 (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length > size - at - 12)
            break;
        put_big(bytes + at + 8 + length, tarn__crc32(bytes + at + 4, (int64_t)length + 4));
    }
}

#endif
