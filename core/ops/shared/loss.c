/*
 * The loops of losses l_i = f(a_i, b_i) over n elements.
 *
 *     mean: L = sum of l_i / n    da_i = dL / n  df/da(a_i, b_i),  db_i likewise; NaN for n = 0
 *     sum: without the 1 / n;     none: the result is l itself, and dl_i takes the place of dL
 *
 * Sums are taken in double.
 */
#include "core/ops/shared/loss.h"

#include <stdatomic.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"

typedef struct loss_state {
    tarn_reduction reduction;
    tarn_real parameter;
} loss_state;

bool tarn__check_reduction(const char *op, tarn_reduction reduction)
{
    if (reduction == TARN_MEAN || reduction == TARN_SUM || reduction == TARN_NONE)
        return true;
    return tarn_fail("%s: reduction is %d, expects TARN_MEAN, TARN_SUM or TARN_NONE", op,
                     (int)reduction);
}

bool tarn__check_same_shape(const char *op, const tarn_tensor *a, const tarn_tensor *b)
{
    if (tarn_shape_equal(a->shape, b->shape))
        return true;
    return tarn_fail("%s: shapes %s and %s differ, expects the same shape twice", op,
                     tarn_shape_to_text(a->shape).text, tarn_shape_to_text(b->shape).text);
}

typedef struct range_job {
    const tarn_tensor *t;
    double low, high;
    atomic_bool *outside; /* an element is */
} range_job;

TARN__CLONES static void look_at_chunks(const void *context, int64_t first_chunk, int64_t end_chunk)
{
    const range_job *j = context;
    const tarn_real low = (tarn_real)j->low, high = (tarn_real)j->high;
    for (int64_t k = first_chunk; k < end_chunk; k++) {
        const tarn_real *x = j->t->values + k * TARN__CHUNK;
        const int64_t count = tarn__chunk(k * TARN__CHUNK, j->t->size);
        int any = 0;
        for (int64_t i = 0; i < count; i++)
            any |= (x[i] < low) | (x[i] > high);
        if (any)
            *j->outside = true;
    }
}

bool tarn__check_range(const char *op, const char *what, const tarn_tensor *t, double low,
                       double high)
{
    if (!tarn__usable(op, what, t))
        return false;
    atomic_bool outside = false;
    tarn__share(tarn__chunks(t->size), t->size, look_at_chunks,
                &(range_job){t, low, high, &outside});
    for (int64_t i = 0; outside && i < t->size; i++)
        if (t->values[i] < low || t->values[i] > high)
            return tarn_fail("%s: %s is %g at element %lld, expects %g to %g", op, what,
                             (double)t->values[i], (long long)i, low, high);
    return true;
}

/* Pieces that are summed one by one and then together, whatever the number of threads. */
enum { PARTS = 16 };

/* All losses, of which threads take some parts or chunks each. */
typedef struct forward_job {
    tarn__loss_loop *value;
    const tarn_real *a, *b;
    int64_t n;
    tarn_real parameter;
    double *sums; /* of the parts, or */
    tarn_real *y; /* each loss */
} forward_job;

static void sum_parts(const void *context, int64_t first_part, int64_t end_part)
{
    const forward_job *j = context;
    const int64_t part = (j->n / PARTS / TARN__CHUNK + 1) * TARN__CHUNK;
    for (int64_t k = first_part; k < end_part; k++) {
        const int64_t end = (k + 1) * part < j->n ? (k + 1) * part : j->n;
        tarn_real losses[TARN__CHUNK];
        double sum = 0;
        for (int64_t first = k * part; first < end; first += TARN__CHUNK) {
            const int64_t count = tarn__chunk(first, end);
            j->value(count, j->a + first, j->b + first, j->parameter, losses);
            sum += tarn__kernels_in_use()->sum(count, losses, 0);
        }
        j->sums[k] = sum;
    }
}

static double sum_of_losses(const forward_job *j)
{
    double total = 0;
    tarn__share(PARTS, j->n, sum_parts, j);
    for (int k = 0; k < PARTS; k++)
        total += j->sums[k];
    return total;
}

static void write_chunks(const void *context, int64_t first_chunk, int64_t end_chunk)
{
    const forward_job *j = context;
    for (int64_t k = first_chunk; k < end_chunk; k++) {
        const int64_t first = k * TARN__CHUNK;
        j->value(tarn__chunk(first, j->n), j->a + first, j->b + first, j->parameter, j->y + first);
    }
}

