/*
 * Comparisons, with broadcasting.
 *
 *     y = 1 if a > b, else 0          and so on; with NaN all are 0, but a != b is 1
 *
 * There is no gradient.
 */
#include "core/op_internal.h"
#include "core/ops/places.h"
#include "core/ops/shared/binary.h"

static tarn_tensor *mask(const tarn_op *op, tarn_tensor *a, tarn_tensor *b, tarn__binary_loop *loop)
{
    tarn_tensor *y = tarn__binary(op, a, b, loop);
    if (y)
        y->requires_grad = false;
    return y;
}

/* Memory is what takes the time, so that one loop will do for every processor. */
#define LOOP(name, sign)                                                                           \
    static tarn_real name##_of(tarn_real a, tarn_real b)                                           \
    {                                                                                              \
        return a sign b ? 1 : 0;                                                                   \
    }                                                                                              \
                                                                                                   \
    static void name##_loop(int64_t n, const tarn_real *a, int64_t a_step, const tarn_real *b,     \
                            int64_t b_step, tarn_real *y)                                          \
    {                                                                                              \
        tarn__binary_piece(name##_of, n, a, a_step, b, b_step, y);                                 \
    }

LOOP(gt, >)
LOOP(ge, >=)
LOOP(lt, <)
LOOP(le, <=)
LOOP(eq, ==)
LOOP(ne, !=)

static const tarn_op gt = {"gt", NULL}, ge = {"ge", NULL}, lt = {"lt", NULL}, le = {"le", NULL},
                     eq = {"eq", NULL}, ne = {"ne", NULL};

tarn_tensor *tarn_gt(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&gt, a, b, gt_loop);
}

tarn_tensor *tarn_ge(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&ge, a, b, ge_loop);
}

tarn_tensor *tarn_lt(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&lt, a, b, lt_loop);
}

tarn_tensor *tarn_le(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&le, a, b, le_loop);
}

tarn_tensor *tarn_eq(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&eq, a, b, eq_loop);
}

tarn_tensor *tarn_ne(tarn_tensor *a, tarn_tensor *b)
{
    return mask(&ne, a, b, ne_loop);
}
