/* What tarn_mpi is, beside tarn-mpi.h. */
#ifndef TARN_MACHINES_AVERAGE_H
#define TARN_MACHINES_AVERAGE_H

#include "machines/exchange.h"

struct tarn_mpi {
    tarn_module *model;
    bool same_bits;
    int local_steps;
    bool norms_together;
    int64_t local_done; /* steps since the weights of all were averaged */
    double own_share;   /* of a batch */
    int parameter_count, buffer_count;
    tarn_tensor **parameters, **buffers;
    int64_t gradients_size, size; /* numbers: of all parameters; and all that is averaged */

    int parts;                           /* of a batch; 0: none has come yet */
    tarn__exchange *exchange;            /* NULL for one process */
    tarn_real *start;                    /* the buffers before the batch */
    tarn_real *levels[TARN__TREE_DEPTH]; /* for the nodes of the tree */
    tarn__tree tree;                     /* the parts of this batch that have been added */
    int ready;      /* parameters, from the last, whose gradients of the last part are in the sum */
    int64_t summed; /* and how many numbers they are */
    bool *complete; /* of each parameter, as they are in the vector: backward is done with it */

    bool in_epoch;   /* a batch of it was given */
    int64_t batches; /* given so far */
    bool open;       /* a part was given, and is not averaged */
    int part;
    double share;
    bool last;
    double loss;
    uint64_t state; /* of the random generator, for this batch */
};

/* Makes parameters, buffers and the generator's state those of rank 0. In average_weights.c. */
void tarn__average_begin(tarn_mpi *mpi);

/* With local steps: the mean over own parts, in the place of the sum over all; and the mean of the
   weights of all, where it is time, or now. In average_local.c. */
const tarn_real *tarn__local_mean(tarn_mpi *mpi);
void tarn__local_average(tarn_mpi *mpi, bool now);

/* Ends all processes if one goes on otherwise than the others: by another loader, or in another
   precision. In average_weights.c. */
void tarn__average_same_batches(const tarn_loader *loader, const tarn_batch *batch);

/* Copies the values of the buffers to mpi->start, or back. */
void tarn__average_buffers(tarn_mpi *mpi, bool back);

/* From here on, or no longer, batch normalization is of the whole batch, where that is asked for.
 */
void tarn__average_join_norms(tarn_mpi *mpi, bool join);

/* A hash of 64 bits. */
uint64_t tarn__average_mix(uint64_t z);

#endif
