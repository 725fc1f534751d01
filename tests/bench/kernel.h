/*
 * The kernels alone, through the operations that use them, at the shapes of the networks.
 *
 * Forward is the operation on a no_grad tape. For a gradient, only the tensor whose gradient is
 * wanted requires one, and the clock runs from the moment at which dy stands to the end of
 * tarn_backward().
 */
#ifndef TARN_TESTS_BENCH_KERNEL_H
#define TARN_TESTS_BENCH_KERNEL_H

#include <tarn.h>

typedef struct kernel {
    const char *name, *pass; /* "conv2d-3x3-32-64", "d input" */
    char shape[24];
    char request[80];             /* for the peer */
    double flops;                 /* counted as direct convolution */
    double (*step)(void *kernel); /* runs it once; returns the seconds that it took */

    tarn_shape a_shape, b_shape; /* images and weight, or two matrices */
    bool a_gradient, b_gradient; /* which gradient is wanted */
    tarn_tensor *a, *b, *dy;
    tarn_conv2d_args conv2d;
} kernel;

/* Fills in number i of the list, but for the tensors; false behind the last. */
bool kernel_describe(int i, kernel *k);

/* Makes and frees the tensors. */
void kernel_start(kernel *k);
void kernel_stop(kernel *k);

#endif
