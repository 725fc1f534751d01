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
#include "core/ops/conv2d.h"
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
    const tarn__kernels *kernels = tarn__conv2d_kernels();
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

/* Padding along one axis, and how many sums there are; at most 0 if the kernel does not fit. */
typedef struct axis {
    int64_t before, sums;
} axis;

static axis axis_of(int64_t size, int64_t kernel, int stride, int padding, int dilation, bool same)
{
    const int64_t reach = dilation * (kernel - 1);
    if (same)
        return (axis){reach / 2, size};
    const int64_t room = size + 2 * (int64_t)padding - reach - 1;
    return (axis){padding, room < 0 ? 0 : room / stride + 1};
}

static bool check_numbers(const tarn_conv2d_args *a, const tarn__conv2d_numbers *k)
{
    if (!tarn__pair_at_least(k->stride, 1) || !tarn__pair_at_least(k->padding, 0) ||
        !tarn__pair_at_least(k->dilation, 1) || a->groups < 1)
        return tarn_fail("conv2d: stride %s, padding %s, dilation %s, groups %d, expects stride, "
                         "dilation and groups of at least 1 and padding of at least 0",
                         tarn__pair_to_text(k->stride).text, tarn__pair_to_text(k->padding).text,
                         tarn__pair_to_text(k->dilation).text, a->groups);
    if (a->same && (k->stride.h > 1 || k->stride.w > 1 || k->padding.h > 0 || k->padding.w > 0))
        return tarn_fail("conv2d: same with stride %s and padding %s, expects stride 1 and no "
                         "other padding with it",
                         tarn__pair_to_text(k->stride).text, tarn__pair_to_text(k->padding).text);
    return true;
}

static tarn__conv2d sizes_of(const tarn_conv2d_args *a, const tarn__conv2d_numbers *k)
{
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    const axis rows =
        axis_of(x.dim[1], w.dim[0], k->stride.h, k->padding.h, k->dilation.h, a->same);
    const axis columns =
        axis_of(x.dim[2], w.dim[1], k->stride.w, k->padding.w, k->dilation.w, a->same);
    return (tarn__conv2d){.n = x.dim[0],
                          .h = x.dim[1],
                          .w = x.dim[2],
                          .c = x.dim[3],
                          .kh = w.dim[0],
                          .kw = w.dim[1],
                          .o = w.dim[3],
                          .oh = rows.sums,
                          .ow = columns.sums,
                          .stride_h = k->stride.h,
                          .stride_w = k->stride.w,
                          .top = rows.before,
                          .left = columns.before,
                          .dilation_h = k->dilation.h,
                          .dilation_w = k->dilation.w,
                          .groups = a->groups,
                          .relu = a->relu,
                          .pool = a->max_pool};
}

bool tarn__conv2d_check(const tarn_conv2d_args *a, tarn__conv2d *s)
{
    const tarn__conv2d_numbers k = {tarn__pair_of(a->stride, a->stride_w),
                                    tarn__pair_of(a->padding, a->padding_w),
                                    tarn__pair_of(a->dilation, a->dilation_w)};
    if (!check_numbers(a, &k) || !check_shapes(a))
        return false;
    *s = sizes_of(a, &k);
    const tarn__pair_text padding = tarn__pair_to_text(k.padding);
    const tarn__pair_text dilation = tarn__pair_to_text(k.dilation);
    if (s->oh < 1 || s->ow < 1)
        return tarn_fail("conv2d: weight %s with padding %s and dilation %s does not fit into "
                         "input %s",
                         tarn_shape_to_text(a->weight->shape).text, padding.text, dilation.text,
                         tarn_shape_to_text(a->x->shape).text);
    if (a->max_pool < 1 || a->max_pool > TARN_CONV2D_MOST_POOL || a->max_pool > s->oh ||
        a->max_pool > s->ow)
        return tarn_fail("conv2d: max_pool is %d, expects 1 to %d and no more than the %lld x %lld "
                         "pixels it is taken over",
                         a->max_pool, TARN_CONV2D_MOST_POOL, (long long)s->oh, (long long)s->ow);
    if (!tarn__conv2d_can_be_padded(s))
        return tarn_fail("conv2d: input %s with padding %s and dilation %s is too large",
                         tarn_shape_to_text(a->x->shape).text, padding.text, dilation.text);
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

/* A kernel of one pixel knows of no rows: images of one row spare it their ends. Not where images
   are so few that threads share their rows. */
static void join_rows(tarn__conv2d *s)
{
    enum { FEW_IMAGES = 8 };
    const bool is_padded = s->oh != s->h || s->ow != s->w || s->top > 0 || s->left > 0;
    if (s->kh != 1 || s->kw != 1 || s->pool > 1 || is_padded || s->n < FEW_IMAGES)
        return;
    s->w = s->ow = s->h * s->w;
    s->h = s->oh = s->stride_h = s->stride_w = 1;
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
    join_rows(&s);
    s.direct = tarn__conv2d_is_direct(&s, a.weight);
    tarn_op_operations(result, tarn__conv2d_operations(&s, a.bias));
    const size_t winners = s.pool > 1 && result->node ? (size_t)result->size : 0;
    conv2d_state *state = tarn_op_save(result, sizeof *state + winners);
    if (!state)
        return NULL;
    *state = (conv2d_state){s, winners ? (uint8_t *)(state + 1) : NULL};

    const tarn__kernels *kernels = tarn__conv2d_kernels();
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->conv2d_forward_workspace(&s));
    if (workspace)
        kernels->conv2d_forward(&s, a.x->values, a.weight->values, a.bias ? a.bias->values : NULL,
                                result->values, state->winners, workspace);
    tarn__scratch_pop(mark);
    return workspace ? result : NULL;
}
