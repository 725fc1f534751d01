#include "tests/optim/replay.h"

/* The norm of a column of the values or the gradients. */
static double norm_of(const tarn_real *x, int64_t rows, int64_t columns, int64_t c)
{
    double sum = 0;
    for (int64_t r = 0; r < rows; r++)
        sum += (double)x[r * columns + c] * (double)x[r * columns + c];
    return sqrt(sum);
}

/* Against the formula, column by column, of a matrix or kernel with more columns than are taken at
   a time; the gradients' sizes go from far below the limit to far above. */
static void assert_columns(tarn_shape shape, int64_t rows, int64_t columns)
{
    tarn_tensor *w = tarn_requires_grad(tarn_randn(shape), true), *g = tarn_randn(shape);
    tarn_real *gradients = tarn_op_gradient(w);
    for (int64_t i = 0; i < tarn_size(w); i++) {
        tarn_values(g)[i] *= (tarn_real)pow(10, (double)(i % columns % 5) - 3);
        tarn_values(w)[i] *= i % columns == 7 ? 0 : 1; /* eps takes its place */
        gradients[i] = tarn_values(g)[i];
    }
    int64_t changed = 0;
    const int64_t returned = tarn_clip_grad_adaptive(tarn_params_of(w), 0.1, .eps = 0.01);
    for (int64_t c = 0; c < columns; c++) {
        const double weights = fmax(norm_of(tarn_values(w), rows, columns, c), 0.01);
        const double norm = norm_of(tarn_values(g), rows, columns, c);
        const double factor = norm > 0.1 * weights ? 0.1 * weights / norm : 1;
        changed += factor < 1;
        for (int64_t r = 0; r < rows; r++)
            assert_close(gradients[r * columns + c],
                         factor * (double)tarn_values(g)[r * columns + c]);
    }
    cr_assert(changed > 0 && changed < columns);
    cr_assert_eq(returned, changed);
    tarn_free(w);
    tarn_free(g);
}

Test(clip_adaptive, is_by_columns)
{
    tarn_seed(1);
    assert_columns(tarn_shape(20, 75), 20, 75);
    assert_columns(tarn_shape(3, 3, 4, 33), 36, 33);
}

Test(clip_adaptive, takes_vectors_as_a_whole)
{
    tarn_tensor *v = new_param(4, 3), *late = new_param(2, 1), *empty = new_param(0, 1);
    set_gradient(v, 5);
    tarn_op_gradient(empty);
    cr_assert_eq(tarn_clip_grad_adaptive(tarn_params_of(v, late, empty), 0.5), 1);
    for (int i = 0; i < 4; i++)
        assert_close(tarn_gradients(v)[i], 1.5); /* a norm of 3 for one of 10, that of w being 6 */
    cr_assert_null(tarn_gradients(late));
    cr_assert_eq(tarn_clip_grad_adaptive(tarn_params_of(v), INFINITY), 0);
    tarn_free(v);
    tarn_free(late);
    tarn_free(empty);
}

Test(clip_adaptive, leaves_what_is_not_finite)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2, 2), 1), true);
    set_gradient(w, 8);
    tarn_gradients(w)[1] = (tarn_real)NAN;
    cr_assert_eq(tarn_clip_grad_adaptive(tarn_params_of(w), 0.5), 1);
    assert_close(tarn_gradients(w)[0], 0.5);
    cr_assert(isnan(tarn_gradients(w)[1]) && tarn_gradients(w)[3] == 8);
    tarn_free(w);
}

Test(clip_adaptive, same_bits_at_any_number_of_threads)
{
    tarn_tensor *w[2];
    for (int k = 0; k < 2; k++) {
        tarn_seed(5);
        tarn_set_threads(k == 0 ? 1 : 4);
        w[k] = tarn_requires_grad(tarn_randn(tarn_shape(300, 301)), true);
        memcpy(tarn_op_gradient(w[k]), tarn_values(w[k]), 300 * 301 * sizeof(tarn_real));
        tarn_clip_grad_adaptive(tarn_params_of(w[k]), 0.01);
    }
    cr_assert_arr_eq(tarn_gradients(w[0]), tarn_gradients(w[1]), 300 * 301 * sizeof(tarn_real));
    tarn_free(w[0]);
    tarn_free(w[1]);
}

Test(clip_adaptive, refuses_bad_numbers)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_params list = tarn_params_of(w);
    const double bad[] = {0, -1, NAN};
    for (int i = 0; i < 3; i++) {
        assert_mistake(tarn_clip_grad_adaptive(list, bad[i]) >= 0, "clip_grad_adaptive: max is ");
        assert_mistake(tarn_clip_grad_adaptive(list, 1, .eps = bad[i]) >= 0, "and eps ");
    }
    assert_mistake(tarn_clip_grad_adaptive(((tarn_params){3, NULL, NULL}), 1) >= 0,
                   "clip_grad_adaptive: the list of 3 parameters is NULL");
    tarn_free(w);
}
