/* Files to read: opened, checked, and read without a byte missing. */
#ifndef TARN_DATA_INPUT_H
#define TARN_DATA_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct tarn__input {
    const char *path; /* borrowed */
    FILE *stream;
    int64_t size; /* at least 1 */
} tarn__input;

/* Opens a regular file that is not empty; for all else false, with tarn_error() set. A NULL path
   is a mistake. */
bool tarn__input_open(tarn__input *input, const char *path);
void tarn__input_close(tarn__input *input);

/* Reads exactly count bytes from an offset. */
bool tarn__input_read(tarn__input *input, int64_t offset, void *to, int64_t count);

/* The bytes from an offset to the end, on the heap; NULL with tarn_error() set. */
uint8_t *tarn__input_load(tarn__input *input, int64_t offset);

/* "dir/name" + suffix, on the heap; NULL with tarn_error() set. A NULL dir is a mistake. */
char *tarn__path(const char *dir, const char *name, const char *suffix);

#endif
