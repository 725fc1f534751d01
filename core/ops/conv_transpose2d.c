/*
 * Transposed convolution: the input gradient of a convolution as an operation of its own, as in
 * core/ops.h. x (N,H,W,C), weight (KH,KW,O/groups,C), bias (O), y (N,OH,OW,O).
 *
 *     y[n, i s - pad + p d, j s - pad + q d, o] = bias[o] + sum over c of x[n,i,j,c] w[p,q,o,c],
 *                                                 summed over all (i,j,p,q) that meet there
 *     dx = the convolution of dy by w
 *     dw = the weight gradient of that convolution, dy being its input and x the gradient of its
 *          result
 *     dbias[o] = sum over n,i,j of dy[n,i,j,o]
 *
 * So the kernels are those of conv2d, of a convolution from O channels to C.
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/conv2d.h"
#include "core/ops/shared/reduce.h"
#include "core/ops/shared/rows.h"

typedef struct job {
    const tarn_real *from;
    tarn__target to;
    int64_t channels; /* of a bias */
} job;

static void put_elements(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    tarn__copy(end - first, j->from + first, j->to.values + first, j->to.add);
}

/* to = from, or to += from */
static void put(int64_t size, const tarn_real *from, tarn__target to)
{
    tarn__share(size, size, put_elements, &(job){.from = from, .to = to});
}

/* The kernel overwrites: what is to be added is computed beside. */
static void input_gradient(const tarn__conv2d *s, const tarn_real *dy, const tarn_real *weight,
                           tarn__target dx)
{
    const tarn__kernels *kernels = tarn__conv2d_kernels();
    const int64_t size = s->n * s->oh * s->ow * s->o;
    void *workspace = tarn__scratch_take(kernels->conv2d_forward_workspace(s));
    tarn_real *to = dx.add ? tarn__scratch_take((size_t)size * sizeof *to) : dx.values;
    if (!workspace || !to)
        return;
    kernels->conv2d_forward(s, dy, weight, NULL, to, NULL, workspace);
    if (dx.add)
        put(size, to, dx);
}

/* What the backward kernel of the convolution computes: the transposed convolution itself, which is
   dx, and the weight gradient. False when memory runs out. */
static bool run_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g)
{
    const tarn__kernels *kernels = tarn__conv2d_kernels();
    void *workspace = tarn__scratch_take(kernels->conv2d_backward_workspace(s));
    if (workspace)
        kernels->conv2d_backward(s, g, workspace);
    return workspace;
}

static void bias_gradient(const tarn__conv2d *s, const tarn_real *dy, tarn__target dbias)
{
    tarn_real *sums = tarn__scratch_take((size_t)s->c * sizeof *sums);
    if (!sums)
        return;
    const tarn__reduce_plan pixels = {
        .kept.count = 1, .summed.count = 1, .rows = s->n * s->h * s->w, .inner = s->c};
    tarn__reduce(&pixels, 1, dy, (tarn__means){NULL, NULL}, sums);
    put(s->c, sums, dbias);
}

static void conv_transpose2d_backward(const tarn_node *node)
{
    const tarn__conv2d *s = node->saved;
    const tarn_tensor *x = node->inputs[0], *weight = node->inputs[1];
    const tarn_real *dy = tarn_gradients(node->output);
    /* Gradients live longer than scratch memory, so they are asked for first, and are written in
       the order in which they are asked for. */
    tarn__target dx, dweight, dbias = {NULL, false};
    dx.values = tarn_op_gradient_to_write(node->inputs[0], &dx.add);
    dweight.values = tarn_op_gradient_to_write(node->inputs[1], &dweight.add);
    if (node->input_count == 3)
        dbias.values = tarn_op_gradient_to_write(node->inputs[2], &dbias.add);

    tarn__arena_position mark = tarn__scratch_push();
    if (dx.values)
        input_gradient(s, dy, weight->values, dx);
    if (dweight.values)
        run_backward(s, &(tarn__conv2d_gradients){.x = dy, .dy = x->values, .dweight = dweight});
    if (dbias.values)
        bias_gradient(s, dy, dbias);
    tarn__scratch_pop(mark);
}

