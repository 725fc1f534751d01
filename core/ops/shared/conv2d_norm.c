/*
 * Convolution and batch normalization in one operation, with the sum of a residual connection and
 * ReLU behind them (core/ops/conv2d.c and batch_norm2d.c have the formulas).
 *
 *     z = conv2d(x, w) + bias         y = batch_norm(z) + skip, and max(y, 0) if asked
 *     g = dy                          dy where ReLU let y pass, else 0
 *     dskip = g
 *     dz = batch normalization's dx for g;  dx, dw, dbias = the convolution's for dz
 *
 * The statistics of z are summed while the convolution writes it. Backward makes dz image by image,
 * and computes dx and dw from it while it is in the cache; so neither dz nor what would be between
 * normalization and sum is ever in memory.
 */
#include <string.h>

#include "core/ops/conv2d.h"
#include "core/ops/shared/batch_norm.h"
#include "core/ops/shared/conv2d_norm.h"

/* Kept for backward. */
typedef struct kept {
    tarn__conv2d sizes;
    tarn__norm norm;
    tarn_real *z; /* what the result was made of, overwritten by it where nothing is recorded */
} kept;

/* The inputs are x, then the skip if there is one, and from there on these; BIAS may be missing. */
enum { WEIGHT, GAMMA, BETA, BIAS, MOST_INPUTS = 6 };

static tarn_tensor *input_of(const tarn_node *node, int which)
{
    const kept *k = node->saved;
    const int at = 1 + (k->norm.s.skip != NULL) + which;
    return at < node->input_count ? node->inputs[at] : NULL;
}

static tarn__target gradient_of(tarn_tensor *input)
{
    tarn__target to = {NULL, false};
    if (input)
        to.values = tarn_op_gradient_to_write(input, &to.add);
    return to;
}

/* The gradients, in the order in which they are written. */
static void ask_for_gradients(const tarn_node *node, tarn__conv2d_gradients *g,
                              tarn__norm_behind *norm, tarn__target *dgamma, tarn__target *dbeta)
{
    *dgamma = gradient_of(input_of(node, GAMMA));
    *dbeta = gradient_of(input_of(node, BETA));
    norm->dskip = gradient_of(norm->s.skip ? node->inputs[1] : NULL);
    g->dx = gradient_of(node->inputs[0]);
    g->dweight = gradient_of(input_of(node, WEIGHT));
    g->dbias = gradient_of(input_of(node, BIAS));
}

static void conv2d_norm_backward(const tarn_node *node)
{
    const kept *k = node->saved;
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const size_t channels = (size_t)k->norm.s.channels;
    tarn__norm_behind norm = {.s = k->norm.s, .z = k->z};
    norm.s.y = node->output->values;
    tarn__conv2d_gradients g = {.x = node->inputs[0]->values,
                                .weight = input_of(node, WEIGHT)->values,
                                .dy = tarn_gradients(node->output),
                                .norm = &norm};
    tarn__target dgamma, dbeta;
    ask_for_gradients(node, &g, &norm, &dgamma, &dbeta);

    tarn__arena_position mark = tarn__scratch_push();
    void *for_norm = tarn__scratch_take(kernels->batch_norm_workspace(&norm.s));
    void *for_conv =
        tarn__scratch_take(tarn__conv2d_kernels()->conv2d_backward_workspace(&k->sizes));
    double *sum = tarn__scratch_take(channels * 2 * sizeof *sum), *product = sum + channels;
    tarn_real *of_x = tarn__scratch_take(channels * 2 * sizeof *of_x), *constant = of_x + channels;
    if (for_norm && for_conv && sum && of_x) {
        if (k->norm.training || dgamma.values || dbeta.values)
            kernels->batch_norm_gradient_sums(&norm.s, k->z, g.dy, sum, product, for_norm);
        tarn__norm_gradients(&k->norm, sum, product, dgamma, dbeta);
        tarn__norm_join_gradients(&k->norm, sum);
        norm.back = tarn__norm_back(&k->norm, sum, product, of_x, constant);
        tarn__conv2d_kernels()->conv2d_backward(&k->sizes, &g, for_conv);
    }
    tarn__scratch_pop(mark);
}

