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
    double *log_sums; /* ln s of each row */
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
    for (int64_t n = 0; n < rows; n++) {
        double upstream = dl[s->reduction == TARN_NONE ? n : 0];
        if (s->reduction == TARN_MEAN)
            upstream /= (double)rows;
        for (int64_t i = 0; i < classes; i++) {
            double target =
                (i == s->labels[n] ? 1 - s->smoothing : 0) + s->smoothing / (double)classes;
            double p = exp(z->values[n * classes + i] - s->log_sums[n]);
            dz[n * classes + i] += (tarn_real)(upstream * (p - target));
        }
    }
}

static const tarn_op cross_entropy = {"cross_entropy", cross_entropy_backward};

static double row_loss(const tarn_real *z, int64_t classes, int32_t label, double log_sum,
                       double smoothing)
{
    double loss = log_sum - z[label];
    if (smoothing > 0) {
        double mean = 0;
        for (int64_t i = 0; i < classes; i++)
            mean += (log_sum - z[i]) / (double)classes;
        loss = (1 - smoothing) * loss + smoothing * mean;
    }
    return loss;
}

static bool check(const tarn_cross_entropy_args *a)
{
    const tarn_shape z = a->logits->shape;
    const tarn_shape_text text = tarn_shape_to_text(z);
    if (z.ndim != 2)
        return tarn_fail("cross_entropy: logits %s, expects (N,classes)", text.text);
    if (a->labels.count != z.dim[0])
        return tarn_fail("cross_entropy: %lld labels for logits %s, expects %lld",
                         (long long)a->labels.count, text.text, (long long)z.dim[0]);
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

/* Everything backward needs beside the logits, in memory of the result's tape. */
static cross_entropy_state *save(tarn_tensor *result, const tarn_cross_entropy_args *a)
{
    const size_t rows = (size_t)a->labels.count;
    const size_t bytes = rows * (sizeof(double) + sizeof(int32_t));
    cross_entropy_state *s = tarn_op_save(result, sizeof *s + bytes);
    if (!s)
        return NULL;
    *s = (cross_entropy_state){.smoothing = a->label_smoothing, .reduction = a->reduction};
    s->log_sums = (double *)(s + 1);
    s->labels = (int32_t *)(s->log_sums + rows);
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
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        const tarn_real *z = a.logits->values + n * classes;
        s->log_sums[n] = tarn__log_sum_exp(z, classes);
        double loss = row_loss(z, classes, s->labels[n], s->log_sums[n], s->smoothing);
        total += loss;
        if (each)
            result->values[n] = (tarn_real)loss;
    }
    if (!each)
        result->values[0] = (tarn_real)(a.reduction == TARN_MEAN ? total / (double)rows : total);
    return result;
}
