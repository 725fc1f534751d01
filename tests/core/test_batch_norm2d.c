#include <math.h>
#include <string.h>

#include "core/ops/shared/conv2d_norm.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_batch_norm2d(x[0], x[1], x[2], x[3], x[4],
                             .training = golden_number(context, "training", 0) != 0,
                             .relu = golden_number(context, "relu", 0) != 0,
                             .momentum = golden_number(context, "momentum", 0.1),
                             .eps = golden_number(context, "eps", 1e-5));
}

OPERATION_TESTS(batch_norm2d, run)

static void expect_running(const golden_case *c, const char *name, tarn_tensor *t)
{
    double difference = golden_difference(c, name, tarn_shape_get(t), tarn_values(t));
    cr_expect(difference <= golden_tolerance, "%s: %s differs by %g", golden_name(c), name,
              difference);
}

Test(batch_norm2d, running_statistics_equal_pytorch)
{
    golden *file = golden_open("batch_norm2d");
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c)) {
        tarn_tensor *x[5];
        const char *const names[] = {"x0", "x1", "x2", "x3", "x4"};
        for (int i = 0; i < 5; i++)
            x[i] = golden_tensor(c, names[i]);
        tarn_tape *tape = tarn_tape_begin_no_grad();
        cr_assert(run(x, (void *)c));
        tarn_tape_end(tape);
        expect_running(c, "running_mean", x[3]);
        expect_running(c, "running_var", x[4]);
        for (int i = 0; i < 5; i++)
            tarn_free(x[i]);
    }
    golden_close(file);
}

/* The four tensors of so many channels, with numbers of no significance. */
typedef struct norm {
    tarn_tensor *gamma, *beta, *mean, *var;
} norm;

static norm new_norm(int64_t channels)
{
    norm n = {tarn_rand(tarn_shape(channels)), tarn_rand(tarn_shape(channels)),
              tarn_zeros(tarn_shape(channels)), tarn_full(tarn_shape(channels), 1)};
    tarn_requires_grad(n.gamma, true);
    tarn_requires_grad(n.beta, true);
    return n;
}

static void free_norm(norm n)
{
    tarn_free(n.gamma);
    tarn_free(n.beta);
    tarn_free(n.mean);
    tarn_free(n.var);
}

#define BATCH_NORM(x, n, ...) tarn_batch_norm2d(x, n.gamma, n.beta, n.mean, n.var, __VA_ARGS__)

/* As far as whole numbers, and quarters, are exact. */
#define FAR (sizeof(tarn_real) == sizeof(float) ? 0x1p22 : 0x1p50)

/* The mean is millions of deviations, and no float: in float, the mean of the squares less the
   square of the mean would be noise. The first value of channel 0 lies far out, so that distances
   from it would not do either. */
