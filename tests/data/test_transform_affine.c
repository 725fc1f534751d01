/* Maps: what each draws, and what resampling makes of them. */
#include "tests/data/transform_test.h"

#include <string.h>

static tarn_map given(const tarn_transform *transform, tarn_sample *sample)
{
    (void)sample;
    return *(const tarn_map *)transform->context;
}

static void apply_map(tarn_map map, tarn_sample *sample)
{
    apply((tarn_transform){.name = "given", .map = given, .context = &map}, sample, 1);
}

static void gives(tarn_map map, int height, int width, int channels, const tarn_real *from,
                  const tarn_real *to)
{
    tarn_sample s = sample_of(height, width, channels, from);
    apply_map(map, &s);
    assert_values(&s, to, 1e-7);
    sample_free(&s);
}

#define FILL TARN_BORDER_FILL
#define EDGE TARN_BORDER_EDGE
#define REFLECT TARN_BORDER_REFLECT

/* By hand. */
Test(transform_affine, small_pictures)
{
    const tarn_real row[] = {0.5, 0, 1, 0.25};
    gives((tarn_map){1, 0, 1, 0, 1, 0, FILL, 0.125}, 1, 4, 1, row,
          (tarn_real[]){0, 1, 0.25, 0.125});
    gives((tarn_map){1, 0, -2, 0, 1, 0, FILL, 0.125}, 1, 4, 1, row,
          (tarn_real[]){0.125, 0.125, 0.5, 0});
    gives((tarn_map){1, 0, -2, 0, 1, 0, EDGE, 0}, 1, 4, 1, row, (tarn_real[]){0.5, 0.5, 0.5, 0});
    gives((tarn_map){1, 0, -2, 0, 1, 0, REFLECT, 0}, 1, 4, 1, row, (tarn_real[]){1, 0, 0.5, 0});
    gives((tarn_map){1, 0, 0.5, 0, 1, 0, FILL, 1}, 1, 4, 1, row,
          (tarn_real[]){0.25, 0.5, 0.625, 0.625});
    gives((tarn_map){1, 0, -0.25, 0, 1, 0, FILL, 1}, 1, 4, 1, row,
          (tarn_real[]){0.625, 0.125, 0.75, 0.4375});
    gives((tarn_map){2, 0, 0, 0, 2, 0, FILL, 0}, 1, 4, 1, row, (tarn_real[]){0, 0.25, 0.625, 0});
    gives((tarn_map){-1, 0, 0, 0, 1, 0, FILL, 0}, 1, 4, 1, row, (tarn_real[]){0.25, 1, 0, 0.5});
    /* Two channels, down by one. */
    gives((tarn_map){1, 0, 0, 0, 1, -1, FILL, 0.5}, 2, 2, 2,
          (tarn_real[]){0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f},
          (tarn_real[]){0.5, 0.5, 0.5, 0.5, 0.1f, 0.2f, 0.3f, 0.4f});
    /* A quarter turn: what is at (x, y) was at (y, -x). */
    gives((tarn_map){0, 1, 0, -1, 0, 0, FILL, 0}, 3, 3, 1,
          (tarn_real[]){0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f},
          (tarn_real[]){0.7f, 0.4f, 0.1f, 0.8f, 0.5f, 0.2f, 0.9f, 0.6f, 0.3f});
    gives((tarn_map){1, 0, 0.5, 0, 1, 0.5, REFLECT, 0}, 1, 1, 1, (tarn_real[]){0.3f},
          (tarn_real[]){0.3f});
    gives((tarn_map){1, 0, 0.5, 0, 1, 0.5, FILL, 0}, 1, 1, 1, (tarn_real[]){0.8f},
          (tarn_real[]){0.2f});
}

/* The directions that the words promise: a rotation turns one way for positive and the other for
   negative angles by as much, magnification by 2 leaves the middle, shear keeps the middle row. */
