#include "core/ops/shared/unary.h"

#include "core/base/pool.h"

/* All elements, of which threads take some chunks each. */
typedef struct job {
    const tarn__unary *unary; /* its formulas */
    tarn__elements all;
    tarn_real *to; /* y, or dx */
    bool add;      /* to dx */
} job;

static tarn__elements chunk_of(const tarn__elements *all, int64_t first)
{
    tarn__elements e = *all;
    e.count = tarn__chunk(first, all->count);
    e.x += first;
    if (e.dy) {
        e.y += first;
        e.dy += first;
    }
    return e;
}

static void forward_chunks(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__elements e = chunk_of(&j->all, k * TARN__CHUNK);
        j->unary->forward(&e, j->to + k * TARN__CHUNK);
    }
}

static void backward_chunks(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__elements e = chunk_of(&j->all, k * TARN__CHUNK);
        tarn_real passed[TARN__CHUNK], *dx = j->to + k * TARN__CHUNK;
        j->unary->gradient(&e, j->add ? passed : dx);
        for (int64_t i = 0; j->add && i < e.count; i++)
            dx[i] += passed[i];
    }
}

void tarn__unary_backward(const tarn_node *node)
{
    const tarn_real *number = node->saved;
    job j = {.unary = (const tarn__unary *)node->op, /* the operation is its first member */
             .all = {.count = tarn_size(node->output),
                     .x = tarn_values(node->inputs[0]),
                     .y = tarn_values(node->output),
                     .dy = tarn_gradients(node->output),
                     .number = {number[0], number[1]}}};
    j.to = tarn_op_gradient_to_write(node->inputs[0], &j.add);
    if (j.to)
        tarn__share(tarn__chunks(j.all.count), j.all.count, backward_chunks, &j);
}

tarn_tensor *tarn__unary_result(const tarn__unary *unary, tarn_tensor *x, double number0,
                                double number1)
{
    tarn_tensor *result = tarn_op_result(&unary->op, tarn_shape_get(x), x);
    tarn_real *number = result ? tarn_op_save(result, 2 * sizeof *number) : NULL;
    if (!number)
        return NULL;
    number[0] = (tarn_real)number0;
    number[1] = (tarn_real)number1;
    const job j = {
        .unary = unary,
        .all = {.count = tarn_size(x), .x = tarn_values(x), .number = {number[0], number[1]}},
        .to = tarn_values(result)};
    tarn__share(tarn__chunks(j.all.count), j.all.count, forward_chunks, &j);
    return result;
}
