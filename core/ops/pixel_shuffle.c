/*
 * Pixels out of channels, and back: r x r neighbouring pixels are the r r numbers that lie side by
 * side in the channels of one.
 *
 *     pixel_shuffle:   y[n, i r + p, j r + q, c] = x[n, i, j, (c r + p) r + q]
 *     pixel_unshuffle: y[n, i, j, (c r + p) r + q] = x[n, i r + p, j r + q, c]
 *
 * Each is tarn_permute() of the image with axes for p and q.
 */
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/extras.h"

/* False after a report, if x is no image or the factor is none. */
static bool check(const char *op, const tarn_tensor *x, int factor)
{
    if (x->shape.ndim != 4)
        return tarn_fail("%s: input %s, expects (N,H,W,C)", op, tarn_shape_to_text(x->shape).text);
    return factor >= 1 || tarn_fail("%s: factor is %d, expects at least 1", op, factor);
}

tarn_tensor *tarn_pixel_shuffle(tarn_tensor *x, int factor)
{
    if (!x || !check("pixel_shuffle", x, factor))
        return NULL;
    const int64_t *d = x->shape.dim, r = factor, channels = d[3] / (r * r);
    if (d[3] % (r * r) != 0 || d[1] > INT64_MAX / r || d[2] > INT64_MAX / r)
        return tarn_fail("pixel_shuffle: input %s, expects a multiple of %lld channels, and sides "
                         "that can be %d times as long",
                         tarn_shape_to_text(x->shape).text, (long long)(r * r), factor);
    tarn_tensor *apart = tarn_reshape(x, tarn_shape(d[0], d[1], d[2], channels, r, r));
    tarn_tensor *moved = tarn_permute(apart, tarn_axes(0, 1, 4, 2, 5, 3));
    return tarn_reshape(moved, tarn_shape(d[0], d[1] * r, d[2] * r, channels));
}

tarn_tensor *tarn_pixel_unshuffle(tarn_tensor *x, int factor)
{
    if (!x || !check("pixel_unshuffle", x, factor))
        return NULL;
    const int64_t *d = x->shape.dim, r = factor, height = d[1] / r, width = d[2] / r;
    if (d[1] % r != 0 || d[2] % r != 0 || d[3] > INT64_MAX / (r * r))
        return tarn_fail("pixel_unshuffle: input %s, expects sides that are multiples of %d, and "
                         "channels that can be %lld times as many",
                         tarn_shape_to_text(x->shape).text, factor, (long long)(r * r));
    tarn_tensor *apart = tarn_reshape(x, tarn_shape(d[0], height, r, width, r, d[3]));
    tarn_tensor *moved = tarn_permute(apart, tarn_axes(0, 1, 3, 5, 2, 4));
    return tarn_reshape(moved, tarn_shape(d[0], height, width, d[3] * r * r));
}
