/*
 * Cross-entropy of logits z (N, classes) against labels, with label smoothing e.
 *
 *     target_i = (1 - e) [i = label] + e / classes
 *     l_n = -sum over i of target_i ln softmax(z_n)_i = ln s - sum over i of target_i z_i
 *     mean: L = sum of l_n / N;   dz_n,i = dL (softmax(z_n)_i - target_i) / N
 *     sum: without the 1 / N;     none: the result is l itself, and dl_n takes the place of dL
 */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/ops.h"
#include "core/ops/softmax.h"

typedef struct cross_entropy_state {
    double smoothing;
    tarn_reduction reduction;
    tarn__row *rows;
    tarn_real *e; /* (N, classes): e^(z - max) */
    int32_t *labels;
} cross_entropy_state;

static void cross_entropy_backward(const tarn_node *node)
{
    const cross_entropy_state *s = node->saved;
    const tarn_tensor *z = node->inputs[0];
    const int64_t rows = z->shape.dim[0], classes = z->shape.dim[1];
    const tarn_real *dl = tarn_gradients(node->output);
    tarn_real *dz = tarn_op_gradient(node->inputs[0]);
    if (!dz)
        return;
#pragma omp parallel for schedule(static) if (rows * classes >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < rows; n++) {
        const tarn_real *e = s->e + n * classes;
        const double share = s->smoothing / (double)classes, rest = 1 - s->smoothing;
        const double inverse = 1 / s->rows[n].sum;
        tarn_real *to = dz + n * classes, *at_label = to + s->labels[n], before = *at_label;
        double upstream = dl[s->reduction == TARN_NONE ? n : 0];
        if (s->reduction == TARN_MEAN)
            upstream /= (double)rows;
        for (int64_t i = 0; i < classes; i++)
            to[i] += (tarn_real)(upstream * (e[i] * inverse - share));
        *at_label = before + (tarn_real)(upstream * (e[s->labels[n]] * inverse - (rest + share)));
    }
}

static const tarn_op cross_entropy = {"cross_entropy", cross_entropy_backward};

static double row_loss(const tarn_real *z, int64_t classes, int32_t label, tarn__row row,
                       double smoothing)
{
    const double log_sum = log(row.sum);
    double loss = row.max - z[label] + log_sum;
    if (smoothing > 0) {
        double mean = 0;
        for (int64_t i = 0; i < classes; i++)
            mean += (row.max - z[i] + log_sum) / (double)classes;
        loss = (1 - smoothing) * loss + smoothing * mean;
    }
    return loss;
}

static bool check(const tarn_cross_entropy_args *a)
{
    const tarn_shape z = a->logits->shape;
    if (z.ndim != 2)
        return tarn_fail("cross_entropy: logits %s, expects (N,classes)",
                         tarn_shape_to_text(z).text);
    if (a->labels.count != z.dim[0])
        return tarn_fail("cross_entropy: %lld labels for logits %s, expects %lld",
                         (long long)a->labels.count, tarn_shape_to_text(z).text,
                         (long long)z.dim[0]);
    if (!a->labels.ids && a->labels.count > 0)
        return tarn_fail("cross_entropy: the ids of %lld labels are NULL",
                         (long long)a->labels.count);
    for (int64_t n = 0; n < a->labels.count; n++)
        if (a->labels.ids[n] < 0 || a->labels.ids[n] >= z.dim[1])
            return tarn_fail("cross_entropy: label %d at row %lld, expects 0 to %lld",
                             (int)a->labels.ids[n], (long long)n, (long long)z.dim[1] - 1);
    if (!(a->label_smoothing >= 0 && a->label_smoothing <= 1))
        return tarn_fail("cross_entropy: label smoothing is %g, expects 0 to 1",
                         a->label_smoothing);
    if (a->reduction != TARN_MEAN && a->reduction != TARN_SUM && a->reduction != TARN_NONE)
        return tarn_fail("cross_entropy: reduction is %d, expects TARN_MEAN, TARN_SUM or TARN_NONE",
                         (int)a->reduction);
    return true;
}

/* Everything backward needs, in memory of the result's tape. */
static cross_entropy_state *save(tarn_tensor *result, const tarn_cross_entropy_args *a)
{
    const size_t rows = (size_t)a->labels.count, size = (size_t)a->logits->size;
    cross_entropy_state *s = tarn_op_save(
        result, sizeof *s + rows * (sizeof *s->rows + sizeof *s->labels) + size * sizeof *s->e);
    if (!s)
        return NULL;
    *s = (cross_entropy_state){.smoothing = a->label_smoothing, .reduction = a->reduction};
    s->rows = (tarn__row *)(s + 1);
    s->e = (tarn_real *)(s->rows + rows);
    s->labels = (int32_t *)(s->e + size);
    if (rows)
        memcpy(s->labels, a->labels.ids, rows * sizeof *s->labels);
    return s;
}

tarn_tensor *tarn_cross_entropy_with(tarn_cross_entropy_args a)
{
    if (!a.logits || !check(&a))
        return NULL;
    const int64_t rows = a.logits->shape.dim[0], classes = a.logits->shape.dim[1];
    const bool each = a.reduction == TARN_NONE;
    tarn_tensor *result =
        tarn_op_result(&cross_entropy, each ? tarn_shape(rows) : tarn_shape(), a.logits);
    cross_entropy_state *s = result ? save(result, &a) : NULL;
    if (!s)
        return NULL;
    const tarn_real *z = a.logits->values;
    TARN__EACH_ROWS (n, rows, classes)
        tarn__exponentials(tarn__row_count(n, rows), classes, z + n * classes, s->e + n * classes,
                           s->rows + n);
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        double loss = row_loss(z + n * classes, classes, s->labels[n], s->rows[n], s->smoothing);
        total += loss;
        if (each)
            result->values[n] = (tarn_real)loss;
    }
    if (!each)
        result->values[0] = (tarn_real)(a.reduction == TARN_MEAN ? total / (double)rows : total);
    return result;
}
