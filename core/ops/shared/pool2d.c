#include "core/ops/shared/pool2d.h"

#include "core/base/error.h"

bool tarn__pool2d_of(const char *op, const tarn_pool2d_args *args, tarn__pool2d *s)
{
    const tarn_shape x = args->x->shape;
    const int stride = args->stride == TARN_AS_KERNEL ? args->kernel : args->stride;
    if (x.ndim != 4)
        return tarn_fail("%s: input %s, expects (N,H,W,C)", op, tarn_shape_to_text(x).text);
    if (args->kernel < 1 || stride < 1 || args->padding < 0 || args->padding > args->kernel / 2)
        return tarn_fail("%s: kernel %d, stride %d, padding %d, expects kernel and stride of at "
                         "least 1 and padding of at most half the kernel",
                         op, args->kernel, stride, args->padding);
    int64_t height = x.dim[1] + 2 * (int64_t)args->padding - args->kernel;
    int64_t width = x.dim[2] + 2 * (int64_t)args->padding - args->kernel;
    if (height < 0 || width < 0 || x.dim[1] < 1 || x.dim[2] < 1)
        return tarn_fail("%s: kernel %d with padding %d does not fit into input %s", op,
                         args->kernel, args->padding, tarn_shape_to_text(x).text);
    if (x.dim[1] > INT32_MAX / x.dim[2])
        return tarn_fail("%s: input %s has more than 2^31 pixels in an image", op,
                         tarn_shape_to_text(x).text);
    *s = (tarn__pool2d){.n = x.dim[0],
                        .h = x.dim[1],
                        .w = x.dim[2],
                        .c = x.dim[3],
                        .oh = height / stride + 1,
                        .ow = width / stride + 1,
                        .kernel = args->kernel,
                        .stride = stride,
                        .padding = args->padding};
    return true;
}

tarn__window tarn__window_of(const tarn__pool2d *s, int64_t i, int64_t j)
{
    int64_t top = i * s->stride - s->padding, left = j * s->stride - s->padding;
    int64_t bottom = top + s->kernel, right = left + s->kernel;
    return (tarn__window){top > 0 ? top : 0, bottom < s->h ? bottom : s->h, left > 0 ? left : 0,
                          right < s->w ? right : s->w};
}
