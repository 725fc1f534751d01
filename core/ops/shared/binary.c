#include "core/ops/shared/binary.h"

#include "core/base/pool.h"

/* The loops over all pieces of a result. */
typedef struct forward_job {
    const tarn__pairing *p;
    tarn__binary_loop *loop;
    const tarn_real *a, *b;
    tarn_real *y;
} forward_job;

static void forward_pieces(const void *context, int64_t first, int64_t end)
{
    const forward_job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = tarn__piece_of(j->p, k);
        j->loop(at.count, j->a + at.a, j->p->a_step, j->b + at.b, j->p->b_step, j->y + at.result);
    }
}

tarn_tensor *tarn__binary(const tarn_op *op, tarn_tensor *a, tarn_tensor *b,
                          tarn__binary_loop *loop)
{
    tarn__pairing pairing;
    if (!a || !b || !tarn__pair(op->name, a, b, &pairing))
        return NULL;
    tarn_tensor *result = tarn_op_result(op, pairing.result, a, b);
    tarn__pairing *p = result ? tarn_op_save(result, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = pairing;
    tarn__share(p->rows * p->pieces, result->size, forward_pieces,
                &(forward_job){p, loop, a->values, b->values, result->values});
    return result;
}

/* For an input that is repeated: several rows add to the same elements, so they are taken in order,
   by one thread. */
static void sum(const tarn_node *node, int which, tarn__sum_loop *loop, tarn_real *dt)
{
    const tarn__pairing *p = node->saved;
    const tarn_tensor *a = node->inputs[0], *b = node->inputs[1], *t = node->inputs[which];
    const tarn_real *dy = tarn_gradients(node->output);
    tarn__arena_position mark = tarn__scratch_push();
    double *sums = tarn__scratch_take((size_t)t->size * sizeof *sums);
    for (int64_t i = 0; sums && i < t->size; i++)
        sums[i] = 0;
    for (int64_t k = 0; sums && k < p->rows * p->pieces; k++) {
        tarn__piece at = tarn__piece_of(p, k);
        loop(p, at.count, a->values + at.a, b->values + at.b, dy + at.result,
             sums + (which == 0 ? at.a : at.b), which == 0 ? p->a_step : p->b_step);
    }
    for (int64_t i = 0; sums && i < t->size; i++)
        dt[i] += (tarn_real)sums[i];
    tarn__scratch_pop(mark);
}

/* Those over all pieces of a gradient. */
typedef struct gradient_job {
    const tarn__pairing *p;
    tarn__gradient_loop *loop;
    const tarn_real *a, *b, *dy;
    tarn__target dt;
} gradient_job;

static void gradient_pieces(const void *context, int64_t first, int64_t end)
{
    const gradient_job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = tarn__piece_of(j->p, k);
        j->loop(j->p, at.count, j->a + at.a, j->b + at.b, j->dy + at.result,
                (tarn__target){j->dt.values + at.result, j->dt.add});
    }
}

void tarn__binary_gradient(const tarn_node *node, int which, tarn__gradient_loop *loop,
                           tarn__sum_loop *sum_loop)
{
    const tarn__pairing *p = node->saved;
    const tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const tarn_real *dy = tarn_gradients(node->output);
    if (node->inputs[which]->size != node->output->size) {
        tarn_real *sums = tarn_op_gradient(node->inputs[which]);
        if (sums)
            sum(node, which, sum_loop, sums);
        return;
    }
    tarn__target dt;
    dt.values = tarn_op_gradient_to_write(node->inputs[which], &dt.add);
    if (dt.values)
        tarn__share(p->rows * p->pieces, node->output->size, gradient_pieces,
                    &(gradient_job){p, loop, a->values, b->values, dy, dt});
}
