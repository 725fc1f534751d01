/* Pooling. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "nn/exchange/import_internal.h"
#include "nn/exchange/import_windows.h"
#include "nn/exchange/onnx_images.h"

static bool is_image(tarn__importer *c, const tarn__import_value *x)
{
    return x->shape.ndim == 4 ||
           tarn__import_fail(c, "has an input %s, expects images, of 4 dimensions",
                             tarn__import_shape_text(x->shape).text);
}

/* ---- Pooling */

/* How many elements of a window that begins there are inside, along one axis. */
static int64_t inside(int64_t begin, int64_t kernel, int64_t size)
{
    const int64_t from = begin < 0 ? 0 : begin, to = begin + kernel < size ? begin + kernel : size;
    return to > from ? to - from : 0;
}

/* What turns a mean over all of a window into one over what is inside, for each window. With
   count_pads that is the image with the file's pads, else the image itself. */
static int hold_corrections(tarn__importer *c, const tarn__import_window *win,
                            const int64_t pads[4], const tarn_shape *in, const tarn_shape *out)
{
    const int64_t *size = in->dim + 2, *count = out->dim + 2;
    tarn_tensor *t = tarn_zeros(tarn_shape(1, count[0], count[1], 1));
    for (int64_t i = 0; t && i < count[0]; i++)
        for (int64_t j = 0; j < count[1]; j++) {
            const int64_t h = inside(i * win->stride[0] - win->before[0] + pads[0], win->kernel[0],
                                     size[0] + pads[0] + pads[2]);
            const int64_t w = inside(j * win->stride[1] - win->before[1] + pads[1], win->kernel[1],
                                     size[1] + pads[1] + pads[3]);
            tarn_values(t)[i * count[1] + j] =
                (tarn_real)((double)(win->kernel[0] * win->kernel[1]) / (double)(h * w));
        }
    return tarn__import_hold(c, t);
}

/* Whether windows reach over what their mean is of. */
static bool needs_correction(const tarn__import_window *win, const int64_t pads[4])
{
    return win->before[0] > pads[0] || win->before[1] > pads[1] || win->after[0] > pads[2] ||
           win->after[1] > pads[3];
}

/* Whether the operation has padding as the file's, so that it can do the rest of its rules too. */
static bool is_direct(const tarn__import_window *win)
{
    bool direct = tarn__import_is_even(win);
    for (int i = 0; i < 2; i++)
        direct &= win->before[i] <= (win->dilation[i] * (win->kernel[i] - 1) + 1) / 2;
    return direct;
}

static tarn__graph_step *pool(tarn__importer *c, int image, const tarn__import_window *win,
                              bool mean)
{
    tarn__graph_step *step =
        tarn__import_emit(c, mean ? &tarn__graph_avg_pool2d : &tarn__graph_max_pool2d, 1, &image);
    if (step)
        tarn__import_set_window(step, win);
    return step;
}

/* A step over the image that is padded before, and what turns its means into those of the file. */
static bool pool_padded(tarn__importer *c, tarn__import_value *x, tarn__import_window *win,
                        bool mean)
{
    const bool ceil_mode = tarn__import_int_of(c, "ceil_mode", 0);
    /* The mean is over the file's pads, if they count, but not over what ceil_mode adds. */
    const bool count_pads = tarn__import_int_of(c, "count_include_pad", 0);
    const int64_t none[4] = {0},
                  all[4] = {win->before[0], win->before[1], win->after[0], win->after[1]};
    const int64_t *pads = count_pads ? all : none;
    tarn_shape shape = x->shape;
    const bool known = x->shape.dim[2] > 0 && x->shape.dim[3] > 0;
    if (!tarn__import_slide(c, win, ceil_mode, &shape))
        return false;
    enum { MOST_WINDOWS = 1 << 18 };
    const bool correct = mean && needs_correction(win, pads);
    if ((ceil_mode && !known) ||
        (correct && (!known || shape.dim[2] * shape.dim[3] > MOST_WINDOWS)))
        return tarn__import_fail(c,
                                 "has other pads before than behind its input, and %s, for which "
                                 "its size must be known, and not be too large, expects .input",
                                 correct ? "takes means that do not count them" : "ceil_mode");
    const int image =
        tarn__import_pad_by(c, tarn__import_ordered(c, x, tarn__import_channels_last(4)), win,
                            mean ? 0 : -(double)INFINITY);
    tarn__import_window inside = *win;
    inside.before[0] = inside.before[1] = inside.after[0] = inside.after[1] = 0;
    tarn__graph_step *step = pool(c, image, &inside, mean);
    if (!step)
        return false;
    step->count_include_pad = true;
    int y = step->output;
    if (correct)
        y = tarn__import_step2(c, &tarn__graph_mul, y,
                               hold_corrections(c, win, pads, &x->shape, &shape));
    return tarn__import_give(c, y, shape, tarn__import_channels_last(4));
}

bool tarn__import_pool(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const bool mean = tarn__bytes_are(c->node->type, "AveragePool");
    tarn__import_window win;
    if (!is_image(c, x) || !tarn__import_window_of(c, NULL, &win) ||
        !tarn__import_pads_of(c, x, &win))
        return false;
    if (mean && (win.dilation[0] != 1 || win.dilation[1] != 1))
        return tarn__import_fail(c, "has dilations %lld and %lld, expects means without",
                                 (long long)win.dilation[0], (long long)win.dilation[1]);
    if (!is_direct(&win))
        return pool_padded(c, x, &win, mean);
    tarn__graph_step *step =
        pool(c, tarn__import_ordered(c, x, tarn__import_channels_last(4)), &win, mean);
    tarn_shape shape = x->shape;
    if (!step)
        return false;
    step->ceil_mode = tarn__import_int_of(c, "ceil_mode", 0);
    step->count_include_pad = tarn__import_int_of(c, "count_include_pad", 0);
    return tarn__import_slide(c, &win, step->ceil_mode, &shape) &&
           tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}

