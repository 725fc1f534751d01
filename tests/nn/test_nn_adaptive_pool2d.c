#include "tests/nn/nn_test.h"

Test(adaptive_avg_pool2d, equals_pytorch)
{
    golden *file = golden_open("nn/adaptive_avg_pool2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_adaptive_avg_pool2d((int)golden_number(c, "height", 0),
                                                 (int)golden_number(c, "width", 0)),
                     c);
    cr_assert_eq(cases, 3);
    golden_close(file);
}

Test(adaptive_avg_pool2d, shows_its_numbers)
{
    tarn_module *layer = tarn_nn_adaptive_avg_pool2d(3, 2);
    assert_description(layer, "3, 2");
    cr_assert_eq(tarn_nn_parameters(layer).count, 0);
    tarn_nn_free(layer);
}

Test(adaptive_avg_pool2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_adaptive_avg_pool2d(0, 2),
                   "nn_adaptive_avg_pool2d: height is 0, expects at least 1");
    assert_mistake(tarn_nn_adaptive_avg_pool2d(2, -1),
                   "nn_adaptive_avg_pool2d: width is -1, expects at least 1");
}
