/*
 * Images of another size, interpolated along both axes by cubic convolution (Keys 1981).
 *
 *     y[n,i,j,c] = sum over four rows h and four columns w of k(h - a) k(w - b) x[n,h,w,c]
 *         where (a, b) is the place of (i,j) in x, as in core/ops.h, and for distances d
 *         k(d) = (q + 2) d^3 - (q + 3) d^2 + 1       below 1
 *                q d^3 - 5 q d^2 + 8 q d - 4 q       from there to 2
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] times its weight over the (i,j) that read (h,w)
 *
 * Rows outside count as the outermost. As in PyTorch q is -3/4, and -1/2 with antialias.
 */
#include <math.h>

#include "core/ops.h"
#include "core/ops/shared/resample.h"

static double cubic(double q, double d)
{
    if (d < 1)
        return ((q + 2) * d - (q + 3)) * d * d + 1;
    return d < 2 ? ((q * d - 5 * q) * d + 8 * q) * d - 4 * q : 0;
}

/* The taps of place a / b, which may be up to half a row outside. */
static int64_t around(int64_t in, int64_t a, int64_t b, tarn__tap *taps)
{
    const int64_t row = (a + b) / b - 1; /* rounded down, also where a is negative */
    const double behind = (double)(a - row * b) / (double)b;
    int64_t count = 0;
    for (int64_t h = row - 1; h <= row + 2; h++) {
        const int64_t inside = h < 0 ? 0 : h < in ? h : in - 1;
        const double weight = cubic(-0.75, fabs((double)(h - row) - behind));
        if (count > 0 && taps[count - 1].from == inside)
            taps[count - 1].weight += weight;
        else if (weight != 0)
            taps[count++] = (tarn__tap){inside, weight};
    }
    return count;
}

static int64_t of_centres(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    return around(in, (2 * i + 1) * in - out, 2 * out, taps);
}

static int64_t of_corners(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    return around(in, i * (in - 1), out > 1 ? out - 1 : 1, taps);
}

static double filter(double distance)
{
    return cubic(-0.5, distance);
}

static int64_t smooth(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    return tarn__taps_of_filter(filter, 2, in, out, i, taps);
}

static const tarn__resampling ways[] = {
    [TARN__CENTRES] = {{"upsample_bicubic2d", tarn__resample_backward}, of_centres},
    [TARN__CORNERS] = {{"upsample_bicubic2d", tarn__resample_backward}, of_corners},
    [TARN__SMOOTH] = {{"upsample_bicubic2d", tarn__resample_backward}, smooth},
};

tarn_tensor *tarn_upsample_bicubic2d_with(tarn_upsample_bicubic2d_args args)
{
    return tarn__interpolate(ways, args.x, args.height, args.width, args.align_corners,
                             args.antialias);
}
