#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_conv2d(x[0], x[1], x[2], .stride = (int)golden_number(context, "stride", 1),
                       .padding = (int)golden_number(context, "padding", 0),
                       .dilation = (int)golden_number(context, "dilation", 1),
                       .groups = (int)golden_number(context, "groups", 1),
                       .relu = golden_number(context, "relu", 0) != 0,
                       .max_pool = (int)golden_number(context, "max_pool", 1));
}

/* Winograd's algorithm rounds two to three times as much as plain sums. */
static void expect_less(void)
{
    golden_tolerance *= 2;
}

TestSuite(conv2d, .init = expect_less);
OPERATION_TESTS(conv2d, run)

/* Other numbers along the width, and padding that keeps the size. */
static tarn_tensor *run_sides(tarn_tensor *const *x, void *context)
{
    return tarn_conv2d(x[0], x[1], x[2], .stride = (int)golden_number(context, "stride", 1),
                       .stride_w = (int)golden_number(context, "stride_w", 1),
                       .padding = (int)golden_number(context, "padding", 0),
                       .padding_w = (int)golden_number(context, "padding_w", 0),
                       .dilation = (int)golden_number(context, "dilation", 1),
                       .dilation_w = (int)golden_number(context, "dilation_w", 1),
                       .groups = (int)golden_number(context, "groups", 1),
                       .same = golden_number(context, "same", 0) != 0);
}

Test(conv2d, geometry_golden)
{
    check_golden("conv2d_geometry", run_sides);
}

Test(conv2d, geometry_reuse)
{
    check_reuse("conv2d_geometry", run_sides);
}

/* Groups, dilation, stride and padding together. */
Test(conv2d, grouped_golden)
{
    check_golden("conv2d_grouped", run);
}

Test(conv2d, grouped_reuse)
{
    check_reuse("conv2d_grouped", run);
}

/* With relu, max_pool or both. */
Test(conv2d, fused_golden)
{
    check_golden("conv2d_fused", run);
}

#ifdef TARN_DOUBLE
Test(conv2d, grouped_gradients)
{
    check_gradients("conv2d_grouped", run);
}

Test(conv2d, geometry_gradients)
{
    check_gradients("conv2d_geometry", run_sides);
}

Test(conv2d, fused_gradients)
{
    check_gradients("conv2d_fused", run);
}
#endif

Test(conv2d, fused_reuse)
{
    check_reuse("conv2d_fused", run);
}

/* An image that is its own kernel. */
static tarn_tensor *run_on_itself(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_conv2d(x[0], x[1], NULL, .padding = 2, .relu = true, .max_pool = 2);
}

Test(conv2d, fused_same_twice)
{
    check_same_twice(run_on_itself, tarn_shape(3, 3, 3, 3));
}

static tarn_shape shape_of(tarn_tensor *x, tarn_tensor *weight, int stride, int padding,
                           int dilation)
{
    return tarn_shape_get(
        tarn_conv2d(x, weight, NULL, .stride = stride, .padding = padding, .dilation = dilation));
}

Test(conv2d, shape_of_the_result)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 28, 27, 3));
    tarn_tensor *weight = tarn_zeros(tarn_shape(3, 5, 3, 7));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_shape_equal(shape_of(x, weight, 1, 0, 1), tarn_shape(2, 26, 23, 7)));
    cr_assert(tarn_shape_equal(shape_of(x, weight, 2, 1, 1), tarn_shape(2, 14, 13, 7)));
    cr_assert(tarn_shape_equal(shape_of(x, weight, 3, 2, 4), tarn_shape(2, 8, 5, 7)));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
}

