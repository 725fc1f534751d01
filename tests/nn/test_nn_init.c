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
        most = larger(most, value);
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

/* ---- Initializers */

/* Mean, mean square and largest size of the values. */
typedef struct moments {
    double mean, square, most;
} moments;

static moments moments_of(const tarn_tensor *t)
{
    moments m = {0};
    const double n = (double)tarn_size(t);
    for (int64_t i = 0; i < tarn_size(t); i++) {
        double value = (double)tarn_values(t)[i];
        m.mean += value / n;
        m.square += value * value / n;
        m.most = larger(m.most, fabs(value));
    }
    return m;
}

/* Mean 0 and the given deviation, within five deviations of each; the largest is the bound for a
   uniform distribution, and for a normal one above four deviations. */
static void expect_spread(const char *what, tarn_nn_initializer *how, tarn_shape shape,
                          double number, double deviation, bool uniform)
{
    tarn_tensor *t = tarn_full(shape, (double)NAN);
    const double n = (double)tarn_size(t), bound = sqrt(3) * deviation;
    tarn_seed(11);
    cr_assert(how(t, number));
    const moments m = moments_of(t);
    cr_expect(fabs(m.mean) < 5 * deviation / sqrt(n), "%s: mean %g", what, m.mean);
    cr_expect(fabs(m.square / (deviation * deviation) - 1) < 5 * sqrt(2 / n), "%s: variance %g",
              what, m.square);
    if (uniform)
        cr_expect(m.most <= bound * (1 + 1e-6) && m.most > 0.999 * bound, "%s: %g", what, m.most);
    else
        cr_expect(m.most > 3.5 * deviation && m.most < 7 * deviation, "%s: %g", what, m.most);
    tarn_free(t);
}

Test(init, deviations_are_those_of_the_papers)
{
    const tarn_shape linear = tarn_shape(200, 300), conv = tarn_shape(3, 5, 16, 150);
    expect_spread("normal", tarn_init_normal, tarn_shape(60000), 0.5, 0.5, false);
    expect_spread("uniform", tarn_init_uniform, tarn_shape(60000), 0.5, 0.5 / sqrt(3), true);
    expect_spread("kaiming_normal", tarn_init_kaiming_normal, linear, TARN_GAIN_RELU,
                  sqrt(2. / 200), false);
    expect_spread("kaiming_uniform", tarn_init_kaiming_uniform, linear, TARN_GAIN_RELU,
                  sqrt(2. / 200), true);
    expect_spread("xavier_normal", tarn_init_xavier_normal, linear, 1, sqrt(2. / 500), false);
    expect_spread("xavier_uniform", tarn_init_xavier_uniform, linear, 1, sqrt(2. / 500), true);
    expect_spread("gain", tarn_init_kaiming_normal, linear, 3, 3 / sqrt(200), false);
    expect_spread("gain", tarn_init_kaiming_uniform, linear, 3, 3 / sqrt(200), true);
    expect_spread("gain", tarn_init_xavier_normal, linear, 3, 3 * sqrt(2. / 500), false);
    expect_spread("gain", tarn_init_xavier_uniform, linear, 3, 3 * sqrt(2. / 500), true);
    /* 3 5 16 in, 3 5 150 out */
    expect_spread("conv", tarn_init_kaiming_normal, conv, TARN_GAIN_RELU, sqrt(2. / 240), false);
    expect_spread("conv", tarn_init_kaiming_uniform, conv, TARN_GAIN_RELU, sqrt(2. / 240), true);
    expect_spread("conv", tarn_init_xavier_normal, conv, 1, sqrt(2. / (240 + 2250)), false);
    expect_spread("conv", tarn_init_xavier_uniform, conv, 1, sqrt(2. / (240 + 2250)), true);
}

