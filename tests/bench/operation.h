/* All other operations, forward and backward, beside PyTorch's: one line each of the table. */
#ifndef TARN_TESTS_BENCH_OPERATION_H
#define TARN_TESTS_BENCH_OPERATION_H

#include "tests/bench/kernel.h"

/* Takes so many tensors of these shapes, filled with numbers in [0, 1), or normally distributed
   ones if its name ends in "-signs", all of which require a gradient for backward. peer_torch.py
   has the same. */
typedef struct operation {
    const char *name;
    tarn_tensor *(*run)(tarn_tensor *const *in);
    tarn_shape shapes[KERNEL_TENSORS]; /* of no dimensions: there are no more */
} operation;

/* Ends with one whose name is NULL. */
extern const operation operations[];

#endif
