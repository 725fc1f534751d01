/* Lists of transforms, their streams, and what holds of all of them. */
#include "tests/data/transform_test.h"

#include <stdio.h>
#include <string.h>

static void invert(const tarn_transform *transform, tarn_sample *sample)
{
    const int *calls = transform->context;
    for (int i = 0; i < sample->height * sample->width * sample->channels; i++)
        sample->spare[i] = calls && *calls ? 0 : 1 - sample->values[i];
    tarn_sample_swap(sample);
}

Test(transform, one_of_your_own)
{
    const tarn_real values[] = {0, 0.25, 1}, inverted[] = {1, 0.75, 0}, black[] = {0, 0, 0};
    tarn_sample s = sample_of(1, 3, 1, values);
    apply((tarn_transform){.name = "invert", .apply = invert}, &s, 1);
    assert_values(&s, inverted, 0);
    int calls = 1;
    apply((tarn_transform){.name = "invert", .apply = invert, .context = &calls}, &s, 1);
    assert_values(&s, black, 0);
    sample_free(&s);
}

static char *printed(tarn_transforms list, char *text, size_t size)
{
    memset(text, 0, size);
    FILE *file = fmemopen(text, size - 1, "w");
    tarn_transforms_print(&list, file);
    fclose(file);
    return text;
}

Test(transform, lists_are_printed)
{
    char text[1000];
    tarn_transforms list = tarn_transforms_of(
        tarn_transform_shift(2), tarn_transform_rotate(7.5, .border = TARN_BORDER_REFLECT),
        tarn_transform_flip(0.5), (tarn_transform){.name = "invert", .apply = invert});
    cr_assert_str_eq(
        printed(list, text, sizeof text),
        "shift(pixels=2, border=fill, fill=0), "
        "rotate(degrees=7.5, border=reflect, fill=0), flip(probability=0.5), invert()");
    list = tarn_transforms_of(tarn_transform_scale(0.5, 2, .border = TARN_BORDER_EDGE),
                              tarn_transform_erase(1), tarn_transform_elastic(34, 4, .fill = 0.5),
                              tarn_transform_crop(4));
    cr_assert_str_eq(
        printed(list, text, sizeof text),
        "scale(low=0.5, high=2, border=edge, fill=0), "
        "erase(probability=1, smallest=0.02, largest=0.333333, ratio=3.33333, fill=0, noise=0), "
        "elastic(alpha=34, sigma=4, border=fill, fill=0.5), crop(padding=4, border=fill, fill=0)");
    cr_assert_str_eq(printed((tarn_transforms){.count = 0}, text, sizeof text), "none");
    cr_assert_str_eq(printed((tarn_transforms){.count = -1}, text, sizeof text), "none");
    tarn_transforms_print(NULL, stdout);
}

Test(transform, lists_refuse_what_is_none)
{
    tarn_transform many[TARN_TRANSFORMS_MAX + 1];
    for (int i = 0; i <= TARN_TRANSFORMS_MAX; i++)
        many[i] = tarn_transform_flip(0.5);
    cr_assert_eq(tarn_transforms_list(TARN_TRANSFORMS_MAX, many).count, TARN_TRANSFORMS_MAX);
    assert_mistake(tarn_transforms_list(TARN_TRANSFORMS_MAX + 1, many).count >= 0,
                   "transforms_of: 17 transforms, expects at most 16");
    assert_mistake(tarn_transforms_of((tarn_transform){.name = "x"}).count >= 0,
                   "transforms_of: transform 0, x, has no function, expects apply or map");
    assert_mistake(
        tarn_transforms_of(tarn_transform_flip(1), (tarn_transform){.apply = invert}).count >= 0,
        "transforms_of: transform 1 has no name");
    tarn_transform both = tarn_transform_rotate(1);
    both.apply = invert;
    assert_mistake(tarn_transforms_of(both).count >= 0, "rotate, has both functions");
    assert_mistake(tarn_transforms_of(tarn_transform_flip(2), tarn_transform_flip(1)).count >= 0,
                   "transform_flip: probability is 2, expects 0 to 1");
}

