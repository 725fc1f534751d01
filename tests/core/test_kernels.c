/* The choice of a set of kernels. */
#include "tests/core/kernels_test.h"

Test(kernels, sets)
{
    const tarn__kernels *const *sets = tarn__kernels_available();
    cr_assert_str_eq(sets[0]->name, "naive");
    cr_assert_str_eq(sets[1]->name, "baseline");
    cr_assert(tarn__kernels_in_use());
}

Test(kernels, environment_chooses)
{
    setenv("TARN_SIMD", "naive", 1);
    cr_assert_str_eq(tarn__kernels_in_use()->name, "naive");
    cr_assert_str_eq(tarn_simd(), "naive");
}

/* Rows of any width, of which nothing behind them is written. */
Test(kernels, copies)
{
    enum { ROWS = 3, APART = 70, TO_APART = 75 };
    array from = fractions(ROWS * APART);
    for (int64_t width = 0; width <= APART; width++)
        EACH_SET(set)
        {
            array to = new_array(ROWS * TO_APART);
            (*set)->copy_rows(ROWS, width, from.values, APART, to.values, TO_APART);
            for (int64_t i = 0; i < ROWS * TO_APART; i++) {
                const int64_t row = i / TO_APART, at = i % TO_APART;
                if (at < width)
                    cr_expect_eq(to.values[i], from.values[row * APART + at], "%s", (*set)->name);
                else
                    cr_expect(is_guard(to.values[i]), "%s: writes too much", (*set)->name);
            }
            cr_expect(guards_hold(to));
            free_array(to);
        }
    free_array(from);
}

/* Rows in which one y is near 1, or none, before others that are no part of them. */
Test(kernels, softmax_gradient)
{
    enum { BEHIND = 64 };
    for (int64_t n = 1; n <= 150; n++)
        for (int64_t m = -1; m < n; m += n / 5 + 1) {
            array y = fractions(n + BEHIND), dy = fractions(n + BEHIND), before = fractions(n);
            for (int64_t i = 0; i < n + BEHIND; i++) {
                const double other = m < 0 ? 0.5 / (double)n : 0x1p-20 / (double)n;
                y.values[i] = (tarn_real)(i >= n ? 0.9 : i == m ? 1 - 0x1p-20 : other);
            }
            for (int add = 0; add < 2; add++) {
                array expected = copy(before);
                tarn__kernels_available()[0]->softmax_gradient(
                    n, y.values, dy.values, (tarn__target){expected.values, add});
                EACH_SET(set)
                {
                    array dx = copy(before);
                    (*set)->softmax_gradient(n, y.values, dy.values,
                                             (tarn__target){dx.values, add});
                    cr_expect(difference(dx, expected) < tolerance, "%s: %d, %d, add %d",
                              (*set)->name, (int)n, (int)m, add);
                    for (int64_t i = 0; !add && i < n; i++)
                        cr_expect(fabs((double)(dx.values[i] / expected.values[i]) - 1) < 1e-3 ||
                                      fabs((double)expected.values[i]) < 1e-9,
                                  "%s: %d of %d, %d", (*set)->name, (int)i, (int)n, (int)m);
                    cr_expect(guards_hold(dx), "%s writes too much", (*set)->name);
                    free_array(dx);
                }
                free_array(expected);
            }
            free_array(y);
            free_array(dy);
            free_array(before);
        }
}
