#include "nn/exchange/import_windows.h"

#include <limits.h>
#include <math.h>

/* A list of one number for each of H and W, all at least `least`. */
static bool pair_of(tarn__importer *c, const char *name, int64_t least, int64_t to[2])
{
    const int count = tarn__import_ints_of(c, name, 2, to);
    if (count < 0)
        return true;
    return (count == 2 && to[0] >= least && to[1] >= least && to[0] <= INT_MAX &&
            to[1] <= INT_MAX) ||
           tarn__import_fail(c, "has %d numbers of %s, expects two of at least %lld, as of images",
                             count, name, (long long)least);
}

bool tarn__import_window_of(tarn__importer *c, const tarn__import_value *weight,
                            tarn__import_window *win)
{
    *win = (tarn__import_window){.stride = {1, 1}, .dilation = {1, 1}};
    int64_t kernel[2] = {0, 0};
    if (!pair_of(c, "kernel_shape", 1, kernel))
        return false;
    for (int i = 0; i < 2; i++) {
        win->kernel[i] = weight ? weight->shape.dim[2 + i] : kernel[i];
        if (win->kernel[i] < 1 || (kernel[i] > 0 && win->kernel[i] != kernel[i]))
            return tarn__import_fail(c, "has a kernel_shape %lld, expects %lld, that of its weight",
                                     (long long)kernel[i], (long long)win->kernel[i]);
    }
    return pair_of(c, "strides", 1, win->stride) && pair_of(c, "dilations", 1, win->dilation);
}

/* From the first pixel of a window to behind its last. */
static int64_t span_of(const tarn__import_window *win, int i)
{
    return (win->kernel[i] - 1) * win->dilation[i] + 1;
}

/* So that each stride has an output: (size + stride - 1) / stride of them. */
static bool same_pads(tarn__importer *c, const tarn__import_value *x, bool upper,
                      tarn__import_window *win)
{
    for (int i = 0; i < 2; i++) {
        const int64_t size = x->shape.dim[2 + i], stride = win->stride[i];
        if (size < 1 && stride > 1)
            return tarn__import_fail(c,
                                     "pads by the size of its input, which the file leaves open, "
                                     "expects .input");
        const int64_t count = size < 1 ? 1 : (size + stride - 1) / stride;
        const int64_t all = (count - 1) * stride + span_of(win, i) - (size < 1 ? 1 : size);
        const int64_t total = all > 0 ? all : 0;
        win->before[i] = upper ? total / 2 : total - total / 2;
        win->after[i] = total - win->before[i];
    }
    return true;
}

bool tarn__import_pads_of(tarn__importer *c, const tarn__import_value *x, tarn__import_window *win)
{
    int64_t pads[4] = {0, 0, 0, 0};
    const tarn__bytes automatic = tarn__import_text_of(c, "auto_pad");
    const int count = tarn__import_ints_of(c, "pads", 4, pads);
    const bool upper = tarn__bytes_are(automatic, "SAME_UPPER");
    if (upper || tarn__bytes_are(automatic, "SAME_LOWER"))
        return same_pads(c, x, upper, win);
    if (automatic.size > 0 && !tarn__bytes_are(automatic, "NOTSET") &&
        !tarn__bytes_are(automatic, "VALID"))
        return tarn__import_fail(c,
                                 "has auto_pad \"%s\", expects NOTSET, VALID, SAME_UPPER or "
                                 "SAME_LOWER",
                                 tarn__onnx_quote(automatic).text);
    if (tarn__bytes_are(automatic, "VALID"))
        return true;
    for (int i = 0; i < 4; i++)
        if ((count >= 0 && count != 4) || pads[i] < 0 || pads[i] > INT_MAX)
            return tarn__import_fail(c,
                                     "has other pads than 4 numbers of at least 0, as of images");
    for (int i = 0; i < 2; i++) {
        win->before[i] = pads[i];
        win->after[i] = pads[2 + i];
    }
    return true;
}

bool tarn__import_slide(tarn__importer *c, tarn__import_window *win, bool ceil_mode,
                        tarn_shape *shape)
{
    for (int i = 0; i < 2; i++) {
        const int64_t size = shape->dim[2 + i], stride = win->stride[i];
        if (size < 1) {
            shape->dim[2 + i] = TARN__ONNX_ANY;
            continue;
        }
        int64_t room = size + win->before[i] + win->after[i] - span_of(win, i);
        if (room < 0)
            return tarn__import_fail(c,
                                     "has an input %s, expects one that is not smaller than the "
                                     "window",
                                     tarn__import_shape_text(*shape).text);
        /* Where the last window would begin behind the image it is left out. */
        const int64_t lacking = (stride - room % stride) % stride;
        const int64_t begins = room + lacking - win->before[i];
        if (ceil_mode && lacking > 0 && begins < size) {
            win->after[i] += lacking;
            room += lacking;
        }
        shape->dim[2 + i] = room / stride + 1;
    }
    return true;
}

bool tarn__import_is_even(const tarn__import_window *win)
{
    return win->before[0] == win->after[0] && win->before[1] == win->after[1];
}

void tarn__import_set_window(tarn__graph_step *step, const tarn__import_window *win)
{
    const bool even = tarn__import_is_even(win);
    step->kernel = (int)win->kernel[0];
    step->kernel_w = (int)win->kernel[1];
    step->stride = (int)win->stride[0];
    step->stride_w = (int)win->stride[1];
    step->dilation = (int)win->dilation[0];
    step->dilation_w = (int)win->dilation[1];
    step->padding = even ? (int)win->before[0] : 0;
    step->padding_w = even ? (int)win->before[1] : 0;
}

int tarn__import_pad_by(tarn__importer *c, int x, const tarn__import_window *win, double value)
{
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_pad, 1, &x);
    if (!step)
        return TARN__ONNX_FAILED;
    step->shape = tarn_shape(0, win->before[0], win->before[1], 0);
    step->after = tarn_shape(0, win->after[0], win->after[1], 0);
    step->a = value;
    return step->output;
}
