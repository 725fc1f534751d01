#include <math.h>

#include "tests/support/axes.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { ALL = 100 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const tarn_axes axes = golden_axes(context);
    if (axes.count > 0)
        return tarn_mean_axes(x[0], axes, .keepdims = golden_number(context, "keepdims", 0) == 1);
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
    assert_mistake(tarn_mean_axes(x, tarn_axes(0, 2)), "mean_axes: input (2,3) has no axis 2");
    assert_mistake(tarn_mean_axes(x, tarn_axes(-3)), "mean_axes: input (2,3) has no axis -3");
    assert_mistake(tarn_mean_axes(x, tarn_axes(1, 0, -1)),
                   "mean_axes: axis 1 of input (2,3) is given twice");
    assert_mistake(tarn_mean_axes(x, tarn_axes()),
                   "mean_axes: no axes are given, expects at least one; tarn_mean(x) is over all "
                   "elements");
    assert_mistake(tarn_mean_axes(x, tarn_axes(0, 0, 0, 0, 0, 0, 0, 0, 0)), "axes: there are 9");
    assert_mistake(tarn_mean_axes(x, (tarn_axes){.count = 9}), "is given twice");
    record_mistakes();
    cr_assert_null(tarn_mean_axis(NULL, 5));
    cr_assert_null(tarn_mean_axes(NULL, tarn_axes()));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
