/* The types of elements in files, and numbers of them as tarn_real. */
#ifndef TARN_NN_EXCHANGE_DTYPE_H
#define TARN_NN_EXCHANGE_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/tensor.h"

/* Name as in safetensors, bytes, kind: f of floats, i and u of integers, b of truth. */
#define TARN__DTYPES_ALL(DTYPE)                                                                    \
    DTYPE(F64, 8, 'f')                                                                             \
    DTYPE(F32, 4, 'f')                                                                             \
    DTYPE(F16, 2, 'f')                                                                             \
    DTYPE(BF16, 2, 'f')                                                                            \
    DTYPE(I64, 8, 'i')                                                                             \
    DTYPE(I32, 4, 'i')                                                                             \
    DTYPE(I16, 2, 'i')                                                                             \
    DTYPE(I8, 1, 'i')                                                                              \
    DTYPE(U64, 8, 'u')                                                                             \
    DTYPE(U32, 4, 'u')                                                                             \
    DTYPE(U16, 2, 'u')                                                                             \
    DTYPE(U8, 1, 'u')                                                                              \
    DTYPE(BOOL, 1, 'b')
#define TARN__DTYPE_ENUM(name, bytes, kind) TARN__##name,
typedef enum tarn__dtype { TARN__DTYPES_ALL(TARN__DTYPE_ENUM) TARN__NO_DTYPE } tarn__dtype;

/* TARN__NO_DTYPE for a name that is none of these, and for NULL. */
tarn__dtype tarn__dtype_called(const char *name);
const char *tarn__dtype_name(tarn__dtype type);
size_t tarn__dtype_bytes(tarn__dtype type);
char tarn__dtype_kind(tarn__dtype type);

/* The number that stands there, in this machine's order of bytes, not aligned. False if tarn_real
   cannot hold it: a finite one that would become infinite, an integer that would become another
   one. */
bool tarn__dtype_to_real(tarn__dtype type, const void *at, tarn_real *to);

/* The same as text, for messages. */
typedef struct tarn__number_text {
    char text[32];
} tarn__number_text;
tarn__number_text tarn__dtype_to_text(tarn__dtype type, const void *at);

#endif
