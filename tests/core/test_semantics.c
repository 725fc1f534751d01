/* What docs/design.md promises under "What you can rely on", where no other test shows it. */
#include <math.h>
#include <string.h>

#include "tests/support/mistakes.h"

/* A batch of no images through all that a small network consists of. */
static void step_without_images(tarn_module *model, bool training, tarn_reduction reduction,
                                bool loss_is_nan)
{
    tarn_tensor *images = tarn_zeros(tarn_shape(0, 12, 12, 1));
    tarn_params params = tarn_nn_parameters(model);
    tarn_optim *optimizer = tarn_optim_sgd(params, .lr = 0.1);
    tarn_nn_train(model, training);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, images);
    cr_assert(y, "%s", tarn_error());
    cr_expect(tarn_shape_equal(tarn_shape_get(y), tarn_shape(0, 10)));
    tarn_tensor *loss = tarn_cross_entropy(y, tarn_labels(0, NULL), .reduction = reduction);
    cr_assert(loss, "%s", tarn_error());
    cr_expect_eq(isnan(tarn_item(loss)) != 0, loss_is_nan);
    cr_expect(tarn_backward(loss), "%s", tarn_error());
    for (int i = 0; i < params.count; i++) {
        const tarn_real *gradients = tarn_gradients(params.tensors[i]);
        for (int64_t k = 0; gradients && k < tarn_size(params.tensors[i]); k++)
            cr_assert_eq(gradients[k], 0, "%s[%lld]", params.names[i], (long long)k);
    }
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
    cr_expect_eq(tarn_count_correct(y = tarn_zeros(tarn_shape(0, 10)), tarn_labels(0, NULL)), 0);
    tarn_free(y);
    tarn_optim_free(optimizer);
    tarn_free(images);
}

static tarn_module *network(bool with_batch_norm)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(1, 4, 3), with_batch_norm ? tarn_nn_batch_norm2d(4) : tarn_nn_tanh(),
        tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_conv2d(4, 4, 3, .padding = 1),
        tarn_nn_relu(), tarn_nn_avg_pool2d(5), tarn_nn_flatten(), tarn_nn_linear(4, 8),
        tarn_nn_gelu(), tarn_nn_dropout(0.5), tarn_nn_linear(8, 10));
}

Test(semantics, a_batch_of_none)
{
    tarn_module *plain = network(false), *normalized = network(true);
    step_without_images(plain, true, TARN_SUM, false);
    step_without_images(plain, true, TARN_MEAN, true);
    step_without_images(normalized, false, TARN_SUM, false);
    step_without_images(normalized, false, TARN_MEAN, true);

    /* There is no variance of nothing. */
    tarn_tensor *images = tarn_zeros(tarn_shape(0, 12, 12, 1));
    tarn_nn_train(normalized, true);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(normalized, images), "batch_norm2d: input (0,10,10,4) has 0");
    tarn_tape_end(tape);
    tarn_free(images);
    tarn_nn_free(plain);
    tarn_nn_free(normalized);
}

static void expect_only_nan_at(tarn_tensor *y, int64_t where)
{
    cr_assert(y, "%s", tarn_error());
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_expect_eq(isnan(tarn_values(y)[i]) != 0, i == where, "element %lld", (long long)i);
}

