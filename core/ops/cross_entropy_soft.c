/*
 * Cross-entropy of logits z (N, classes) against probabilities p of the classes, row by row.
 *
 *     l_n = sum over i of p_i (ln s - z_i), terms with p_i = 0 left out,  s = sum of e^z_i
 *     dz_i = dl_n (softmax(z)_i sum of p - p_i)
 *     dp_i = dl_n (ln s - z_i)
 *     mean: L = sum of l_n / N, dl_n = dL / N;   sum: without the 1 / N;   none: l itself
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/shared/loss.h"
#include "core/ops/shared/softmax.h"

typedef struct soft_state {
    tarn_reduction reduction;
    tarn__row *rows;
    tarn_real *e; /* (N, classes): e^(z - max) */
} soft_state;

static double row_sum(const tarn_real *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i];
    return sum;
}

typedef struct job {
    const soft_state *s;
    const tarn_tensor *z, *p;
    const tarn_real *dl;
    tarn_real *dx;
} job;

/* dz of some rows, or dp. */
static inline void backward_rows(const job *j, int64_t first, int64_t end, bool of_logits)
{
    const soft_state *s = j->s;
    const tarn_real *z = j->z->values, *p = j->p->values;
    const int64_t rows = j->z->shape.dim[0], classes = j->z->shape.dim[1];
    const double share = s->reduction == TARN_MEAN ? 1 / (double)rows : 1;
    for (int64_t n = first; n < end; n++) {
        const tarn__row row = s->rows[n];
        const int64_t from = n * classes, to = from + classes;
        const double upstream = share * j->dl[s->reduction == TARN_NONE ? n : 0];
        const double slope = row_sum(p + from, classes) / row.sum;
        const double log_sum = row.max + log(row.sum);
        for (int64_t i = from; of_logits && i < to; i++)
            j->dx[i] += (tarn_real)(upstream * (s->e[i] * slope - p[i]));
        for (int64_t i = from; !of_logits && i < to; i++)
            j->dx[i] += (tarn_real)(upstream * (log_sum - z[i]));
    }
}

static void logit_gradients(const void *context, int64_t first, int64_t end)
{
    backward_rows(context, first, end, true);
}

static void probability_gradients(const void *context, int64_t first, int64_t end)
{
    backward_rows(context, first, end, false);
}

/* One input after the other: threads would meet where the two are slices that overlap. */
static void input_gradient(const tarn_node *node, int which, tarn__work *gradients)
{
    const tarn_tensor *z = node->inputs[0], *p = node->inputs[1];
    const job j = {node->saved, z, p, tarn_gradients(node->output),
                   tarn_op_gradient(node->inputs[which])};
    if (j.dx)
        tarn__share(z->shape.dim[0], z->size, gradients, &j);
}

static void cross_entropy_soft_backward(const tarn_node *node)
{
    input_gradient(node, 0, logit_gradients);
    input_gradient(node, 1, probability_gradients);
}

static const tarn_op cross_entropy_soft = {"cross_entropy_soft", cross_entropy_soft_backward};

static bool check(const tarn_cross_entropy_soft_args *a)
{
    const tarn_shape shape = a->logits->shape;
    if (shape.ndim != 2)
        return tarn_fail("cross_entropy_soft: logits %s, expects (N,classes)",
                         tarn_shape_to_text(shape).text);
    return tarn__check_same_shape("cross_entropy_soft", a->logits, a->probabilities) &&
           tarn__check_range("cross_entropy_soft", "a probability", a->probabilities, 0,
                             INFINITY) &&
           tarn__check_reduction("cross_entropy_soft", a->reduction);
}

static soft_state *save(tarn_tensor *result, const tarn_tensor *z, tarn_reduction reduction)
{
    const size_t rows = (size_t)z->shape.dim[0];
    soft_state *s =
        tarn_op_save(result, sizeof *s + rows * sizeof *s->rows + (size_t)z->size * sizeof *s->e);
    if (s)
        *s = (soft_state){reduction, (tarn__row *)(s + 1), NULL};
    if (s)
        s->e = (tarn_real *)(s->rows + rows);
    return s;
}

static double row_loss(const tarn_real *z, const tarn_real *p, int64_t classes, tarn__row row)
{
    double loss = 0, log_sum = log(row.sum);
    for (int64_t i = 0; i < classes; i++)
        loss += p[i] == 0 ? 0 : p[i] * (row.max - z[i] + log_sum);
    return loss;
}

tarn_tensor *tarn_cross_entropy_soft_with(tarn_cross_entropy_soft_args a)
{
    if (!a.logits || !a.probabilities || !check(&a))
        return NULL;
    const int64_t rows = a.logits->shape.dim[0], classes = a.logits->shape.dim[1];
    const bool each = a.reduction == TARN_NONE;
    tarn_tensor *result = tarn_op_result(
        &cross_entropy_soft, each ? tarn_shape(rows) : tarn_shape(), a.logits, a.probabilities);
    soft_state *s = result ? save(result, a.logits, a.reduction) : NULL;
    if (!s)
        return NULL;
    const tarn_real *z = a.logits->values, *p = a.probabilities->values;
    tarn__all_exponentials(rows, classes, z, s->e, s->rows);
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        double loss = row_loss(z + n * classes, p + n * classes, classes, s->rows[n]);
        total += loss;
        if (each)
            result->values[n] = (tarn_real)loss;
    }
    if (!each)
        result->values[0] = (tarn_real)(a.reduction == TARN_MEAN ? total / (double)rows : total);
    return result;
}