Test(batch_norm2d, a_large_mean_costs_no_digits)
{
    const int64_t channels = 17, pixels = 4096;
    tarn_tensor *x = tarn_zeros(tarn_shape(pixels, channels));
    for (int64_t i = channels; i < pixels * channels; i++)
        tarn_values(x)[i] = (tarn_real)FAR + (tarn_real)(i / channels % 3 * (i % 3 + 1));
    for (int64_t c = 1; c < channels; c++)
        tarn_values(x)[c] = (tarn_real)FAR;
    norm n = new_norm(channels);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = BATCH_NORM(x, n, .training = true, .momentum = 1);
    for (int64_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0; /* of the distances from FAR, which are exact */
        for (int64_t p = 0; p < pixels; p++)
            mean += ((double)tarn_values(x)[p * channels + c] - FAR) / (double)pixels;
        for (int64_t p = 0; p < pixels; p++)
            variance +=
                pow((double)tarn_values(x)[p * channels + c] - FAR - mean, 2) / (double)pixels;
        double expected = ((double)tarn_values(x)[channels + c] - FAR - mean) /
                              sqrt(variance + 1e-5) * (double)tarn_values(n.gamma)[c] +
                          (double)tarn_values(n.beta)[c];
        cr_expect_float_eq((double)tarn_values(n.mean)[c] / (FAR + mean), 1, 1e-7);
        cr_expect_float_eq((double)tarn_values(n.var)[c] / variance, 4096. / 4095, 5e-6);
        cr_expect_float_eq((double)tarn_values(y)[channels + c], expected, 5e-6);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    free_norm(n);
}

/* Nor do small deviations, wherever a channel lies in a vector. */
Test(batch_norm2d, small_deviations_are_as_exact)
{
    const int64_t channels = 17, pixels = 1000;
    tarn_tensor *x = tarn_zeros(tarn_shape(pixels, channels));
    for (int64_t i = 0; i < pixels * channels; i++)
        tarn_values(x)[i] = (tarn_real)((double)(i / channels % 3 * (i % 3 + 1)) * 0x1p-20);
    norm n = new_norm(channels);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    cr_assert(BATCH_NORM(x, n, .training = true, .momentum = 1));
    for (int64_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0;
        for (int64_t p = 0; p < pixels; p++)
            mean += (double)tarn_values(x)[p * channels + c] / (double)pixels;
        for (int64_t p = 0; p < pixels; p++)
            variance += pow((double)tarn_values(x)[p * channels + c] - mean, 2) / (double)pixels;
        cr_assert_float_eq((double)tarn_values(n.mean)[c] / mean, 1, 1e-6);
        cr_assert_float_eq((double)tarn_values(n.var)[c] / variance, 1000. / 999, 5e-6, "%g",
                           (double)tarn_values(n.var)[c] / variance);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    free_norm(n);
}

Test(batch_norm2d, evaluation_leaves_the_running_statistics_alone)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 2, 2, 4));
    norm n = new_norm(4);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(BATCH_NORM(x, n, .relu = true));
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(tarn_values(n.mean)[i], 0);
        cr_expect_eq(tarn_values(n.var)[i], 1);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    free_norm(n);
}

/* In evaluation an infinite input has no part in the gradients of others, nor in its own. */
Test(batch_norm2d, an_infinite_input_has_a_finite_gradient_in_evaluation)
{
    tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(70, 1)), true);
    tarn_values(x)[0] = tarn_values(x)[69] = (tarn_real)INFINITY;
    norm n = new_norm(1);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(BATCH_NORM(x, n, .training = false))));
    for (int i = 0; i < 70; i++)
        cr_expect(isfinite((double)tarn_gradients(x)[i]), "%d", i);
    tarn_tape_end(tape);
    tarn_free(x);
    free_norm(n);
}

/* One tensor as both, or as x too: each gradient is the sum of its uses. */
Test(batch_norm2d, gamma_and_beta_may_be_the_same_tensor)
{
    tarn_tensor *both = tarn_requires_grad(tarn_full(tarn_shape(2), 0.5), true);
    tarn_tensor *mean = tarn_zeros(tarn_shape(2)), *var = tarn_full(tarn_shape(2), 1 - 1e-5);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *x = tarn_reshape(both, tarn_shape(1, 2));
    cr_assert(tarn_backward(tarn_sum(tarn_batch_norm2d(x, both, both, mean, var))));
    for (int i = 0; i < 2; i++) /* of t t + t */
        cr_expect_float_eq((double)tarn_gradients(both)[i], 2, 1e-6);
    tarn_tape_end(tape);
    tarn_free(both);
    tarn_free(mean);
    tarn_free(var);
}