Test(semantics, nan_goes_on)
{
    const tarn_real nan = (tarn_real)NAN;
    tarn_tensor *x =
        tarn_from_array(tarn_shape(1, 2, 4, 1), (tarn_real[]){1, nan, 3, 4, 5, 6, 7, 8});
    tarn_tensor *zeros = tarn_zeros(tarn_shape(1, 2, 4, 1));
    tarn_tensor *one = tarn_full(tarn_shape(1, 1, 1, 1), 1);
    tarn_tape *tape = tarn_tape_begin();
    expect_only_nan_at(tarn_relu(x), 1);
    expect_only_nan_at(tarn_add_relu(x, zeros), 1);
    expect_only_nan_at(tarn_max_pool2d(x, 2), 0);
    expect_only_nan_at(tarn_max_pool2d(x, 1), 1);
    expect_only_nan_at(tarn_avg_pool2d(x, 2), 0);
    expect_only_nan_at(tarn_global_avg_pool2d(x), 0);
    expect_only_nan_at(tarn_adaptive_avg_pool2d(x, 1, 2), 0);
    expect_only_nan_at(tarn_clamp(x, 2, 5), 1);
    expect_only_nan_at(tarn_leaky_relu(x), 1);
    expect_only_nan_at(tarn_maximum(x, zeros), 1);
    expect_only_nan_at(tarn_maximum(zeros, x), 1);
    expect_only_nan_at(tarn_minimum(x, zeros), 1);
    expect_only_nan_at(tarn_minimum(zeros, x), 1);
    expect_only_nan_at(tarn_max_axis(x, 1), 1);
    expect_only_nan_at(tarn_min_axis(x, 2), 0);
    expect_only_nan_at(tarn_max(x), 0);
    expect_only_nan_at(tarn_min(x), 0);
    expect_only_nan_at(tarn_sum_axis(x, 1), 1);
    expect_only_nan_at(tarn_conv2d(x, one, NULL, .relu = true), 1);
    expect_only_nan_at(tarn_conv2d(x, one, NULL, .relu = true, .max_pool = 2), 0);
    expect_only_nan_at(tarn_linear(tarn_reshape(x, tarn_shape(8, 1)),
                                   tarn_reshape(one, tarn_shape(1, 1)), NULL, .relu = true),
                       1);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(one);
    tarn_free(zeros);
}

/* ---- Rows with infinities: as PyTorch has them, but for the sign of a zero. */

static tarn_tensor *entropy_of_0(tarn_tensor *x)
{
    return tarn_cross_entropy(x, tarn_labels(1, (const int32_t[]){0}), .reduction = TARN_NONE);
}

static tarn_tensor *entropy_of_1(tarn_tensor *x)
{
    return tarn_cross_entropy(x, tarn_labels(1, (const int32_t[]){1}), .reduction = TARN_NONE);
}

typedef struct case_of_row {
    tarn_tensor *(*run)(tarn_tensor *x);
    double x[3], y[3], dx[3]; /* of dy 1, 2, 3 */
} case_of_row;

static bool is_near(tarn_real value, double expected)
{
    return isnan(expected)   ? isnan(value)
           : isinf(expected) ? value == (tarn_real)expected
                             : fabs((double)value - expected) < 1e-6;
}

static void check_row(const case_of_row *row, int number)
{
    const tarn_real weights[] = {1, 2, 3};
    tarn_real values[3];
    for (int i = 0; i < 3; i++)
        values[i] = (tarn_real)row->x[i];
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(1, 3), values), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = row->run(x);
    tarn_tensor *dy = tarn_from_array(tarn_shape_get(y), weights);
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_expect(is_near(tarn_values(y)[i], row->y[i]), "row %d, y %d is %g, expects %g", number,
                  (int)i, (double)tarn_values(y)[i], row->y[i]);
    cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
    for (int i = 0; i < 3; i++)
        cr_expect(is_near(tarn_gradients(x)[i], row->dx[i]), "row %d, dx %d is %g, expects %g",
                  number, i, (double)tarn_gradients(x)[i], row->dx[i]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(dy);
}

