/* Operators with weights: convolutions and matrix products. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "nn/exchange/import_internal.h"
#include "nn/exchange/import_windows.h"

static const tarn__import_order hwio = {{2, 3, 1, 0}}; /* of (O,I,H,W), and HWOI of (I,O,H,W) */

/* The bias, input 2, of that many channels. */
static int bias_of(tarn__importer *c, int64_t channels)
{
    tarn__import_value *bias = tarn__import_in(c, 2);
    if (!bias)
        return TARN__ONNX_NONE;
    if (bias->shape.ndim == 1 && bias->shape.dim[0] == channels)
        return tarn__import_part(c, bias, tarn__import_plain(), true);
    tarn__import_fail(c, "has a bias of shape %s, expects (%lld)",
                      tarn__import_shape_text(bias->shape).text, (long long)channels);
    return TARN__ONNX_FAILED;
}

/* Both are (N,C,H,W), the weight known, and fitting. */
static bool check_weight(tarn__importer *c, const tarn__import_value *x,
                         const tarn__import_value *w, int64_t in)
{
    if (x->shape.ndim != 4 || w->shape.ndim != 4)
        return tarn__import_fail(c,
                                 "has an input %s and a weight %s, expects those of images, of 4 "
                                 "dimensions",
                                 tarn__import_shape_text(x->shape).text,
                                 tarn__import_shape_text(w->shape).text);
    for (int i = 0; i < 4; i++)
        if (w->shape.dim[i] < 1 || w->shape.dim[i] > INT_MAX)
            return tarn__import_fail(c,
                                     "has a weight of shape %s, expects one that is known and "
                                     "not empty",
                                     tarn__import_shape_text(w->shape).text);
    return x->shape.dim[1] < 0 || x->shape.dim[1] == in ||
           tarn__import_fail(c, "has an input of %lld channels, expects %lld for its weight",
                             (long long)x->shape.dim[1], (long long)in);
}

/* Whether it pads as conv2d's .same does. */
static bool is_same(const tarn__import_window *win)
{
    for (int i = 0; i < 2; i++) {
        const int64_t all = (win->kernel[i] - 1) * win->dilation[i];
        if (win->stride[i] != 1 || win->before[i] != all / 2 ||
            win->after[i] != all - win->before[i])
            return false;
    }
    return true;
}

bool tarn__import_conv(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *w = tarn__import_in(c, 1);
    const int64_t groups = tarn__import_int_of(c, "group", 1);
    tarn__import_window win;
    if (groups < 1 || groups > INT_MAX)
        return tarn__import_fail(c, "has %lld groups", (long long)groups);
    if (!check_weight(c, x, w, w->shape.dim[1] * groups) || !tarn__import_window_of(c, w, &win) ||
        !tarn__import_pads_of(c, x, &win))
        return false;
    if (w->shape.dim[0] % groups != 0)
        return tarn__import_fail(c, "has %lld outputs, expects a multiple of its %lld groups",
                                 (long long)w->shape.dim[0], (long long)groups);
    int operands[] = {tarn__import_ordered(c, x, tarn__import_channels_last(4)),
                      tarn__import_part(c, w, hwio, true), bias_of(c, w->shape.dim[0])};
    tarn_shape shape = x->shape;
    shape.dim[1] = w->shape.dim[0];
    if (!tarn__import_slide(c, &win, 0, &shape))
        return false;
    const bool even = tarn__import_is_even(&win), same = !even && is_same(&win);
    if (!even && !same)
        operands[0] = tarn__import_pad_by(c, operands[0], &win, 0);
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_conv2d, 3, operands);
    if (!step)
        return false;
    tarn__import_set_window(step, &win);
    step->groups = (int)groups;
    step->same = same;
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}

/* ---- Transposed convolution */

static bool output_padding_of(tarn__importer *c, int64_t more[2])
{
    const int count = tarn__import_ints_of(c, "output_padding", 2, more);
    return ((count < 0 || count == 2) && more[0] >= 0 && more[0] <= INT_MAX && more[1] >= 0 &&
            more[1] <= INT_MAX) ||
           tarn__import_fail(c, "has an output_padding other than two numbers of at least 0");
}

/* The sizes without padding, and, from output_shape or auto_pad, the pads that make it the size
   asked for. */