/* Dimensions of size 0: no images, no input channels, no output channels. */
Test(conv2d, empty)
{
    const tarn_shape images[] = {tarn_shape(0, 3, 3, 2), tarn_shape(2, 3, 3, 0),
                                 tarn_shape(2, 3, 3, 2)};
    const tarn_shape weights[] = {tarn_shape(3, 3, 2, 4), tarn_shape(3, 3, 0, 4),
                                  tarn_shape(3, 3, 2, 0)};
    for (int i = 0; i < 3; i++) {
        tarn_tensor *x = tarn_requires_grad(tarn_rand(images[i]), true);
        tarn_tensor *weight = tarn_requires_grad(tarn_rand(weights[i]), true);
        tarn_tensor *bias = tarn_full(tarn_shape(tarn_dim(weight, -1)), 3);
        tarn_requires_grad(bias, true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, weight, bias, .padding = 1);
        for (int64_t k = 0; k < tarn_size(y); k++)
            cr_assert_eq(tarn_values(y)[k], 3);
        cr_assert(tarn_backward(tarn_sum(y)));
        for (int64_t k = 0; k < tarn_size(x); k++)
            cr_assert_eq(tarn_gradients(x)[k], 0);
        for (int64_t k = 0; k < tarn_size(weight); k++)
            cr_assert_eq(tarn_gradients(weight)[k], 0);
        for (int64_t k = 0; k < tarn_size(bias); k++)
            cr_assert_eq((int64_t)tarn_gradients(bias)[k], tarn_dim(x, 0) * 9);
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(weight);
        tarn_free(bias);
    }
}

Test(conv2d, fused_empty)
{
    const tarn_shape images[] = {tarn_shape(0, 5, 4, 2), tarn_shape(2, 5, 4, 0),
                                 tarn_shape(2, 5, 4, 2)};
    for (int i = 0; i < 3; i++) {
        const int64_t c = images[i].dim[3], o = i == 2 ? 0 : 3;
        tarn_tensor *x = tarn_requires_grad(tarn_rand(images[i]), true);
        tarn_tensor *weight = tarn_requires_grad(tarn_rand(tarn_shape(3, 3, c, o)), true);
        tarn_tensor *bias = tarn_requires_grad(tarn_full(tarn_shape(o), 3), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, weight, bias, .padding = 1, .relu = true, .max_pool = 2);
        cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(images[i].dim[0], 2, 2, o)));
        for (int64_t k = 0; k < tarn_size(y); k++)
            cr_assert_eq(tarn_values(y)[k], 3);
        cr_assert(tarn_backward(tarn_sum(y)));
        for (int64_t k = 0; k < tarn_size(weight); k++)
            cr_assert_eq(tarn_gradients(weight)[k], 0);
        for (int64_t k = 0; k < o; k++)
            cr_assert_eq((int64_t)tarn_gradients(bias)[k], tarn_dim(x, 0) * 4);
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(weight);
        tarn_free(bias);
    }
}

/* ---- NaN and infinity */

static void put_into(tarn_tensor *t, int64_t at, double value)
{
    tarn_values(t)[at] = (tarn_real)value;
}

/* y as the three operations on their own give it: NaN where they do. Enough channels for all ways
   of computing the sums. */
static void compare_with_separate(tarn_tensor *x, tarn_tensor *weight, bool relu, int max_pool)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_conv2d(x, weight, NULL, .relu = relu, .max_pool = max_pool);
    tarn_tensor *expected = tarn_conv2d(x, weight, NULL);
    expected = relu ? tarn_relu(expected) : expected;
    expected = max_pool > 1 ? tarn_max_pool2d(expected, max_pool) : expected;
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(expected)));
    int64_t nans = 0;
    for (int64_t i = 0; i < tarn_size(y); i++) {
        const double value = (double)tarn_values(y)[i], wanted = (double)tarn_values(expected)[i];
        cr_assert_eq(isnan(value), isnan(wanted), "element %d: %g, not %g", (int)i, value, wanted);
        cr_assert(isnan(value) || fabs(value - wanted) < 1e-4, "element %d", (int)i);
        nans += isnan(value);
    }
    cr_assert(0 < nans && nans < tarn_size(y), "%d NaN", (int)nans);
    tarn_tape_end(tape);
}

