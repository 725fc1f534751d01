#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int axis = (int)golden_number(context, "axis", 99);
    return axis == 99 ? tarn_prod(x[0]) : tarn_prod_axis(x[0], axis);
}

OPERATION_TESTS(prod, run)

Test(prod, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_prod_axis(x, 2), "prod_axis: input (2,3) has no axis 2");
    tarn_tape_end(tape);
    tarn_free(x);
}

/* As PyTorch along an axis. */
Test(prod, of_zeros_beside_infinities_and_nan)
{
    enum { ROWS = 8 };
    const double inf = INFINITY, nan = NAN;
    const double rows[ROWS][2][3] = {
        {{0, nan, 3}, {nan, 0, nan}},   {{0, 0, nan}, {nan, nan, 0}},
        {{0, inf, 2}, {inf, 0, nan}},   {{0, 0, inf}, {nan, nan, 0}},
        {{2, 3, 0}, {0, 0, 6}},         {{0, 5, 0}, {0, 0, 0}},
        {{nan, 2, 3}, {nan, nan, nan}}, {{inf, 2, 3}, {nan, inf, inf}},
    };
    for (int r = 0; r < ROWS; r++) {
        tarn_real values[3];
        for (int i = 0; i < 3; i++)
            values[i] = (tarn_real)rows[r][0][i];
        tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(3), values), true);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_prod(x)));
        for (int i = 0; i < 3; i++) {
            const tarn_real dx = tarn_gradients(x)[i], expected = (tarn_real)rows[r][1][i];
            cr_expect(isnan(expected) ? isnan(dx) : dx == expected, "row %d, dx %d is %g", r, i,
                      (double)dx);
        }
        tarn_tape_end(tape);
        tarn_free(x);
    }
}
