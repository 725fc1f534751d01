/*
 * Inverted dropout (Srivastava et al. 2014).
 *
 *     y = x / (1 - p) with probability 1 - p, else 0
 *     dx = dy / (1 - p) where x was kept, else 0
 *
 * Whether element i is kept depends on the state of the generator and on i alone, so backward asks
 * again instead of keeping a mask.
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/kernels/kernels.h"
#include "core/op.h"
#include "core/ops.h"

/* y = x times the mask. */
typedef struct job {
    const tarn__dropout *mask;
    int64_t n;
    const tarn_real *x;
    tarn__target y;
} job;

static void apply(const void *context, int64_t first_chunk, int64_t end_chunk)
{
    const job *j = context;
    for (int64_t k = first_chunk; k < end_chunk; k++) {
        const int64_t first = k * TARN__CHUNK; /* which is even */
        tarn__dropout piece = *j->mask;
        piece.random += (uint64_t)first / 2 * TARN__RANDOM_STEP;
        tarn__kernels_in_use()->dropout(&piece, tarn__chunk(first, j->n), j->x + first,
                                        (tarn__target){j->y.values + first, j->y.add});
    }
}

static void dropout_backward(const tarn_node *node)
{
    job j = {.mask = node->saved, .n = tarn_size(node->output), .x = tarn_gradients(node->output)};
    j.y.values = tarn_op_gradient_to_write(node->inputs[0], &j.y.add);
    if (j.y.values)
        tarn__share(tarn__chunks(j.n), j.n, apply, &j);
}

static const tarn_op dropout = {"dropout", dropout_backward};

tarn_tensor *tarn_dropout(tarn_tensor *x, double p)
{
    if (x && !(p >= 0 && p <= 1))
        return tarn_fail("dropout: the probability is %g, expects 0 to 1", p);
    tarn_tensor *result = tarn_op_result(&dropout, tarn_shape_get(x), x);
    tarn__dropout *mask = result ? tarn_op_save(result, sizeof *mask) : NULL;
    if (!mask)
        return NULL;
    const int64_t n = tarn_size(x);
    *mask = (tarn__dropout){.random = tarn__random_reserve((n + 1) / 2)};
    if (p < 1) { /* else the factor of all is 0 */
        mask->threshold = (uint32_t)(p * 0x1p32);
        mask->factor = (tarn_real)(1 / (1 - p));
    }
    tarn__share(tarn__chunks(n), n, apply,
                &(job){mask, n, tarn_values(x), {tarn_values(result), false}});
    return result;
}