Test(init, by_fan_out)
{
    const tarn_shape linear = tarn_shape(200, 300), conv = tarn_shape(3, 5, 150, 16);
    expect_spread("out", tarn_init_kaiming_normal_out, linear, TARN_GAIN_RELU, sqrt(2. / 300),
                  false);
    expect_spread("out", tarn_init_kaiming_uniform_out, linear, 1, sqrt(1. / 300), true);
    expect_spread("out", tarn_init_kaiming_normal_out, conv, 1, sqrt(1. / 240), false);
    expect_spread("out", tarn_init_kaiming_uniform_out, conv, 3, 3 / sqrt(240), true);
}

/* The variance of a normal distribution between -2 and 2 is 1 - 4 phi(2) / (2 Phi(2) - 1). */
Test(init, truncated_normal)
{
    tarn_seed(5);
    tarn_tensor *t = tarn_zeros(tarn_shape(100000)), *again = tarn_zeros(tarn_shape(100000));
    cr_assert(tarn_init_truncated_normal(t, 0.5));
    const moments m = moments_of(t);
    const double variance = 1 - 4 * 0.05399096651 / 0.9544997361;
    cr_expect(fabs(m.mean) < 0.01, "%g", m.mean);
    cr_expect_float_eq(m.square / 0.25, variance, 0.01);
    cr_expect(m.most <= 1 && m.most > 0.999, "%g", m.most);
    tarn_seed(5);
    tarn_set_threads(3);
    cr_assert(tarn_init_truncated_normal(again, 0.5));
    cr_expect_arr_eq(tarn_values(t), tarn_values(again), 100000 * sizeof(tarn_real));
    assert_mistake(tarn_init_truncated_normal(t, -1),
                   "init_truncated_normal: deviation is -1, expects a finite number, not below 0");
    tarn_free(t);
    tarn_free(again);
}

/* Convolved with padding, the first channels come out as they went in. */
Test(init, dirac_passes_on)
{
    tarn_module *layer = tarn_nn_conv2d(3, 5, 3, .padding = 1, .bias = false);
    tarn_tensor *x = tarn_randn(tarn_shape(2, 4, 6, 3));
    cr_assert_eq(tarn_nn_init(layer, "weight", tarn_init_dirac, 2), 1);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = tarn_nn_forward(layer, x);
    for (int64_t i = 0; i < 2 * 4 * 6; i++)
        for (int64_t c = 0; c < 5; c++)
            cr_assert_float_eq((double)tarn_values(y)[i * 5 + c],
                               c < 3 ? 2 * (double)tarn_values(x)[i * 3 + c] : 0, 1e-6);
    tarn_tape_end(tape);
    tarn_tensor *matrix = tarn_full(tarn_shape(3, 2), 7), *vector = tarn_zeros(tarn_shape(3));
    cr_assert(tarn_init_dirac(matrix, 1));
    const tarn_real expected[] = {1, 0, 0, 1, 0, 0};
    cr_assert_arr_eq(tarn_values(matrix), expected, sizeof expected);
    assert_mistake(tarn_init_dirac(vector, 1), "init_dirac: tensor (3), expects two dimensions");
    tarn_free(x);
    tarn_free(matrix);
    tarn_free(vector);
    tarn_nn_free(layer);
}

Test(init, gains_are_those_of_pytorch)
{
    cr_expect(tarn_init_gain("linear", 0) == 1 && tarn_init_gain("sigmoid", 0) == 1);
    cr_expect_float_eq(tarn_init_gain("tanh", 0), 1.6666666666666667, 1e-15);
    cr_expect_float_eq(tarn_init_gain("relu", 0), 1.4142135623730951, 1e-15);
    cr_expect_float_eq(tarn_init_gain("leaky_relu", 0.01), 1.4141428569978354, 1e-15);
    cr_expect_float_eq(tarn_init_gain("leaky_relu", 0.5), 1.2649110640673518, 1e-15);
    cr_expect_float_eq(tarn_init_gain("selu", 0), 0.75, 1e-15);
    assert_mistake(!isnan(tarn_init_gain("gelu", 0)), "init_gain: there is no activation \"gelu\"");
}

