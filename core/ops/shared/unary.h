/*
 * What operations on each element of one tensor share: the threads, the numbers that are saved for
 * backward, and the adding of gradients. relu.c is the example to read.
 */
#ifndef TARN_CORE_OPS_SHARED_UNARY_H
#define TARN_CORE_OPS_SHARED_UNARY_H

#include "core/op.h"

/* A piece of the arrays: at most TARN__CHUNK elements. */
typedef struct tarn__elements {
    int64_t count;
    const tarn_real *x;
    const tarn_real *y, *dy; /* NULL in forward */
    tarn_real number[2];     /* what the operation was called with */
} tarn__elements;

/* The formulas of an operation, for a piece. */
typedef struct tarn__unary {
    tarn_op op; /* its backward is tarn__unary_backward */
    void (*forward)(const tarn__elements *e, tarn_real *y);
    void (*gradient)(const tarn__elements *e, tarn_real *dx); /* overwrites dx */
} tarn__unary;

/* The result, of the shape of x. NULL as tarn_op_result(). */
tarn_tensor *tarn__unary_result(const tarn__unary *unary, tarn_tensor *x, double number0,
                                double number1);

void tarn__unary_backward(const tarn_node *node);

#endif