/* ---- Pixels out of channels, and back */

bool tarn__import_blocks(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const bool to_depth = tarn__bytes_are(c->node->type, "SpaceToDepth");
    const int64_t r = tarn__import_int_of(c, "blocksize", 0);
    const tarn__bytes mode = tarn__import_text_of(c, "mode");
    const bool columns_first = tarn__bytes_are(mode, "CRD");
    if (!is_image(c, x))
        return false;
    if (r < 1 || r > INT16_MAX ||
        !(mode.size == 0 || columns_first || tarn__bytes_are(mode, "DCR")))
        return tarn__import_fail(c,
                                 "has blocksize %lld and mode \"%s\", expects at least 1, and "
                                 "DCR or CRD",
                                 (long long)r, tarn__onnx_quote(mode).text);
    const int64_t by[3] = {to_depth ? r * r : 1, to_depth ? 1 : r, to_depth ? 1 : r};
    const int64_t parts[3] = {to_depth ? 1 : r * r, to_depth ? r : 1, to_depth ? r : 1};
    tarn_shape shape = x->shape;
    for (int i = 0; i < 3; i++) {
        int64_t *size = &shape.dim[1 + i];
        if (*size > 0 && (*size % parts[i] != 0 || *size / parts[i] > INT32_MAX / by[i]))
            return tarn__import_fail(c, "has an input %s, which blocks of %lld do not divide",
                                     tarn_shape_to_text(x->shape).text, (long long)r);
        *size = *size < 0 ? TARN__ONNX_ANY : *size / parts[i] * by[i];
    }
    const int image = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    tarn__graph_step *step = tarn__import_emit(
        c, to_depth ? &tarn__graph_pixel_unshuffle : &tarn__graph_pixel_shuffle, 1, &image);
    if (!step)
        return false;
    step->kernel = (int)r;
    step->mode = !columns_first;
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}

bool tarn__import_global_pool(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    if (!is_image(c, x))
        return false;
    const bool mean = tarn__bytes_are(c->node->type, "GlobalAveragePool");
    const int image = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    tarn__graph_step *step = tarn__import_emit(
        c, mean ? &tarn__graph_adaptive_avg_pool2d : &tarn__graph_adaptive_max_pool2d, 1, &image);
    tarn_shape shape = x->shape;
    if (!step)
        return false;
    step->shape = tarn_shape(1, 1);
    shape.dim[2] = shape.dim[3] = 1;
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}

/* ---- Means by matrices */

/* Whether the constant, (in, out) or transposed, takes means of windows of several sizes, as Tarn
   writes them. False with the error set when memory runs out. */
static bool takes_means(tarn__importer *c, const tarn__import_value *m, bool transposed, bool *does)
{
    const int64_t in = m->shape.dim[transposed], out = m->shape.dim[!transposed];
    *does = out > 0 && out < in;
    tarn_real *numbers = *does ? tarn__onnx_reals(&c->file, m->constant) : NULL;
    if (*does && !numbers)
        return false;
    for (int64_t k = 0; *does && k < in; k++)
        for (int64_t i = 0; *does && i < out; i++)
            *does = (float)numbers[transposed ? i * in + k : k * out + i] ==
                    tarn__onnx_share(in, out, k, i);
    free(numbers);
    return true;
}

/* The step that takes the means of rows, if x is nothing but such; else NULL. */
static tarn__graph_step *means_of_rows(const tarn__importer *c, const tarn__import_value *x)
{
    const tarn__onnx_file *f = &c->file;
    const int node = f->values[x->index].node;
    tarn__graph_step *step = tarn__import_step_of(c, x);
    return step && step->op == &tarn__graph_adaptive_avg_pool2d && node >= 0 &&
                   tarn__bytes_are(f->nodes[node].type, "MatMul") &&
                   c->values[f->links[f->nodes[node].inputs]].constant
               ? step
               : NULL;
}

bool tarn__import_pool_by_matrix(tarn__importer *c, bool *given)
{
    tarn__import_value *a = tarn__import_in(c, 0), *b = tarn__import_in(c, 1);
    const bool rows = b->shape.ndim == 4, columns = a->shape.ndim == 4;
    tarn__import_value *x = rows ? b : a, *m = rows ? a : b;
    *given = false;
    if (rows == columns || m->shape.ndim != 2 || !tarn__import_is_new(m) || x->constant ||
        x->shape.dim[2] < 1 || x->shape.dim[3] < 1 ||
        m->shape.dim[rows] != x->shape.dim[rows ? 2 : 3])
        return true;
    if (!takes_means(c, m, rows, given) || !*given)
        return !*given;
    const int operand = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    tarn_shape shape = x->shape;
    shape.dim[rows ? 2 : 3] = m->shape.dim[!rows];
    tarn__graph_step *step = columns ? means_of_rows(c, x) : NULL;
    if (!step)
        step = tarn__import_emit(c, &tarn__graph_adaptive_avg_pool2d, 1, &operand);
    if (!step)
        return false;
    step->shape = tarn_shape(shape.dim[2], shape.dim[3]);
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}
