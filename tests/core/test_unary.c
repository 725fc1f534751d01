/* What holds for every operation on each element: threads, and numbers far from 1. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/support/golden.h"

static tarn_tensor *raise(tarn_tensor *x)
{
    return tarn_pow(x, 3);
}

static tarn_tensor *leaky_relu(tarn_tensor *x)
{
    return tarn_leaky_relu(x);
}

static tarn_tensor *elu(tarn_tensor *x)
{
    return tarn_elu(x);
}

static tarn_tensor *clamp(tarn_tensor *x)
{
    return tarn_clamp(x, -0.5, 0.5);
}

static tarn_tensor *maximum(tarn_tensor *x)
{
    return tarn_maximum(x, tarn_scale(x, -1));
}

static tarn_tensor *minimum(tarn_tensor *x)
{
    return tarn_minimum(x, tarn_square(x));
}

static tarn_tensor *where(tarn_tensor *x)
{
    return tarn_where(tarn_relu(x), x, tarn_exp(x));
}

static const struct {
    const char *name;
    tarn_tensor *(*op)(tarn_tensor *);
} all[] = {
    {"neg", tarn_neg},
    {"abs", tarn_abs},
    {"pow", raise},
    {"silu", tarn_silu},
    {"gelu", tarn_gelu},
    {"gelu_tanh", tarn_gelu_tanh},
    {"leaky_relu", leaky_relu},
    {"elu", elu},
    {"softplus", tarn_softplus},
    {"clamp", clamp},
    {"exp", tarn_exp},
    {"sigmoid", tarn_sigmoid},
    {"tanh", tarn_tanh},
    {"square", tarn_square},
    {"maximum", maximum},
    {"minimum", minimum},
    {"where", where},
};
enum { ALL = sizeof all / sizeof *all, MANY = 100003 };

/* Runs forward and backward, twice if asked, so that the second gradient is added to the first. */
static void pass(tarn_tensor *(*op)(tarn_tensor *), tarn_tensor *x, tarn_real *y, int times)
{
    const int64_t size = tarn_size(x);
    tarn_zero_grad(x);
    for (int i = 0; i < times; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *result = op(x);
        memcpy(y, tarn_values(result), (size_t)size * sizeof *y);
        cr_assert(tarn_backward(tarn_sum(tarn_mul(result, x))));
        tarn_tape_end(tape);
    }
}

/* Of an array that threads share, and whose last piece is odd: the same bits with any number of
   them, and element by element those of a short array. */
Test(unary, threads_and_pieces_change_no_bit)
{
    enum { FEW = 37 };
    static tarn_real y[MANY], expected[MANY], dx[MANY];
    tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(MANY)), true);
    tarn_tensor *end =
        tarn_requires_grad(tarn_from_array(tarn_shape(FEW), tarn_values(x) + MANY - FEW), true);
    for (int k = 0; k < ALL; k++)
        for (int threads = 1; threads <= 4; threads++) {
            tarn_set_threads(threads);
            pass(all[k].op, x, threads == 1 ? expected : y, 2);
            if (threads == 1) {
                memcpy(dx, tarn_gradients(x), sizeof dx);
                pass(all[k].op, end, y, 2);
                cr_expect_arr_eq(y, expected + MANY - FEW, FEW * sizeof *y, "%s", all[k].name);
                cr_expect_arr_eq(tarn_gradients(end), dx + MANY - FEW, FEW * sizeof *y, "%s",
                                 all[k].name);
            } else {
                cr_expect_arr_eq(y, expected, sizeof y, "%s, %d threads", all[k].name, threads);
                cr_expect_arr_eq(tarn_gradients(x), dx, sizeof dx, "%s, %d threads", all[k].name,
                                 threads);
            }
        }
    tarn_free(x);
    tarn_free(end);
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
