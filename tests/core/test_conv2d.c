#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_conv2d(x[0], x[1], x[2], .stride = (int)golden_number(context, "stride", 0),
                       .padding = (int)golden_number(context, "padding", 0),
                       .dilation = (int)golden_number(context, "dilation", 0),
                       .groups = (int)golden_number(context, "groups", 0));
}

OPERATION_TESTS(conv2d, run)

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
    cr_assert(tarn_shape_equal(shape_of(x, weight, 0, 0, 0), tarn_shape(2, 26, 23, 7)));
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
    assert_mistake(tarn_conv2d(x, w, NULL, .stride = -1),
                   "conv2d: stride -1, padding 0, dilation 1, groups 1, expects stride, dilation "
                   "and groups of at least 1 and padding of at least 0");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding = 1 << 30, .stride = 1 << 30),
                   "conv2d: input (2,5,4,3) with padding 1073741824 and dilation 1 is too large");
    assert_mistake(tarn_conv2d(x, w, NULL, .padding = -1), "conv2d: stride 1, padding -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .dilation = -1), "dilation -1");
    assert_mistake(tarn_conv2d(x, w, NULL, .groups = -1), "groups -1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(w);
    tarn_free(one);
    tarn_free(no_height);
    tarn_free(large);
    tarn_free(bias);
}