/* Every one, as strong as is usual, and stronger. */
static tarn_transforms strong(int which)
{
    const tarn_border border = (tarn_border)(which % 3);
    return which < 3
               ? tarn_transforms_of(
                     tarn_transform_shift(2.5, .border = border),
                     tarn_transform_rotate(180, .border = border),
                     tarn_transform_shear(30, .border = border),
                     tarn_transform_scale(0.5, 2, .border = border, .fill = 1),
                     tarn_transform_crop(3, .border = border), tarn_transform_flip(0.5),
                     tarn_transform_flip_vertical(0.5), tarn_transform_brightness(0.5),
                     tarn_transform_elastic(34, 4, .border = border),
                     tarn_transform_resized_crop(0.08), tarn_transform_contrast(0.5),
                     tarn_transform_cutout(8, .fill = 0.5), tarn_transform_erase(0.7),
                     tarn_transform_erase(0.5, .noise = true))
               : tarn_transforms_of(
                     tarn_transform_shift(10000, .border = border),
                     tarn_transform_rotate(180, .border = border),
                     tarn_transform_shear(80, .border = border),
                     tarn_transform_scale(0.01, 100, .border = border),
                     tarn_transform_crop(10000, .border = border), tarn_transform_brightness(100),
                     tarn_transform_elastic(10000, 64, .border = border),
                     tarn_transform_resized_crop(1e-9, .ratio = 100), tarn_transform_contrast(100),
                     tarn_transform_cutout(10000),
                     tarn_transform_erase(1, .smallest = 0, .largest = 1, .ratio = 100));
}

Test(transform, pixels_stay_in_range)
{
    for (int which = 0; which < 6; which++)
        for (int size = 0; size < SIZES; size++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                tarn_sample s = sample_of(sizes[size][0], sizes[size][1], sizes[size][2], NULL);
                tarn_transforms all = strong(which);
                for (int n = 0; n < all.count; n++) { /* alone, on what the last one left */
                    tarn_transforms one = tarn_transforms_of(all.items[n]);
                    tarn_transforms_apply(&one, &s, seed);
                    for (int i = 0; i < s.height * s.width * s.channels; i++)
                        cr_assert(s.values[i] >= 0 && s.values[i] <= 1, "%s: %g", all.items[n].name,
                                  s.values[i]);
                }
                tarn_transforms_apply(&all, &s, seed);
                for (int i = 0; i < s.height * s.width * s.channels; i++)
                    cr_assert(s.values[i] >= 0 && s.values[i] <= 1);
                sample_free(&s);
            }
}

/* To the bit. */
Test(transform, no_strength_changes_nothing)
{
    for (int border = 0; border < 3; border++)
        for (int size = 0; size < SIZES; size++) {
            const tarn_border b = (tarn_border)border;
            const int h = sizes[size][0], w = sizes[size][1], c = sizes[size][2];
            tarn_sample s = sample_of(h, w, c, NULL), before = sample_of(h, w, c, NULL);
            tarn_transforms none = tarn_transforms_of(
                tarn_transform_shift(0, .border = b, .fill = 1), tarn_transform_crop(0),
                tarn_transform_rotate(0, .border = b), tarn_transform_flip(0),
                tarn_transform_scale(1, 1, .border = b), tarn_transform_flip_vertical(0),
                tarn_transform_shear(0, .border = b, .fill = 0.5),
                tarn_transform_elastic(0, 4, .border = b, .fill = 1), tarn_transform_cutout(0),
                tarn_transform_resized_crop(1, .ratio = 1), tarn_transform_erase(0),
                tarn_transform_erase(1, .smallest = 0, .largest = 0), tarn_transform_brightness(0),
                tarn_transform_contrast(0));
            tarn_transforms_apply(&none, &s, 5);
            cr_assert_eq(memcmp(s.values, before.values, sizeof(tarn_real) * (size_t)(h * w * c)),
                         0);
            sample_free(&s);
            sample_free(&before);
        }
}

