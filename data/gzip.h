/* gzip files (RFC 1952). */
#ifndef TARN_DATA_GZIP_H
#define TARN_DATA_GZIP_H

#include <stdbool.h>
#include <stdint.h>

/* Whether bytes begin as gzip files do. */
bool tarn__is_gzip(const uint8_t *bytes, int64_t size);

/* What a gzip file contains, on the heap; NULL with tarn_error() set. path is for messages. */
uint8_t *tarn__gunzip(const char *path, const uint8_t *bytes, int64_t size, int64_t *inflated_size);

#endif
