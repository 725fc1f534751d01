/*
 * Cross-entropy of logits z (N, classes) against probabilities p of the classes, row by row.
 *
 *     t_i = w_i ((1 - e) p_i + e / classes)         with class weights w and label smoothing e
 *     l_n = sum over i of t_i (ln s - z_i), terms with t_i = 0 left out,  s = sum of e^z_i
 *     dz_i = dl_n (softmax(z)_i sum of t - t_i)
 *     dp_i = dl_n w_i (1 - e) (ln s - z_i)
 *     mean: L = sum of l_n / N, dl_n = dL / N;   sum: without the 1 / N;   none: l itself
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/shared/labels.h"
#include "core/ops/shared/loss.h"
#include "core/ops/shared/softmax.h"

typedef struct soft_state {
    tarn_reduction reduction;
    double share, rest; /* e / classes, 1 - e */
    double *weights;    /* (classes) */
    tarn__row *rows;
    tarn_real *e; /* (N, classes): e^(z - max) */
} soft_state;

static inline double target(const soft_state *s, const tarn_real *p, int64_t i)
{
    return s->weights[i] * (s->rest * p[i] + s->share);
}

static double sum_of_targets(const soft_state *s, const tarn_real *p, int64_t classes)
{
    double sum = 0;
    for (int64_t i = 0; i < classes; i++)
        sum += target(s, p, i);
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
    const int64_t rows = j->z->shape.dim[0], classes = j->z->shape.dim[1];
    const double share = s->reduction == TARN_MEAN ? 1 / (double)rows : 1;
    for (int64_t n = first; n < end; n++) {
        const tarn__row row = s->rows[n];
        const tarn_real *z = j->z->values + n * classes, *p = j->p->values + n * classes;
        const tarn_real *e = s->e + n * classes;
        tarn_real *dx = j->dx + n * classes;
        const double upstream = share * j->dl[s->reduction == TARN_NONE ? n : 0];
        const double slope = of_logits ? sum_of_targets(s, p, classes) / row.sum : 0;
        const double log_sum = row.max + log(row.sum);
        for (int64_t i = 0; of_logits && i < classes; i++)
            dx[i] += (tarn_real)(upstream * (e[i] * slope - target(s, p, i)));
        for (int64_t i = 0; !of_logits && i < classes; i++)
            dx[i] += (tarn_real)(upstream * s->rest * s->weights[i] * (log_sum - z[i]));
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
    if (!(a->label_smoothing >= 0 && a->label_smoothing <= 1))
        return tarn_fail("cross_entropy_soft: label smoothing is %g, expects 0 to 1",
                         a->label_smoothing);
    return tarn__check_same_shape("cross_entropy_soft", a->logits, a->probabilities) &&
           tarn__check_range("cross_entropy_soft", "a probability", a->probabilities, 0,
                             INFINITY) &&
           tarn__check_class_weights("cross_entropy_soft", a->class_weights, shape.dim[1]) &&
           tarn__check_reduction("cross_entropy_soft", a->reduction);
}

static soft_state *save(tarn_tensor *result, const tarn_cross_entropy_soft_args *a)
{
    const size_t rows = (size_t)a->logits->shape.dim[0], classes = (size_t)a->logits->shape.dim[1];
    soft_state *s =
        tarn_op_save(result, sizeof *s + classes * sizeof *s->weights + rows * sizeof *s->rows +
                                 rows * classes * sizeof *s->e);
    if (!s)
        return NULL;
    *s = (soft_state){.reduction = a->reduction,
                      .share = classes ? a->label_smoothing / (double)classes : 0,
                      .rest = 1 - a->label_smoothing,
                      .weights = (double *)(s + 1)};
    s->rows = (tarn__row *)(s->weights + classes);
    s->e = (tarn_real *)(s->rows + rows);
    for (size_t i = 0; i < classes; i++)
        s->weights[i] = a->class_weights ? (double)a->class_weights->values[i] : 1;
    return s;
}

static double row_loss(const soft_state *s, const tarn_real *z, const tarn_real *p, int64_t classes,
                       tarn__row row)
{
    double loss = 0, log_sum = log(row.sum);
    for (int64_t i = 0; i < classes; i++) {
        const double of = target(s, p, i);
        loss += of == 0 ? 0 : of * (row.max - z[i] + log_sum);
    }
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
    soft_state *s = result ? save(result, &a) : NULL;
    if (!s)
        return NULL;
    const tarn_real *z = a.logits->values, *p = a.probabilities->values;
    tarn__all_exponentials(rows, classes, z, s->e, s->rows);
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        double loss = row_loss(s, z + n * classes, p + n * classes, classes, s->rows[n]);
        total += loss;
        if (each)
            result->values[n] = (tarn_real)loss;
    }
    if (!each)
        result->values[0] = (tarn_real)(a.reduction == TARN_MEAN ? total / (double)rows : total);
    return result;
}
