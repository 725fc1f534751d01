#include "core/ops/shared/conv2d.h"

#include <float.h>
#include <tgmath.h>

#include "core/base/parallel.h"

bool tarn__conv2d_can_be_padded(const tarn__conv2d *s)
{
    enum { MOST_THREADS = 4096 };
    int64_t height = s->h + 2 * s->padding + s->dilation * s->kh;
    int64_t width = s->w + 2 * s->padding + s->dilation * s->kw;
    return tarn_shape_size(tarn_shape(MOST_THREADS, height, width, s->c + s->o)) >= 0;
}

bool tarn__conv2d_is_direct(const tarn__conv2d *s, const tarn_tensor *weight)
{
    if (s->kh != 3 || s->kw != 3)
        return false; /* nor is any other kernel Winograd's */
    const tarn_real most = (sizeof(tarn_real) == sizeof(float) ? FLT_MAX : (tarn_real)DBL_MAX) / 4;
    const tarn_real *w = weight->values;
    int64_t beyond = 0;
#pragma omp parallel for schedule(static) reduction(+ : beyond) if (weight->size >= TARN__PARALLEL_MIN)
    for (int64_t i = 0; i < weight->size; i++)
        beyond += !(fabs(w[i]) <= most);
    return beyond > 0;
}
