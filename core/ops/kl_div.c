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
#include "core/base/pool.h"
#include "core/ops/shared/loss.h"

typedef struct kl_div_state {
    tarn_reduction reduction;
    double losses[]; /* (N) */
} kl_div_state;

static inline double log_ratio(double log_q, double p)
{
    return log(p) - log_q;
}

typedef struct job {
    int64_t classes;
    const tarn_real *q, *p; /* of q the logarithms */
    double *losses;         /* forward */
    double share;           /* backward */
    bool each;
    const tarn_real *dl;
    tarn_real *dx;
} job;

static double upstream(const job *j, int64_t row)
{
    return j->share * j->dl[j->each ? row : 0];
}

static void gradients_of_q(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t n = first; n < end; n++) {
        const double dl = upstream(j, n);
        for (int64_t i = n * j->classes; i < (n + 1) * j->classes; i++)
            j->dx[i] -= (tarn_real)(dl * j->p[i]);
    }
}

static void gradients_of_p(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t n = first; n < end; n++) {
        const double dl = upstream(j, n);
        for (int64_t i = n * j->classes; i < (n + 1) * j->classes; i++)
            if (j->p[i] != 0)
                j->dx[i] += (tarn_real)(dl * (log_ratio(j->q[i], j->p[i]) + 1));
    }
}

/* One input after the other: threads would meet where the two are slices that overlap. */
static void kl_div_backward(const tarn_node *node)
{
    const kl_div_state *s = node->saved;
    const tarn_tensor *q = node->inputs[0], *p = node->inputs[1];
    const int64_t rows = q->shape.dim[0];
    job j = {.classes = q->shape.dim[1],
             .q = q->values,
             .p = p->values,
             .share = s->reduction == TARN_MEAN ? 1 / (double)rows : 1,
             .each = s->reduction == TARN_NONE,
             .dl = tarn_gradients(node->output)};
    if ((j.dx = tarn_op_gradient(node->inputs[0])))
        tarn__share(rows, q->size, gradients_of_q, &j);
    if ((j.dx = tarn_op_gradient(node->inputs[1])))
        tarn__share(rows, q->size, gradients_of_p, &j);
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

static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t n = first; n < end; n++) {
        double sum = 0;
        for (int64_t i = n * j->classes; i < (n + 1) * j->classes; i++)
            sum += j->p[i] == 0 ? 0 : j->p[i] * log_ratio(j->q[i], j->p[i]);
        j->losses[n] = sum;
    }
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
    tarn__share(
        rows, rows * classes, forward_rows,
        &(job){.classes = classes, .q = a.log_q->values, .p = a.p->values, .losses = s->losses});
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
