#include "core/ops/shared/pool2d.h"

#include "core/base/error.h"
#include "core/ops/shared/pair.h"

/* The number of windows along the axis; 0 if none fits. */
static int64_t windows(const tarn__pool_axis *a, bool ceil_mode)
{
    const int64_t room =
        a->in + 2 * a->padding - tarn__reach_of(a) + (ceil_mode ? a->stride - 1 : 0);
    if (room < 0 || a->in < 1)
        return 0;
    const int64_t count = room / a->stride + 1;
    return count - (ceil_mode && (count - 1) * a->stride >= a->in + a->padding);
}

/* The first window without a pixel inside the image; -1 if there is none. Only a dilation leaves
   one. */
static int64_t empty_window(const tarn__pool_axis *a)
{
    for (int64_t i = 0; a->dilation > 1 && i < a->out; i++)
        if (tarn__span_of(a, i).first >= tarn__span_of(a, i).end)
            return i;
    return -1;
}

static bool check_numbers(const char *op, const tarn__pool_axis *h, const tarn__pool_axis *w)
{
    if (h->kernel >= 1 && w->kernel >= 1 && h->stride >= 1 && w->stride >= 1 && h->dilation >= 1 &&
        w->dilation >= 1 && h->padding >= 0 && w->padding >= 0 &&
        h->padding <= tarn__reach_of(h) / 2 && w->padding <= tarn__reach_of(w) / 2)
        return true;
    const tarn__pair kernel = {(int)h->kernel, (int)w->kernel};
    const tarn__pair stride = {(int)h->stride, (int)w->stride};
    const tarn__pair padding = {(int)h->padding, (int)w->padding};
    const tarn__pair dilation = {(int)h->dilation, (int)w->dilation};
    const bool dilated = h->dilation != 1 || w->dilation != 1;
    return tarn_fail("%s: kernel %s, stride %s, padding %s%s%s, expects kernel and stride of at "
                     "least 1 and padding of at most half the kernel",
                     op, tarn__pair_to_text(kernel).text, tarn__pair_to_text(stride).text,
                     tarn__pair_to_text(padding).text, dilated ? ", dilation " : "",
                     dilated ? tarn__pair_to_text(dilation).text : "");
}

static bool check_windows(const char *op, const tarn_shape x, const tarn__pool2d *s)
{
    const tarn__pair kernel = {(int)s->h.kernel, (int)s->w.kernel};
    const tarn__pair padding = {(int)s->h.padding, (int)s->w.padding};
    if (s->h.out < 1 || s->w.out < 1)
        return tarn_fail("%s: kernel %s with padding %s does not fit into input %s", op,
                         tarn__pair_to_text(kernel).text, tarn__pair_to_text(padding).text,
                         tarn_shape_to_text(x).text);
    if (empty_window(&s->h) >= 0 || empty_window(&s->w) >= 0)
        return tarn_fail("%s: kernel %s with padding %s and its dilation has a window without a "
                         "pixel of input %s",
                         op, tarn__pair_to_text(kernel).text, tarn__pair_to_text(padding).text,
                         tarn_shape_to_text(x).text);
    return true;
}

bool tarn__pool2d_of(const char *op, const tarn_max_pool2d_args *a, tarn__pool2d *s)
{
    const tarn_shape x = a->x->shape;
    const tarn__pair kernel = tarn__pair_of(a->kernel, a->kernel_w);
    const tarn__pair padding = tarn__pair_of(a->padding, a->padding_w);
    const tarn__pair dilation = tarn__pair_of(a->dilation, a->dilation_w);
    const tarn__pair stride =
        a->stride == TARN_AS_KERNEL
            ? tarn__pair_of(kernel.h, a->stride_w == TARN_AS_HEIGHT ? kernel.w : a->stride_w)
            : tarn__pair_of(a->stride, a->stride_w);
    if (x.ndim != 4)
        return tarn_fail("%s: input %s, expects (N,H,W,C)", op, tarn_shape_to_text(x).text);
    *s = (tarn__pool2d){
        .n = x.dim[0],
        .c = x.dim[3],
        .h = {x.dim[1], 0, kernel.h, stride.h, padding.h, dilation.h, false},
        .w = {x.dim[2], 0, kernel.w, stride.w, padding.w, dilation.w, false},
    };
    if (!check_numbers(op, &s->h, &s->w))
        return false;
    s->h.out = windows(&s->h, a->ceil_mode);
    s->w.out = windows(&s->w, a->ceil_mode);
    if (x.dim[1] > 0 && x.dim[2] > INT32_MAX / x.dim[1])
        return tarn_fail("%s: input %s has more than 2^31 pixels in an image", op,
                         tarn_shape_to_text(x).text);
    return check_windows(op, x, s);
}
