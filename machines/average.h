/* What tarn_mpi is, beside tarn-mpi.h. */
#ifndef TARN_MACHINES_AVERAGE_H
#define TARN_MACHINES_AVERAGE_H

#include "machines/exchange.h"

struct tarn_mpi {
    tarn_module *model;
    bool same_bits;
    int parameter_count, buffer_count;
    tarn_tensor **parameters, **buffers;
    int64_t gradients_size, size; /* numbers: of all parameters; and all that is averaged */

    int parts;                           /* of a batch; 0: none has come yet */
    tarn__exchange *exchange;            /* NULL for one process */
    tarn_real *start;                    /* the buffers before the batch */
    tarn_real *levels[TARN__TREE_DEPTH]; /* for the nodes of the tree */
    tarn__tree tree;                     /* the parts of this batch that have been added */

    bool open; /* a part was given, and is not averaged */
    int part;
    double share;
    bool last;
    double loss;
    uint64_t state; /* of the random generator, for this batch */
};

/* Makes parameters, buffers and the generator's state those of rank 0. In weights.c. */
void tarn__average_begin(tarn_mpi *mpi);

/* A hash of 64 bits. */
uint64_t tarn__average_mix(uint64_t z);

#endif
