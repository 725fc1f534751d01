/* What a transform does with its sample: draws numbers, and gives another buffer for its pixels. */
#include "core/base/random_internal.h"
#include "data/transform_internal.h"

double tarn_sample_uniform(tarn_sample *sample, double low, double high)
{
    if (!sample)
        return low;
    double unit = (double)(tarn__random_at(sample->random, 0) >> 11) * 0x1p-53;
    sample->random += TARN__RANDOM_STEP;
    double number = low + unit * (high - low);
    return number < high ? number : low; /* where rounding reaches high */
}

int tarn__sample_below(tarn_sample *sample, int count)
{
    return (int)tarn_sample_uniform(sample, 0, count);
}

int64_t tarn_sample_scratch(int height, int width)
{
    /* For elastic distortion: two fields of two numbers a pixel, and a row with room around it. */
    return 4 * (int64_t)height * width + 2 * ((int64_t)width + 2 * TARN__RADIUS_MAX);
}

void tarn_sample_swap(tarn_sample *sample)
{
    if (!sample)
        return;
    tarn_real *values = sample->values;
    sample->values = sample->spare;
    sample->spare = values;
}
