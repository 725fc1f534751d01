/* What the losses share: the reduction, and the loops of those between two tensors of one shape. */
#ifndef TARN_CORE_OPS_SHARED_LOSS_H
#define TARN_CORE_OPS_SHARED_LOSS_H

#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops/losses.h"

/* Each of these is false after a report to the handler: no such reduction; the shapes differ; t is
   gone (core/life.h), or an element of it, called what in the report, is below low or above
   high. NaN passes, so that it reaches the loss. */
bool tarn__check_reduction(const char *op, tarn_reduction reduction);
bool tarn__check_same_shape(const char *op, const tarn_tensor *a, const tarn_tensor *b);
bool tarn__check_range(const char *op, const char *what, const tarn_tensor *t, double low,
                       double high);

/* y[i] = f(a[i], b[i]) of at most TARN__CHUNK elements; TARN__LOSS_LOOP(f) defines it, as f_loop,
   from tarn_real f(tarn_real a, tarn_real b, tarn_real parameter). */
typedef void tarn__loss_loop(int64_t n, const tarn_real *a, const tarn_real *b, tarn_real parameter,
                             tarn_real *y);
#define TARN__LOSS_LOOP(f)                                                                         \
    TARN__CLONES static void f##_loop(int64_t n, const tarn_real *a, const tarn_real *b,           \
                                      tarn_real parameter, tarn_real *y)                           \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = f(a[i], b[i], parameter);                                                       \
    }

/* A loss of each pair of elements, and its derivatives. */
typedef struct tarn__pair_loss {
    tarn_op op; /* with tarn__loss_backward */
    tarn__loss_loop *value, *slope_of_a;
    tarn__loss_loop *slope_of_b; /* NULL: that of a, negated */
} tarn__pair_loss;

/* The mean over all elements, their sum, or each. NULL if a or b is. */
tarn_tensor *tarn__loss(const tarn__pair_loss *loss, tarn_tensor *a, tarn_tensor *b,
                        tarn_reduction reduction, tarn_real parameter);
void tarn__loss_backward(const tarn_node *node);

#endif