/* Enough channels for Winograd's algorithm, which adds weights: neither an infinite one nor two
   large ones make a NaN where the plain sums are none. */
Test(conv2d, large_and_infinite_weights)
{
    enum { CHANNELS = 16, INFINITE = 5, LARGE = 7 };
    const double large = sizeof(tarn_real) == sizeof(float) ? 0x1.8p127 : 0x1.8p1023;
    for (int transposed = 0; transposed < 2; transposed++) {
        tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1, 6, 6, CHANNELS), 0.25), true);
        tarn_tensor *weight = tarn_zeros(tarn_shape(3, 3, CHANNELS, CHANNELS));
        /* By the channel of x where transposed, and so in y there what is in dx otherwise. */
        put_into(weight, INFINITE * CHANNELS + INFINITE, INFINITY);
        put_into(weight, LARGE * CHANNELS + LARGE, large);
        put_into(weight, (2 * CHANNELS + LARGE) * CHANNELS + LARGE, large);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = transposed ? tarn_conv_transpose2d(x, weight, NULL, .padding = 2)
                                    : tarn_conv2d(x, weight, NULL, .padding = 0);
        cr_assert(tarn_backward(tarn_sum(tarn_scale(y, 0.25))));
        for (int64_t i = 0; i < tarn_size(y); i++) {
            const double value = (double)tarn_values(y)[i];
            cr_assert(i % CHANNELS == INFINITE ? value == INFINITY : isfinite(value),
                      "transposed %d, y[%d] is %g", transposed, (int)i, value);
            if (!transposed && i % CHANNELS == LARGE)
                cr_assert_eq(value, large / 2);
        }
        for (int64_t i = 0; i < tarn_size(x); i++)
            cr_assert(!isnan(tarn_gradients(x)[i]) || i % CHANNELS == INFINITE,
                      "transposed %d, dx[%d] is NaN", transposed, (int)i);
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(weight);
    }
}

Test(conv2d, fused_nan_goes_through)
{
    for (int c = 1; c <= 33; c += 16) {
        tarn_tensor *x = tarn_randn(tarn_shape(2, 8, 9, c));
        tarn_tensor *weight = tarn_randn(tarn_shape(3, 3, c, c));
        put_into(x, (4 * 9 + 5) * c + c - 1, NAN);
        for (int pool = 1; pool <= 3; pool++)
            for (int relu = 0; relu < 2; relu++)
                compare_with_separate(x, weight, relu, pool);
        tarn_free(x);
        tarn_free(weight);
    }
}

/* A 1 x 1 kernel of 1, so that y pools x itself: four windows of 2 x 2 pixels, some of infinities
   that lose, one without a number above 0. */
static tarn_tensor *with_infinities(void)
{
    const tarn_real infinity = (tarn_real)INFINITY;
    const tarn_real x[] = {
        -infinity, 3,         -infinity, 9,         /* */
        -infinity, 2,         -infinity, -infinity, /* */
        -1,        -infinity, 1,         4,         /* */
        -2,        -3,        5,         2.5,       /* */
    };
    return tarn_requires_grad(tarn_from_array(tarn_shape(1, 4, 4, 1), x), true);
}

static bool is_as(const tarn_real *values, const double *expected, int count)
{
    for (int i = 0; i < count; i++)
        if ((double)values[i] != expected[i])
            return false;
    return true;
}