static const tarn_op conv_transpose2d = {"conv_transpose2d", conv_transpose2d_backward};

/* The numbers as they hold for each axis. */
typedef struct numbers {
    tarn__conv2d_numbers k;
    tarn__pair output_padding;
} numbers;

/* The extent of the result along one axis: at most 0 if padding takes all away. */
static int64_t output_extent(int64_t input, int64_t kernel, int stride, int padding, int dilation,
                             int output_padding)
{
    return (input - 1) * stride - 2 * (int64_t)padding + dilation * (kernel - 1) + output_padding +
           1;
}

/* With extents up to this, output_extent() does not overflow. */
static bool fits(int64_t extent)
{
    return extent >= 1 && extent <= INT32_MAX;
}

/* Whether the extra rows and columns are fewer than what one step, or one tap, leaves open. */
static bool check_output_padding(const numbers *a)
{
    const tarn__pair s = a->k.stride, d = a->k.dilation, p = a->output_padding;
    return (tarn__pair_at_least(p, 0) && (p.h < s.h || p.h < d.h) && (p.w < s.w || p.w < d.w)) ||
           tarn_fail("conv_transpose2d: output_padding is %s, expects at least 0 and less than "
                     "the stride, %s, or the dilation, %s",
                     tarn__pair_to_text(p).text, tarn__pair_to_text(s).text,
                     tarn__pair_to_text(d).text);
}

/* False after reporting a mistake. */
static bool check_numbers(const numbers *a, int groups)
{
    const tarn__conv2d_numbers *k = &a->k;
    if (!tarn__pair_at_least(k->stride, 1) || !tarn__pair_at_least(k->padding, 0) ||
        !tarn__pair_at_least(k->dilation, 1) || groups < 1)
        return tarn_fail("conv_transpose2d: stride %s, padding %s, dilation %s, groups %d, expects "
                         "stride, dilation and groups of at least 1 and padding of at least 0",
                         tarn__pair_to_text(k->stride).text, tarn__pair_to_text(k->padding).text,
                         tarn__pair_to_text(k->dilation).text, groups);
    return check_output_padding(a);
}

/* False after reporting a mistake. */
static bool check_shapes(const tarn_conv_transpose2d_args *a)
{
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    if (x.ndim != 4 || !fits(x.dim[1]) || !fits(x.dim[2]))
        return tarn_fail("conv_transpose2d: input %s, expects (N,H,W,C) with 1 to 2^31 - 1 rows "
                         "and columns",
                         tarn_shape_to_text(x).text);
    if (w.ndim != 4 || !fits(w.dim[0]) || !fits(w.dim[1]))
        return tarn_fail("conv_transpose2d: weight %s, expects (KH,KW,O/groups,C)",
                         tarn_shape_to_text(w).text);
    if (x.dim[3] != w.dim[3])
        return tarn_fail("conv_transpose2d: input %s has %lld channels, weight %s expects %lld",
                         tarn_shape_to_text(x).text, (long long)x.dim[3],
                         tarn_shape_to_text(w).text, (long long)w.dim[3]);
    if (x.dim[3] % a->groups != 0)
        return tarn_fail("conv_transpose2d: input %s does not divide into %d groups",
                         tarn_shape_to_text(x).text, a->groups);
    int64_t outputs;
    if (__builtin_mul_overflow(w.dim[2], (int64_t)a->groups, &outputs))
        return tarn_fail("conv_transpose2d: weight %s in %d groups is too large",
                         tarn_shape_to_text(w).text, a->groups);
    if (a->bias && !tarn_shape_equal(a->bias->shape, tarn_shape(outputs)))
        return tarn_fail("conv_transpose2d: bias %s, expects (%lld)",
                         tarn_shape_to_text(a->bias->shape).text, (long long)outputs);
    return true;
}

