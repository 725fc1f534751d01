/*
 * Operations alone: convolutions and matrix products at the shapes of the networks, then all others
 * (operation.h).
 *
 * Forward is the operation on a no_grad tape. For a gradient, only the tensor whose gradient is
 * wanted requires one, and the clock runs from the moment at which dy stands to the end of
 * tarn_backward().
 */
#ifndef TARN_TESTS_BENCH_KERNEL_H
#define TARN_TESTS_BENCH_KERNEL_H

#include <tarn.h>

enum { KERNEL_TENSORS = 3 };

typedef struct kernel {
    const char *name, *pass; /* "conv2d-3x3-32-64", "d input" */
    char shape[24];
    char request[80];             /* for the peer */
    double flops;                 /* counted as direct convolution; 0 where they say little */
    double (*step)(void *kernel); /* runs it once; returns the seconds that it took */

    int count; /* of what it takes: images and weight, two matrices, or other tensors */
    tarn_shape shapes[KERNEL_TENSORS];
    bool gradient[KERNEL_TENSORS]; /* which are wanted */
    tarn_tensor *in[KERNEL_TENSORS], *dy;
    tarn_conv2d_args conv2d;                   /* of a convolution */
    tarn_tensor *(*run)(tarn_tensor *const *); /* of another operation */
    bool uniform;                              /* what it takes is in [0, 1) */
} kernel;

/* Fills in number i of the list, but for the tensors; false behind the last. */
bool kernel_describe(int i, kernel *k);

/* Makes and frees the tensors. */
void kernel_start(kernel *k);
void kernel_stop(kernel *k);

#endif
