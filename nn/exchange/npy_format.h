/* The format of .npy: "\x93NUMPY", a version, the length of a header, the header, which is a
   dictionary as Python writes it, {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, and
   the elements. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef TARN_NN_EXCHANGE_NPY_FORMAT_H
#define TARN_NN_EXCHANGE_NPY_FORMAT_H

#include <stdint.h>

#include "core/slot.h"
#include "nn/exchange/dtype.h"

typedef struct tarn__npy {
    tarn__dtype dtype;
    bool swapped, fortran; /* the other order of bytes; the first index runs fastest */
    tarn_shape shape;
    int64_t bytes;           /* of the elements */
    const uint8_t *elements; /* in what was parsed */
} tarn__npy;

/* What the bytes, all of a file, hold. False with tarn_error() set, beginning with the path, and
   with what in that, for anything else. */
bool tarn__npy_parse(const char *path, const char *what, const uint8_t *bytes, int64_t size,
                     tarn__npy *npy);

/* The same of a file of that size by its first bytes, of which TARN__NPY_START are enough; the
   elements need not be among them, but there are as many as the size says. */
enum { TARN__NPY_START = 12 + (1 << 16) };
bool tarn__npy_parse_start(const char *path, const char *what, const uint8_t *bytes, int64_t count,
                           int64_t size, tarn__npy *npy);

/* Copies the elements in this machine's order of bytes, and in C's order. */
void tarn__npy_order(const tarn__npy *npy, char *to);

/* The slot as such a file, which the caller frees. NULL with tarn_error() set when memory runs out.
 */
uint8_t *tarn__npy_make(const char *path, const tarn__slot *slot, size_t *size);

#endif
