/*
 * Images of another size, linearly interpolated along both axes.
 *
 *     y[n,i,j,c] = (1 - a) ((1 - b) x[n,h,w,c]   + b x[n,h,w+1,c])
 *                  +    a  ((1 - b) x[n,h+1,w,c] + b x[n,h+1,w+1,c])
 *         where (h + a, w + b) is the place of (i,j) in x, as in core/ops.h
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] times its weight over the (i,j) that read (h,w)
 *
 * With antialias the mean is of more pixels, in a smaller result: core/ops/shared/resample.h.
 * A row below the last counts as the last. Places are fractions of whole numbers, so that those at
 * a pixel's centre are exact.
 */
#include "core/ops.h"
#include "core/ops/shared/resample.h"

/* The taps of place a / b. */
static int64_t between(int64_t in, int64_t a, int64_t b, tarn__tap *taps)
{
    const int64_t row = a / b;
    const double behind = (double)(a % b) / (double)b;
    const bool single = behind == 0 || row == in - 1;
    taps[0] = (tarn__tap){row, single ? 1 : 1 - behind};
    if (!single)
        taps[1] = (tarn__tap){row + 1, behind};
    return single ? 1 : 2;
}

static int64_t of_centres(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    const int64_t place = (2 * i + 1) * in - out;
    return between(in, place > 0 ? place : 0, 2 * out, taps);
}

static int64_t of_corners(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    return between(in, i * (in - 1), out > 1 ? out - 1 : 1, taps);
}

static double triangle(double distance)
{
    return distance < 1 ? 1 - distance : 0;
}

static int64_t smooth(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    return tarn__taps_of_filter(triangle, 1, in, out, i, taps);
}

static const tarn__resampling ways[] = {
    [TARN__CENTRES] = {{"upsample_bilinear2d", tarn__resample_backward}, of_centres},
    [TARN__CORNERS] = {{"upsample_bilinear2d", tarn__resample_backward}, of_corners},
    [TARN__SMOOTH] = {{"upsample_bilinear2d", tarn__resample_backward}, smooth},
};

tarn_tensor *tarn_upsample_bilinear2d_with(tarn_upsample_bilinear2d_args args)
{
    return tarn__interpolate(ways, args.x, args.height, args.width, args.align_corners,
                             args.antialias);
}
