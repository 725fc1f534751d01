/* Operations on each element at numbers far from 1. */
#include <float.h>
#include <math.h>

#include "tests/support/golden.h"

static tarn_tensor *elu(tarn_tensor *x)
{
    return tarn_elu(x);
}

/* Value and gradient at one point, within a few units in the last place. */
static void expect_at(tarn_tensor *(*op)(tarn_tensor *), double at, double value, double gradient)
{
    const double unit = sizeof(tarn_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON;
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1), at), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = op(x);
    cr_assert(tarn_backward(y));
    const double y0 = (double)tarn_item(y), dx0 = (double)tarn_gradients(x)[0];
    cr_expect(fabs(y0 - value) <= 8 * unit * fabs(value), "of %g is %g, expects %g", at, y0, value);
    cr_expect(fabs(dx0 - gradient) <= 8 * unit * fabs(gradient), "gradient at %g is %g, expects %g",
              at, dx0, gradient);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(unary, precise_near_0_and_far_away)
{
    expect_at(tarn_softplus, -20, log1p(exp(-20)), 1 / (1 + exp(20)));
    expect_at(tarn_softplus, -70, exp(-70), exp(-70));
    expect_at(tarn_softplus, 30, 30 + log1p(exp(-30)), 1 / (1 + exp(-30)));
    expect_at(tarn_softplus, 1e30, 1e30, 1);
    expect_at(tarn_softplus, -1e30, 0, 0);
    expect_at(elu, -0x1p-30, expm1(-0x1p-30), exp(-0x1p-30));
    expect_at(elu, -0x1p-12, expm1(-0x1p-12), exp(-0x1p-12));
    expect_at(elu, -1e30, -1, 0);
    expect_at(tarn_gelu_tanh, 1e30, 1e30, 1);
    expect_at(tarn_gelu_tanh, -1e30, 0, 0);
    expect_at(tarn_silu, 1e30, 1e30, 1);
    expect_at(tarn_silu, -1e30, 0, 0);
    expect_at(tarn_silu, -60, -60 * exp(-60), -59 * exp(-60));
}

/* Where y is near a bound, its distance from there is no difference of y and the bound. */
Test(unary, gradients_are_precise_where_y_is_near_its_bound)
{
    for (double x = -40; x <= 40; x += 0.5) {
        expect_at(elu, x, x > 0 ? x : expm1(x), x > 0 ? 1 : exp(x));
        expect_at(tarn_sigmoid, x, 1 / (1 + exp(-x)), 1 / (1 + exp(-x)) / (1 + exp(x)));
        expect_at(tarn_tanh, x, tanh(x), 1 / cosh(x) / cosh(x));
        expect_at(tarn_softplus, x, fmax(x, 0) + log1p(exp(-fabs(x))), 1 / (1 + exp(-x)));
    }
}
