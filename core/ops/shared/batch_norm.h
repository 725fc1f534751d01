/* What batch_norm2d is made of, and what a convolution with one behind it shares with it. */
#ifndef TARN_CORE_OPS_SHARED_BATCH_NORM_H
#define TARN_CORE_OPS_SHARED_BATCH_NORM_H

#include "core/kernels/kernels.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* Kept for backward, each (C). */
typedef struct tarn__norm {
    tarn__batch_norm s;
    bool training;
    bool joined;                       /* the statistics are of all inputs together */
    double count;                      /* of numbers that a channel's statistics are of */
    double *rest;                      /* mean - centre */
    double *inverse_deviation;         /* 1 / sqrt(variance + eps) */
    tarn_real *centre, *scale, *shift; /* which s refers to */
} tarn__norm;

/* Whether all that is asked for is right for an input of shape x; false after reporting a mistake.
 */
bool tarn__norm_check(const tarn_batch_norm2d_args *a, tarn_shape x);

/* The bytes that tarn__norm_set_up() needs for that shape's arrays, and the norm with its arrays
   there, not yet set. */
size_t tarn__norm_bytes(tarn_shape x);
tarn__norm tarn__norm_set_up(const tarn_batch_norm2d_args *a, tarn_shape x, void *arrays);

/* From the statistics of x, the mean as its distance from the channel's first number, what the
   kernels read; in training the running ones move. In evaluation the statistics are filled in.
   tarn_batch_norm_together() makes them those of all inputs before. */
void tarn__norm_set_map(const tarn_batch_norm2d_args *a, tarn__norm *k, const tarn_real *x,
                        double *distance, double *variance);

/* What tarn_batch_norm_together() was given; add is NULL for nothing. */
typedef struct tarn__norm_others {
    tarn_batch_norm_add *add;
    void *context;
} tarn__norm_others;
extern tarn__norm_others tarn__norm_together;

/* The two sums of a gradient (core/kernels/kernels.h), product behind sum, become those of all
   inputs, for tarn__norm_back(). */
void tarn__norm_join_gradients(const tarn__norm *k, double *sums);

/* The gradients of gamma and beta from the two sums (core/kernels/kernels.h). */
void tarn__norm_gradients(const tarn__norm *k, const double *sum, const double *product,
                          tarn__target dgamma, tarn__target dbeta);

/* dx as a sum of dy, x - centre and a constant; writes the factors to two arrays (C), which it
   refers to. */
tarn__batch_norm_back tarn__norm_back(const tarn__norm *k, const double *sum, const double *product,
                                      tarn_real *of_x, tarn_real *constant);

#endif
