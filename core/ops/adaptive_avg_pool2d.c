/*
 * Mean of each of height x width windows that cover the image, channel by channel.
 *
 *     y[n,i,j,c] = sum of x[n,h,w,c] over the (h,w) of window (i,j) / their number
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] / the number of the window, over those that hold (h,w)
 *
 * Window i of `out` begins at floor(i in / out) and ends before ceil((i + 1) in / out). So two that
 * follow each other share one row at most.
 */
#include "core/ops.h"
#include "core/ops/shared/resample.h"

static int64_t window(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    const int64_t first = i * in / out, end = ((i + 1) * in + out - 1) / out;
    for (int64_t row = first; row < end; row++)
        taps[row - first] = (tarn__tap){row, 1.0 / (double)(end - first)};
    return end - first;
}

static const tarn__resampling adaptive_avg_pool2d = {
    {"adaptive_avg_pool2d", tarn__resample_backward}, window};

tarn_tensor *tarn_adaptive_avg_pool2d(tarn_tensor *x, int height, int width)
{
    return tarn__resample(&adaptive_avg_pool2d, x, height, width);
}
