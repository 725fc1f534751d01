/*
 * Inverted dropout (Srivastava et al. 2014).
 *
 *     y = x / (1 - p) with probability 1 - p, else 0
 *     dx = dy / (1 - p) where x was kept, else 0
 *
 * Whether element i is kept depends on the state of the generator and on i alone, so backward asks
 * again instead of keeping a mask.
 */
#include "core/error.h"
#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"
#include "core/random_internal.h"

typedef struct dropout_state {
    uint64_t random;
    uint64_t threshold; /* of 2^32: element i is kept if its 32 random bits are at least that */
    tarn_real factor;
} dropout_state;

/* What element i is multiplied by; NaN stays NaN even where that is 0. Each output of the generator
   decides on two elements. */
static tarn_real mask(const dropout_state *s, int64_t i)
{
    uint64_t bits = tarn__random_at(s->random, i / 2);
    return (i % 2 ? bits >> 32 : bits & 0xFFFFFFFF) >= s->threshold ? s->factor : 0;
}

static void dropout_backward(const tarn_node *node)
{
    const tarn_real *dy = tarn_gradients(node->output);
    const dropout_state s = *(const dropout_state *)node->saved;
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] * mask(&s, i);
}

static const tarn_op dropout = {"dropout", dropout_backward};

tarn_tensor *tarn_dropout(tarn_tensor *x, double p)
{
    if (x && !(p >= 0 && p <= 1))
        return tarn_fail("dropout: the probability is %g, expects 0 to 1", p);
    tarn_tensor *result = tarn_op_result(&dropout, tarn_shape_get(x), x);
    dropout_state *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = (dropout_state){.random = tarn__random_reserve((tarn_size(x) + 1) / 2),
                             .threshold = (uint64_t)(p * 0x1p32),
                             .factor = p < 1 ? (tarn_real)(1 / (1 - p)) : 0};
    const dropout_state s = *saved;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = in[i] * mask(&s, i);
    return result;
}
