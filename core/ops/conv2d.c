/*
 * Convolution of (N,H,W,C) images by (KH,KW,C/groups,O) weights, as in core/ops.h.
 *
 *     y[n,i,j,o] = bias[o] + sum over p,q,c of x[n, i s - pad + p d, j s - pad + q d, c] w[p,q,c,o]
 *     dx[n,k,l,c] = sum over p,q,o of dy[n,i,j,o] w[p,q,c,o], i and j being those for which
 *                   i s - pad + p d = k and j s - pad + q d = l, if there are any
 *     dw[p,q,c,o] = sum over n,i,j of x[n, i s - pad + p d, j s - pad + q d, c] dy[n,i,j,o]
 *     dbias[o] = sum over n,i,j of dy[n,i,j,o]
 *
 * So each product of the first line occurs once in each of the next two, and these are convolutions
 * as well: docs/book/2-backprop.md shows of what.
 *
 * Relu, and a max_pool2d whose windows do not overlap, may follow in the same pass: then the sums
 * are not kept, and backward visits only those that have a gradient.
 *
 * The loops are in core/kernels/conv/convolve.c, conv2d_forward.c and conv2d_backward.c, and in
 * plain form in naive.c.
 */
#include "core/ops/shared/conv2d.h"
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* What backward needs beside inputs and output. */
typedef struct conv2d_state {
    tarn__conv2d sizes;
    uint8_t *winners; /* with max_pool only */
} conv2d_state;

static void conv2d_backward(const tarn_node *node)
{
    const conv2d_state *state = node->saved;
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn_tensor *bias = node->input_count == 3 ? node->inputs[2] : NULL;
    tarn__conv2d_gradients g = {.x = node->inputs[0]->values,
                                .weight = node->inputs[1]->values,
                                .dy = tarn_gradients(node->output),
                                .y = node->output->values,
                                .winners = state->winners};
    /* Gradients live longer than scratch memory, so they are asked for first. */
    g.dx.values = tarn_op_gradient_to_write(node->inputs[0], &g.dx.add);
    g.dweight.values = tarn_op_gradient_to_write(node->inputs[1], &g.dweight.add);
    if (bias)
        g.dbias.values = tarn_op_gradient_to_write(bias, &g.dbias.add);

    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->conv2d_backward_workspace(&state->sizes));
    if (workspace)
        kernels->conv2d_backward(&state->sizes, &g, workspace);
    tarn__scratch_pop(mark);
}

_Static_assert((int)TARN_CONV2D_MOST_POOL <= (int)TARN__MOST_POOL, "a winner is a byte");

/* Named by what runs in the pass. */
static const tarn_op plain = {"conv2d", conv2d_backward};
static const tarn_op with_relu = {"conv2d+relu", conv2d_backward};
static const tarn_op with_pool = {"conv2d+max_pool", conv2d_backward};
static const tarn_op with_both = {"conv2d+relu+max_pool", conv2d_backward};

/* The extent of the output along one axis; at most 0 if the kernel does not fit. */
static int64_t output_extent(int64_t input, int64_t kernel, const tarn_conv2d_args *a)
{
    int64_t reach = (int64_t)a->dilation * (kernel - 1) + 1;
    int64_t room = input + 2 * (int64_t)a->padding - reach;
    return room < 0 ? 0 : room / a->stride + 1;
}

/* Whether the weight and the bias, if there is one, are for such an input. */
static bool check_shapes(const tarn_conv2d_args *a)
{
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    if (x.ndim != 4)
        return tarn_fail("conv2d: input %s, expects (N,H,W,C)", tarn_shape_to_text(x).text);
    if (w.ndim != 4 || w.dim[0] < 1 || w.dim[1] < 1 || w.dim[0] > INT32_MAX || w.dim[1] > INT32_MAX)
        return tarn_fail("conv2d: weight %s, expects (KH,KW,C/groups,O)",
                         tarn_shape_to_text(w).text);
    if (a->groups == 1 && x.dim[3] != w.dim[2])
        return tarn_fail("conv2d: input %s has %lld channels, weight %s expects %lld",
                         tarn_shape_to_text(x).text, (long long)x.dim[3],
                         tarn_shape_to_text(w).text, (long long)w.dim[2]);
    if (x.dim[3] % a->groups != 0 || x.dim[3] / a->groups != w.dim[2] || w.dim[3] % a->groups != 0)
        return tarn_fail("conv2d: input %s and weight %s do not divide into %d groups, expects "
                         "(N,H,W,C) and (KH,KW,C/groups,O), groups dividing C and O",
                         tarn_shape_to_text(x).text, tarn_shape_to_text(w).text, a->groups);
    if (a->bias && !tarn_shape_equal(a->bias->shape, tarn_shape(w.dim[3])))
        return tarn_fail("conv2d: bias %s, expects (%lld)", tarn_shape_to_text(a->bias->shape).text,
                         (long long)w.dim[3]);
    return true;
}

