/* Weighted sums of rows and pixels: every set of kernels against the naive loops, over numbers
   whose sums are exact. */
#include "tests/core/kernels_test.h"

enum { ROWS = 5, MOST_TAPS = 3 };

/* Up to so many taps for each of count sums, at least one of them with none. */
static int64_t draw_taps(int64_t count, int64_t sources, int64_t *start, tarn__tap *taps)
{
    int64_t used = 0;
    for (int64_t i = 0; i < count; i++) {
        start[i] = used;
        const int64_t more = i == 1 ? 0 : choose(1, MOST_TAPS);
        for (int64_t t = 0; t < more; t++)
            taps[used++] = (tarn__tap){choose(0, sources - 1), (double)choose(-8, 8) / 8};
    }
    return start[count] = used;
}

Test(kernels_resample, rows)
{
    for (int64_t size = 0; size <= 150; size++) {
        int64_t start[2];
        tarn__tap taps[MOST_TAPS];
        const int64_t count = draw_taps(1, ROWS, start, taps);
        array x = integers(ROWS * size);
        EACH_SET(set)
        {
            double line[151] = {0};
            line[size] = 99;
            (*set)->resample_rows(taps, count, size, x.values, line);
            cr_expect_eq(line[size], 99, "%s writes too much, %d", (*set)->name, (int)size);
            for (int64_t k = 0; k < size; k++) {
                double sum = 0;
                for (int64_t t = 0; t < count; t++)
                    sum += taps[t].weight * x.values[taps[t].from * size + k];
                cr_expect_eq(line[k], sum, "%s: %d of %d", (*set)->name, (int)k, (int)size);
            }
        }
        free_array(x);
    }
}

Test(kernels_resample, pixels)
{
    enum { PIXELS = 7, SOURCES = 4, MOST = 150 };
    for (int64_t c = 1; c <= MOST; c++) {
        int64_t start[PIXELS + 1];
        tarn__tap taps[PIXELS * MOST_TAPS];
        static double line[SOURCES * MOST];
        draw_taps(PIXELS, SOURCES, start, taps);
        for (int64_t k = 0; k < SOURCES * c; k++)
            line[k] = (double)choose(-64, 64) / 16;
        array before = integers(PIXELS * c);
        for (int add = 0; add < 2; add++) {
            array expected = copy(before);
            tarn__kernels_available()[0]->resample_pixels(start, taps, PIXELS, c, line,
                                                          (tarn__target){expected.values, add});
            EACH_SET(set)
            {
                array y = copy(before);
                (*set)->resample_pixels(start, taps, PIXELS, c, line,
                                        (tarn__target){y.values, add});
                cr_expect(same(y, expected), "%s: %d numbers, add %d", (*set)->name, (int)c, add);
                cr_expect(guards_hold(y), "%s writes too much", (*set)->name);
                free_array(y);
            }
            free_array(expected);
        }
        free_array(before);
    }
}