/* What PyTorch's _calculate_fan_in_and_fan_out says of nn.Conv2d(64, 128, 3, groups=4): 144, 1152.
 */
Test(init, fans_of_a_grouped_convolution)
{
    tarn_module *layer = tarn_nn_conv2d(64, 128, 3, .groups = 4);
    tarn_tensor *weight = parameter(layer, "weight");
    cr_assert(tarn_init_xavier_uniform(weight, 1));
    double bound = sqrt(6. / (144 + 1152));
    cr_expect_float_eq(moments_of(weight).most, bound, 1e-3 * bound);
    cr_assert(tarn_init_kaiming_uniform(weight, 1));
    bound = sqrt(3. / 144);
    cr_expect_float_eq(moments_of(weight).most, bound, 1e-3 * bound);
    tarn_nn_free(layer);
}

/* The largest difference of the products of rows (columns) and the unit matrix times gain^2. */
static double distance_from_orthogonal(const tarn_tensor *t, double gain)
{
    const int64_t columns = tarn_dim(t, -1), rows = tarn_size(t) / columns;
    const bool wide = rows < columns;
    const int64_t count = wide ? rows : columns, numbers = wide ? columns : rows;
    double worst = 0;
    for (int64_t a = 0; a < count; a++)
        for (int64_t b = 0; b <= a; b++) {
            double dot = a == b ? -gain * gain : 0;
            for (int64_t i = 0; i < numbers; i++)
                dot += (double)tarn_values(t)[wide ? a * columns + i : i * columns + a] *
                       (double)tarn_values(t)[wide ? b * columns + i : i * columns + b];
            worst = larger(worst, fabs(dot));
        }
    return worst;
}

Test(init, orthogonal)
{
    const tarn_shape shapes[] = {
        tarn_shape(70, 30), tarn_shape(30, 70),     tarn_shape(400, 400), tarn_shape(3, 3, 8, 24),
        tarn_shape(3, 24),  tarn_shape(1, 1, 4, 9), tarn_shape(1, 1),     tarn_shape(5, 1)};
    const double tolerance = sizeof(tarn_real) == sizeof(double) ? 1e-12 : 1e-6;
    for (int k = 0; k < 8; k++) {
        tarn_tensor *t = tarn_zeros(shapes[k]);
        cr_assert(tarn_init_orthogonal(t, 1));
        cr_expect_leq(distance_from_orthogonal(t, 1), tolerance, "%s",
                      tarn_shape_to_text(shapes[k]).text);
        cr_assert(tarn_init_orthogonal(t, 3));
        cr_expect_leq(distance_from_orthogonal(t, 3), 9 * tolerance, "%s",
                      tarn_shape_to_text(shapes[k]).text);
        tarn_free(t);
    }
}

/* Q R is what was drawn, and the diagonal of R is positive, as in torch.nn.init.orthogonal_. */
Test(init, orthogonal_is_the_q_of_the_numbers_drawn)
{
    const int64_t n = 6;
    tarn_tensor *q = tarn_zeros(tarn_shape(n, n));
    tarn_seed(4);
    cr_assert(tarn_init_orthogonal(q, 1));
    tarn_seed(4);
    tarn_tensor *drawn = tarn_randn(tarn_shape(n, n)); /* row k became column k */
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k <= i; k++) {
            double r = 0; /* of row i and column k of R, which is 0 below the diagonal */
            for (int64_t j = 0; j < n; j++)
                r += (double)tarn_values(q)[j * n + i] * (double)tarn_values(drawn)[k * n + j];
            cr_expect(i == k ? r > 0.01 : fabs(r) < 1e-5, "R %d %d is %g", (int)i, (int)k, r);
        }
    tarn_free(q);
    tarn_free(drawn);
}

static tarn_nn_initializer *const random_ones[] = {
    tarn_init_normal,          tarn_init_uniform,       tarn_init_kaiming_normal,
    tarn_init_kaiming_uniform, tarn_init_xavier_normal, tarn_init_xavier_uniform,
    tarn_init_orthogonal};

