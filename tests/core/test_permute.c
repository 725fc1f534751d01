#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    tarn_axes axes = {.count = tarn_ndim(x[0])};
    for (int i = 0; i < axes.count; i++) {
        char name[] = {'a', 'x', 'i', 's', (char)('0' + i), '\0'};
        axes.axis[i] = (int)golden_number(context, name, 99);
    }
    return tarn_permute(x[0], axes);
}

OPERATION_TESTS(permute, run)

/* Element by element, in sizes around those of tiles. */
Test(permute, many_sizes)
{
    const int64_t sizes[] = {1, 2, 7, 8, 31, 32, 33, 70, 1030};
    for (int a = 0; a < 9; a++)
        for (int b = 0; b < 9; b++) {
            const int64_t m = sizes[a], n = sizes[b];
            if (m * n > 40000)
                continue;
            tarn_tensor *x = tarn_rand(tarn_shape(3, m, n, 2));
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *last =
                tarn_permute(tarn_reshape(x, tarn_shape(6, m, n)), tarn_axes(0, 2, 1));
            tarn_tensor *middle = tarn_permute(x, tarn_axes(2, 0, 1, 3));
            for (int64_t i = 0; i < m * n * 6; i++) {
                int64_t at = i / (m * n) * m * n + i % m * n + i / m % n;
                cr_assert_eq(tarn_values(last)[i], tarn_values(x)[at], "%d %d", (int)m, (int)n);
                at = (i / 2 / m % 3 * m * n + i / 2 % m * n + i / 2 / m / 3) * 2 + i % 2;
                cr_assert_eq(tarn_values(middle)[i], tarn_values(x)[at], "%d %d", (int)m, (int)n);
            }
            tarn_tape_end(tape);
            tarn_free(x);
        }
}

Test(permute, copies)
{
    tarn_tensor *x = tarn_rand(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert_neq(tarn_values(tarn_permute(x, tarn_axes(0, 1))), tarn_values(x));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(permute, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_permute(x, tarn_axes(0, 1)),
                   "permute: 2 axes for input (2,3,4), expects each of its axes once");
    assert_mistake(tarn_permute(x, tarn_axes(0, 1, 2, 3)), "permute: 4 axes for input (2,3,4)");
    assert_mistake(tarn_permute(x, tarn_axes()), "permute: 0 axes");
    assert_mistake(tarn_permute(x, tarn_axes(0, 1, -2)),
                   "permute: axis 1 of input (2,3,4) comes twice, expects each once");
    assert_mistake(tarn_permute(x, tarn_axes(0, 1, 3)), "permute: input (2,3,4) has no axis 3");
    assert_mistake(tarn_permute(x, tarn_axes(0, 1, -4)), "permute: input (2,3,4) has no axis -4");
    assert_mistake(tarn_permute(x, tarn_axes(0, 1, 2, 3, 4, 5, 6, 7, 8)),
                   "axes: there are 9 of them, at most 8 are possible");
    tarn_tape_end(tape);
    tarn_free(x);
}
