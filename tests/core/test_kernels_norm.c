/* Dropout and batch normalization of every set of kernels against the naive loops. */
#include "tests/core/kernels_test.h"
#include "tests/support/larger.h"

/* ---- Dropout */

Test(kernels, dropout)
{
    static const int64_t sizes[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 1024, 1999};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int add = 0; add < 2; add++) {
            const tarn__dropout mask = {(uint64_t)choose(0, INT64_MAX - 1), 1u << 30, 1.5};
            array x = integers(sizes[k]), y = integers(sizes[k]), expected = copy(y);
            tarn__kernels_available()[0]->dropout(&mask, sizes[k], x.values,
                                                  (tarn__target){expected.values, add});
            EACH_SET(set)
            {
                array result = copy(y);
                (*set)->dropout(&mask, sizes[k], x.values, (tarn__target){result.values, add});
                cr_assert(same(result, expected), "%s: dropout of %d", (*set)->name, (int)sizes[k]);
                cr_assert(guards_hold(result), "%s: dropout of %d writes outside", (*set)->name,
                          (int)sizes[k]);
                free_array(result);
            }
            free_array(x);
            free_array(y);
            free_array(expected);
        }
}

/* ---- Batch normalization */

typedef struct normalization {
    tarn__batch_norm s;
    bool add, constants; /* add to dx; statistics are constants */
    array x, dy, skip, map[3], factors[3];
    array y, dx; /* results, and what is there before */
    double statistics[4][80];
} normalization;

static normalization new_normalization(int64_t pixels, int64_t channels, int form)
{
    normalization v = {.s = {.pixels = pixels, .channels = channels, .relu = form & 1},
                       .add = form & 2,
                       .constants = form & 4,
                       .x = fractions(pixels * channels),
                       .dy = fractions(pixels * channels),
                       .skip = fractions(pixels * channels),
                       .y = fractions(pixels * channels),
                       .dx = fractions(pixels * channels)};
    for (int i = 0; i < 3; i++) {
        v.map[i] = fractions(channels);
        v.factors[i] = fractions(channels);
    }
    v.s.centre = v.map[0].values, v.s.scale = v.map[1].values, v.s.shift = v.map[2].values;
    if (form & 8)
        v.s.skip = v.skip.values, v.s.y = v.dy.values; /* any signs do */
    return v;
}

static void free_normalization(normalization *v)
{
    for (int i = 0; i < 3; i++) {
        free_array(v->map[i]);
        free_array(v->factors[i]);
    }
    free_array(v->x);
    free_array(v->dy);
    free_array(v->skip);
    free_array(v->y);
    free_array(v->dx);
}

/* Runs all with copies of the results, which it returns in place. */
static void run_normalization(const tarn__kernels *set, normalization *v)
{
    v->y = copy(v->y), v->dx = copy(v->dx);
    const tarn__batch_norm_back back = {v->factors[0].values,
                                        v->constants ? NULL : v->factors[1].values,
                                        v->constants ? NULL : v->factors[2].values};
    for (int step = 0; step < 4; step++) {
        workspace w = new_workspace(set->batch_norm_workspace(&v->s));
        if (step == 0 && v->s.pixels > 0)
            set->batch_norm_statistics(&v->s, v->x.values, v->statistics[0], v->statistics[1],
                                       w.bytes);
        if (step == 1)
            set->batch_norm_forward(&v->s, v->x.values, v->y.values, w.bytes);
        if (step == 2)
            set->batch_norm_gradient_sums(&v->s, v->x.values, v->dy.values, v->statistics[2],
                                          v->statistics[3], w.bytes);
        if (step == 3)
            set->batch_norm_input_gradient(&v->s, &back, v->x.values, v->dy.values,
                                           (tarn__target){v->dx.values, v->add}, w.bytes);
        cr_assert(close_workspace(w), "%s: step %d writes behind its workspace", set->name, step);
    }
    cr_assert(guards_hold(v->y) && guards_hold(v->dx), "%s: writes outside", set->name);
}

static double statistics_difference(const normalization *a, const normalization *b)
{
    double apart = 0, scale = sqrt((double)a->s.pixels) + 1;
    for (int i = 0; i < 4; i++)
        for (int64_t c = 0; c < a->s.channels; c++) {
            double d = fabs(a->statistics[i][c] - b->statistics[i][c]);
            apart = larger(apart, i < 2 ? d : d / scale);
        }
    return apart;
}

static void compare_normalization(int64_t pixels, int64_t channels, int form)
{
    normalization v = new_normalization(pixels, channels, form);
    normalization expected = v;
    run_normalization(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        normalization first = v;
        tarn_set_threads(1);
        run_normalization(*set, &first);
        const char *wrong = !(difference(first.y, expected.y) <= tolerance)     ? "value"
                            : !(difference(first.dx, expected.dx) <= tolerance) ? "input gradient"
                            : !(statistics_difference(&first, &expected) <= tolerance)
                                ? "statistics"
                                : NULL;
        cr_assert_null(wrong, "%s: %d pixels, %d channels, form %d: %s", (*set)->name, (int)pixels,
                       (int)channels, form, wrong);
        for (int threads = 2; threads <= 4 && pixels * channels > 30000; threads++) {
            normalization result = v;
            tarn_set_threads(threads);
            run_normalization(*set, &result);
            cr_assert(same(result.y, first.y) && same(result.dx, first.dx) &&
                          memcmp(result.statistics, first.statistics, sizeof first.statistics) == 0,
                      "%s: %d threads", (*set)->name, threads);
            free_array(result.y);
            free_array(result.dx);
        }
        free_array(first.y);
        free_array(first.dx);
    }
    free_array(expected.y);
    free_array(expected.dx);
    free_normalization(&v);
}

Test(kernels, batch_norm)
{
    static const int64_t channels[] = {0, 1, 2, 3, 4, 6, 7, 8, 16, 24, 31, 32, 48, 64, 70};
    static const int64_t pixels[] = {0, 1, 2, 15, 16, 17, 64, 65, 200, 1030};
    int form = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (size_t j = 0; j < sizeof pixels / sizeof *pixels; j++)
            compare_normalization(pixels[j], channels[i], form++ % 16);
    for (form = 0; form < 16; form++) {
        compare_normalization(4111, 16, form);
        compare_normalization(2222, 30, form);
        compare_normalization(9999, 5, form);
    }
}
