#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

BINARY_TESTS(div, NONZERO)

Test(div, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3));
    tarn_tensor *b = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_div(a, b),
                   "div: shapes (2,3) and (2,4) cannot be broadcast: each pair of dimensions, from "
                   "the last on, must be equal or hold a 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* a / b b, though b b itself or a dy would overflow. */
Test(div, gradient_does_not_overflow)
{
    tarn_tensor *a = tarn_full(tarn_shape(1), 1e38);
    tarn_tensor *b = tarn_requires_grad(tarn_full(tarn_shape(1), 1e18), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_scale(tarn_div(a, b), 1e20)));
    cr_assert_float_eq(*tarn_gradients(b), -1e22, 1e17);
    tarn_tape_end(tape);
    tarn_free(b);
    tarn_free(a);
}

/* Element (i, j, k) of a tensor of such a shape, of which dimensions may be 1. */
static int64_t place(tarn_shape s, int64_t i, int64_t j, int64_t k)
{
    return ((s.dim[0] > 1 ? i : 0) * s.dim[1] + (s.dim[1] > 1 ? j : 0)) * s.dim[2] +
           (s.dim[2] > 1 ? k : 0);
}

static tarn_tensor *away_from_0(tarn_shape shape)
{
    tarn_tensor *t = tarn_rand(shape);
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(t)[i] += 1;
    return t;
}

static void expect_close(const tarn_real *found, const double *expected, int64_t count)
{
    double largest = 0;
    int64_t wrong = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (int64_t i = 0; i < count; i++) /* a NaN is wrong */
        wrong += !(fabs((double)found[i] - expected[i]) <= 1e-5 * largest);
    cr_expect_eq(wrong, 0);
}

/* Against the definition. Short rows go together, where one operand is the same in them. */
static void check_broadcast(tarn_shape of_a, tarn_shape of_b)
{
    enum { N = 3, ROWS = 700, COLUMNS = 5, SIZE = N * ROWS * COLUMNS };
    tarn_tensor *a = tarn_requires_grad(tarn_randn(of_a), true);
    tarn_tensor *b = tarn_requires_grad(away_from_0(of_b), true);
    static double y[SIZE], da[SIZE], db[SIZE];
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *found = tarn_div(a, b);
    cr_assert(tarn_backward(tarn_sum(tarn_square(found))));
    memset(da, 0, sizeof da);
    memset(db, 0, sizeof db);
    for (int64_t i = 0; i < SIZE; i++) {
        const int64_t n = i / (ROWS * COLUMNS), row = i / COLUMNS % ROWS, column = i % COLUMNS;
        const int64_t at_a = place(of_a, n, row, column), at_b = place(of_b, n, row, column);
        const double x = tarn_values(a)[at_a], z = tarn_values(b)[at_b];
        y[i] = x / z;
        da[at_a] += 2 * y[i] / z;
        db[at_b] -= 2 * y[i] * y[i] / z;
    }
    expect_close(tarn_values(found), y, SIZE);
    expect_close(tarn_gradients(a), da, tarn_size(a));
    expect_close(tarn_gradients(b), db, tarn_size(b));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

Test(div, short_rows)
{
    const tarn_shape all = tarn_shape(3, 700, 5);
    const tarn_shape others[] = {tarn_shape(3, 1, 5),   tarn_shape(1, 1, 5), tarn_shape(1, 700, 5),
                                 tarn_shape(3, 700, 1), tarn_shape(3, 1, 1), tarn_shape(1, 1, 1)};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        check_broadcast(all, others[i]);
        check_broadcast(others[i], all);
    }
    check_broadcast(tarn_shape(3, 1, 5), tarn_shape(1, 700, 5));
    check_broadcast(tarn_shape(1, 700, 1), tarn_shape(3, 1, 5));
}
