#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { ALL = 100 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int axis = (int)golden_number(context, "axis", ALL);
    return axis == ALL ? tarn_mean(x[0]) : tarn_mean_axis(x[0], axis);
}

OPERATION_TESTS(mean, run)

Test(mean, of_nothing_is_nan)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 0));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(isnan(tarn_item(tarn_mean(x))));
    tarn_tensor *y = tarn_mean_axis(x, 1);
    cr_assert(isnan(tarn_values(y)[0]) && isnan(tarn_values(y)[1]));
    cr_assert_eq(tarn_size(tarn_mean_axis(x, 0)), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(mean, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_mean_axis(x, 2), "mean_axis: input (2,3) has no axis 2");
    assert_mistake(tarn_mean_axis(x, -3), "mean_axis: input (2,3) has no axis -3");
    cr_assert_null(tarn_mean_axis(NULL, 5));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
