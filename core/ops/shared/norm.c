#include "core/ops/shared/norm.h"

#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"

enum { MOST_PARTS = 16, CACHE_LINE = 64 };

tarn__set tarn__set_of(tarn_real origin, double distance, double variance, double eps)
{
    const tarn_real centre = (tarn_real)((double)origin + distance);
    return (tarn__set){centre, (double)origin - (double)centre + distance,
                       1 / sqrt(variance + eps)};
}

tarn__set_back tarn__set_back_of(const tarn__set *s, double n, double sum, double product)
{
    const double b = s->inverse * (product - s->rest * sum);
    const double of_x = -s->inverse * s->inverse * b / n;
    return (tarn__set_back){(tarn_real)of_x, (tarn_real)(-s->inverse * sum / n - of_x * s->rest)};
}

static int64_t count_parts(const tarn__norm *norm)
{
    return norm->items < MOST_PARTS ? norm->items : MOST_PARTS;
}

/* Forward, which writes y, or backward, which writes dx and sums. */
typedef struct job {
    const tarn__norm *norm;
    const tarn_real *x, *gamma, *beta, *dy;
    tarn_real *y;
    tarn__target dx;
    void *workspace; /* of all parts */
    double *sums;    /* their dgamma and dbeta */
} job;

static tarn__norm_part part_of(const job *j, int64_t k)
{
    const tarn__norm *norm = j->norm;
    const int64_t parts = count_parts(norm);
    double *dgamma = j->sums ? j->sums + 2 * k * norm->channels : NULL;
    return (tarn__norm_part){.first = norm->items * k / parts,
                             .end = norm->items * (k + 1) / parts,
                             .workspace = (char *)j->workspace + (size_t)k * norm->workspace,
                             .dgamma = dgamma,
                             .dbeta = dgamma ? dgamma + norm->channels : NULL};
}

static void forward_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__norm_part part = part_of(j, k);
        j->norm->forward(j->norm, &part, j->x, j->gamma, j->beta, j->y);
    }
}

static void backward_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const tarn__norm_part part = part_of(j, k);
        j->norm->backward(j->norm, &part, j->x, j->gamma, j->dy, j->dx);
    }
}

/* The sum over the parts; from is the first of them. */
static void write_sums(const tarn__norm *norm, const double *from, tarn__target to)
{
    for (int64_t c = 0; to.values && c < norm->channels; c++) {
        double sum = to.add ? (double)to.values[c] : 0;
        for (int64_t k = 0; k < count_parts(norm); k++)
            sum += from[2 * k * norm->channels + c];
        to.values[c] = (tarn_real)sum;
    }
}

void tarn__norm_backward(const tarn_node *node)
{
    const tarn__norm *norm = node->saved;
    job j = {.norm = norm,
             .x = node->inputs[0]->values,
             .gamma = node->inputs[1]->values,
             .dy = tarn_gradients(node->output)};
    const size_t parts = (size_t)count_parts(norm);

    /* Gradients live longer than scratch memory, so they are asked for first, and are written in
       the order in which they are asked for. */
    tarn__target dgamma, dbeta;
    j.dx.values = tarn_op_gradient_to_write(node->inputs[0], &j.dx.add);
    dgamma.values = tarn_op_gradient_to_write(node->inputs[1], &dgamma.add);
    dbeta.values = tarn_op_gradient_to_write(node->inputs[2], &dbeta.add);

    tarn__arena_position mark = tarn__scratch_push();
    j.workspace = tarn__scratch_take(parts * norm->workspace);
    const size_t bytes = parts * 2 * (size_t)norm->channels * sizeof(double);
    j.sums = tarn__scratch_take(bytes);
    if (j.workspace && j.sums) {
        memset(j.sums, 0, bytes);
        tarn__share((int64_t)parts, norm->items * norm->size, backward_parts, &j);
        write_sums(norm, j.sums, dgamma);
        write_sums(norm, j.sums + norm->channels, dbeta);
    }
    tarn__scratch_pop(mark);
}

static bool check(const char *op, const tarn_tensor *x, const tarn_tensor *gamma,
                  const tarn_tensor *beta, tarn_shape shape, double eps)
{
    const tarn_tensor *wrong = tarn_shape_equal(gamma->shape, shape) ? beta : gamma;
    if (!tarn_shape_equal(wrong->shape, shape))
        return tarn_fail("%s: %s %s, input %s expects %s", op, wrong == gamma ? "gamma" : "beta",
                         tarn_shape_to_text(wrong->shape).text, tarn_shape_to_text(x->shape).text,
                         tarn_shape_to_text(shape).text);
    if (!(eps > 0 && eps < INFINITY))
        return tarn_fail("%s: eps is %g, expects a finite number above 0", op, eps);
    return true;
}

tarn_tensor *tarn__normalize(const tarn_op *op, tarn_tensor *x, tarn_tensor *gamma,
                             tarn_tensor *beta, tarn_shape shape, tarn__norm norm)
{
    if (!x || !gamma || !beta || !check(op->name, x, gamma, beta, shape, norm.eps))
        return NULL;
    tarn_tensor *result = tarn_op_result(op, x->shape, x, gamma, beta);
    const size_t sets = (size_t)(norm.items * norm.groups);
    tarn__norm *kept =
        result ? tarn_op_save(result, sizeof *kept + sets * sizeof *kept->sets) : NULL;
    if (!kept)
        return NULL;
    *kept = norm;
    kept->sets = (tarn__set *)(kept + 1);
    kept->workspace = (norm.workspace + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take((size_t)count_parts(kept) * kept->workspace);
    if (workspace)
        tarn__share(count_parts(kept), kept->items * kept->size, forward_parts,
                    &(job){.norm = kept,
                           .x = x->values,
                           .gamma = gamma->values,
                           .beta = beta->values,
                           .y = result->values,
                           .workspace = workspace});
    tarn__scratch_pop(mark);
    return workspace ? result : NULL;
}
