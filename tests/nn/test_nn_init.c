#include <math.h>

#include "tests/nn/nn_test.h"

Test(init, is_uniform_within_the_bound)
{
    const int n = 200000;
    tarn_seed(3);
    tarn_tensor *t = tarn_nn_init_uniform(tarn_shape(n), 0.5);
    double sum = 0, squares = 0, least = 1, most = -1;
    for (int i = 0; i < n; i++) {
        double value = (double)tarn_values(t)[i];
        sum += value;
        squares += value * value;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    cr_assert(least >= -0.5 && least < -0.4999, "%g", least);
    cr_assert(most < 0.5 && most > 0.4999, "%g", most);
    /* Standard deviation b / sqrt(3); the mean's own is that over sqrt(n), 0.00065. */
    cr_assert(fabs(sum / n) < 0.003, "mean %g", sum / n);
    cr_assert(fabs(squares / n - 0.25 / 3) < 0.001, "variance %g", squares / n);
    tarn_free(t);
}

Test(init, repeats_per_seed)
{
    tarn_module *models[3];
    for (int i = 0; i < 3; i++) {
        tarn_seed(i < 2 ? 7 : 8);
        models[i] = tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_linear(9, 9));
    }
    for (int i = 0; i < 4; i++) {
        tarn_tensor *t[3];
        for (int m = 0; m < 3; m++)
            t[m] = tarn_nn_parameters(models[m]).tensors[i];
        size_t bytes = (size_t)tarn_size(t[0]) * sizeof(tarn_real);
        cr_assert_eq(memcmp(tarn_values(t[0]), tarn_values(t[1]), bytes), 0);
        cr_assert_neq(memcmp(tarn_values(t[0]), tarn_values(t[2]), bytes), 0);
    }
    for (int i = 0; i < 3; i++)
        tarn_nn_free(models[i]);
}

Test(init, invalid_shape_is_a_mistake)
{
    assert_mistake(tarn_nn_init_uniform((tarn_shape){.ndim = 99}, 1), "invalid");
}