/* The gradients that are made of the same slopes, of one input or both, which differ in sign. */
typedef struct gradient_job {
    tarn__loss_loop *slope;
    const tarn_real *a, *b;
    int64_t n;
    tarn_real parameter, factor;
    const tarn_real *dy; /* of each loss; NULL where they were summed */
    tarn__target dx, minus_dx;
} gradient_job;

/* dx = factor dl/dx dy, where dy is that of each loss, or NULL. */
TARN__CLONES static void pass(int64_t n, tarn_real factor, const tarn_real *slopes,
                              const tarn_real *dy, bool add, tarn_real *restrict dx)
{
    if (dy && add)
        for (int64_t i = 0; i < n; i++)
            dx[i] += factor * (slopes[i] * dy[i]);
    else if (dy)
        for (int64_t i = 0; i < n; i++)
            dx[i] = factor * (slopes[i] * dy[i]);
    else if (add)
        for (int64_t i = 0; i < n; i++)
            dx[i] += factor * slopes[i];
    else
        for (int64_t i = 0; i < n; i++)
            dx[i] = factor * slopes[i];
}

static void gradient_chunks(const void *context, int64_t first_chunk, int64_t end_chunk)
{
    const gradient_job *j = context;
    for (int64_t k = first_chunk; k < end_chunk; k++) {
        const int64_t first = k * TARN__CHUNK, count = tarn__chunk(first, j->n);
        const tarn_real *dy = j->dy ? j->dy + first : NULL;
        tarn_real slopes[TARN__CHUNK];
        j->slope(count, j->a + first, j->b + first, j->parameter, slopes);
        if (j->dx.values)
            pass(count, j->factor, slopes, dy, j->dx.add, j->dx.values + first);
        if (j->minus_dx.values)
            pass(count, -j->factor, slopes, dy, j->minus_dx.add, j->minus_dx.values + first);
    }
}

static void write_gradients(const tarn_node *node, tarn__loss_loop *slope, tarn__target dx,
                            tarn__target minus_dx)
{
    const loss_state *s = node->saved;
    const tarn_real *dy = tarn_gradients(node->output);
    const bool each = s->reduction == TARN_NONE;
    const int64_t n = node->inputs[0]->size;
    const double share = s->reduction == TARN_MEAN ? 1 / (double)n : 1;
    if (dx.values || minus_dx.values)
        tarn__share(tarn__chunks(n), tarn__apart(dx.values, minus_dx.values, n) ? n : 0,
                    gradient_chunks,
                    &(gradient_job){.slope = slope,
                                    .a = node->inputs[0]->values,
                                    .b = node->inputs[1]->values,
                                    .n = n,
                                    .parameter = s->parameter,
                                    .factor = each ? 1 : (tarn_real)(share * dy[0]),
                                    .dy = each ? dy : NULL,
                                    .dx = dx,
                                    .minus_dx = minus_dx});
}

void tarn__loss_backward(const tarn_node *node)
{
    const tarn__pair_loss *loss = (const tarn__pair_loss *)node->op; /* its first member */
    const tarn__target none = {NULL, false};
    tarn__target da, db;
    da.values = tarn_op_gradient_to_write(node->inputs[0], &da.add);
    db.values = tarn_op_gradient_to_write(node->inputs[1], &db.add);
    write_gradients(node, loss->slope_of_a, da, loss->slope_of_b ? none : db);
    if (loss->slope_of_b)
        write_gradients(node, loss->slope_of_b, db, none);
}

tarn_tensor *tarn__loss(const tarn__pair_loss *loss, tarn_tensor *a, tarn_tensor *b,
                        tarn_reduction reduction, tarn_real parameter)
{
    if (!a || !b || !tarn__check_same_shape(loss->op.name, a, b) ||
        !tarn__check_reduction(loss->op.name, reduction))
        return NULL;
    tarn_tensor *result =
        tarn_op_result(&loss->op, reduction == TARN_NONE ? a->shape : tarn_shape(), a, b);
    loss_state *s = result ? tarn_op_save(result, sizeof *s) : NULL;
    if (!s)
        return NULL;
    *s = (loss_state){reduction, parameter};
    double sums[PARTS];
    const forward_job j = {loss->value, a->values, b->values,     a->size,
                           parameter,   sums,      result->values};
    if (reduction == TARN_NONE) {
        tarn__share(tarn__chunks(j.n), j.n, write_chunks, &j);
        return result;
    }
    double total = sum_of_losses(&j);
    result->values[0] = (tarn_real)(reduction == TARN_MEAN ? total / (double)a->size : total);
    return result;
}
