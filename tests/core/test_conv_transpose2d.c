#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_conv_transpose2d(x[0], x[1], x[2],
                                 .stride = (int)golden_number(context, "stride", 1),
                                 .padding = (int)golden_number(context, "padding", 0),
                                 .output_padding = (int)golden_number(context, "output_padding", 0),
                                 .dilation = (int)golden_number(context, "dilation", 1),
                                 .groups = (int)golden_number(context, "groups", 1));
}

/* Winograd's algorithm rounds two to three times as much as plain sums. */
static void expect_less(void)
{
    golden_tolerance *= 2;
}

TestSuite(conv_transpose2d, .init = expect_less);
OPERATION_TESTS(conv_transpose2d, run)

/* Other numbers along the width. */
static tarn_tensor *run_sides(tarn_tensor *const *x, void *context)
{
    return tarn_conv_transpose2d(
        x[0], x[1], x[2], .stride = (int)golden_number(context, "stride", 1),
        .stride_w = (int)golden_number(context, "stride_w", 1),
        .padding = (int)golden_number(context, "padding", 0),
        .padding_w = (int)golden_number(context, "padding_w", 0),
        .dilation = (int)golden_number(context, "dilation", 1),
        .dilation_w = (int)golden_number(context, "dilation_w", 1),
        .groups = (int)golden_number(context, "groups", 1),
        .output_padding = (int)golden_number(context, "output_padding", 0),
        .output_padding_w = (int)golden_number(context, "output_padding_w", 0));
}

Test(conv_transpose2d, geometry_golden)
{
    check_golden("conv_transpose2d_geometry", run_sides);
}

Test(conv_transpose2d, geometry_reuse)
{
    check_reuse("conv_transpose2d_geometry", run_sides);
}

#ifdef TARN_DOUBLE
Test(conv_transpose2d, geometry_gradients)
{
    check_gradients("conv_transpose2d_geometry", run_sides);
}
#endif

/* Images that are their own weight. */
static tarn_tensor *run_on_itself(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_conv_transpose2d(x[0], x[1], NULL, .stride = 2);
}

Test(conv_transpose2d, same_twice)
{
    check_same_twice(run_on_itself, tarn_shape(3, 2, 3, 3));
}

static double inner_product(const tarn_tensor *a, const tarn_tensor *b)
{
    double sum = 0;
    cr_assert(tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)), "%s and %s",
              tarn_shape_to_text(tarn_shape_get(a)).text,
              tarn_shape_to_text(tarn_shape_get(b)).text);
    for (int64_t i = 0; i < tarn_size(a); i++)
        sum += (double)tarn_values(a)[i] * (double)tarn_values(b)[i];
    return sum;
}

/* <conv2d(x, w), y> = <x, conv_transpose2d(y, w)> */
static void check_transpose(int size, int stride, int padding, int dilation, int groups)
{
    const int reach = 2 * dilation + 1, lost = (size + 2 * padding - reach) % stride;
    tarn_tensor *x = tarn_randn(tarn_shape(2, size, size + stride, 2 * groups));
    tarn_tensor *w = tarn_randn(tarn_shape(3, 3, 2, 3 * groups));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *forth = tarn_conv2d(x, w, NULL, .stride = stride, .padding = padding,
                                     .dilation = dilation, .groups = groups);
    tarn_tensor *y = tarn_randn(tarn_shape_get(forth));
    tarn_tensor *back =
        tarn_conv_transpose2d(y, w, NULL, .stride = stride, .padding = padding,
                              .output_padding = lost, .dilation = dilation, .groups = groups);
    const double a = inner_product(forth, y), b = inner_product(x, back);
    const double scale = sqrt(inner_product(forth, forth) * inner_product(y, y));
    cr_assert(fabs(a - b) <= golden_tolerance * scale,
              "size %d, stride %d, padding %d, dilation %d, groups %d: %g and %g", size, stride,
              padding, dilation, groups, a, b);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(w);
    tarn_free(y);
}

Test(conv_transpose2d, is_the_transpose_of_conv2d)
{
    for (int size = 7; size <= 9; size++)
        for (int stride = 1; stride <= 3; stride++)
            for (int dilation = 1; dilation <= 3; dilation++)
                for (int form = 0; form < 9; form++)
                    check_transpose(size, stride, form / 3, dilation, form % 3 + 1);
}

/* Dimensions of size 0: no images, no input channels, no output channels. */
Test(conv_transpose2d, empty)
{
    const int64_t sizes[][3] = {{0, 2, 4}, {2, 0, 4}, {2, 2, 0}};
    for (int i = 0; i < 3; i++) {
        const int64_t n = sizes[i][0], c = sizes[i][1], o = sizes[i][2];
        tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(n, 3, 3, c)), true);
        tarn_tensor *weight = tarn_requires_grad(tarn_rand(tarn_shape(3, 3, o, c)), true);
        tarn_tensor *bias = tarn_requires_grad(tarn_full(tarn_shape(o), 3), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_conv_transpose2d(x, weight, bias, .stride = 2);
        cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(n, 7, 7, o)));
        for (int64_t k = 0; k < tarn_size(y); k++)
            cr_assert_eq(tarn_values(y)[k], 3);
        cr_assert(tarn_backward(tarn_sum(y)));
        for (int64_t k = 0; k < tarn_size(x); k++)
            cr_assert_eq(tarn_gradients(x)[k], 0);
        for (int64_t k = 0; k < tarn_size(weight); k++)
            cr_assert_eq(tarn_gradients(weight)[k], 0);
        for (int64_t k = 0; k < tarn_size(bias); k++)
            cr_assert_eq((int64_t)tarn_gradients(bias)[k], n * 49);
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(weight);
        tarn_free(bias);
    }
}

