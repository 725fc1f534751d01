#include "tests/data/transform_test.h"

/* The factor that a transform of this seed draws. */
static double factor_of(double amount, uint64_t seed)
{
    tarn_sample s = {.random = tarn__random_at(seed, 0)};
    return tarn_sample_uniform(&s, fmax(0, 1 - amount), 1 + amount);
}

Test(transform_light, brightness)
{
    enum { RUNS = 3000 };
    static double factors[RUNS];
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        const tarn_real from[] = {0.5, 0, 1, 0.25};
        tarn_sample s = sample_of(2, 2, 1, from);
        apply(tarn_transform_brightness(0.5), &s, seed);
        double f = factor_of(0.5, seed);
        assert_values(
            &s,
            (tarn_real[]){(tarn_real)(0.5 * f), 0, (tarn_real)fmin(f, 1), (tarn_real)(0.25 * f)},
            1e-6);
        factors[seed] = 2 * (double)s.values[0];
        sample_free(&s);
    }
    assert_uniform(factors, RUNS, 0.5, 1.5);
}

Test(transform_light, contrast)
{
    enum { RUNS = 3000 };
    static double factors[RUNS];
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        /* Their mean is 0.4375. */
        const tarn_real from[] = {0.5, 0, 1, 0.25};
        tarn_real to[4];
        tarn_sample s = sample_of(1, 2, 2, from);
        apply(tarn_transform_contrast(2), &s, seed);
        double f = factor_of(2, seed);
        for (int i = 0; i < 4; i++)
            to[i] = (tarn_real)fmin(fmax(f * (double)from[i] + (1 - f) * 0.4375, 0), 1);
        assert_values(&s, to, 1e-6);
        factors[seed] = ((double)s.values[0] - 0.4375) / (0.5 - 0.4375);
        sample_free(&s);
    }
    assert_uniform(factors, RUNS, 0, 3);
}

/* The mean of more numbers than there are lanes, against a sum. */
Test(transform_light, contrast_around_the_mean)
{
    for (int size = 0; size < SIZES; size++) {
        const int h = sizes[size][0], w = sizes[size][1], c = sizes[size][2];
        tarn_sample s = sample_of(h, w, c, NULL), from = sample_of(h, w, c, NULL);
        double mean = 0, f = factor_of(0.25, 3);
        for (int i = 0; i < h * w * c; i++)
            mean += (double)s.values[i] / (h * w * c);
        apply(tarn_transform_contrast(0.25), &s, 3);
        for (int i = 0; i < h * w * c; i++)
            cr_assert_float_eq(s.values[i],
                               fmin(fmax(f * (double)from.values[i] + (1 - f) * mean, 0), 1), 1e-6);
        sample_free(&s);
        sample_free(&from);
    }
}

Test(transform_light, bad_numbers)
{
    assert_mistake(tarn_transform_brightness(-0.5).apply,
                   "transform_brightness: amount is -0.5, expects 0 to 100");
    assert_mistake(tarn_transform_contrast(NAN).apply, "transform_contrast: amount is nan");
}
