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

/* One input after the other: threads would meet where the two are slices that overlap. */
static void input_gradient(const tarn_node *node, bool of_logits)
{
    const soft_state *s = node->saved;
    const tarn_tensor *z = node->inputs[0], *p = node->inputs[1];
    const int64_t rows = z->shape.dim[0], classes = z->shape.dim[1];
    const double share = s->reduction == TARN_MEAN ? 1 / (double)rows : 1;
    const tarn_real *dl = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[of_logits ? 0 : 1]);
    if (!dx)
        return;
#pragma omp parallel for schedule(static) if (z->size >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < rows; n++) {
        const tarn__row row = s->rows[n];
        const int64_t first = n * classes, end = first + classes;
        const double upstream = share * dl[s->reduction == TARN_NONE ? n : 0];
        const double slope = row_sum(p->values + first, classes) / row.sum;
        const double log_sum = row.max + log(row.sum);
        for (int64_t i = first; of_logits && i < end; i++)
            dx[i] += (tarn_real)(upstream * (s->e[i] * slope - p->values[i]));
        for (int64_t i = first; !of_logits && i < end; i++)
            dx[i] += (tarn_real)(upstream * (log_sum - z->values[i]));
    }
}

static void cross_entropy_soft_backward(const tarn_node *node)
{
    input_gradient(node, true);
    input_gradient(node, false);
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
    TARN__EACH_ROWS (n, rows, classes)
        tarn__exponentials(tarn__row_count(n, rows), classes, z + n * classes, s->e + n * classes,
                           s->rows + n);
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