/* Backward does not see the pixels that lost, nor those that relu cut off. */
Test(conv2d, fused_backward_skips_what_has_no_gradient)
{
    const tarn_real one = 1, factors[] = {2, 3, 4, 5};
    for (int relu = 0; relu < 2; relu++) {
        tarn_tensor *x = with_infinities();
        tarn_tensor *dy = tarn_from_array(tarn_shape(1, 2, 2, 1), factors);
        tarn_tensor *weight =
            tarn_requires_grad(tarn_from_array(tarn_shape(1, 1, 1, 1), &one), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, weight, NULL, .relu = relu, .max_pool = 2);
        cr_assert(is_as(tarn_values(y), (double[]){3, 9, relu ? 0 : -1, 5}, 4));
        cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
        cr_assert(
            is_as(tarn_gradients(weight), (double[]){2 * 3 + 3 * 9 + 5 * 5 - (relu ? 0 : 4)}, 1));
        cr_assert(is_as(tarn_gradients(x),
                        (double[]){0, 2, 0, 3, 0, 0, 0, 0, relu ? 0 : 4, 0, 0, 0, 0, 0, 5, 0}, 16));
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(dy);
        tarn_free(weight);
    }
}

Test(conv2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 5, 4, 3)), *flat = tarn_zeros(tarn_shape(5, 4));
    tarn_tensor *w = tarn_zeros(tarn_shape(3, 3, 3, 8)), *one = tarn_zeros(tarn_shape(3, 3, 1, 8));
    tarn_tensor *no_height = tarn_zeros(tarn_shape(0, 3, 3, 8));
    tarn_tensor *large = tarn_zeros(tarn_shape(3, 5, 3, 8)), *bias = tarn_zeros(tarn_shape(7));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_conv2d(flat, w, NULL), "conv2d: input (5,4), expects (N,H,W,C)");
    assert_mistake(tarn_conv2d(x, flat, NULL), "conv2d: weight (5,4), expects (KH,KW,C/groups,O)");
    assert_mistake(tarn_conv2d(x, no_height, NULL), "conv2d: weight (0,3,3,8), expects (KH,KW,");
    assert_mistake(tarn_conv2d(x, one, NULL),
                   "conv2d: input (2,5,4,3) has 3 channels, weight (3,3,1,8) expects 1");
    assert_mistake(tarn_conv2d(x, w, NULL, .groups = 3),
                   "conv2d: input (2,5,4,3) and weight (3,3,3,8) do not divide into 3 groups");
    assert_mistake(tarn_conv2d(x, one, NULL, .groups = 3),
                   "conv2d: input (2,5,4,3) and weight (3,3,1,8) do not divide into 3 groups");
    assert_mistake(tarn_conv2d(x, w, bias), "conv2d: bias (7), expects (8)");
    assert_mistake(tarn_conv2d(x, large, NULL), "conv2d: weight (3,5,3,8) with padding 0 and "
                                                "dilation 1 does not fit into input (2,5,4,3)");
    assert_mistake(tarn_conv2d(x, w, NULL, .dilation = 3),
                   "conv2d: weight (3,3,3,8) with padding 0 and dilation 3 does not fit into input "
                   "(2,5,4,3)");
    assert_mistake(tarn_conv2d(x, w, NULL, .dilation_w = 2),
                   "conv2d: weight (3,3,3,8) with padding 0 and dilation 1 x 2 does not fit into "
                   "input (2,5,4,3)");
    assert_mistake(tarn_conv2d(x, w, NULL, .stride_w = 0),
                   "conv2d: stride 1 x 0, padding 0, dilation 1, groups 1, expects stride");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding_w = -1), "padding 0 x -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .same = true, .stride_w = 2),
                   "conv2d: same with stride 1 x 2 and padding 0, expects stride 1 and no other "
                   "padding with it");
    assert_mistake(tarn_conv2d(x, w, NULL, .same = true, .padding = 1), "same with stride 1 and");
    assert_mistake(tarn_conv2d(x, w, NULL, .same = true, .dilation = INT32_MAX), "is too large");
    assert_mistake(tarn_conv2d(x, w, NULL, .stride = -1),
                   "conv2d: stride -1, padding 0, dilation 1, groups 1, expects stride, dilation "
                   "and groups of at least 1 and padding of at least 0");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding = 1 << 30, .stride = 1 << 30),
                   "conv2d: input (2,5,4,3) with padding 1073741824 and dilation 1 is too large");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding = -1), "conv2d: stride 1, padding -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .dilation = -1), "dilation -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .groups = -1), "groups -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .max_pool = 0),
                   "conv2d: max_pool is 0, expects 1 to 15");
    assert_mistake(tarn_conv2d(x, w, NULL, .max_pool = -1),
                   "conv2d: max_pool is -1, expects 1 to 15 and no more than the 3 x 2 pixels it "
                   "is taken over");
    assert_mistake(tarn_conv2d(x, w, NULL, .max_pool = 3), "conv2d: max_pool is 3, expects 1 to 15 "
                                                           "and no more than the 3 x 2 pixels");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding = 20, .max_pool = TARN_CONV2D_MOST_POOL + 1),
                   "conv2d: max_pool is 16, expects 1 to 15 and no more than the 43 x 42 pixels");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(w);
    tarn_free(one);
    tarn_free(no_height);
    tarn_free(large);
    tarn_free(bias);
}

