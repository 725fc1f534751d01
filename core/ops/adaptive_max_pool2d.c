/*
 * Largest element of each of height x width windows that cover the image, channel by channel: those
 * of adaptive_avg_pool2d.c. Formulas and loops are those of max_pool2d.c.
 */
#include "core/base/error.h"
#include "core/ops/max_pool2d.h"
#include "core/ops/shared/resample.h"

static const tarn_op adaptive_max_pool2d = {"adaptive_max_pool2d", tarn__max_pool2d_backward};

tarn_tensor *tarn_adaptive_max_pool2d(tarn_tensor *x, int height, int width)
{
    if (!x || !tarn__resample_check(adaptive_max_pool2d.name, x->shape, height, width))
        return NULL;
    const int64_t *in = x->shape.dim;
    if (in[1] > INT32_MAX / in[2])
        return tarn_fail("adaptive_max_pool2d: input %s has more than 2^31 pixels in an image",
                         tarn_shape_to_text(x->shape).text);
    const tarn__pool2d s = {
        .n = in[0],
        .c = in[3],
        .h = {.in = in[1], .out = height, .dilation = 1, .adaptive = true},
        .w = {.in = in[2], .out = width, .dilation = 1, .adaptive = true},
    };
    return tarn__max_pool2d(&adaptive_max_pool2d, x, &s);
}
