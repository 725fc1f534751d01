/*
 * Negative log-likelihood: what ln p (N, classes) gives to the labels, with weights w of classes.
 *
 *     l_n = -w_label ln p_n,label                     0 for rows that are ignored
 *     mean: L = sum of l_n / W, W the sum of w_label;   d(ln p)_n,label = -dL w_label / W
 *     sum: without the 1 / W;     none: the result is l itself, and dl_n takes the place of dL
 */
#include "core/ops/shared/labels.h"

static void nll_backward(const tarn_node *node)
{
    const tarn__labelled *s = node->saved;
    const int64_t rows = node->inputs[0]->shape.dim[0], classes = node->inputs[0]->shape.dim[1];
    const tarn_real *dl = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t n = 0; dx && n < rows; n++)
        if (s->labels[n] >= 0)
            dx[n * classes + s->labels[n]] -=
                (tarn_real)(s->weights[s->labels[n]] * dl[s->each ? n : 0] / s->divisor);
}

static const tarn_op nll = {"nll", nll_backward};

tarn_tensor *tarn_nll_with(tarn_nll_args a)
{
    tarn_tensor *x = a.log_probabilities;
    const tarn__label_args args = {a.labels, a.class_weights, a.ignore_label, a.reduction};
    if (!x || !tarn__check_labels("nll", "log-probabilities", x, &args))
        return NULL;
    const int64_t rows = x->shape.dim[0], classes = x->shape.dim[1];
    tarn_tensor *result =
        tarn_op_result(&nll, a.reduction == TARN_NONE ? tarn_shape(rows) : tarn_shape(), x);
    tarn__labelled *s = result ? tarn_op_save(result, sizeof *s + tarn__labelled_size(x)) : NULL;
    if (!s)
        return NULL;
    *s = tarn__keep_labels(s + 1, x, &args);
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        const int32_t label = s->labels[n];
        const double loss = label < 0 ? 0 : -s->weights[label] * x->values[n * classes + label];
        total += loss;
        if (s->each)
            result->values[n] = (tarn_real)loss;
    }
    if (!s->each)
        result->values[0] = (tarn_real)(total / s->divisor);
    return result;
}
