#include "tests/data/transform_test.h"

/* The rectangle that differs from the picture before: left, top, width, height, all of it changed
   and nothing around it. */
static void find_rectangle(const tarn_sample *s, const tarn_sample *from, int of[4])
{
    int left = s->width, top = s->height, right = -1, bottom = -1, changed = 0;
    for (int i = 0; i < s->height * s->width; i++) {
        int channels = 0;
        for (int c = 0; c < s->channels; c++)
            channels += s->values[i * s->channels + c] != from->values[i * s->channels + c];
        if (!channels)
            continue;
        cr_assert_eq(channels, s->channels);
        int x = i % s->width, y = i / s->width;
        left = x < left ? x : left;
        top = y < top ? y : top;
        right = x > right ? x : right;
        bottom = y > bottom ? y : bottom;
        changed++;
    }
    of[0] = left;
    of[1] = top;
    of[2] = right < 0 ? 0 : right - left + 1;
    of[3] = bottom < 0 ? 0 : bottom - top + 1;
    cr_assert_eq(of[2] * of[3], changed);
}

/* All pixels 0.25, so that each that is erased differs. */
static tarn_sample even(int height, int width, int channels)
{
    tarn_sample s = sample_of(height, width, channels, NULL);
    for (int i = 0; i < height * width * channels; i++)
        s.values[i] = 0.25;
    return s;
}

/* Every pixel is as often the middle: 3 x 3 squares in 4 x 5 pixels, cut at the border. */
Test(transform_erase, cutout)
{
    enum { RUNS = 4000 };
    int counts[20] = {0};
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        tarn_sample s = even(4, 5, 3), from = even(4, 5, 3);
        int of[4];
        apply(tarn_transform_cutout(3, .fill = 1), &s, seed);
        find_rectangle(&s, &from, of);
        int right = of[0] + of[2], bottom = of[1] + of[3];
        int x = of[0] > 0 ? of[0] + 1 : right - 2, y = of[1] > 0 ? of[1] + 1 : bottom - 2;
        cr_assert(of[2] >= 2 && of[2] <= 3 && of[3] >= 2 && of[3] <= 3);
        cr_assert_eq(s.values[(of[1] * 5 + of[0]) * 3], 1);
        counts[5 * y + x]++;
        sample_free(&s);
        sample_free(&from);
    }
    for (int i = 0; i < 20; i++)
        cr_assert_lt(fabs(counts[i] - RUNS / 20.0), 5 * sqrt(RUNS / 20.0), "%d at %d", counts[i],
                     i);
}

Test(transform_erase, rectangles_are_as_asked)
{
    enum { RUNS = 3000 };
    static double areas[RUNS], ratios[RUNS];
    int erased = 0;
    for (uint64_t seed = 0; seed < 2 * RUNS; seed++) {
        tarn_sample s = even(60, 50, 1), from = even(60, 50, 1);
        int of[4];
        apply(tarn_transform_erase(0.5, .smallest = 0.1, .largest = 0.3, .ratio = 2), &s, seed);
        find_rectangle(&s, &from, of);
        if (of[2] > 0 && erased < RUNS) {
            areas[erased] = of[2] * of[3] / 3000.0;
            ratios[erased++] = log((double)of[3] / of[2]);
            cr_assert_eq(s.values[of[1] * 50 + of[0]], 0);
        }
        sample_free(&s);
        sample_free(&from);
    }
    cr_assert_lt(abs(erased - RUNS), 4 * sqrt(RUNS / 2.0));
    /* Sides are whole pixels, and what does not fit is drawn again, so that it is not quite
     * uniform. */
    double area = 0, ratio = 0;
    for (int i = 0; i < erased; i++) {
        cr_assert(areas[i] > 0.09 && areas[i] < 0.31 && fabs(ratios[i]) < log(2) + 0.1);
        area += areas[i] / erased;
        ratio += ratios[i] / erased;
    }
    cr_assert_float_eq(area, 0.2, 0.005);
    cr_assert_float_eq(ratio, 0, 0.04);
}

Test(transform_erase, noise)
{
    double sum = 0;
    int of[4];
    tarn_sample s = even(40, 40, 3), from = even(40, 40, 3);
    apply(tarn_transform_erase(1, .smallest = 1, .largest = 1, .ratio = 1, .noise = true), &s, 1);
    find_rectangle(&s, &from, of);
    cr_assert(of[2] == 40 && of[3] == 40);
    for (int i = 0; i < 4800; i++) {
        cr_assert(s.values[i] >= 0 && s.values[i] < 1);
        sum += (double)s.values[i] / 4800;
    }
    cr_assert_float_eq(sum, 0.5, 0.02);
    cr_assert_neq(s.values[0], s.values[1]);
    sample_free(&s);
    sample_free(&from);
}

/* What does not fit ten times is left out: all of a picture cannot be twice as wide as high. */
Test(transform_erase, what_does_not_fit)
{
    int of[4];
    for (uint64_t seed = 0; seed < 50; seed++) {
        tarn_sample s = even(1, 50, 1), from = even(1, 50, 1);
        apply(tarn_transform_erase(1, .smallest = 1, .largest = 1, .ratio = 2), &s, seed);
        find_rectangle(&s, &from, of);
        cr_assert_eq(of[2], 0);
        sample_free(&s);
        sample_free(&from);
    }
}

Test(transform_erase, bad_numbers)
{
    assert_mistake(tarn_transform_cutout(-1).apply,
                   "transform_cutout: size is -1, expects 0 to 10000");
    assert_mistake(tarn_transform_cutout(1, .fill = 2).apply, "transform_cutout: fill is 2");
    assert_mistake(tarn_transform_erase(2).apply, "transform_erase: probability is 2");
    assert_mistake(tarn_transform_erase(1, .smallest = 0.5).apply,
                   "transform_erase: smallest is 0.5, expects 0 to 0.333333");
    assert_mistake(tarn_transform_erase(1, .largest = 1.5).apply,
                   "transform_erase: largest is 1.5");
    assert_mistake(tarn_transform_erase(1, .ratio = 0).apply, "transform_erase: ratio is 0");
    assert_mistake(tarn_transform_erase(1, .fill = -1).apply, "transform_erase: fill is -1");
}
