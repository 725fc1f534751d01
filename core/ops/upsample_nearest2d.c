/*
 * Images of another size, each pixel the one that lies at its place, rounded down.
 *
 *     y[n,i,j,c] = x[n, floor(i H / height), floor(j W / width), c]
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] over the (i,j) that took (h,w)
 */
#include "core/ops.h"
#include "core/ops/shared/resample.h"

static int64_t nearest(int64_t in, int64_t out, int64_t i, tarn__tap *taps)
{
    taps[0] = (tarn__tap){i * in / out, 1};
    return 1;
}

static const tarn__resampling upsample_nearest2d = {{"upsample_nearest2d", tarn__resample_backward},
                                                    nearest};

tarn_tensor *tarn_upsample_nearest2d(tarn_tensor *x, int height, int width)
{
    tarn_tensor *y = tarn__resample(&upsample_nearest2d, x, height, width);
    tarn_op_operations(y, 0);
    return y;
}