/* Images of no columns, of which padding makes some. */
Test(conv2d, of_nothing_but_padding)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(2, 4, 0, 16)), true);
    tarn_tensor *weight = tarn_requires_grad(tarn_full(tarn_shape(3, 3, 16, 16), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_conv2d(x, weight, NULL, .padding = 2);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 6, 2, 16)));
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int64_t i = 0; i < tarn_size(weight); i++)
        cr_assert_eq(tarn_gradients(weight)[i], 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
}

/* Its gradient comes from two of the kernel's loops, which threads divide differently. */
Test(conv2d, bias_that_is_the_weight)
{
    tarn_tensor *x = tarn_full(tarn_shape(8, 64, 64, 1), 1);
    tarn_tensor *weight = tarn_requires_grad(tarn_full(tarn_shape(1, 1, 1, 48), 1), true);
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_zero_grad(weight);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, weight, tarn_reshape(weight, tarn_shape(48)));
        cr_assert(tarn_backward(tarn_sum(y)));
        for (int64_t i = 0; i < 48; i++)
            cr_assert_eq(tarn_gradients(weight)[i], 2 * 8 * 64 * 64);
        tarn_tape_end(tape);
    }
    tarn_free(x);
    tarn_free(weight);
}

static void expect_zeros(const tarn_real *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        cr_assert(fabs((double)values[i]) < 1e-5, "%d: %g", (int)i, (double)values[i]);
}

/* Of few images and of many, whose rows become one: a kernel of one pixel is a matrix product.
   Where both are the same, so are their gradients, and cancel. */
Test(conv2d, kernel_of_one_pixel)
{
    tarn_seed(5);
    for (int64_t images = 7; images < 10; images++) {
        const int64_t pixels = images * 3 * 5;
        tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(images, 3, 5, 4)), true);
        tarn_tensor *w = tarn_requires_grad(tarn_randn(tarn_shape(1, 1, 4, 6)), true);
        tarn_tensor *b = tarn_requires_grad(tarn_randn(tarn_shape(6)), true);
        tarn_tensor *by = tarn_randn(tarn_shape(images, 3, 5, 6));
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv2d(x, w, b, .relu = true);
        tarn_tensor *product = tarn_linear(tarn_reshape(x, tarn_shape(pixels, 4)),
                                           tarn_reshape(w, tarn_shape(4, 6)), b);
        product = tarn_reshape(tarn_relu(product), tarn_shape(images, 3, 5, 6));
        tarn_tensor *difference = tarn_sub(y, product);
        cr_assert(tarn_backward(tarn_sum(tarn_mul(difference, by))));
        expect_zeros(tarn_values(difference), pixels * 6);
        expect_zeros(tarn_gradients(x), pixels * 4);
        expect_zeros(tarn_gradients(w), 4 * 6);
        expect_zeros(tarn_gradients(b), 6);
        tarn_tape_end(tape);
        tarn_free(x), tarn_free(w), tarn_free(b), tarn_free(by);
    }
}