Test(transform_affine, maps_of_the_transforms)
{
    tarn_sample s = {.height = 20, .width = 30, .channels = 1, .random = 9};
    for (int i = 0; i < 100; i++) {
        tarn_transform t = tarn_transform_rotate(40, .border = EDGE, .fill = 0.5);
        tarn_map m = t.map(&t, &s);
        cr_assert_float_eq(m.xx * m.yy - m.xy * m.yx, 1, 1e-12);
        cr_assert(m.xx == m.yy && m.xy == -m.yx && m.xx >= cos(40 * 3.1416 / 180));
        cr_assert(m.x0 == 0 && m.y0 == 0 && m.border == EDGE && m.fill == 0.5);
        t = tarn_transform_shear(30, .border = REFLECT);
        m = t.map(&t, &s);
        cr_assert(m.xx == 1 && m.yx == 0 && m.yy == 1 && fabs(m.xy) <= tan(30 * 3.1416 / 180));
        cr_assert_eq(m.border, REFLECT);
        t = tarn_transform_scale(2, 4, .fill = 1);
        m = t.map(&t, &s);
        cr_assert(m.xx == m.yy && m.xx > 0.25 && m.xx <= 0.5 && m.xy == 0 && m.yx == 0);
        cr_assert(m.border == FILL && m.fill == 1);
    }
}

enum { DRAWS = 5000 };

static tarn_map drawn(tarn_transform t, int seed)
{
    tarn_sample s = {.height = 20, .width = 30, .channels = 1, .random = (uint64_t)seed << 40};
    return t.map(&t, &s);
}

Test(transform_affine, amounts_are_uniform)
{
    static double a[DRAWS], b[DRAWS];
    const double degrees = 180 / 3.141592653589793;
    for (int i = 0; i < DRAWS; i++) {
        tarn_map m = drawn(tarn_transform_shift(3), i);
        a[i] = m.x0;
        b[i] = m.y0;
    }
    assert_uniform(a, DRAWS, -3, 3);
    assert_uniform(b, DRAWS, -3, 3);
    for (int i = 0; i < DRAWS; i++) {
        tarn_map m = drawn(tarn_transform_rotate(180), i);
        a[i] = atan2(m.xy, m.xx) * degrees;
        b[i] = 1 / drawn(tarn_transform_scale(0.5, 3), i).xx;
    }
    assert_uniform(a, DRAWS, -180, 180);
    assert_uniform(b, DRAWS, 0.5, 3);
    for (int i = 0; i < DRAWS; i++)
        a[i] = atan(drawn(tarn_transform_shear(50), i).xy) * degrees;
    assert_uniform(a, DRAWS, -50, 50);
}

/* Of a wide picture, so that parts often do not fit: all lie inside, and where they always fit,
   area and ratio are as promised. */
Test(transform_affine, resized_crops)
{
    static double area[DRAWS], ratio[DRAWS], left[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
        tarn_map m = drawn(tarn_transform_resized_crop(0.08, .ratio = 3), i);
        double width = m.xx * 30, height = m.yy * 20;
        double x = m.x0 + 15 - width / 2, y = m.y0 + 10 - height / 2;
        cr_assert(m.border == EDGE && m.xy == 0 && m.yx == 0);
        cr_assert(x > -1e-9 && y > -1e-9 && x + width < 30 + 1e-9 && y + height < 20 + 1e-9);
        cr_assert(width * height >= 0.08 * 600 - 1e-9);
    }
    for (int i = 0; i < DRAWS; i++) {
        tarn_sample s = {.height = 20, .width = 20, .channels = 1, .random = (uint64_t)i << 40};
        tarn_transform t = tarn_transform_resized_crop(0.5, .ratio = 1);
        tarn_map m = t.map(&t, &s);
        area[i] = m.xx * m.yy;
        left[i] = (m.x0 + 10 - m.xx * 10) / (20 - m.xx * 20);
        double width, height;
        cr_assert(tarn__sample_part(&s, 0.1, 0.2, 2, &width, &height));
        ratio[i] = log(width / height);
    }
    assert_uniform(area, DRAWS, 0.5, 1);
    assert_uniform(ratio, DRAWS, -log(2), log(2));
    assert_uniform(left, DRAWS, 0, 1);
}

