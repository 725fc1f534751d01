/* A place in memory that a file is written from and read back into. */
#ifndef TARN_CORE_SLOT_H
#define TARN_CORE_SLOT_H

#include "core/tensor.h"

typedef enum tarn__element { TARN__REAL, TARN__DOUBLE, TARN__INT64, TARN__BYTE } tarn__element;

typedef struct tarn__slot {
    const char *name;
    tarn__element element;
    tarn_shape shape;
    void *data;
    bool bounded; /* numbers of TARN__DOUBLE and TARN__INT64 must be at least 0 and finite */

    /* Of models that travel: the order of the elements in the file, NULL for that in memory;
       whether those of TARN__REAL may be other floats there, and 64-bit integers; whether the file
       may do without. */
    const struct tarn__form *form; /* nn/exchange/form.h */
    bool converts, counts, optional;
} tarn__slot;

static inline size_t tarn__element_bytes(tarn__element element)
{
    static const size_t bytes[] = {sizeof(tarn_real), sizeof(double), sizeof(int64_t), 1};
    return bytes[element];
}

static inline size_t tarn__slot_bytes(const tarn__slot *slot)
{
    return (size_t)tarn_shape_size(slot->shape) * tarn__element_bytes(slot->element);
}

#endif