/* Named by what runs in the pass. */
static const tarn_op plain = {"conv2d+batch_norm2d", conv2d_norm_backward};
static const tarn_op with_relu = {"conv2d+batch_norm2d+relu", conv2d_norm_backward};
static const tarn_op with_sum = {"conv2d+batch_norm2d+add", conv2d_norm_backward};
static const tarn_op with_both = {"conv2d+batch_norm2d+add_relu", conv2d_norm_backward};

/* Whether the skip can be added in the pass: it has the result's shape, and is no other part of the
   tensor that x is one of, as their gradients would overlap in the middle of an image. */
static bool can_add(const tarn__sum_behind *behind, const tarn_tensor *x, tarn_shape result)
{
    tarn_tensor *skip = behind ? behind->skip : NULL;
    return skip && tarn_shape_equal(skip->shape, result) &&
           (skip->values == x->values || tarn__holder(skip) != (x->base ? x->base : x));
}

/* The result with what is kept, none of it computed. */
static tarn_tensor *new_result(const tarn_conv2d_args *conv, const tarn_batch_norm2d_args *norm,
                               tarn_tensor *skip, const tarn__conv2d *s, kept **saved)
{
    const tarn_shape shape = tarn_shape(s->n, s->oh, s->ow, s->o);
    const tarn_op *op = skip         ? norm->relu ? &with_both : &with_sum
                        : norm->relu ? &with_relu
                                     : &plain;
    tarn_tensor *const all[] = {conv->x, skip, conv->weight, norm->gamma, norm->beta, conv->bias};
    tarn_tensor *inputs[MOST_INPUTS];
    int count = 0;
    for (int i = 0; i < MOST_INPUTS; i++)
        if (all[i])
            inputs[count++] = all[i];
    tarn_tensor *result = tarn_op_result_of(op, shape, count, inputs);
    if (!result)
        return NULL;
    const size_t head = (sizeof(kept) + tarn__norm_bytes(shape) + TARN__ALIGNMENT - 1) /
                        TARN__ALIGNMENT * TARN__ALIGNMENT;
    const bool keeps = result->requires_grad;
    const size_t z_bytes = keeps ? (size_t)result->size * sizeof(tarn_real) : 0;
    kept *k = tarn_op_save(result, head + z_bytes);
    if (!k)
        return NULL;
    *k = (kept){*s, tarn__norm_set_up(norm, shape, k + 1),
                keeps ? (tarn_real *)((char *)k + head) : result->values};
    k->norm.s.skip = skip ? skip->values : NULL;
    *saved = k;
    return result;
}

/* What the kernels need, of the tape's memory; any of it NULL when memory runs out. */
typedef struct room {
    void *for_conv, *for_norm;
    double *distance, *variance;
    tarn_real *weight, *bias; /* folded */
} room;

static bool take_room(const tarn_conv2d_args *conv, const kept *k, room *r)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const size_t channels = (size_t)k->norm.s.channels;
    r->for_conv = tarn__scratch_take(tarn__conv2d_kernels()->conv2d_forward_workspace(&k->sizes));
    r->for_norm = tarn__scratch_take(kernels->batch_norm_workspace(&k->norm.s));
    r->distance = tarn__scratch_take(channels * 2 * sizeof *r->distance);
    r->weight = tarn__scratch_take((size_t)conv->weight->size * sizeof *r->weight);
    r->bias = tarn__scratch_take(channels * sizeof *r->bias);
    r->variance = r->distance + channels;
    return r->for_conv && r->for_norm && r->distance && r->weight && r->bias;
}

/* Multiplies the map of normalization into weights and bias, and leaves none of it. False, with the
   map as it was, where they would be too large to compute with. */