Test(batch_norm2d, nothing_in_some_dimension)
{
    tarn_tensor *no_channels = tarn_requires_grad(tarn_zeros(tarn_shape(4, 2, 2, 0)), true);
    tarn_tensor *no_images = tarn_requires_grad(tarn_zeros(tarn_shape(0, 2, 2, 3)), true);
    norm none = new_norm(0), three = new_norm(3);
    for (int i = 0; i < 3; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = i < 2 ? BATCH_NORM(no_channels, none, .training = i == 1)
                               : BATCH_NORM(no_images, three, .training = false);
        cr_assert(tarn_backward(tarn_sum(y)));
        tarn_tape_end(tape);
    }
    cr_expect_eq(tarn_gradients(three.gamma)[1], 0);
    cr_expect_eq(tarn_gradients(three.beta)[1], 0);
    tarn_free(no_channels);
    tarn_free(no_images);
    free_norm(none);
    free_norm(three);
}

Test(batch_norm2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4, 3, 5)), *row = tarn_zeros(tarn_shape(5));
    tarn_tensor *one = tarn_zeros(tarn_shape(1, 1, 1, 5)), *none = tarn_zeros(tarn_shape(0, 3, 5));
    norm n = new_norm(5), other = new_norm(4);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(BATCH_NORM(row, n, .relu = true),
                   "batch_norm2d: input (5), expects (N,H,W,C) or (N,C)");
    assert_mistake(tarn_batch_norm2d(x, other.gamma, n.beta, n.mean, n.var),
                   "batch_norm2d: gamma (4), input (2,4,3,5) with 5 channels expects (5)");
    assert_mistake(tarn_batch_norm2d(x, n.gamma, other.beta, n.mean, n.var), "beta (4), input");
    assert_mistake(tarn_batch_norm2d(x, n.gamma, n.beta, other.mean, n.var), "running_mean (4)");
    assert_mistake(tarn_batch_norm2d(x, n.gamma, n.beta, n.mean, other.var), "running_var (4)");
    assert_mistake(BATCH_NORM(x, n, .momentum = 1.5),
                   "batch_norm2d: momentum 1.5, eps 1e-05, expects a momentum in [0, 1] and a "
                   "finite eps above 0");
    assert_mistake(BATCH_NORM(x, n, .momentum = -0.1), "momentum -0.1");
    assert_mistake(BATCH_NORM(x, n, .momentum = NAN), "momentum nan");
    assert_mistake(BATCH_NORM(x, n, .eps = -1), "eps -1");
    assert_mistake(BATCH_NORM(x, n, .eps = INFINITY), "eps inf");
    assert_mistake(BATCH_NORM(one, n, .training = true),
                   "batch_norm2d: input (1,1,1,5) has 1 values per channel, training expects at "
                   "least 2");
    assert_mistake(BATCH_NORM(none, n, .training = true), "(0,3,5) has 0 values per channel");
    cr_expect_null(tarn_batch_norm2d(x, n.gamma, n.beta, NULL, n.var));
    cr_expect_null(tarn_batch_norm2d(x, n.gamma, n.beta, n.mean, NULL));
    cr_expect_eq(mistakes(), 0);
    cr_expect_eq(tarn_values(n.mean)[0], 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(row);
    tarn_free(one);
    tarn_free(none);
    free_norm(n);
    free_norm(other);
}

/* ---- tarn_batch_norm_together() */

enum { ALL = 6, OWN = 2, OTHERS = ALL - OWN, TWO = 2 };

/* What another process would add that has the last rows. */
typedef struct other {
    const tarn_real *x, *dy;
    int calls;
    double mean[TWO];
} other;

static void add_other(int count, double *sums, bool of_gradients, void *context)
{
    other *o = context;
    cr_expect(of_gradients == (o->calls == 2));
    cr_expect(count == (o->calls == 0 ? TWO + 1 : o->calls == 1 ? TWO : 2 * TWO));
    for (int i = 0; i < OTHERS * TWO; i++) {
        const int c = i % TWO;
        const double x = (double)o->x[i], away = x - o->mean[c], dy = (double)o->dy[i];
        if (of_gradients)
            sums[TWO + c] += dy * (x - (double)(tarn_real)o->mean[c]);
        sums[c] += of_gradients ? dy : o->calls == 0 ? x : away * away;
    }
    if (o->calls++ > 0)
        return;
    sums[TWO] += OTHERS;
    for (int c = 0; c < TWO; c++)
        o->mean[c] = sums[c] / sums[TWO];
}

