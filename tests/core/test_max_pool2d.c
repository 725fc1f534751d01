#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

/* 0 in the file: as the kernel. */
static int stride_of(const golden_case *c)
{
    const int stride = (int)golden_number(c, "stride", 0);
    return stride ? stride : TARN_AS_KERNEL;
}

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_max_pool2d(x[0], (int)golden_number(context, "kernel", 0),
                           .stride = stride_of(context),
                           .padding = (int)golden_number(context, "padding", 0));
}

OPERATION_TESTS(max_pool2d, run)

/* Other numbers along the width, and what is as seldom. */
static tarn_tensor *run_sides(tarn_tensor *const *x, void *context)
{
    return tarn_max_pool2d(x[0], (int)golden_number(context, "kernel", 0),
                           .kernel_w = (int)golden_number(context, "kernel_w", 0),
                           .stride = (int)golden_number(context, "stride", 0),
                           .stride_w = (int)golden_number(context, "stride_w", 0),
                           .padding = (int)golden_number(context, "padding", 0),
                           .padding_w = (int)golden_number(context, "padding_w", 0),
                           .ceil_mode = golden_number(context, "ceil_mode", 0) != 0,
                           .dilation = (int)golden_number(context, "dilation", 1),
                           .dilation_w = (int)golden_number(context, "dilation_w", 1));
}

Test(max_pool2d, geometry_golden)
{
    check_golden("max_pool2d_geometry", run_sides);
}

Test(max_pool2d, geometry_reuse)
{
    check_reuse("max_pool2d_geometry", run_sides);
}

#ifdef TARN_DOUBLE
Test(max_pool2d, geometry_gradients)
{
    check_gradients("max_pool2d_geometry", run_sides);
}
#endif

Test(max_pool2d, stride_is_the_kernel_unless_given)
{
    tarn_tensor *x = tarn_rand(tarn_shape(1, 6, 9, 1));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_shape_equal(tarn_shape_get(tarn_max_pool2d(x, 3)), tarn_shape(1, 2, 3, 1)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(max_pool2d, stride_for_the_width)
{
    tarn_tensor *x = tarn_rand(tarn_shape(1, 8, 8, 1));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_max_pool2d(x, 2, .kernel_w = 4);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(1, 4, 2, 1)));
    y = tarn_max_pool2d(x, 2, .kernel_w = 4, .stride = 1);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(1, 7, 5, 1)));
    y = tarn_max_pool2d(x, 2, .kernel_w = 4, .stride_w = 1);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(1, 4, 5, 1)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(max_pool2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tensor *empty = tarn_zeros(tarn_shape(1, 0, 4, 2));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_max_pool2d(flat, 2), "max_pool2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_max_pool2d(x, 4),
                   "max_pool2d: kernel 4 with padding 0 does not fit into input (1,4,3,2)");
    assert_mistake(tarn_max_pool2d(empty, 2, .padding = 1),
                   "max_pool2d: kernel 2 with padding 1 does not fit into input (1,0,4,2)");
    assert_mistake(tarn_max_pool2d(x, 0), "max_pool2d: kernel 0, stride 0, padding 0, expects");
    assert_mistake(tarn_max_pool2d(x, -2), "max_pool2d: kernel -2");
    assert_mistake(tarn_max_pool2d(x, 2, .stride = 0), "max_pool2d: kernel 2, stride 0");
    assert_mistake(tarn_max_pool2d(x, 2, .stride = -1), "max_pool2d: kernel 2, stride -1");
    assert_mistake(tarn_max_pool2d(x, 2, .padding = -1), "padding -1");
    assert_mistake(tarn_max_pool2d(x, 3, .padding = 2),
                   "max_pool2d: kernel 3, stride 3, padding 2, expects kernel and stride of at "
                   "least 1 and padding of at most half the kernel");
    assert_mistake(tarn_max_pool2d(x, 3, .kernel_w = 0), "kernel 3 x 0, stride 3 x 0, padding 0");
    assert_mistake(tarn_max_pool2d(x, 4, .padding_w = 3), "padding 0 x 3, expects");
    assert_mistake(tarn_max_pool2d(x, 2, .dilation_w = 0), "padding 0, dilation 1 x 0, expects");
    assert_mistake(tarn_max_pool2d(x, 2, .kernel_w = 4),
                   "max_pool2d: kernel 2 x 4 with padding 0 does not fit into input (1,4,3,2)");
    assert_mistake(
        tarn_max_pool2d(x, 2, .kernel_w = 1, .stride = 1, .padding = 3, .padding_w = 0,
                        .dilation = 5),
        "max_pool2d: kernel 2 x 1 with padding 3 x 0 and its dilation has a window without "
        "a pixel of input (1,4,3,2)");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(empty);
}
