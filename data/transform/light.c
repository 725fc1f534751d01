/*
 * Brightness and contrast: y = f x and y = f x + (1 - f) m, m the mean of all values of the
 * picture, cut to [0, 1]. The factor f is drawn uniformly around 1 (torchvision's ColorJitter, but
 * for its m, which is the mean of the gray picture, and rounded).
 */
#include "core/base/clones.h"
#include "data/transform_internal.h"

static double draw_factor(const tarn_transform *transform, tarn_sample *sample)
{
    const double amount = transform->numbers[0];
    return tarn_sample_uniform(sample, amount < 1 ? 1 - amount : 0, 1 + amount);
}

/* y = factor x + shift, cut to [0, 1]. */
TARN__CLONES static void change(tarn_real *values, int64_t size, tarn_real factor, tarn_real shift)
{
    for (int64_t i = 0; i < size; i++) {
        tarn_real y = factor * values[i] + shift;
        y = y < 1 ? y : 1;
        values[i] = y > 0 ? y : 0;
    }
}

static int64_t size_of(const tarn_sample *s)
{
    return (int64_t)s->height * s->width * s->channels;
}

static void brightness(const tarn_transform *transform, tarn_sample *s)
{
    change(s->values, size_of(s), (tarn_real)draw_factor(transform, s), 0);
}

enum { LANES = 8 };

/* Summed in lanes, so that the compiler may use vectors. */
TARN__CLONES static double mean_of(const tarn_real *values, int64_t size)
{
    double lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= size; i += LANES)
        for (int k = 0; k < LANES; k++)
            lanes[k] += values[i + k];
    for (; i < size; i++)
        sum += values[i];
    for (int k = 0; k < LANES; k++)
        sum += lanes[k];
    return size > 0 ? sum / (double)size : 0;
}

static void contrast(const tarn_transform *transform, tarn_sample *s)
{
    const double factor = draw_factor(transform, s), mean = mean_of(s->values, size_of(s));
    change(s->values, size_of(s), (tarn_real)factor, (tarn_real)((1 - factor) * mean));
}

tarn_transform tarn_transform_brightness(double amount)
{
    if (!tarn__transform_check("brightness", "amount", amount, 0, 100))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){
        .name = "brightness", .apply = brightness, .meaning = "amount", .numbers = {amount}};
}

tarn_transform tarn_transform_contrast(double amount)
{
    if (!tarn__transform_check("contrast", "amount", amount, 0, 100))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){
        .name = "contrast", .apply = contrast, .meaning = "amount", .numbers = {amount}};
}
