#include "tests/data/transform_test.h"

#include <string.h>

/* Each of the 25 places comes up as often: chi squared with 24 degrees of freedom is 24 +- 7. The
   result is the picture moved there, whole pixels, the border around it. */
Test(transform_crop, every_place_as_often)
{
    enum { RUNS = 5000 };
    for (int border = 0; border < 3; border++)
        for (int channels = 1; channels <= 3; channels++) {
            int counts[25] = {0};
            for (uint64_t seed = 0; seed < RUNS; seed++) {
                tarn_sample s = sample_of(5, 4, channels, NULL);
                tarn_sample from = sample_of(5, 4, channels, NULL);
                apply(tarn_transform_crop(2, .border = (tarn_border)border, .fill = 0.5), &s, seed);
                s.random = tarn__random_at(seed, 0); /* as the transform drew */
                int dx = tarn__sample_below(&s, 5) - 2, dy = tarn__sample_below(&s, 5) - 2;
                counts[5 * (dy + 2) + dx + 2]++;
                for (int i = 0; i < 20 * channels; i++) {
                    int64_t y = tarn__border_place(i / channels / 4 + dy, 5, (tarn_border)border);
                    int64_t x = tarn__border_place(i / channels % 4 + dx, 4, (tarn_border)border);
                    tarn_real expected = x < 0 || y < 0
                                             ? (tarn_real)0.5
                                             : from.values[(4 * y + x) * channels + i % channels];
                    cr_assert_eq(s.values[i], expected);
                }
                sample_free(&s);
                sample_free(&from);
            }
            double chi_squared = 0;
            for (int i = 0; i < 25; i++)
                chi_squared += pow(counts[i] - RUNS / 25.0, 2) / (RUNS / 25.0);
            cr_assert_lt(chi_squared, 56, "chi squared is %g", chi_squared);
        }
}

Test(transform_crop, places_beyond_the_border)
{
    /* n, border, place of -7 to 7 */
    for (int64_t i = -7; i <= 7; i++) {
        const int64_t reflected[] = {1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1};
        cr_assert_eq(tarn__border_place(i, 3, TARN_BORDER_REFLECT), reflected[i + 7]);
        cr_assert_eq(tarn__border_place(i, 3, TARN_BORDER_EDGE), i < 0 ? 0 : i > 2 ? 2 : i);
        cr_assert_eq(tarn__border_place(i, 3, TARN_BORDER_FILL), i < 0 || i > 2 ? -1 : i);
        cr_assert_eq(tarn__border_place(i, 1, TARN_BORDER_REFLECT), 0);
    }
}

Test(transform_crop, flips)
{
    const tarn_real from[] = {0.1f, 0.2f, 0.3f, 0.4f,  0.5f,  0.6f,
                              0.7f, 0.8f, 0.9f, 0.15f, 0.25f, 0.35f};
    const tarn_real across[][12] = {
        {0.3f, 0.2f, 0.1f, 0.6f, 0.5f, 0.4f, 0.9f, 0.8f, 0.7f, 0.35f, 0.25f, 0.15f},
        {0.5f, 0.6f, 0.3f, 0.4f, 0.1f, 0.2f, 0.25f, 0.35f, 0.9f, 0.15f, 0.7f, 0.8f},
        {0.4f, 0.5f, 0.6f, 0.1f, 0.2f, 0.3f, 0.15f, 0.25f, 0.35f, 0.7f, 0.8f, 0.9f}};
    const tarn_real down[][12] = {
        {0.15f, 0.25f, 0.35f, 0.7f, 0.8f, 0.9f, 0.4f, 0.5f, 0.6f, 0.1f, 0.2f, 0.3f},
        {0.7f, 0.8f, 0.9f, 0.15f, 0.25f, 0.35f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}};
    const int shapes[][3] = {{4, 3, 1}, {2, 3, 2}, {2, 2, 3}};
    for (int i = 0; i < 3; i++) {
        tarn_sample s = sample_of(shapes[i][0], shapes[i][1], shapes[i][2], from);
        apply(tarn_transform_flip(1), &s, 1);
        assert_values(&s, across[i], 0);
        apply(tarn_transform_flip(1), &s, 2);
        assert_values(&s, from, 0);
        apply(tarn_transform_flip_vertical(1), &s, 3);
        assert_values(&s, down[i < 1 ? 0 : 1], 0);
        sample_free(&s);
    }
}

Test(transform_crop, flips_as_often_as_asked)
{
    enum { RUNS = 4000 };
    const tarn_real from[] = {0, 1};
    int across = 0, down = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        tarn_sample s = sample_of(1, 2, 1, from), t = sample_of(2, 1, 1, from);
        apply(tarn_transform_flip(0.25), &s, seed);
        apply(tarn_transform_flip_vertical(0.75), &t, seed);
        across += s.values[0] == 1;
        down += t.values[0] == 1;
        sample_free(&s);
        sample_free(&t);
    }
    const double deviation = sqrt(RUNS * 0.25 * 0.75);
    cr_assert_lt(fabs(across - 0.25 * RUNS), 4 * deviation);
    cr_assert_lt(fabs(down - 0.75 * RUNS), 4 * deviation);
}

Test(transform_crop, bad_numbers)
{
    assert_mistake(tarn_transform_crop(-1).apply,
                   "transform_crop: padding is -1, expects 0 to 10000");
    assert_mistake(tarn_transform_crop(2, .fill = -0.5).apply, "transform_crop: fill is -0.5");
    assert_mistake(tarn_transform_flip(NAN).apply, "transform_flip: probability is nan");
    assert_mistake(tarn_transform_flip_vertical(1.5).apply,
                   "transform_flip_vertical: probability is 1.5, expects 0 to 1");
}