/* In training, of rows with the gradients dy; the caller frees x. */
static tarn_tensor *normalized_rows(int rows, const tarn_real *x_values, const tarn_real *dy_values,
                                    bool conv, norm n, tarn_real *y)
{
    tarn_tensor *x = tarn_from_array(tarn_shape(rows, 1, 1, TWO), x_values);
    tarn_tensor *dy = tarn_from_array(tarn_shape(rows, 1, 1, TWO), dy_values);
    tarn_tensor *one = tarn_from_array(tarn_shape(1, 1, TWO, TWO), (tarn_real[]){1, 0, 0, 1});
    tarn_tape *tape = tarn_tape_begin();
    tarn_requires_grad(x, true);
    const tarn_conv2d_args of_conv = {.x = x, .weight = one, TARN_CONV2D_OPTIONS(TARN__DEFAULT)};
    const tarn_batch_norm2d_args of_norm = {.x = x,
                                            .gamma = n.gamma,
                                            .beta = n.beta,
                                            .running_mean = n.mean,
                                            .running_var = n.var,
                                            .training = true,
                                            .momentum = 0.5,
                                            .eps = 1e-5};
    tarn_tensor *result =
        conv ? tarn__conv2d_norm(&of_conv, &of_norm, NULL) : tarn_batch_norm2d_with(of_norm);
    memcpy(y, tarn_values(result), sizeof *y * (size_t)(OWN * TWO));
    cr_expect(tarn_backward(tarn_sum(tarn_mul(result, dy))));
    tarn_tape_end(tape);
    tarn_free(dy);
    tarn_free(one);
    return x;
}

static void expect_near(const char *what, int count, const tarn_real *a, const tarn_real *b)
{
    for (int i = 0; i < count; i++)
        cr_expect(fabs((double)(a[i] - b[i])) < (sizeof *a == sizeof(float) ? 1e-5 : 1e-12),
                  "%s %d is %g, expects %g", what, i, (double)a[i], (double)b[i]);
}

static void part_of_a_batch_as_the_whole(bool conv)
{
    const tarn_real x[ALL * TWO] = {1, 9, 3, 7, 8, 2, -4, 2.5F, 0, 1, 5, -6};
    const tarn_real dy[ALL * TWO] = {1, -1, 2, 0.5F, -3, 1, 2, 2, 0.25F, 1, -1, 4};
    tarn_real y[OWN * TWO], expected[OWN * TWO];
    norm n = new_norm(TWO),
         whole = {tarn_clone(n.gamma), tarn_clone(n.beta), tarn_clone(n.mean), tarn_clone(n.var)};
    other o = {.x = x + OWN * TWO, .dy = dy + OWN * TWO};
    tarn_tensor *x_all = normalized_rows(ALL, x, dy, conv, whole, expected);
    tarn_batch_norm_together(add_other, &o);
    tarn_tensor *x_own = normalized_rows(OWN, x, dy, conv, n, y);
    tarn_batch_norm_together(NULL, NULL);
    cr_expect(o.calls == 3);
    expect_near("y", OWN * TWO, y, expected);
    expect_near("dx", OWN * TWO, tarn_gradients(x_own), tarn_gradients(x_all));
    expect_near("mean", TWO, tarn_values(n.mean), tarn_values(whole.mean));
    expect_near("variance", TWO, tarn_values(n.var), tarn_values(whole.var));
    tarn_free(x_all);
    tarn_free(x_own);
    free_norm(n);
    free_norm(whole);
}

Test(batch_norm2d, part_of_a_batch_as_the_whole)
{
    part_of_a_batch_as_the_whole(false);
    part_of_a_batch_as_the_whole(true);
}
