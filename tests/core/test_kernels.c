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