Test(conv_transpose2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 5, 4, 6)), *flat = tarn_zeros(tarn_shape(5, 4));
    tarn_tensor *w = tarn_zeros(tarn_shape(3, 3, 2, 6)),
                *other = tarn_zeros(tarn_shape(3, 3, 6, 2));
    tarn_tensor *no_height = tarn_zeros(tarn_shape(0, 3, 2, 6)), *bias = tarn_zeros(tarn_shape(6));
    tarn_tensor *no_rows = tarn_zeros(tarn_shape(2, 0, 4, 6));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_conv_transpose2d(flat, w, NULL),
                   "conv_transpose2d: input (5,4), expects (N,H,W,C) with 1 to 2^31 - 1 rows");
    assert_mistake(tarn_conv_transpose2d(no_rows, w, NULL),
                   "conv_transpose2d: input (2,0,4,6), expects (N,H,W,C) with 1 to 2^31 - 1 rows");
    assert_mistake(tarn_conv_transpose2d(x, flat, NULL),
                   "conv_transpose2d: weight (5,4), expects (KH,KW,O/groups,C)");
    assert_mistake(tarn_conv_transpose2d(x, no_height, NULL),
                   "conv_transpose2d: weight (0,3,2,6), expects (KH,KW,O/groups,C)");
    assert_mistake(tarn_conv_transpose2d(x, other, NULL),
                   "conv_transpose2d: input (2,5,4,6) has 6 channels, weight (3,3,6,2) expects 2");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .groups = 4),
                   "conv_transpose2d: input (2,5,4,6) does not divide into 4 groups");
    assert_mistake(tarn_conv_transpose2d(x, w, bias), "conv_transpose2d: bias (6), expects (2)");
    assert_mistake(tarn_conv_transpose2d(x, w, bias, .groups = 2), "bias (6), expects (4)");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .stride = -1),
                   "conv_transpose2d: stride -1, padding 0, dilation 1, groups 1, expects stride, "
                   "dilation and groups of at least 1 and padding of at least 0");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .padding = -1), "stride 1, padding -1");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .dilation = -1), "dilation -1");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .groups = -1), "groups -1");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .stride = 2, .output_padding = 2),
                   "conv_transpose2d: output_padding is 2, expects at least 0 and less than the "
                   "stride, 2, or the dilation, 1");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .output_padding = -1), "output_padding is -1");
    for (int wide = 2; wide < 4; wide++) { /* just the stride, and the dilation, along each axis */
        assert_mistake(tarn_conv_transpose2d(x, w, NULL, .stride = wide, .dilation = 5 - wide,
                                             .output_padding = 3, .output_padding_w = 0),
                       "output_padding is 3 x 0");
        assert_mistake(tarn_conv_transpose2d(x, w, NULL, .stride = wide, .dilation = 5 - wide,
                                             .output_padding = 0, .output_padding_w = 3),
                       "output_padding is 0 x 3");
    }
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .padding = 3),
                   "conv_transpose2d: padding 3 leaves nothing of the result of input (2,5,4,6) "
                   "and weight (3,3,2,6)");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(w);
    tarn_free(other);
    tarn_free(no_height);
    tarn_free(bias);
    tarn_free(no_rows);
}

/* Sizes that cannot be counted are refused before anything is computed with them. */
Test(conv_transpose2d, too_large)
{
    const int most = 2147483647;
    tarn_tensor *x = tarn_zeros(tarn_shape(0, most, 2, 1));
    tarn_tensor *longer = tarn_zeros(tarn_shape(0, (int64_t)1 << 40, 1, 1));
    tarn_tensor *w = tarn_zeros(tarn_shape(2, 2, 1, 1));
    tarn_tensor *long_kernel = tarn_zeros(tarn_shape(most, 1, 0, 1));
    tarn_tensor *wide = tarn_zeros(tarn_shape(1, 1, (int64_t)1 << 40, 0));
    tarn_tensor *no_channels = tarn_zeros(tarn_shape(1, 1, 1, 0));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .stride = most), "is too large");
    assert_mistake(tarn_conv_transpose2d(longer, w, NULL, .stride = most), "2^31 - 1 rows");
    assert_mistake(tarn_conv_transpose2d(x, w, NULL, .dilation = most), "is too large");
    assert_mistake(tarn_conv_transpose2d(x, long_kernel, NULL, .dilation = most, .stride = most,
                                         .output_padding = most - 1),
                   "is too large");
    assert_mistake(tarn_conv_transpose2d(no_channels, wide, NULL, .groups = 1 << 30),
                   "conv_transpose2d: weight (1,1,1099511627776,0) in 1073741824 groups is too "
                   "large");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(longer);
    tarn_free(w);
    tarn_free(long_kernel);
    tarn_free(wide);
    tarn_free(no_channels);
}
