/* Pooling. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "nn/exchange/import_windows.h"
#include "nn/exchange/importer.h"

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
            const int64_t h = inside(i * win->stride - win->before[0] + pads[0], win->kernel[0],
                                     size[0] + pads[0] + pads[2]);
            const int64_t w = inside(j * win->stride - win->before[1] + pads[1], win->kernel[1],
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

/* A step over the image, or the padded one. */
static tarn__graph_step *pool(tarn__importer *c, tarn__import_value *x,
                              const tarn__import_window *win, bool mean)
{
    int padding = tarn__import_even_padding(win);
    int image = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    if (padding < 0 || padding > win->kernel[0] / 2) {
        image = tarn__import_pad_by(c, image, win, mean ? 0 : -(double)INFINITY);
        padding = 0;
    }
    tarn__graph_step *step =
        tarn__import_emit(c, mean ? &tarn__graph_avg_pool2d : &tarn__graph_max_pool2d, 1, &image);
    if (!step)
        return NULL;
    step->kernel = (int)win->kernel[0];
    step->stride = win->stride;
    step->padding = padding;
    return step;
}

bool tarn__import_pool(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const bool mean = tarn__bytes_are(c->node->type, "AveragePool");
    const bool ceil_mode = tarn__import_int_of(c, "ceil_mode", 0);
    tarn__import_window win;
    if (!is_image(c, x) || !tarn__import_window_of(c, NULL, &win) ||
        !tarn__import_pads_of(c, x, &win))
        return false;
    if (win.kernel[0] != win.kernel[1] || win.dilation != 1)
        return tarn__import_fail(c,
                                 "has a kernel of %lld x %lld with dilation %d, expects a square "
                                 "one without",
                                 (long long)win.kernel[0], (long long)win.kernel[1], win.dilation);
    /* The mean is over the file's pads, if they count, but not over what ceil_mode adds. */
    const bool count_pads = tarn__import_int_of(c, "count_include_pad", 0);
    const int64_t none[4] = {0},
                  all[4] = {win.before[0], win.before[1], win.after[0], win.after[1]};
    const int64_t *pads = count_pads ? all : none;
    tarn_shape shape = x->shape;
    if (!tarn__import_slide(c, &win, ceil_mode, &shape))
        return false;
    enum { MOST_WINDOWS = 1 << 18 };
    const bool correct = mean && needs_correction(&win, pads);
    if (correct &&
        (x->shape.dim[2] < 1 || x->shape.dim[3] < 1 || shape.dim[2] * shape.dim[3] > MOST_WINDOWS))
        return tarn__import_fail(c,
                                 "takes means that do not count padding, for which the size of "
                                 "its input must be known, and not be too large, expects .input");
    const tarn__graph_step *step = pool(c, x, &win, mean);
    int y = step ? step->output : TARN__ONNX_FAILED;
    if (correct && step)
        y = tarn__import_step2(c, &tarn__graph_mul, y,
                               hold_corrections(c, &win, pads, &x->shape, &shape));
    return tarn__import_give(c, y, shape, tarn__import_channels_last(4));
}

bool tarn__import_global_pool(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    if (!is_image(c, x))
        return false;
    const int image = tarn__import_ordered(c, x, tarn__import_channels_last(4));
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_adaptive_avg_pool2d, 1, &image);
    tarn_shape shape = x->shape;
    if (!step)
        return false;
    step->shape = tarn_shape(1, 1);
    shape.dim[2] = shape.dim[3] = 1;
    return tarn__import_give(c, step->output, shape, tarn__import_channels_last(4));
}
