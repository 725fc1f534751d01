/*
 * Kullback-Leibler divergence of the distributions p from q, given ln q, row by row.
 *
 *     l_n = sum over i of p_i (ln p_i - ln q_i), terms with p_i = 0 left out
 *     d(ln q)_i = -dl_n p_i
 *     dp_i = dl_n (ln p_i - ln q_i + 1), 0 where p_i = 0
 *     mean: L = sum of l_n / N, dl_n = dL / N;   sum: without the 1 / N;   none: l itself
 */
#include <math.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/ops/shared/loss.h"

typedef struct kl_div_state {
    tarn_reduction reduction;
    double losses[]; /* (N) */
} kl_div_state;

static inline double log_ratio(double log_q, double p)
{
    return log(p) - log_q;
}

/* One input after the other: threads would meet where the two are slices that overlap. */
static void input_gradient(const tarn_node *node, bool of_q)
{
    const kl_div_state *s = node->saved;
    const tarn_tensor *q = node->inputs[0], *p = node->inputs[1];
    const int64_t rows = q->shape.dim[0], classes = q->shape.dim[1];
    const tarn_real *dl = tarn_gradients(node->output);
    const double share = s->reduction == TARN_MEAN ? 1 / (double)rows : 1;
    tarn_real *dx = tarn_op_gradient(node->inputs[of_q ? 0 : 1]);
    if (!dx)
        return;
#pragma omp parallel for schedule(static) if (q->size >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < rows; n++) {
        const double upstream = share * dl[s->reduction == TARN_NONE ? n : 0];
        const int64_t first = n * classes, end = first + classes;
        for (int64_t i = first; of_q && i < end; i++)
            dx[i] -= (tarn_real)(upstream * p->values[i]);
        for (int64_t i = first; !of_q && i < end; i++)
            if (p->values[i] != 0)
                dx[i] += (tarn_real)(upstream * (log_ratio(q->values[i], p->values[i]) + 1));
    }
}

static void kl_div_backward(const tarn_node *node)
{
    input_gradient(node, true);
    input_gradient(node, false);
}

static const tarn_op kl_div = {"kl_div", kl_div_backward};

static bool check(const tarn_kl_div_args *a)
{
    const tarn_shape shape = a->log_q->shape;
    if (shape.ndim != 2)
        return tarn_fail("kl_div: log_q %s, expects (N,classes)", tarn_shape_to_text(shape).text);
    return tarn__check_same_shape("kl_div", a->log_q, a->p) &&
           tarn__check_range("kl_div", "p", a->p, 0, INFINITY) &&
           tarn__check_reduction("kl_div", a->reduction);
}

tarn_tensor *tarn_kl_div_with(tarn_kl_div_args a)
{
    if (!a.log_q || !a.p || !check(&a))
        return NULL;
    const int64_t rows = a.log_q->shape.dim[0], classes = a.log_q->shape.dim[1];
    const bool each = a.reduction == TARN_NONE;
    tarn_tensor *result =
        tarn_op_result(&kl_div, each ? tarn_shape(rows) : tarn_shape(), a.log_q, a.p);
    kl_div_state *s =
        result ? tarn_op_save(result, sizeof *s + (size_t)rows * sizeof *s->losses) : NULL;
    if (!s)
        return NULL;
    s->reduction = a.reduction;
    const tarn_real *q = a.log_q->values, *p = a.p->values;
#pragma omp parallel for schedule(static) if (rows * classes >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < rows; n++) {
        double sum = 0;
        for (int64_t i = n * classes; i < (n + 1) * classes; i++)
            sum += p[i] == 0 ? 0 : p[i] * log_ratio(q[i], p[i]);
        s->losses[n] = sum;
    }
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        total += s->losses[n];
        if (each)
            result->values[n] = (tarn_real)s->losses[n];
    }
    if (!each)
        result->values[0] = (tarn_real)(a.reduction == TARN_MEAN ? total / (double)rows : total);
    return result;
}
