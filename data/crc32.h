/* The checksum of gzip and PNG. */
#ifndef TARN_DATA_CRC32_H
#define TARN_DATA_CRC32_H

#include <stdint.h>

/* CRC-32 with the polynomial of gzip and PNG. */
uint32_t tarn__crc32(const uint8_t *bytes, int64_t size);

#endif