/* The same seed gives the same bits, whatever lay in the other blocks; another seed others. */
Test(transform, the_seed_decides)
{
    for (int which = 0; which < 3; which++) {
        tarn_transforms list = strong(which);
        tarn_sample a = sample_of(28, 28, 1, NULL), b = sample_of(28, 28, 1, NULL);
        tarn_sample c = sample_of(28, 28, 1, NULL);
        const size_t size = 784 * sizeof(tarn_real);
        memset(b.spare, 0, size);
        memset(b.scratch, 0, (size_t)tarn_sample_scratch(28, 28) * sizeof(tarn_real));
        b.random = 99;
        tarn_transforms_apply(&list, &a, 3);
        tarn_transforms_apply(&list, &b, 3);
        tarn_transforms_apply(&list, &c, 4);
        cr_assert_eq(memcmp(a.values, b.values, size), 0);
        cr_assert_neq(memcmp(a.values, c.values, size), 0);
        sample_free(&a);
        sample_free(&b);
        sample_free(&c);
    }
}

/* What comes before in the list has no influence on the numbers that a transform draws. */
Test(transform, each_has_a_stream_of_its_own)
{
    tarn_sample a = sample_of(28, 28, 1, NULL), b = sample_of(28, 28, 1, NULL);
    tarn_transforms one = tarn_transforms_of(tarn_transform_flip(0), tarn_transform_crop(9));
    tarn_transforms other = tarn_transforms_of(tarn_transform_erase(1, .largest = 0, .smallest = 0),
                                               tarn_transform_crop(9));
    for (uint64_t seed = 0; seed < 20; seed++) {
        tarn_transforms_apply(&one, &a, seed);
        tarn_transforms_apply(&other, &b, seed);
        assert_values(&a, b.values, 0);
    }
    sample_free(&a);
    sample_free(&b);
}

static void keep_number(const tarn_transform *transform, tarn_sample *sample)
{
    *(double *)transform->context = tarn_sample_uniform(sample, 0, 1);
}

/* Two that are alike draw other numbers. */
Test(transform, streams_of_a_list_differ)
{
    double numbers[2] = {0};
    tarn_sample s = sample_of(1, 1, 1, NULL);
    tarn_transforms list = tarn_transforms_of(
        (tarn_transform){.name = "first", .apply = keep_number, .context = numbers},
        (tarn_transform){.name = "second", .apply = keep_number, .context = numbers + 1});
    tarn_transforms_apply(&list, &s, 1);
    cr_assert_gt(fabs(numbers[0] - numbers[1]), 1e-6);
    sample_free(&s);
}

Test(transform, numbers_are_uniform)
{
    enum { N = 20000 };
    static double numbers[N], next[N];
    tarn_sample s = {.random = 5};
    for (int i = 0; i < N; i++)
        numbers[i] = tarn_sample_uniform(&s, -3, 7);
    double correlation = 0;
    for (int i = 0; i + 1 < N; i++)
        correlation += (numbers[i] - 2) * (numbers[i + 1] - 2) / (100.0 / 12) / N;
    cr_assert_lt(fabs(correlation), 4 / sqrt(N));
    assert_uniform(numbers, N, -3, 7);
    int counts[7] = {0};
    for (int i = 0; i < N; i++)
        counts[tarn__sample_below(&s, 7)]++;
    for (int k = 0; k < 7; k++)
        cr_assert_lt(fabs(counts[k] - N / 7.0), 5 * sqrt(N / 7.0));
    for (uint64_t seed = 0; seed < N; seed++) { /* the first numbers of neighbouring seeds */
        s.random = tarn__random_at(seed, 0);
        next[seed] = tarn_sample_uniform(&s, 0, 1);
    }
    assert_uniform(next, N, 0, 1);
    cr_assert_eq(tarn_sample_uniform(&s, 2, 2), 2);
    for (int i = 0; i < 100; i++) /* where rounding would reach the end */
        cr_assert_eq(tarn_sample_uniform(&s, 1, nextafter(1, 2)), 1);
}
