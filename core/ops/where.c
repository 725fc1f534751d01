/*
 * Choice between two, with broadcasting.
 *
 *     y = a if c != 0, else b                 NaN is not 0
 *     da = dy if c != 0, else 0
 *     db = 0 if c != 0, else dy
 *
 * What is not chosen gets 0 whatever dy is, since nothing is multiplied.
 */
#include "core/base/pool.h"
#include "core/ops.h"
#include "core/ops/shared/broadcast.h"

static void where_loop(const tarn__pairing *p, int64_t n, const tarn_real *c, const tarn_real *a,
                       const tarn_real *b, tarn_real *y)
{
    if (p->a_step && p->b_step && p->c_step)
        for (int64_t i = 0; i < n; i++) {
            const tarn_real x = a[i], other = b[i];
            y[i] = c[i] != 0 ? x : other;
        }
    else
        for (int64_t i = 0; i < n; i++)
            y[i] = c[i * p->c_step] != 0 ? a[i * p->a_step] : b[i * p->b_step];
}

/* For an input that is not repeated. */
static void gradient_loop(int64_t n, const tarn_real *c, int64_t c_step, bool chosen,
                          const tarn_real *dy, tarn_real *dt)
{
    for (int64_t i = 0; i < n; i++) {
        const tarn_real passed = dy[i];
        dt[i] += (c[i * c_step] != 0) == chosen ? passed : 0;
    }
}

/* For one that is: by one thread, in order, and in double, as for other operations with
 * broadcasting. */
static void sum(const tarn_node *node, bool of_a, tarn_real *dt)
{
    const tarn__pairing *p = node->saved;
    const tarn_real *c = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    const int64_t size = tarn_size(node->inputs[of_a ? 1 : 2]);
    tarn__arena_position mark = tarn__scratch_push();
    double *sums = tarn__scratch_take((size_t)size * sizeof *sums);
    for (int64_t i = 0; sums && i < size; i++)
        sums[i] = 0;
    for (int64_t k = 0; sums && k < p->rows * p->pieces; k++) {
        const tarn__piece at = tarn__piece_of(p, k);
        double *const into = sums + (of_a ? at.a : at.b);
        for (int64_t i = 0; i < at.count; i++)
            if ((c[at.c + i * p->c_step] != 0) == of_a)
                into[i * (of_a ? p->a_step : p->b_step)] += dy[at.result + i];
    }
    for (int64_t i = 0; sums && i < size; i++)
        dt[i] += (tarn_real)sums[i];
    tarn__scratch_pop(mark);
}

/* Pieces of the result, or of the gradient of a, or of b. */
typedef struct job {
    const tarn__pairing *p;
    const tarn_real *c, *a, *b, *dy;
    tarn_real *y, *dt;
    bool of_a;
} job;

static void forward_pieces(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = tarn__piece_of(j->p, k);
        where_loop(j->p, at.count, j->c + at.c, j->a + at.a, j->b + at.b, j->y + at.result);
    }
}

static void gradient_pieces(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = tarn__piece_of(j->p, k);
        gradient_loop(at.count, j->c + at.c, j->p->c_step, j->of_a, j->dy + at.result,
                      j->dt + at.result);
    }
}

static void where_backward(const tarn_node *node)
{
    const tarn__pairing *p = node->saved;
    const int64_t size = tarn_size(node->output);
    for (int which = 1; which <= 2; which++) {
        const bool of_a = which == 1;
        tarn_real *dt = tarn_op_gradient(node->inputs[which]);
        if (!dt)
            continue;
        if (tarn_size(node->inputs[which]) != size)
            sum(node, of_a, dt);
        else
            tarn__share(p->rows * p->pieces, size, gradient_pieces,
                        &(job){.p = p,
                               .c = tarn_values(node->inputs[0]),
                               .dy = tarn_gradients(node->output),
                               .dt = dt,
                               .of_a = of_a});
    }
}

static const tarn_op where = {"where", where_backward};

tarn_tensor *tarn_where(tarn_tensor *condition, tarn_tensor *a, tarn_tensor *b)
{
    tarn__pairing pairing;
    if (!condition || !a || !b || !tarn__pair_of_three(where.name, a, b, condition, &pairing))
        return NULL;
    tarn_tensor *result = tarn_op_result(&where, pairing.result, condition, a, b);
    tarn__pairing *p = result ? tarn_op_save(result, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = pairing;
    tarn__share(
        p->rows * p->pieces, result->size, forward_pieces,
        &(job){
            .p = p, .c = condition->values, .a = a->values, .b = b->values, .y = result->values});
    return result;
}
