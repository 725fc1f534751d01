/*
 * What layer_norm and group_norm share. Both normalize sets of n numbers, each around its own mean:
 *
 *     xhat = (x - mean) / sqrt(variance + eps),  y = gamma xhat + beta
 *     dbeta = sum of dy,  dgamma = sum of dy xhat          over all sets that a gamma belongs to
 *     dx = (gamma dy - a / n - xhat b / n) / sqrt(variance + eps)
 *     a = sum of gamma dy,  b = sum of gamma dy xhat       over the set
 *
 * The input is a row of items, such as images, each of which holds one set or several. Items are
 * cut into parts, whose number does not depend on that of the threads; the gradients of gamma and
 * beta are summed within each part, and then together in order.
 */
#ifndef TARN_CORE_OPS_SHARED_NORM_H
#define TARN_CORE_OPS_SHARED_NORM_H

#include "core/kernels/kernels.h"
#include "core/op_internal.h"

/* The statistics of a set. The mean is the nearest tarn_real, the centre, and the rest: subtracting
   a rounded mean would cost digits where it is large. */
typedef struct tarn__set {
    tarn_real centre;
    double rest, inverse; /* 1 / sqrt(variance + eps) */
} tarn__set;

/* The mean lies so far from the origin, a number of the set. */
tarn__set tarn__set_of(tarn_real origin, double distance, double variance, double eps);

/* dx = inverse gamma dy + of_x (x - centre) + constant, given the sums of gamma dy and of
   gamma dy (x - centre) over the n numbers of the set. */
typedef struct tarn__set_back {
    tarn_real of_x, constant;
} tarn__set_back;
tarn__set_back tarn__set_back_of(const tarn__set *s, double n, double sum, double product);

typedef struct tarn__norm tarn__norm;

/* The items first to end - 1, computed by one thread. */
typedef struct tarn__norm_part {
    int64_t first, end;
    void *workspace;        /* for the part alone */
    double *dgamma, *dbeta; /* in backward: (channels) each, to be added to */
} tarn__norm_part;

/* How an operation normalizes. values and sets of item i begin at i size and i groups. */
struct tarn__norm {
    int64_t items, size;      /* so many items of so many numbers */
    int64_t channels, groups; /* numbers in gamma; sets in an item */
    double eps;
    size_t workspace; /* bytes for a part */
    void (*forward)(const tarn__norm *norm, const tarn__norm_part *part, const tarn_real *x,
                    const tarn_real *gamma, const tarn_real *beta, tarn_real *y);
    void (*backward)(const tarn__norm *norm, const tarn__norm_part *part, const tarn_real *x,
                     const tarn_real *gamma, const tarn_real *dy, tarn__target dx);
    tarn__set *sets; /* written by forward, for backward */
};

/* The result of the operation, whose backward is tarn__norm_backward. NULL without a report if a
   tensor is NULL; with one if gamma or beta is not of that shape, or eps not above 0. */
tarn_tensor *tarn__normalize(const tarn_op *op, tarn_tensor *x, tarn_tensor *gamma,
                             tarn_tensor *beta, tarn_shape shape, tarn__norm norm);
void tarn__norm_backward(const tarn_node *node);

#endif
