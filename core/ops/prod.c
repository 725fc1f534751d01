/*
 * Product of all elements, or along one axis, in double.
 *
 *     y = x_1 x_2 ... x_n
 *     dx_k = dy (the product of the others) = dy y / x_k
 *
 * Of a finite x_k, beside a 0 the product of the others is 0, or NaN if another of them is infinite
 * or NaN. Of an infinite one, y / x_k is NaN, as PyTorch's is.
 */
#include <math.h>

#include "core/base/pool.h"
#include "core/ops/extras.h"
#include "core/ops/shared/axes.h"

typedef struct job {
    tarn__reduce_plan r;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

/* What element number k of the result is made of: the product but for zeros, and how many zeros and
   how many infinities or NaN there are. */
typedef struct product {
    int64_t from, zeros, endless;
    double value;
} product;

static product product_of(const job *j, int64_t k)
{
    const int64_t inner = j->r.inner;
    product p = {.from = k / inner * j->r.rows * inner + k % inner, .value = 1};
    for (int64_t row = 0; row < j->r.rows; row++) {
        const int64_t at = p.from + row * inner;
        if (j->x[at] != 0)
            p.value *= (double)j->x[at];
        p.zeros += j->x[at] == 0;
        p.endless += !isfinite(j->x[at]);
    }
    return p;
}

/* The product of all but one of its elements. */
static double product_beside(product p, tarn_real x)
{
    if (p.zeros == 0)
        return p.value / (double)x;
    if (p.zeros == 1 && x == 0)
        return p.value;
    return p.endless > !isfinite(x) ? NAN : 0;
}

static void forward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const product p = product_of(j, k);
        j->y[k] = (tarn_real)(p.zeros ? 0 * p.value : p.value);
    }
}

static void backward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const product p = product_of(j, k);
        for (int64_t row = 0; row < j->r.rows; row++) {
            const int64_t at = p.from + row * j->r.inner;
            j->dx[at] += (tarn_real)((double)j->dy[k] * product_beside(p, j->x[at]));
        }
    }
}

static void prod_backward(const tarn_node *node)
{
    const tarn__reduce_plan *r = node->saved;
    const job j = {*r, node->inputs[0]->values, tarn_gradients(node->output), NULL,
                   tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(node->output->size, node->inputs[0]->size, backward, &j);
}

static const tarn_op prod = {"prod", prod_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduce_plan r)
{
    tarn_tensor *result = tarn_op_result(&prod, shape, x);
    tarn__reduce_plan *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = r;
    tarn__share(result->size, x->size, forward, &(job){r, x->values, NULL, result->values, NULL});
    return result;
}

tarn_tensor *tarn_prod(tarn_tensor *x)
{
    return x ? reduce(x, tarn_shape(), tarn__reduce_all(x)) : NULL;
}

tarn_tensor *tarn_prod_axis(tarn_tensor *x, int axis)
{
    const int i = x ? tarn__axis("prod_axis", x, axis) : -1;
    return i < 0 ? NULL : reduce(x, tarn__shape_without(x->shape, i), tarn__reduce_axis(x, i));
}
