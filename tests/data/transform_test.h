/* Samples for the tests of transforms, each block on the heap, where a sanitizer sees its ends. */
#ifndef TARN_TESTS_DATA_TRANSFORM_TEST_H
#define TARN_TESTS_DATA_TRANSFORM_TEST_H

#include <math.h>
#include <stdlib.h>

#include "core/base/random_internal.h"
#include "data/transform_internal.h"
#include "tests/support/mistakes.h"

/* Number i of the noise of a seed: in [0, 1], one in 8 is 0 or 1. */
static inline tarn_real noise_at(uint64_t seed, int64_t i)
{
    uint64_t bits = tarn__random_at(seed, i);
    return bits % 8 ? tarn__random_uniform(bits) : (tarn_real)(bits / 8 % 2);
}

/* values: NULL for noise. spare and scratch hold NaN. */
static inline tarn_sample sample_of(int height, int width, int channels, const tarn_real *values)
{
    tarn_sample s = {.height = height, .width = width, .channels = channels};
    int size = height * width * channels, scratch = (int)tarn_sample_scratch(height, width);
    s.values = malloc((size_t)size * sizeof *s.values);
    s.spare = malloc((size_t)size * sizeof *s.spare);
    s.scratch = malloc((size_t)scratch * sizeof *s.scratch);
    for (int i = 0; i < size; i++) {
        s.values[i] = values ? values[i] : noise_at(77, i);
        s.spare[i] = (tarn_real)NAN;
    }
    for (int i = 0; i < scratch; i++)
        s.scratch[i] = (tarn_real)NAN;
    return s;
}

static inline void sample_free(tarn_sample *s)
{
    free(s->values);
    free(s->spare);
    free(s->scratch);
}

static inline void apply(tarn_transform transform, tarn_sample *sample, uint64_t seed)
{
    tarn_transforms list = tarn_transforms_of(transform);
    cr_assert_eq(list.count, 1);
    tarn_transforms_apply(&list, sample, seed);
}

static inline void assert_values(const tarn_sample *s, const tarn_real *expected, double tolerance)
{
    for (int i = 0; i < s->height * s->width * s->channels; i++)
        cr_assert(fabs((double)s->values[i] - (double)expected[i]) <= tolerance,
                  "%d x %d x %d: %g at %d, expected %g", s->height, s->width, s->channels,
                  s->values[i], i, expected[i]);
}

/* Whether numbers are uniform in [low, high): Kolmogorov and Smirnov's distance from a straight
   line is below 1.95 / sqrt(count) but once in a thousand. Sorts them. */
static inline int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline void assert_uniform(double *numbers, int count, double low, double high)
{
    qsort(numbers, (size_t)count, sizeof *numbers, compare_numbers);
    cr_assert(numbers[0] >= low && numbers[count - 1] <= high, "%g to %g", numbers[0],
              numbers[count - 1]);
    for (int i = 0; i < count; i++) {
        const double distance = fabs((i + 0.5) / count - (numbers[i] - low) / (high - low));
        cr_assert(distance < 1.95 / sqrt(count), "distance %g", distance);
    }
}

/* Height, width and channels of pictures that are small, odd, not square. */
static const int sizes[][3] = {{1, 1, 1},   {1, 1, 3},   {1, 7, 1},  {7, 1, 3},
                               {2, 2, 1},   {3, 5, 3},   {5, 3, 2},  {8, 9, 1},
                               {28, 28, 1}, {17, 40, 4}, {33, 32, 3}};
enum { SIZES = sizeof sizes / sizeof *sizes };

#endif