/* A part of 2 x 2 pixels of 4 x 4, doubled: pixels lie at -1/4, 1/4, 3/4, 5/4 of it. */
Test(transform_affine, a_part_is_magnified)
{
    const tarn_real from[] = {0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
    tarn_sample s = sample_of(4, 4, 1, from);
    /* left = 1, width = 2, height = 4 */
    apply_map((tarn_map){0.5, 0, 0, 0, 1, 0, EDGE, 0}, &s);
    for (int i = 0; i < 4; i++) {
        const tarn_real row[] = {0.75, 0.75, 0.25, 0};
        for (int k = 0; k < 4; k++)
            cr_assert_eq(s.values[4 * i + k], row[k]);
    }
    sample_free(&s);
}

static int64_t place_of(int64_t i, int64_t n, tarn_border border)
{
    while (border == REFLECT && n > 1 && (i < 0 || i >= n))
        i = i < 0 ? -i : 2 * (n - 1) - i;
    if (border == FILL)
        return i >= 0 && i < n ? i : -1;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* The definition, in double. */
static double reference(const tarn_sample *s, double x, double y, int channel, tarn_border border,
                        double fill)
{
    double sum = 0, left = floor(x), top = floor(y);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            int64_t px = place_of((int64_t)left + j, s->width, border);
            int64_t py = place_of((int64_t)top + i, s->height, border);
            double value = px < 0 || py < 0
                               ? fill
                               : (double)s->values[(py * s->width + px) * s->channels + channel];
            sum += (j ? x - left : 1 - x + left) * (i ? y - top : 1 - y + top) * value;
        }
    return sum;
}

static void compare_with_reference(const tarn_map *m, int height, int width, int channels)
{
    tarn_sample s = sample_of(height, width, channels, NULL);
    tarn_sample before = sample_of(height, width, channels, NULL);
    apply_map(*m, &s);
    for (int i = 0; i < height * width * channels; i++) {
        double v = i / channels / width - (height - 1) / 2.0;
        double u = i / channels % width - (width - 1) / 2.0;
        double x = m->xx * u + m->xy * v + m->x0 + (width - 1) / 2.0;
        double y = m->yx * u + m->yy * v + m->y0 + (height - 1) / 2.0;
        double expected = reference(&before, x, y, i % channels, m->border, m->fill);
        cr_assert_float_eq(s.values[i], expected, 1e-5, "%d x %d x %d at %d: %g, expected %g",
                           height, width, channels, i, s.values[i], expected);
    }
    sample_free(&s);
    sample_free(&before);
}

Test(transform_affine, agrees_with_the_definition)
{
    tarn_sample numbers = {.random = 4};
    for (int size = 0; size < SIZES; size++)
        for (int run = 0; run < 60; run++) {
            double of[6];
            for (int i = 0; i < 6; i++)
                of[i] = tarn_sample_uniform(&numbers, -2, 2) * (i % 3 == 2 ? 10 : 1);
            tarn_map m = {of[0], of[1], of[2], of[3], of[4], of[5], (tarn_border)(run % 3), 0.5};
            if (run % 5 == 0)
                m.xy = m.yx = 0;
            if (run % 7 == 0)
                m.xx = 0;
            compare_with_reference(&m, sizes[size][0], sizes[size][1], sizes[size][2]);
        }
}

/* Half a pixel to the right and back, resampled once, is where it was; with something between them,
   or another border, it is not. */
Test(transform_affine, neighbours_are_combined)
{
    tarn_map right = {1, 0, -0.5, 0, 1, 0, FILL, 0}, left = {1, 0, 0.5, 0, 1, 0, FILL, 0};
    tarn_transform a = {.name = "right", .map = given, .context = &right};
    tarn_transform b = {.name = "left", .map = given, .context = &left};
    for (int blurred = 0; blurred < 3; blurred++) {
        tarn_sample s = sample_of(8, 9, 3, NULL), before = sample_of(8, 9, 3, NULL);
        left.fill = blurred == 2 ? 1 : 0;
        tarn_transforms list = blurred == 1 ? tarn_transforms_of(a, tarn_transform_flip(0), b)
                                            : tarn_transforms_of(a, b);
        tarn_transforms_apply(&list, &s, 1);
        cr_assert_eq(memcmp(s.values, before.values, 8 * 9 * 3 * sizeof(tarn_real)) != 0,
                     blurred > 0);
        sample_free(&s);
        sample_free(&before);
    }
}

/* In the order of the list: moved by 2, then magnified by 2, is moved by 4. */
Test(transform_affine, combined_in_order)
{
    tarn_map right = {1, 0, -2, 0, 1, 0, FILL, 0}, larger = {0.5, 0, 0, 0, 0.5, 0, FILL, 0};
    tarn_transform a = {.name = "right", .map = given, .context = &right};
    tarn_transform b = {.name = "larger", .map = given, .context = &larger};
    tarn_sample one = sample_of(17, 40, 4, NULL), two = sample_of(17, 40, 4, NULL);
    tarn_transforms list = tarn_transforms_of(a, b);
    tarn_transforms_apply(&list, &one, 1);
    apply_map((tarn_map){0.5, 0, -2, 0, 0.5, 0, FILL, 0}, &two);
    assert_values(&one, two.values, 0);
    list = tarn_transforms_of(b, a);
    tarn_transforms_apply(&list, &two, 1);
    cr_assert_neq(memcmp(one.values, two.values, 17 * 40 * 4 * sizeof(tarn_real)), 0);
    sample_free(&one);
    sample_free(&two);
}

Test(transform_affine, maps_that_lead_nowhere_fill)
{
    const double far[] = {NAN, INFINITY, -INFINITY, 1e300, 1e9, -1e9};
    for (int i = 0; i < 6; i++)
        for (int where = 0; where < 6; where++)
            for (int size = 0; size < SIZES; size++) {
                double of[6] = {1, 0, 0, 0, 1, 0};
                of[where] = far[i];
                tarn_sample s = sample_of(sizes[size][0], sizes[size][1], sizes[size][2], NULL);
                apply_map((tarn_map){of[0], of[1], of[2], of[3], of[4], of[5], EDGE, 0.5}, &s);
                for (int k = 0; k < s.height * s.width * s.channels; k++)
                    cr_assert(s.values[k] >= 0 && s.values[k] <= 1);
                if (where == 2 || where == 5)
                    cr_assert_eq(s.values[0], 0.5);
                sample_free(&s);
            }
}

Test(transform_affine, bad_numbers)
{
    assert_mistake(tarn_transform_rotate(-1).map,
                   "transform_rotate: degrees is -1, expects 0 to 180");
    assert_mistake(tarn_transform_rotate(NAN).map, "transform_rotate: degrees is nan");
    assert_mistake(tarn_transform_shear(81).map, "transform_shear: degrees is 81, expects 0 to 80");
    assert_mistake(tarn_transform_shift(10001).map, "transform_shift: pixels is 10001");
    assert_mistake(tarn_transform_shift(1, .fill = 2).map,
                   "transform_shift: fill is 2, expects 0 to 1");
    assert_mistake(tarn_transform_shift(1, .border = (tarn_border)3).map,
                   "transform_shift: border is 3, expects TARN_BORDER_FILL, TARN_BORDER_EDGE or "
                   "TARN_BORDER_REFLECT");
    assert_mistake(tarn_transform_scale(0, 1).map, "transform_scale: low is 0, expects 0.01 to 1");
    assert_mistake(tarn_transform_scale(2, 1).map, "transform_scale: low is 2, expects 0.01 to 1");
    assert_mistake(tarn_transform_scale(1, 200).map, "transform_scale: high is 200");
    assert_mistake(tarn_transform_scale(0.001, 0.009).map,
                   "transform_scale: high is 0.009, expects 0.01 to 100");
    cr_expect(tarn_transform_scale(0.01, 0.01).map, "both ends of both ranges are in them");
    cr_expect(tarn_transform_scale(100, 100).map);
    assert_mistake(tarn_transform_resized_crop(0).map,
                   "transform_resized_crop: smallest is 0, expects above 0, at most 1");
    assert_mistake(tarn_transform_resized_crop(1.5).map, "resized_crop: smallest is 1.5");
    assert_mistake(tarn_transform_resized_crop(0.5, .ratio = 0.75).map,
                   "resized_crop: ratio is 0.75, expects 1 to 100");
}