Test(init, same_bits_per_seed_at_any_number_of_threads)
{
    for (int k = 0; k < 7; k++) {
        tarn_tensor *first = tarn_zeros(tarn_shape(400, 170)), *t = tarn_clone(first);
        const size_t bytes = (size_t)tarn_size(t) * sizeof(tarn_real);
        for (int threads = 1; threads <= 4; threads++) {
            tarn_set_threads(threads);
            tarn_seed(9);
            cr_assert(random_ones[k](threads == 1 ? first : t, 1));
            if (threads > 1)
                cr_expect_eq(memcmp(tarn_values(first), tarn_values(t), bytes), 0, "%d", k);
        }
        cr_assert(random_ones[k](t, 1));
        cr_expect_neq(memcmp(tarn_values(first), tarn_values(t), bytes), 0, "%d", k);
        tarn_free(first);
        tarn_free(t);
    }
}

Test(init, of_nothing_and_by_nothing)
{
    tarn_tensor *none = tarn_zeros(tarn_shape(3, 0)), *inputless = tarn_zeros(tarn_shape(0, 3));
    tarn_tensor *one = tarn_full(tarn_shape(2, 2), 7);
    for (int k = 0; k < 7; k++) {
        cr_expect(random_ones[k](none, 1));
        cr_expect(random_ones[k](inputless, 1));
        cr_expect_not(random_ones[k](NULL, 1));
    }
    cr_expect_not(tarn_init_constant(NULL, 1));
    cr_expect(tarn_init_constant(none, 1));
    cr_expect(tarn_init_normal(one, 0));
    cr_expect_eq(moments_of(one).most, 0);
    cr_expect(tarn_init_constant(one, -2));
    cr_expect_eq(moments_of(one).mean, -2);
    cr_expect(tarn_init_uniform(one, 0));
    cr_expect_eq(moments_of(one).most, 0);
    tarn_free(none);
    tarn_free(inputless);
    tarn_free(one);
}

Test(init, wrong_tensors_and_numbers_are_mistakes)
{
    tarn_tensor *t = tarn_full(tarn_shape(2, 2), 7), *row = tarn_full(tarn_shape(3), 7);
    assert_mistake(tarn_init_kaiming_normal(row, 0),
                   "init_kaiming_normal: tensor (3), expects two dimensions or more");
    assert_mistake(tarn_init_kaiming_uniform(row, 0), "init_kaiming_uniform: tensor (3)");
    assert_mistake(tarn_init_xavier_normal(row, 0), "init_xavier_normal: tensor (3)");
    assert_mistake(tarn_init_xavier_uniform(row, 0), "init_xavier_uniform: tensor (3)");
    assert_mistake(tarn_init_orthogonal(row, 0), "init_orthogonal: tensor (3)");
    assert_mistake(tarn_init_kaiming_normal(t, -1),
                   "init_kaiming_normal: gain is -1, expects a finite number, not below 0");
    assert_mistake(tarn_init_orthogonal(t, (double)NAN), "init_orthogonal: gain is nan");
    assert_mistake(tarn_init_xavier_uniform(t, (double)INFINITY), "gain is inf");
    assert_mistake(tarn_init_normal(t, -1), "init_normal: deviation is -1");
    assert_mistake(tarn_init_uniform(t, (double)NAN), "init_uniform: bound is nan");
    cr_expect_eq(tarn_values(t)[3], 7);
    cr_expect_eq(tarn_values(row)[2], 7);
    tarn_free(t);
    tarn_free(row);
}

/* ---- By name */

static tarn_module *small_model(void)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(3, 4, 3), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
        tarn_nn_residual(tarn_nn_sequential(tarn_nn_conv2d(4, 4, 3, .padding = 1))),
        tarn_nn_flatten(), tarn_nn_linear(16, 5));
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        cr_assert(tarn_init_constant(list.tensors[i], 100));
    return model;
}

