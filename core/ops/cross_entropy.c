/*
 * Cross-entropy of logits z (N, classes) against labels, with weights w of classes and label
 * smoothing e.
 *
 *     target_i = (1 - e) w_i [i = label] + e w_i / classes          0 for rows that are ignored
 *     l_n = -sum over i of target_i ln softmax(z_n)_i,              ln softmax(z)_i = z_i - ln s
 *     mean: L = sum of l_n / W, W the sum of w_label over the rows;
 *           dz_n,i = dL / W (softmax(z_n)_i sum of target - target_i)
 *     sum: without the 1 / W;     none: the result is l itself, and dl_n takes the place of dL
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/ops/shared/labels.h"
#include "core/ops/shared/softmax.h"

typedef struct cross_entropy_state {
    tarn__labelled of;
    double smoothing, weight_sum;
    tarn__row *rows;
    tarn_real *e; /* (N, classes): e^(z - max) */
} cross_entropy_state;

typedef struct job {
    const cross_entropy_state *s;
    int64_t classes;
    const tarn_real *dl;
    tarn_real *dz;
} job;

TARN__CLONES static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const cross_entropy_state *s = j->s;
    const int64_t classes = j->classes;
    const double share = s->smoothing / (double)classes, rest = 1 - s->smoothing;
    const double *weights = s->of.weights;
    for (int64_t n = first; n < end; n++) {
        const int32_t label = s->of.labels[n];
        if (label < 0)
            continue;
        const tarn_real *e = s->e + n * classes;
        tarn_real *to = j->dz + n * classes;
        const tarn_real before = to[label];
        const double upstream = j->dl[s->of.each ? n : 0] / s->of.divisor;
        const double slope = (rest * weights[label] + share * s->weight_sum) / s->rows[n].sum;
        for (int64_t i = 0; i < classes; i++)
            to[i] += (tarn_real)(upstream * (e[i] * slope - share * weights[i]));
        to[label] =
            before + (tarn_real)(upstream * (e[label] * slope - (rest + share) * weights[label]));
    }
}

static void cross_entropy_backward(const tarn_node *node)
{
    const int64_t *dim = node->inputs[0]->shape.dim;
    const job j = {node->saved, dim[1], tarn_gradients(node->output),
                   tarn_op_gradient(node->inputs[0])};
    if (j.dz)
        tarn__share(dim[0], dim[0] * dim[1], backward_rows, &j);
}

static const tarn_op cross_entropy = {"cross_entropy", cross_entropy_backward};

static double row_loss(const cross_entropy_state *s, const tarn_real *z, int64_t classes,
                       int32_t label, tarn__row row)
{
    const double *weights = s->of.weights, log_sum = log(row.sum);
    double loss = weights[label] * (row.max - z[label] + log_sum);
    if (s->smoothing > 0) {
        double mean = 0;
        for (int64_t i = 0; i < classes; i++)
            mean += weights[i] * (row.max - z[i] + log_sum) / (double)classes;
        loss = (1 - s->smoothing) * loss + s->smoothing * mean;
    }
    return loss;
}

/* Everything backward needs, in memory of the result's tape. */
static cross_entropy_state *save(tarn_tensor *result, const tarn_tensor *z,
                                 const tarn__label_args *args, double smoothing)
{
    const size_t rows = (size_t)z->shape.dim[0], labels = tarn__labelled_size(z);
    cross_entropy_state *s = tarn_op_save(result, sizeof *s + rows * sizeof *s->rows + labels +
                                                      (size_t)z->size * sizeof *s->e);
    if (!s)
        return NULL;
    *s = (cross_entropy_state){.smoothing = smoothing, .rows = (tarn__row *)(s + 1)};
    s->of = tarn__keep_labels(s->rows + rows, z, args);
    s->e = (tarn_real *)((char *)(s->rows + rows) + labels);
    for (int64_t i = 0; i < z->shape.dim[1]; i++)
        s->weight_sum += s->of.weights[i];
    return s;
}

tarn_tensor *tarn_cross_entropy_with(tarn_cross_entropy_args a)
{
    const tarn__label_args args = {a.labels, a.class_weights, a.ignore_label, a.reduction};
    if (!a.logits || !tarn__check_labels("cross_entropy", "logits", a.logits, &args))
        return NULL;
    if (!(a.label_smoothing >= 0 && a.label_smoothing <= 1))
        return tarn_fail("cross_entropy: label smoothing is %g, expects 0 to 1", a.label_smoothing);
    const int64_t rows = a.logits->shape.dim[0], classes = a.logits->shape.dim[1];
    const bool each = a.reduction == TARN_NONE;
    tarn_tensor *result =
        tarn_op_result(&cross_entropy, each ? tarn_shape(rows) : tarn_shape(), a.logits);
    cross_entropy_state *s = result ? save(result, a.logits, &args, a.label_smoothing) : NULL;
    if (!s)
        return NULL;
    const tarn_real *z = a.logits->values;
    tarn__all_exponentials(rows, classes, z, s->e, s->rows);
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        const int32_t label = s->of.labels[n];
        double loss = label < 0 ? 0 : row_loss(s, z + n * classes, classes, label, s->rows[n]);
        total += loss;
        if (each)
            result->values[n] = (tarn_real)loss;
    }
    if (!each)
        result->values[0] = (tarn_real)(total / s->of.divisor);
    return result;
}
