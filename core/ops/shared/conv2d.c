#include "core/ops/shared/conv2d.h"

#include "core/tensor.h"

bool tarn__conv2d_can_be_padded(const tarn__conv2d *s)
{
    enum { MOST_THREADS = 4096 };
    int64_t height = s->h + 2 * s->padding + s->dilation * s->kh;
    int64_t width = s->w + 2 * s->padding + s->dilation * s->kw;
    return tarn_shape_size(tarn_shape(MOST_THREADS, height, width, s->c + s->o)) >= 0;
}