/* The names of the parameters that are no longer 100. */
static const char *changed(tarn_module *model)
{
    static char text[200];
    text[0] = '\0';
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        if (tarn_values(list.tensors[i])[0] != 100) {
            strcat(text, list.names[i]);
            strcat(text, " ");
        }
    return text;
}

Test(init, sets_what_the_pattern_matches)
{
    const struct {
        const char *pattern, *expected;
        int count;
    } cases[] = {
        {"*.bias", "0.bias 1.bias 3.body.0.bias 5.bias ", 4},
        {"3.*", "3.body.0.weight 3.body.0.bias ", 2},
        {"[05].bias", "0.bias 5.bias ", 2},
        {"?.weight", "0.weight 1.weight 5.weight ", 3},
        {"1.weight", "1.weight ", 1},
        {"*", "0.weight 0.bias 1.weight 1.bias 3.body.0.weight 3.body.0.bias 5.weight 5.bias ", 8}};
    for (int k = 0; k < 6; k++) {
        tarn_module *model = small_model();
        cr_expect_eq(tarn_nn_init(model, cases[k].pattern, tarn_init_constant, 1), cases[k].count);
        cr_expect_str_eq(changed(model), cases[k].expected);
        tarn_nn_free(model);
    }
}

Test(init, passes_over_vectors_where_fans_are_needed)
{
    for (int k = 2; k < 7; k++) {
        tarn_module *model = small_model();
        cr_expect_eq(tarn_nn_init(model, "*", random_ones[k], 0), 3);
        cr_expect_str_eq(changed(model), "0.weight 3.body.0.weight 5.weight ");
        tarn_nn_free(model);
    }
}

static bool refuse(tarn_tensor *t, double number)
{
    (void)t;
    (void)number;
    return false;
}

Test(init, by_name_mistakes)
{
    tarn_module *model = small_model(), *empty = tarn_nn_relu();
    assert_mistake(tarn_nn_init(model, "*.wieght", tarn_init_constant, 0),
                   "nn_init: no parameter matches \"*.wieght\"; there are \"0.weight\", "
                   "\"0.bias\", \"1.weight\", \"1.bias\", ...");
    assert_mistake(tarn_nn_init(model, "*.bias", tarn_init_orthogonal, 0),
                   "nn_init: no parameter of two dimensions or more matches \"*.bias\"; there are "
                   "\"0.weight\"");
    assert_mistake(tarn_nn_init(model, "1.running_mean", tarn_init_constant, 0), "no parameter");
    assert_mistake(tarn_nn_init(empty, "*", tarn_init_constant, 0),
                   "nn_init: no parameter matches \"*\"; there are none");
    assert_mistake(tarn_nn_init(model, NULL, tarn_init_constant, 0),
                   "nn_init: the pattern is NULL");
    assert_mistake(tarn_nn_init(model, "*", NULL, 0), "nn_init: the initializer is NULL");
    assert_mistake(tarn_nn_init(model, "*", tarn_init_normal, -1), "init_normal: deviation is -1");
    cr_expect_eq(tarn_nn_init(NULL, "*", tarn_init_constant, 0), 0);
    cr_expect_eq(tarn_nn_init(model, "*", refuse, 0), 0);
    cr_expect_eq(mistakes(), 0);
    cr_expect_str_eq(changed(model), "");
    tarn_nn_free(model);
    tarn_nn_free(empty);
}

/* The list that a program holds stays as it is. */
Test(init, leaves_the_list_of_parameters_alone)
{
    tarn_module *model = small_model();
    tarn_params list = tarn_nn_parameters(model);
    cr_assert_eq(tarn_nn_init(model, "0.weight", tarn_init_constant, 3), 1);
    cr_assert_str_eq(list.names[7], "5.bias");
    cr_assert_eq(tarn_values(list.tensors[0])[0], 3);
    tarn_nn_free(model);
}