Test(semantics, rows_with_infinities)
{
    const double inf = INFINITY, nan = NAN;
    const case_of_row rows[] = {
        {tarn_logsumexp, {1, inf, 3}, {inf}, {0, nan, 0}},
        {tarn_logsumexp, {inf, 1, inf}, {inf}, {nan, 0, nan}},
        {tarn_logsumexp, {inf, -inf, 1}, {inf}, {nan, 0, 0}},
        {tarn_logsumexp, {1, -inf, 3}, {3.126928}, {0.1192029, 0, 0.8807970}},
        {tarn_logsumexp, {-inf, -inf, -inf}, {-inf}, {nan, nan, nan}},
        {tarn_logsumexp, {inf, nan, 1}, {nan}, {nan, nan, nan}},
        {tarn_softmax, {1, inf, 3}, {nan, nan, nan}, {nan, nan, nan}},
        {tarn_softmax, {1, -inf, 3}, {0.1192029, 0, 0.8807970}, {-0.2099871, 0, 0.2099872}},
        {tarn_softmax, {-inf, -inf, -inf}, {nan, nan, nan}, {nan, nan, nan}},
        {tarn_softmax, {-inf, nan, -inf}, {nan, nan, nan}, {nan, nan, nan}},
        {tarn_log_softmax, {1, inf, 3}, {nan, nan, nan}, {nan, nan, nan}},
        {tarn_log_softmax, {1, -inf, 3}, {-2.126928, -inf, -0.1269280}, {0.2847826, 2, -2.2847823}},
        {tarn_log_softmax, {-inf, -inf, -inf}, {nan, nan, nan}, {nan, nan, nan}},
        {tarn_log_softmax, {-inf, nan, -inf}, {nan, nan, nan}, {nan, nan, nan}},
        {entropy_of_0, {1, inf, 3}, {nan}, {nan, nan, nan}},
        {entropy_of_0, {1, -inf, 3}, {2.126928}, {-0.8807971, 0, 0.8807970}},
        {entropy_of_1, {1, -inf, 3}, {inf}, {0.1192029, -1, 0.8807970}},
        {entropy_of_0, {-inf, -inf, -inf}, {nan}, {nan, nan, nan}},
        {entropy_of_1, {1, nan, 3}, {nan}, {nan, nan, nan}},
    };
    for (int i = 0; i < (int)(sizeof rows / sizeof *rows); i++)
        check_row(&rows[i], i);
}

/* The mask of dropout in a network, and its gradient, per seed. */
Test(semantics, dropout_repeats_per_seed)
{
    enum { SIZE = 100000 };
    static tarn_real first[SIZE], second[SIZE];
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(SIZE), 1), true);
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_seed(11);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_dropout(x, 0.3), *z = tarn_dropout(x, 0.3);
        tarn_zero_grad(x);
        cr_assert(tarn_backward(tarn_sum(z)));
        if (threads == 1) {
            memcpy(first, tarn_values(y), sizeof first);
            memcpy(second, tarn_values(z), sizeof second);
            cr_expect(memcmp(first, second, sizeof first) != 0);
        }
        cr_expect(memcmp(first, tarn_values(y), sizeof first) == 0, "%d threads", threads);
        cr_expect(memcmp(second, tarn_values(z), sizeof second) == 0, "%d threads", threads);
        cr_expect(memcmp(second, tarn_gradients(x), sizeof second) == 0, "%d threads", threads);
        tarn_tape_end(tape);
    }
    tarn_free(x);
}

/* No size is computed that does not fit, whoever would multiply the dimensions. */
/* Nothing is to be done, however many rows of nothing there are. */
Test(semantics, many_rows_of_nothing, .timeout = 10)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(1LL << 56, 2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_slice(x, 1, 0, 1);
    y = tarn_concat(1, y, y, x);
    y = tarn_pad(y, tarn_shape(0, 1, 0), tarn_shape(0, 0, 0));
    y = tarn_transpose(tarn_relu(tarn_add(y, y)), 0, 1);
    y = tarn_max_axis(tarn_sum_axis(tarn_softmax(y), 1), 0);
    cr_assert_eq(tarn_size(y), 0);
    cr_assert(tarn_backward(tarn_sum(y)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(semantics, sizes_that_overflow_are_refused)
{
    const int64_t large = (int64_t)1 << 32;
    assert_mistake(tarn_zeros(tarn_shape(large, large)),
                   "zeros: shape (4294967296,4294967296) is invalid or too large");
    assert_mistake(tarn_zeros(tarn_shape(large, large, 0)), "zeros: shape ");
    tarn_tensor *column = tarn_zeros(tarn_shape(large, 0)), *row = tarn_zeros(tarn_shape(0, large));
    tarn_tensor *one = tarn_zeros(tarn_shape(1, large, 0));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_matmul(column, row), "matmul: ");
    cr_expect_not(tarn_add(tarn_reshape(one, tarn_shape(large, 1, 0)), one));
    tarn_tape_end(tape);
    tarn_free(column);
    tarn_free(row);
    tarn_free(one);
}
