#include "tests/data/transform_test.h"

/* u and v at every pixel by the definition, in double, from the numbers that the transform drew. */
static void reference_field(double *field, int height, int width, double alpha, double sigma,
                            uint64_t random)
{
    const int radius = (int)ceil(3 * sigma);
    double sum = 0;
    for (int k = -radius; k <= radius; k++)
        sum += exp(-k * k / (2 * sigma * sigma));
    for (int i = 0; i < height * width; i++) {
        field[2 * i] = field[2 * i + 1] = 0;
        for (int k = 0; k < height * width; k++) {
            int dy = k / width - i / width, dx = k % width - i % width;
            if (abs(dx) > radius || abs(dy) > radius)
                continue;
            double weight = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)) / sum / sum;
            uint64_t bits = tarn__random_at(random, k);
            field[2 * i] += alpha * weight * (double)((int64_t)(bits >> 40) - 0x800000) / 0x800000;
            field[2 * i + 1] +=
                alpha * weight * (double)((int64_t)(bits >> 8 & 0xFFFFFF) - 0x800000) / 0x800000;
        }
    }
}

static double pixel(const tarn_sample *s, int64_t x, int64_t y, int channel, tarn_border border,
                    double fill)
{
    x = tarn__border_place(x, s->width, border);
    y = tarn__border_place(y, s->height, border);
    return x < 0 || y < 0 ? fill : (double)s->values[(y * s->width + x) * s->channels + channel];
}

static void compare(int height, int width, int channels, double alpha, double sigma,
                    tarn_border border)
{
    double *field = malloc(2 * sizeof *field * (size_t)(height * width));
    tarn_sample s = sample_of(height, width, channels, NULL);
    tarn_sample from = sample_of(height, width, channels, NULL);
    apply(tarn_transform_elastic(alpha, sigma, .border = border, .fill = 0.5), &s, 7);
    reference_field(field, height, width, alpha, sigma, tarn__random_at(7, 0));
    for (int i = 0; i < height * width * channels; i++) {
        int at = i / channels, channel = i % channels;
        double x = at % width + field[2 * at], y = at / width + field[2 * at + 1];
        double f = x - floor(x), g = y - floor(y);
        int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
        double expected = (1 - g) * ((1 - f) * pixel(&from, left, top, channel, border, 0.5) +
                                     f * pixel(&from, left + 1, top, channel, border, 0.5)) +
                          g * ((1 - f) * pixel(&from, left, top + 1, channel, border, 0.5) +
                               f * pixel(&from, left + 1, top + 1, channel, border, 0.5));
        cr_assert_float_eq(s.values[i], expected, 1e-4, "%g, expected %g", s.values[i], expected);
    }
    sample_free(&s);
    sample_free(&from);
    free(field);
}

Test(transform_elastic, agrees_with_the_definition)
{
    for (int size = 0; size < SIZES; size++)
        for (int border = 0; border < 3; border++) {
            const int h = sizes[size][0], w = sizes[size][1], c = sizes[size][2];
            compare(h, w, c, 34, 4, (tarn_border)border);
            compare(h, w, c, 3, 0.5, (tarn_border)border);
            compare(h, w, c, 200, 20, (tarn_border)border);
            compare(h, w, c, 1, 0.01, (tarn_border)border);
        }
}

/* Far from the border u has the deviation alpha sqrt(1/3) (sum of g^2): uniform numbers in [-1, 1)
   have 1/3 for their variance. */
Test(transform_elastic, displacements_are_as_large_as_promised)
{
    enum { N = 41, RUNS = 300 };
    double squares = 0, sum = 0, of_g = 0, sum_g = 0;
    for (int k = -6; k <= 6; k++)
        sum_g += exp(-k * k / 8.0);
    for (int k = -6; k <= 6; k++)
        of_g += pow(exp(-k * k / 8.0) / sum_g, 2);
    /* A ramp tells where a pixel came from. */
    tarn_real ramp[N * N];
    for (int i = 0; i < N * N; i++)
        ramp[i] = (tarn_real)(i % N) / N;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        tarn_sample s = sample_of(N, N, 1, ramp);
        apply(tarn_transform_elastic(30, 2), &s, seed);
        double u = ((double)s.values[N / 2 * N + N / 2] - 20.0 / N) * N;
        squares += u * u / RUNS;
        sum += u / RUNS;
        sample_free(&s);
    }
    double expected = 30 * sqrt(1 / 3.0) * of_g;
    cr_assert_float_eq(sqrt(squares), expected, 0.15 * expected);
    cr_assert_lt(fabs(sum), 4 * expected / sqrt(RUNS));
}

Test(transform_elastic, bad_numbers)
{
    assert_mistake(tarn_transform_elastic(-1, 4).apply, "transform_elastic: alpha is -1");
    assert_mistake(tarn_transform_elastic(34, 0).apply,
                   "transform_elastic: sigma is 0, expects 0.01 to 64");
    assert_mistake(tarn_transform_elastic(34, 65).apply, "transform_elastic: sigma is 65");
    assert_mistake(tarn_transform_elastic(34, 4, .fill = NAN).apply,
                   "transform_elastic: fill is nan");
}