static bool transposed_pads(tarn__importer *c, const tarn__import_value *x, const tarn_shape *full,
                            tarn__import_window *win)
{
    int64_t sizes[2] = {0, 0};
    const int count = tarn__import_ints_of(c, "output_shape", 2, sizes);
    const tarn__bytes automatic = tarn__import_text_of(c, "auto_pad");
    const bool same =
        tarn__bytes_are(automatic, "SAME_UPPER") || tarn__bytes_are(automatic, "SAME_LOWER");
    if (count < 0 && !same)
        return tarn__import_pads_of(c, x, win);
    for (int i = 0; i < 2; i++) {
        const int64_t size = count == 2 ? sizes[i] : x->shape.dim[2 + i] * win->stride[i];
        const int64_t total = full->dim[2 + i] - size;
        if (x->shape.dim[2 + i] < 1 || total < 0 || total > INT_MAX)
            return tarn__import_fail(c, "has an output of a size that its padding cannot make");
        win->before[i] = tarn__bytes_are(automatic, "SAME_UPPER") ? total / 2 : total - total / 2;
        win->after[i] = total - win->before[i];
    }
    return true;
}

/* Cuts off what the pads say. */
static int crop(tarn__importer *c, int x, const tarn__import_window *win)
{
    for (int i = 0; i < 2; i++) {
        if (win->before[i] == 0 && win->after[i] == 0)
            continue;
        tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_slice, 1, &x);
        if (!step)
            return TARN__ONNX_FAILED;
        step->axis = 1 + i;
        step->from = win->before[i];
        step->to = win->after[i] > 0 ? -win->after[i] : INT64_MAX;
        x = step->output;
    }
    return x;
}

bool tarn__import_conv_transpose(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *w = tarn__import_in(c, 1);
    const int64_t groups = tarn__import_int_of(c, "group", 1);
    tarn__import_window win;
    int64_t more[2] = {0, 0};
    if (groups < 1 || groups > INT_MAX)
        return tarn__import_fail(c, "has %lld groups", (long long)groups);
    if (!check_weight(c, x, w, w->shape.dim[0]) || !tarn__import_window_of(c, w, &win) ||
        !output_padding_of(c, more))
        return false;
    const int64_t out = w->shape.dim[1] * groups;
    tarn_shape full = x->shape, shape;
    full.dim[1] = out;
    for (int i = 0; i < 2; i++)
        full.dim[2 + i] = x->shape.dim[2 + i] < 1
                              ? TARN__ONNX_ANY
                              : (x->shape.dim[2 + i] - 1) * win.stride[i] +
                                    (win.kernel[i] - 1) * win.dilation[i] + 1 + more[i];
    if (!transposed_pads(c, x, &full, &win))
        return false;
    shape = full;
    for (int i = 0; i < 2; i++)
        shape.dim[2 + i] -= full.dim[2 + i] < 0 ? 0 : win.before[i] + win.after[i];
    const int operands[] = {tarn__import_ordered(c, x, tarn__import_channels_last(4)),
                            tarn__import_part(c, w, hwio, true), bias_of(c, out)};
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_conv_transpose2d, 3, operands);
    if (!step)
        return false;
    tarn__import_set_window(step, &win);
    step->groups = (int)groups;
    step->output_padding = (int)more[0];
    step->output_padding_w = (int)more[1];
    const int y = tarn__import_is_even(&win) ? step->output : crop(c, step->output, &win);
    return tarn__import_give(c, y, shape, tarn__import_channels_last(4));
}

/* ---- Matrix products */

/* x times a weight of two dimensions, (in, out) in that order, plus a bias or nothing. */
static bool give_linear(tarn__importer *c, tarn__import_value *x, tarn__import_value *w,
                        tarn__import_order order, int bias)
{
    const int weight = tarn__import_weight_for(c, x, w, order);
    tarn_shape shape = x->shape;
    shape.dim[1] = w->shape.dim[order.axis[1]];
    const int operands[] = {x->channels > 0 ? x->operand
                                            : tarn__import_ordered(c, x, tarn__import_plain()),
                            weight, bias};
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_linear, 3, operands);
    return step && tarn__import_give(c, step->output, shape, tarn__import_plain());
}

static bool fit(tarn__importer *c, int64_t columns, int64_t rows)
{
    return columns < 0 || rows < 0 || columns == rows ||
           tarn__import_fail(c, "multiplies matrices of %lld columns and %lld rows",
                             (long long)columns, (long long)rows);
}

