/* A tensor whose elements stand in another order in a file than in memory. */
#ifndef TARN_NN_EXCHANGE_FORM_H
#define TARN_NN_EXCHANGE_FORM_H

#include "core/slot.h"
#include "nn/exchange/dtype.h"

enum { TARN__FORM_NDIM = 4 };

/* The file's elements, in its order, are those at i stride[0] + j stride[1] + ... in memory, i
   below dim[0] and so on. */
typedef struct tarn__form {
    tarn_shape shape; /* in the file */
    int64_t dim[TARN__FORM_NDIM], stride[TARN__FORM_NDIM];
} tarn__form;

/* The slot's shape in the file. */
tarn_shape tarn__slot_file_shape(const tarn__slot *slot);

/* Copies the elements of a slot of TARN__REAL in the file's order, and back from the file's, which
   are of that type, not aligned, and such as tarn__slot_can_take() said yes to. */
void tarn__slot_gather(const tarn__slot *slot, tarn_real *to);
void tarn__slot_scatter(const tarn__slot *slot, tarn__dtype type, const void *from);

/* Whether tarn_real can hold them all; if not, sets the error, which begins with the path. */
bool tarn__slot_can_take(const char *path, const tarn__slot *slot, tarn__dtype type,
                         const void *from);

#endif
