#include <math.h>

#include "tests/nn/nn_test.h"

Test(local_response_norm, equals_pytorch)
{
    golden *file = golden_open("nn/local_response_norm");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_local_response_norm((int)golden_number(c, "size", 0), .alpha = 0.5,
                                                 .beta = 0.6, .k = 2),
                     c);
    cr_assert_eq(cases, 2);
    golden_close(file);
}

/* Windows wider than the channels, of one channel, and no samples at all. */
Test(local_response_norm, odd_shapes)
{
    tarn_module *wide = tarn_nn_local_response_norm(9, .alpha = 9, .beta = 1),
                *single = tarn_nn_local_response_norm(1, .alpha = 1, .beta = 0.5);
    tarn_tensor *x = tarn_from_array(tarn_shape(2), (const tarn_real[]){3, 4}),
                *none = tarn_zeros(tarn_shape(0, 2, 2, 3));
    tarn_tape *tape = tarn_tape_begin();
    const tarn_tensor *y = tarn_nn_forward(wide, x), *z = tarn_nn_forward(single, x);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)y)[0], 3.0 / 26, 1e-6);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)y)[1], 4.0 / 26, 1e-6);
    cr_expect_float_eq((double)tarn_values((tarn_tensor *)z)[1], 4 / sqrt(17), 1e-6);
    cr_expect_eq(tarn_size(tarn_nn_forward(wide, none)), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
    tarn_nn_free(wide);
    tarn_nn_free(single);
}

/* ONNX has another window of an even size. */
Test(local_response_norm, an_even_size_is_not_in_onnx)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_local_response_norm(4));
    cr_assert_not(tarn_nn_export_onnx(model, tarn_shape(2, 2, 4), "/tmp/never.onnx"));
    cr_assert(strstr(tarn_error(), "\"0\" (LocalResponseNorm)"), "%s", tarn_error());
    tarn_nn_free(model);
}

Test(local_response_norm, mistakes)
{
    tarn_module *layer = tarn_nn_local_response_norm(3);
    tarn_tensor *x = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "nn_local_response_norm: input (), expects (...,C)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_local_response_norm(0), "size is 0, expects at least 1");
    assert_mistake(tarn_nn_local_response_norm(3, .alpha = -1), "alpha is -1, expects a finite");
    assert_mistake(tarn_nn_local_response_norm(3, .beta = (double)NAN), "beta is nan, expects");
    assert_mistake(tarn_nn_local_response_norm(3, .k = 0), "k is 0, expects a finite number above");
    tarn_free(x);
    tarn_nn_free(layer);
}