/* alpha A B + beta C where it is more than a linear layer. */
static bool give_gemm(tarn__importer *c, tarn__import_value *a, tarn__import_value *b,
                      tarn__import_order of_a, tarn__import_order of_b)
{
    const double alpha = tarn__import_float_of(c, "alpha", 1);
    const double beta = tarn__import_float_of(c, "beta", 1);
    const int x = tarn__import_ordered(c, a, of_a), y = tarn__import_part(c, b, of_b, true);
    int product = tarn__import_step2(c, &tarn__graph_matmul, x, y);
    tarn__import_value *bias = tarn__import_in(c, 2);
    tarn_shape shape = tarn_shape(1, 1);
    shape.dim[0] = a->shape.dim[of_a.axis[0]];
    shape.dim[1] = b->shape.dim[of_b.axis[1]];
    if (alpha != 1)
        product = tarn__import_step(c, &tarn__graph_scale, product, alpha);
    if (bias && beta != 0) {
        int sum = tarn__import_ordered(c, bias, tarn__import_plain());
        if (beta != 1)
            sum = tarn__import_step(c, &tarn__graph_scale, sum, beta);
        product = tarn__import_step2(c, &tarn__graph_add, product, sum);
    }
    return tarn__import_give(c, product, shape, tarn__import_plain());
}

bool tarn__import_gemm(tarn__importer *c)
{
    static const tarn__import_order swapped = {{1, 0}};
    tarn__import_value *a = tarn__import_in(c, 0), *b = tarn__import_in(c, 1);
    const tarn__import_value *bias = tarn__import_in(c, 2);
    if (a->shape.ndim != 2 || b->shape.ndim != 2)
        return tarn__import_fail(c, "multiplies %s and %s, expects matrices",
                                 tarn__import_shape_text(a->shape).text,
                                 tarn__import_shape_text(b->shape).text);
    const tarn__import_order of_a =
        tarn__import_int_of(c, "transA", 0) ? swapped : tarn__import_plain();
    const tarn__import_order of_b =
        tarn__import_int_of(c, "transB", 0) ? swapped : tarn__import_plain();
    if (!fit(c, a->shape.dim[of_a.axis[1]], b->shape.dim[of_b.axis[0]]))
        return false;
    const int64_t out = b->shape.dim[of_b.axis[1]];
    const bool is_linear = b->constant && of_a.axis[0] == 0 &&
                           tarn__import_float_of(c, "alpha", 1) == 1 &&
                           (!bias || (tarn__import_float_of(c, "beta", 1) == 1 &&
                                      bias->shape.ndim == 1 && bias->shape.dim[0] == out));
    return is_linear ? give_linear(c, a, b, of_b, bias_of(c, out)) : give_gemm(c, a, b, of_a, of_b);
}

/* The shape of a product of stacks of matrices. */
static bool product_shape(tarn__importer *c, tarn_shape a, tarn_shape b, tarn_shape *to)
{
    *to = a.ndim >= b.ndim ? a : b;
    to->dim[to->ndim - 2] = a.dim[a.ndim - 2];
    to->dim[to->ndim - 1] = b.dim[b.ndim - 1];
    for (int i = 3; i <= to->ndim; i++) {
        const int64_t x = i <= a.ndim ? a.dim[a.ndim - i] : 1;
        const int64_t y = i <= b.ndim ? b.dim[b.ndim - i] : 1;
        to->dim[to->ndim - i] = x == 1 ? y : x;
    }
    return fit(c, a.dim[a.ndim - 1], b.dim[b.ndim - 2]);
}

bool tarn__import_matmul(tarn__importer *c)
{
    tarn__import_value *a = tarn__import_in(c, 0), *b = tarn__import_in(c, 1);
    tarn_shape shape;
    if (a->shape.ndim < 2 || b->shape.ndim < 2)
        return tarn__import_fail(c, "multiplies %s and %s, expects at least two dimensions",
                                 tarn__import_shape_text(a->shape).text,
                                 tarn__import_shape_text(b->shape).text);
    if (!product_shape(c, a->shape, b->shape, &shape))
        return false;
    if (a->shape.ndim == 2 && b->shape.ndim == 2 && b->constant)
        return give_linear(c, a, b, tarn__import_plain(), TARN__ONNX_NONE);
    bool given;
    if (!tarn__import_pool_by_matrix(c, &given) || given)
        return given;
    const int x = tarn__import_ordered(c, a, tarn__import_plain());
    const int y = b->constant ? tarn__import_part(c, b, tarn__import_plain(), true)
                              : tarn__import_ordered(c, b, tarn__import_plain());
    return tarn__import_give(c, tarn__import_step2(c, &tarn__graph_matmul, x, y), shape,
                             tarn__import_plain());
}