static bool fold(const tarn_conv2d_args *conv, const tarn__norm *n, const room *r)
{
    const int64_t size = conv->weight->size, channels = n->s.channels;
    for (int64_t i = 0; i < size; i++)
        r->weight[i] = conv->weight->values[i] * n->scale[i % channels];
    if (tarn__conv2d_is_too_large(size, r->weight))
        return false;
    for (int64_t c = 0; c < channels; c++) {
        const tarn_real before = (conv->bias ? conv->bias->values[c] : 0) - n->centre[c];
        r->bias[c] = before * n->scale[c] + n->shift[c];
        n->centre[c] = n->shift[c] = 0;
        n->scale[c] = 1;
    }
    return true;
}

/* Where nothing is recorded there is no gradient either: the map is folded into the weights, and
   the sum with the skip alone is a pass of its own. */
static bool evaluate_folded(const tarn_conv2d_args *conv, const kept *k, const room *r,
                            tarn_real *y)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn__conv2d s = k->sizes;
    s.relu = k->norm.s.relu && !k->norm.s.skip;
    if (k->z != y || !fold(conv, &k->norm, r))
        return false;
    tarn__conv2d_kernels()->conv2d_forward(&s, conv->x->values, r->weight, r->bias, y, NULL,
                                           r->for_conv);
    if (k->norm.s.skip)
        kernels->batch_norm_forward(&k->norm.s, y, y, r->for_norm);
    return true;
}

static bool compute(const tarn_conv2d_args *conv, const tarn_batch_norm2d_args *norm, kept *k,
                    tarn_real *y)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn_real *x = conv->x->values, *weight = conv->weight->values;
    const tarn_real *bias = conv->bias ? conv->bias->values : NULL;
    room r;
    if (!take_room(conv, k, &r))
        return false;
    if (norm->training) {
        tarn__conv2d_kernels()->conv2d_statistics(&k->sizes, x, weight, bias, k->z, r.distance,
                                                  r.variance, r.for_conv);
        tarn__norm_set_map(norm, &k->norm, k->z, r.distance, r.variance);
    } else {
        tarn__norm_set_map(norm, &k->norm, NULL, r.distance, r.variance);
        if (evaluate_folded(conv, k, &r, y))
            return true;
        tarn__conv2d_kernels()->conv2d_forward(&k->sizes, x, weight, bias, k->z, NULL, r.for_conv);
    }
    kernels->batch_norm_forward(&k->norm.s, k->z, y, r.for_norm);
    return true;
}

tarn_tensor *tarn__conv2d_norm(const tarn_conv2d_args *conv, const tarn_batch_norm2d_args *norm,
                               tarn__sum_behind *behind)
{
    tarn_conv2d_args c = *conv;
    c.relu = false, c.max_pool = 1;
    tarn_batch_norm2d_args b = *norm;
    tarn__conv2d s;
    if (!c.x || !c.weight || !b.gamma || !b.beta || !b.running_mean || !b.running_var ||
        !tarn__conv2d_check(&c, &s))
        return NULL;
    const tarn_shape shape = tarn_shape(s.n, s.oh, s.ow, s.o);
    if (!tarn__norm_check(&b, shape))
        return NULL;
    const bool adds = can_add(behind, c.x, shape);
    b.relu |= adds && behind->relu;
    s.norm = true;
    s.direct = tarn__conv2d_is_direct(&s, c.weight);
    kept *k = NULL;
    tarn_tensor *result = new_result(&c, &b, adds ? behind->skip : NULL, &s, &k);
    if (!result)
        return NULL;
    tarn_op_operations(result, tarn__conv2d_operations(&s, c.bias) +
                                   (double)result->size * (1 + b.relu + adds));
    tarn__arena_position mark = tarn__scratch_push();
    const bool complete = compute(&c, &b, k, result->values);
    tarn__scratch_pop(mark);
    if (behind)
        behind->done = adds;
    return complete ? result : NULL;
}