static tarn__conv2d sizes_of(const tarn_conv2d_args *a)
{
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    return (tarn__conv2d){.n = x.dim[0],
                          .h = x.dim[1],
                          .w = x.dim[2],
                          .c = x.dim[3],
                          .kh = w.dim[0],
                          .kw = w.dim[1],
                          .o = w.dim[3],
                          .oh = output_extent(x.dim[1], w.dim[0], a),
                          .ow = output_extent(x.dim[2], w.dim[1], a),
                          .stride = a->stride,
                          .padding = a->padding,
                          .dilation = a->dilation,
                          .groups = a->groups,
                          .relu = a->relu,
                          .pool = a->max_pool};
}

bool tarn__conv2d_check(const tarn_conv2d_args *a, tarn__conv2d *s)
{
    if (a->stride < 1 || a->padding < 0 || a->dilation < 1 || a->groups < 1)
        return tarn_fail("conv2d: stride %d, padding %d, dilation %d, groups %d, expects stride, "
                         "dilation and groups of at least 1 and padding of at least 0",
                         a->stride, a->padding, a->dilation, a->groups);
    if (!check_shapes(a))
        return false;
    *s = sizes_of(a);
    if (s->oh < 1 || s->ow < 1)
        return tarn_fail("conv2d: weight %s with padding %d and dilation %d does not fit into "
                         "input %s",
                         tarn_shape_to_text(a->weight->shape).text, a->padding, a->dilation,
                         tarn_shape_to_text(a->x->shape).text);
    if (a->max_pool < 1 || a->max_pool > TARN_CONV2D_MOST_POOL || a->max_pool > s->oh ||
        a->max_pool > s->ow)
        return tarn_fail("conv2d: max_pool is %d, expects 1 to %d and no more than the %lld x %lld "
                         "pixels it is taken over",
                         a->max_pool, TARN_CONV2D_MOST_POOL, (long long)s->oh, (long long)s->ow);
    if (!tarn__conv2d_can_be_padded(s))
        return tarn_fail("conv2d: input %s with padding %d and dilation %d is too large",
                         tarn_shape_to_text(a->x->shape).text, a->padding, a->dilation);
    return true;
}

double tarn__conv2d_operations(const tarn__conv2d *s, bool bias)
{
    const double pixels = (double)s->n * (double)s->oh * (double)s->ow * (double)s->o;
    const double pooled = (double)s->n * (double)(s->oh / s->pool * s->pool) *
                          (double)(s->ow / s->pool * s->pool) * (double)s->o;
    const double taps = (double)s->kh * (double)s->kw * (double)(s->c / s->groups);
    return pixels * (2 * taps + bias + s->relu) + (s->pool > 1 ? pooled : 0);
}

tarn_tensor *tarn_conv2d_with(tarn_conv2d_args a)
{
    tarn__conv2d s;
    if (!a.x || !a.weight || !tarn__conv2d_check(&a, &s))
        return NULL;
    const tarn_op *op = a.max_pool > 1 ? a.relu ? &with_both : &with_pool
                        : a.relu       ? &with_relu
                                       : &plain;
    tarn_tensor *result =
        tarn_op_result_of(op, tarn_shape(s.n, s.oh / s.pool, s.ow / s.pool, s.o), a.bias ? 3 : 2,
                          (tarn_tensor *[]){a.x, a.weight, a.bias});
    if (!result)
        return NULL;
    s.direct = tarn__conv2d_is_direct(&s, a.weight);
    tarn_op_operations(result, tarn__conv2d_operations(&s, a.bias));
    const size_t winners = s.pool > 1 && result->node ? (size_t)result->size : 0;
    conv2d_state *state = tarn_op_save(result, sizeof *state + winners);
    if (!state)
        return NULL;
    *state = (conv2d_state){s, winners ? (uint8_t *)(state + 1) : NULL};

    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->conv2d_forward_workspace(&s));
    if (workspace)
        kernels->conv2d_forward(&s, a.x->values, a.weight->values, a.bias ? a.bias->values : NULL,
                                result->values, state->winners, workspace);
    tarn__scratch_pop(mark);
    return workspace ? result : NULL;
}