/* The sizes of the convolution that this is the transpose of. */
static tarn__conv2d convolution_of(const tarn_conv_transpose2d_args *a, const numbers *m)
{
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    const tarn__pair stride = m->k.stride, padding = m->k.padding, dilation = m->k.dilation;
    return (tarn__conv2d){.n = x.dim[0],
                          .h = output_extent(x.dim[1], w.dim[0], stride.h, padding.h, dilation.h,
                                             m->output_padding.h),
                          .w = output_extent(x.dim[2], w.dim[1], stride.w, padding.w, dilation.w,
                                             m->output_padding.w),
                          .c = w.dim[2] * a->groups,
                          .kh = w.dim[0],
                          .kw = w.dim[1],
                          .o = x.dim[3],
                          .oh = x.dim[1],
                          .ow = x.dim[2],
                          .stride_h = stride.h,
                          .stride_w = stride.w,
                          .top = padding.h,
                          .left = padding.w,
                          .dilation_h = dilation.h,
                          .dilation_w = dilation.w,
                          .groups = a->groups,
                          .pool = 1};
}

/* Fills in those sizes; false after reporting a mistake. */
static bool sizes_of(const tarn_conv_transpose2d_args *a, tarn__conv2d *s)
{
    const numbers m = {{tarn__pair_of(a->stride, a->stride_w),
                        tarn__pair_of(a->padding, a->padding_w),
                        tarn__pair_of(a->dilation, a->dilation_w)},
                       tarn__pair_of(a->output_padding, a->output_padding_w)};
    if (!check_numbers(&m, a->groups) || !check_shapes(a))
        return false;
    *s = convolution_of(a, &m);
    const tarn_shape x = a->x->shape, w = a->weight->shape;
    const tarn__pair_text padding = tarn__pair_to_text(m.k.padding);
    if (s->h < 1 || s->w < 1)
        return tarn_fail("conv_transpose2d: padding %s leaves nothing of the result of input %s "
                         "and weight %s",
                         padding.text, tarn_shape_to_text(x).text, tarn_shape_to_text(w).text);
    if (!fits(s->h) || !fits(s->w) || !tarn__conv2d_can_be_padded(s))
        return tarn_fail("conv_transpose2d: input %s with weight %s, stride %s, padding %s and "
                         "dilation %s is too large",
                         tarn_shape_to_text(x).text, tarn_shape_to_text(w).text,
                         tarn__pair_to_text(m.k.stride).text, padding.text,
                         tarn__pair_to_text(m.k.dilation).text);
    return true;
}

static void add_to_pixels(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++)
        tarn__copy(j->channels, j->from, j->to.values + k * j->channels, true);
}

static void add_bias(const tarn_tensor *bias, tarn_tensor *y)
{
    tarn__share(y->size / bias->size, y->size, add_to_pixels,
                &(job){bias->values, {y->values, true}, bias->size});
}

tarn_tensor *tarn_conv_transpose2d_with(tarn_conv_transpose2d_args a)
{
    tarn__conv2d s;
    if (!a.x || !a.weight || !sizes_of(&a, &s))
        return NULL;
    tarn_tensor *result =
        tarn_op_result_of(&conv_transpose2d, tarn_shape(s.n, s.h, s.w, s.c), a.bias ? 3 : 2,
                          (tarn_tensor *[]){a.x, a.weight, a.bias});
    tarn__conv2d *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    s.direct = tarn__conv2d_is_direct(&s, a.weight);
    *saved = s;
    tarn_op_operations(result,
                       2 * (double)a.x->size * (double)(s.kh * s.kw) * (double)(s.c / s.groups) +
                           (a.bias ? (double)result->size : 0));
    tarn__arena_position mark = tarn__scratch_push();
    const bool done = run_backward(&s, &(tarn__conv2d_gradients){.weight = a.weight->values,
                                                                 .dy = a.x->values,
                                                                 .dx = {result->values, false}});
    tarn__scratch_pop(mark);
    if (done && a.bias && result->size > 0)
        add_bias(a.bias, result);
    return done ? result : NULL;
}
