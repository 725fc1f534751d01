#include <math.h>
#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { MOST = 256 };

typedef bool arg_function(const tarn_tensor *x, int axis, int32_t *indices);

/* Without a tape, and no more is written than there are indices. */
static void check(const char *name, arg_function *function)
{
    golden *file = golden_open(name);
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c)) {
        tarn_tensor *x = golden_tensor(c, "x0"), *y = golden_tensor(c, "y");
        const int64_t count = tarn_size(y);
        cr_assert_lt(count, MOST);
        int32_t indices[MOST];
        memset(indices, 255, sizeof indices);
        cr_assert(function(x, (int)golden_number(c, "axis", 0), indices));
        for (int64_t i = 0; i < count; i++)
            cr_expect_eq(indices[i], (int32_t)tarn_values(y)[i], "%s, case %s: index %lld", name,
                         golden_name(c), (long long)i);
        cr_expect_eq(indices[count], -1, "%s, case %s: writes too much", name, golden_name(c));
        tarn_free(x);
        tarn_free(y);
    }
    golden_close(file);
}

Test(argmax, golden)
{
    check("argmax", tarn_argmax_axis);
}

Test(argmin, golden)
{
    check("argmin", tarn_argmin_axis);
}

Test(argmax, same_at_any_number_of_threads)
{
    enum { ROWS = 37, COLUMNS = 1500 };
    static int32_t one[COLUMNS], many[COLUMNS];
    tarn_tensor *x = tarn_rand(tarn_shape(ROWS, COLUMNS));
    for (int axis = 0; axis < 2; axis++) {
        tarn_set_threads(1);
        cr_assert(tarn_argmax_axis(x, axis, one));
        for (int threads = 2; threads <= 4; threads++) {
            tarn_set_threads(threads);
            cr_assert(tarn_argmax_axis(x, axis, many));
            cr_assert_eq(memcmp(one, many, sizeof one), 0, "%d threads", threads);
        }
    }
    tarn_free(x);
}

Test(argmax, bad_input)
{
    int32_t indices[4] = {7};
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(2, 0));
    tarn_tensor *long_axis = tarn_zeros(tarn_shape(0, (int64_t)1 << 31));
    assert_mistake(tarn_argmax_axis(x, 2, indices), "argmax_axis: input (2,3) has no axis 2");
    assert_mistake(tarn_argmin_axis(x, -3, indices), "argmin_axis: input (2,3) has no axis -3");
    assert_mistake(tarn_argmax_axis(empty, 1, indices),
                   "argmax_axis: axis 1 of input (2,0) is empty");
    assert_mistake(tarn_argmax_axis(long_axis, 1, indices), "is longer than 2^31 - 1");
    assert_mistake(tarn_argmin_axis(x, 1, NULL),
                   "argmin_axis: the array for the indices of input (2,3) is NULL");
    record_mistakes();
    cr_assert_not(tarn_argmax_axis(NULL, 5, indices));
    cr_assert_eq(mistakes(), 0);
    cr_assert_eq(indices[0], 7);
    tarn_free(x);
    tarn_free(empty);
    tarn_free(long_axis);
}

/* What a plain loop says. */
static int32_t first_best(const tarn_real *x, int count, tarn_real sign)
{
    int best = 0;
    for (int i = 1; i < count && x[best] == x[best]; i++)
        if (!(sign * x[i] <= sign * x[best]))
            best = i;
    return best;
}

/* Rows that are searched in blocks and pieces, with the best, equals of it, NaN and infinities
   anywhere. */
Test(argmax, the_first_of_long_rows)
{
    const int lengths[] = {1, 2, 63, 64, 65, 127, 200, 1023, 1024, 1025, 1087, 1100, 2048, 2200};
    const tarn_real specials[] = {3, NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (int trial = 0; trial < 64; trial++) {
            const int length = lengths[k];
            tarn_tensor *x = trial % 3 == 0 ? tarn_full(tarn_shape(length), -INFINITY)
                                            : tarn_rand(tarn_shape(length));
            tarn_real *values = tarn_values(x);
            for (int i = 0; i < trial % 5; i++)
                values[(trial * 131 + i * 977) % length] = specials[(trial / 4 + i / 2) % 4];
            int32_t best;
            cr_assert(tarn_argmax_axis(x, 0, &best));
            cr_expect_eq(best, first_best(values, length, 1), "max of %d, trial %d", length, trial);
            cr_assert(tarn_argmin_axis(x, 0, &best));
            cr_expect_eq(best, first_best(values, length, -1), "min of %d, trial %d", length,
                         trial);
            tarn_free(x);
        }
}
