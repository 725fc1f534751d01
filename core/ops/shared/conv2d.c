#include "core/ops/shared/conv2d.h"

#include <float.h>
#include <stdatomic.h>
#include <tgmath.h>

#include "core/base/pool.h"

/* A padded image's rows, or columns, at most; -1 if they are very many. */
static int64_t padded(int64_t size, int64_t before, int64_t kernel, int64_t dilation)
{
    int64_t reach;
    if (__builtin_mul_overflow(kernel, dilation, &reach) || reach > INT64_MAX / 8 ||
        before > INT64_MAX / 8 || size > INT64_MAX / 8)
        return -1;
    return size + 2 * before + 1 + reach;
}

bool tarn__conv2d_can_be_padded(const tarn__conv2d *s)
{
    enum { MOST_THREADS = 4096 };
    const int64_t height = padded(s->h, s->top, s->kh, s->dilation_h);
    const int64_t width = padded(s->w, s->left, s->kw, s->dilation_w);
    return height > 0 && width > 0 &&
           tarn_shape_size(tarn_shape(MOST_THREADS, height, width, s->c + s->o)) >= 0;
}

typedef struct search {
    const tarn_real *values;
    tarn_real most;
    atomic_bool *found;
} search;

/* Whether any is beyond the most, or NaN: counted, so that the loop becomes vectors. */
static void look_beyond(const void *context, int64_t first, int64_t end)
{
    const search *s = context;
    int64_t beyond = 0;
    for (int64_t i = first; i < end; i++)
        beyond += !(fabs(s->values[i]) <= s->most);
    if (beyond > 0)
        *s->found = true;
}

bool tarn__conv2d_is_too_large(int64_t size, const tarn_real *weight)
{
    const tarn_real most = (sizeof(tarn_real) == sizeof(float) ? FLT_MAX : (tarn_real)DBL_MAX) / 4;
    atomic_bool found = false;
    tarn__share(size, size, look_beyond, &(search){weight, most, &found});
    return found;
}

bool tarn__conv2d_is_direct(const tarn__conv2d *s, const tarn_tensor *weight)
{
    /* Sums of 5 x 5 kernels that are not finite are computed directly, patch by patch, and their
       gradients are not Winograd's: it would take longer to look than it saves. */
    if (s->kh != 3 || s->kw != 3)
        return false;
    return tarn__conv2d_is_too_large(weight->size, weight->values);
}
