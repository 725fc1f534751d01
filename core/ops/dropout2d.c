/*
 * Dropout of whole channels (Tompson et al. 2015), of images (N,H,W,C).
 *
 *     y[n,h,w,c] = m[n,c] x[n,h,w,c],  m = 1 / (1 - p) with probability 1 - p, else 0
 *     dx[n,h,w,c] = m[n,c] dy[n,h,w,c]
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/kernels/kernels.h"
#include "core/op.h"
#include "core/ops.h"

static void apply_to_pixel(int64_t channels, const tarn_real *restrict mask,
                           const tarn_real *restrict x, tarn_real *restrict y, bool add)
{
    if (add)
        for (int64_t c = 0; c < channels; c++)
            y[c] += x[c] * mask[c];
    else
        for (int64_t c = 0; c < channels; c++)
            y[c] = x[c] * mask[c];
}

typedef struct job {
    int64_t pixels, channels;
    const tarn_real *mask, *x;
    tarn__target y;
} job;

static void apply_to_pixels(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t channels = j->channels;
    for (int64_t r = first; r < end; r++)
        apply_to_pixel(channels, j->mask + r / j->pixels * channels, j->x + r * channels,
                       j->y.values + r * channels, j->y.add);
}

/* y = x times the mask. */
static void apply(tarn_shape shape, const tarn_real *mask, const tarn_real *x, tarn__target y)
{
    const int64_t pixels = shape.dim[1] * shape.dim[2], channels = shape.dim[3];
    const int64_t rows = channels ? shape.dim[0] * pixels : 0;
    tarn__share(rows, rows * channels, apply_to_pixels, &(job){pixels, channels, mask, x, y});
}

static void dropout2d_backward(const tarn_node *node)
{
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (dx)
        apply(tarn_shape_get(node->output), node->saved, tarn_gradients(node->output),
              (tarn__target){dx, add});
}

static const tarn_op dropout2d = {"dropout2d", dropout2d_backward};

tarn_tensor *tarn_dropout2d(tarn_tensor *x, double p)
{
    const tarn_shape shape = tarn_shape_get(x);
    if (x && shape.ndim != 4)
        return tarn_fail("dropout2d: input %s, expects (N,H,W,C)", tarn_shape_to_text(shape).text);
    if (x && !(p >= 0 && p <= 1))
        return tarn_fail("dropout2d: the probability is %g, expects 0 to 1", p);
    tarn_tensor *result = tarn_op_result(&dropout2d, shape, x);
    const int64_t count = tarn_size(x) ? shape.dim[0] * shape.dim[3] : 0;
    tarn_real *mask = result ? tarn_op_save(result, (size_t)count * sizeof *mask) : NULL;
    if (!mask)
        return NULL;
    const uint64_t random = tarn__random_reserve(count);
    for (int64_t i = 0; i < count; i++) {
        const bool drops = (double)tarn__random_uniform(tarn__random_at(random, i)) < p;
        mask[i] = drops ? 0 : (tarn_real)(1 / (1 - p));
    }
    apply(shape, mask, tarn_values(x), (tarn__target){tarn_values(result), false});
    return result;
}
