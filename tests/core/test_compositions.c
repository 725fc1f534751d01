/* The lines of docs/operations.md, which quotes them from here, against PyTorch's values. Where the
   lines stand, indentation and names are those of the page. */
#include <math.h>

#include "tests/support/golden.h"

/* What they are called with. */
static const int32_t ids[] = {2, 0, 3};
static const double beta = 0.5, margin = 1, gamma_ = 2, classes = 4;

static tarn_tensor *smooth_l1(tarn_tensor *a, tarn_tensor *b)
{
    return tarn_scale(tarn_huber(a, b, .delta = beta), 1 / beta);
}

static tarn_tensor *hinge(tarn_tensor *scores, tarn_labels labels)
{
    tarn_tensor *right = tarn_gather(scores, 1, labels);
    tarn_tensor *losses = tarn_relu(tarn_add(tarn_sub(scores, right), tarn_number(margin)));
    return tarn_sub(tarn_mean(losses), tarn_number(margin / classes));
}

static tarn_tensor *focal(tarn_tensor *logits, tarn_labels labels)
{
    tarn_tensor *losses = tarn_cross_entropy(logits, labels, .reduction = TARN_NONE);
    tarn_tensor *wrong = tarn_neg(tarn_expm1(tarn_neg(losses))); /* 1 - p of the label */
    return tarn_mean(tarn_mul(tarn_pow(wrong, gamma_), losses));
}

static tarn_tensor *cosine(tarn_tensor *a, tarn_tensor *b)
{
    tarn_tensor *lengths =
        tarn_mul(tarn_norm_axes(a, tarn_axes(-1)), tarn_norm_axes(b, tarn_axes(-1)));
    return tarn_div(tarn_sum_axis(tarn_mul(a, b), -1), lengths);
}

static tarn_tensor *cosine_embedding(tarn_tensor *a, tarn_tensor *b, tarn_tensor *alike)
{
    tarn_tensor *apart = tarn_relu(tarn_sub(cosine(a, b), tarn_number(0.25)));
    tarn_tensor *near = tarn_sub(tarn_number(1), cosine(a, b));
    return tarn_where(tarn_gt(alike, tarn_number(0)), near, apart);
}

static tarn_tensor *triplet(tarn_tensor *anchor, tarn_tensor *positive, tarn_tensor *negative)
{
    tarn_tensor *near = tarn_norm_axes(tarn_sub(anchor, positive), tarn_axes(-1));
    tarn_tensor *far = tarn_norm_axes(tarn_sub(anchor, negative), tarn_axes(-1));
    return tarn_mean(tarn_relu(tarn_add(tarn_sub(near, far), tarn_number(margin))));
}

static tarn_tensor *ranking(tarn_tensor *a, tarn_tensor *b, tarn_tensor *order)
{
    tarn_tensor *ahead = tarn_mul(order, tarn_sub(a, b));
    return tarn_mean(tarn_relu(tarn_sub(tarn_number(margin), ahead)));
}

static tarn_tensor *gaussian_nll(tarn_tensor *mean, tarn_tensor *x, tarn_tensor *variance)
{
    tarn_tensor *v = tarn_clamp(variance, 1e-6, INFINITY);
    tarn_tensor *squares = tarn_div(tarn_square(tarn_sub(mean, x)), v);
    return tarn_scale(tarn_mean(tarn_add(tarn_log(v), squares)), 0.5);
}

static tarn_tensor *poisson_nll(tarn_tensor *log_rate, tarn_tensor *count)
{
    return tarn_mean(tarn_sub(tarn_exp(log_rate), tarn_mul(count, log_rate)));
}

static tarn_tensor *kl_div_of_each(tarn_tensor *log_q, tarn_tensor *p)
{
    const tarn_shape shape = tarn_shape_get(p), column = tarn_shape(tarn_size(p), 1);
    tarn_tensor *q = tarn_reshape(log_q, column), *of = tarn_reshape(p, column);
    return tarn_reshape(tarn_kl_div(q, of, .reduction = TARN_NONE), shape);
}

static tarn_tensor *log_cosh(tarn_tensor *a, tarn_tensor *b)
{
    tarn_tensor *d = tarn_sub(a, b); /* ln cosh d = d + ln(1 + e^-2d) - ln 2 */
    return tarn_mean(tarn_sub(tarn_add(d, tarn_softplus(tarn_scale(d, -2))), tarn_number(log(2))));
}

static tarn_tensor *masked_fill(tarn_tensor *x)
{
    return tarn_where(tarn_gt(x, tarn_number(0.5)), tarn_number(-2), x);
}

static tarn_tensor *softplus_with(tarn_tensor *x)
{
    return tarn_scale(tarn_softplus(tarn_scale(x, 2)), 1.0 / 2);
}

static tarn_tensor *norm_1(tarn_tensor *x)
{
    return tarn_sum_axis(tarn_abs(x), 1);
}

static tarn_tensor *standardize(tarn_tensor *x)
{
    tarn_tensor *mean = tarn_mean_axes(x, tarn_axes(1), .keepdims = true);
    return tarn_div(tarn_sub(x, mean), tarn_std_axes(x, tarn_axes(1), .keepdims = true));
}

static tarn_tensor *unit_rows(tarn_tensor *x)
{
    tarn_tensor *lengths = tarn_norm_axes(x, tarn_axes(-1), .keepdims = true);
    return tarn_div(x, tarn_clamp(lengths, 1e-12, INFINITY));
}

static tarn_tensor *logsumexp_of_columns(tarn_tensor *x)
{
    return tarn_logsumexp(tarn_transpose(x, 0, -1));
}

static tarn_tensor *conv1d(tarn_tensor *x, tarn_tensor *weight, tarn_tensor *bias)
{
    const int64_t n = tarn_dim(x, 0), l = tarn_dim(x, 1), c = tarn_dim(x, 2);
    tarn_tensor *row = tarn_reshape(x, tarn_shape(n, 1, l, c)); /* weight (1,K,C,O) */
    tarn_tensor *y = tarn_conv2d(row, weight, bias, .stride_w = 2, .padding_w = 1);
    return tarn_reshape(y, tarn_shape(n, tarn_dim(y, 2), tarn_dim(y, 3)));
}

static tarn_tensor *separable(tarn_tensor *x, tarn_tensor *depthwise, tarn_tensor *pointwise)
{
    const int channels = (int)tarn_dim(x, 3); /* (3,3,1,C), and (1,1,C,O) */
    tarn_tensor *each = tarn_conv2d(x, depthwise, NULL, .padding = 1, .groups = channels);
    return tarn_conv2d(each, pointwise, NULL);
}

static tarn_tensor *channel_shuffle(tarn_tensor *x, int groups)
{
    const int64_t n = tarn_dim(x, 0), h = tarn_dim(x, 1), w = tarn_dim(x, 2), c = tarn_dim(x, 3);
    tarn_tensor *parts = tarn_reshape(x, tarn_shape(n, h * w, groups, c / groups));
    return tarn_reshape(tarn_transpose(parts, 2, 3), tarn_shape(n, h, w, c));
}

static tarn_tensor *rescale(tarn_tensor *x, double factor)
{
    const int height = (int)floor((double)tarn_dim(x, 1) * factor);
    const int width = (int)floor((double)tarn_dim(x, 2) * factor);
    return tarn_upsample_bicubic2d(x, height, width, .antialias = true);
}

static tarn_tensor *pool_one(tarn_tensor *image)
{
    const int64_t h = tarn_dim(image, 0), w = tarn_dim(image, 1), c = tarn_dim(image, 2);
    tarn_tensor *y = tarn_max_pool2d(tarn_reshape(image, tarn_shape(1, h, w, c)), 2);
    return tarn_reshape(y, tarn_shape(tarn_dim(y, 1), tarn_dim(y, 2), c));
}

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    static tarn_tensor *signs;
    const char *name = golden_name(context);
    const tarn_labels labels = tarn_labels(3, ids);
    if (!signs && strcmp(name, "cosine_embedding") == 0)
        signs = golden_tensor(context, "signs");
    return strcmp(name, "smooth_l1") == 0          ? smooth_l1(x[0], x[1])
           : strcmp(name, "hinge") == 0            ? hinge(x[0], labels)
           : strcmp(name, "focal") == 0            ? focal(x[0], labels)
           : strcmp(name, "cosine_embedding") == 0 ? cosine_embedding(x[0], x[1], signs)
           : strcmp(name, "triplet") == 0          ? triplet(x[0], x[1], x[2])
           : strcmp(name, "gaussian_nll") == 0     ? gaussian_nll(x[0], x[1], x[2])
           : strcmp(name, "poisson_nll") == 0      ? poisson_nll(x[0], x[1])
           : strcmp(name, "kl_div") == 0           ? kl_div_of_each(x[0], x[1])
           : strcmp(name, "log_cosh") == 0         ? log_cosh(x[0], x[1])
           : strcmp(name, "masked_fill") == 0      ? masked_fill(x[0])
           : strcmp(name, "softplus") == 0         ? softplus_with(x[0])
           : strcmp(name, "norm_1") == 0           ? norm_1(x[0])
           : strcmp(name, "standardize") == 0      ? standardize(x[0])
           : strcmp(name, "logsumexp_first") == 0  ? logsumexp_of_columns(x[0])
                                                   : NULL;
}

Test(compositions, golden)
{
    check_golden("compositions", run);
}

GRADIENT_TEST(compositions, run)

Test(compositions, reuse)
{
    check_reuse("compositions", run);
}

/* What has no golden values: it draws, or is nothing but places. */

Test(compositions, causal_mask)
{
    enum { T = 3 };
    tarn_tensor *scores = tarn_zeros(tarn_shape(2, T, T)), *ones = tarn_full(tarn_shape(T, T), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *seen = tarn_tril(ones, 0);
    tarn_tensor *weights = tarn_softmax(tarn_where(seen, scores, tarn_number(-INFINITY)));
    for (int row = 0; row < T; row++)
        for (int column = 0; column < T; column++) {
            const double expected = column <= row ? 1.0 / (row + 1) : 0;
            cr_expect_float_eq(tarn_values(weights)[row * T + column], expected, 1e-6);
        }
    tarn_tape_end(tape);
    tarn_free(scores);
    tarn_free(ones);
}

Test(compositions, mixed_labels)
{
    const tarn_labels first = tarn_labels(3, ids),
                      second = tarn_labels(3, (const int32_t[]){1, 0, 2});
    tarn_tensor *logits = tarn_randn(tarn_shape(3, 4));
    tarn_tape *tape = tarn_tape_begin();
    const double share = 0.25;
    tarn_tensor *mixed = tarn_add(tarn_scale(tarn_one_hot(first, 4), share),
                                  tarn_scale(tarn_one_hot(second, 4), 1 - share));
    tarn_tensor *loss = tarn_cross_entropy_soft(logits, mixed);
    const double expected = share * (double)tarn_item(tarn_cross_entropy(logits, first)) +
                            (1 - share) * (double)tarn_item(tarn_cross_entropy(logits, second));
    cr_expect_float_eq((double)tarn_item(loss), expected, 1e-5);
    tarn_tape_end(tape);
    tarn_free(logits);
}

Test(compositions, sorted)
{
    enum { N = 6 };
    int32_t order[N];
    tarn_tensor *x = tarn_from_array(tarn_shape(2, 3), (const tarn_real[]){3, 1, 2, 5, 6, 4});
    tarn_tape *tape = tarn_tape_begin();
    tarn_argsort_axis(x, -1, order);
    tarn_tensor *sorted = tarn_gather(x, -1, tarn_labels(N, order));
    const tarn_real expected[] = {1, 2, 3, 4, 5, 6};
    cr_expect_arr_eq(tarn_values(sorted), expected, sizeof expected);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* One channel of two, of each of which every number is seen by the sum over three neighbours. */
Test(compositions, series)
{
    enum { L = 6, C = 2 };
    tarn_tensor *x = tarn_randn(tarn_shape(2, L, C)), *weight = tarn_randn(tarn_shape(1, 3, C, 1));
    tarn_tensor *bias = tarn_full(tarn_shape(1), 0.5);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = conv1d(x, weight, bias);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 3, 1)));
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < 3; i++) {
            double sum = 0.5;
            for (int k = 0; k < 3; k++)
                for (int c = 0; c < C; c++) {
                    const int l = 2 * i + k - 1;
                    if (l >= 0 && l < L)
                        sum += (double)tarn_values(x)[(n * L + l) * C + c] *
                               (double)tarn_values(weight)[k * C + c];
                }
            cr_expect_float_eq((double)tarn_values(y)[n * 3 + i], sum, 1e-5);
        }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
    tarn_free(bias);
}

/* The same as one convolution by the product of the two weights. */
Test(compositions, separable_block)
{
    enum { C = 3, O = 4 };
    tarn_tensor *x = tarn_randn(tarn_shape(2, 5, 4, C));
    tarn_tensor *depthwise = tarn_randn(tarn_shape(3, 3, 1, C));
    tarn_tensor *pointwise = tarn_randn(tarn_shape(1, 1, C, O));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = separable(x, depthwise, pointwise);
    tarn_tensor *whole = tarn_mul(tarn_reshape(depthwise, tarn_shape(3, 3, C, 1)), pointwise);
    tarn_tensor *expected = tarn_conv2d(x, whole, NULL, .padding = 1);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 5, 4, O)));
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_expect_float_eq((double)tarn_values(y)[i], (double)tarn_values(expected)[i], 1e-4);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(depthwise);
    tarn_free(pointwise);
}

Test(compositions, one_image)
{
    const tarn_real values[] = {1, 7, 2, 3, 4, 5, 8, 6};
    tarn_tensor *x = tarn_from_array(tarn_shape(2, 4, 1), values);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = pool_one(x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(1, 2, 1)));
    cr_expect(tarn_values(y)[0] == 7 && tarn_values(y)[1] == 8);
    tarn_tensor *half = rescale(tarn_reshape(x, tarn_shape(1, 2, 4, 1)), 0.5);
    cr_expect(tarn_shape_equal(tarn_shape_get(half), tarn_shape(1, 1, 2, 1)));
    tarn_tape_end(tape);
    tarn_free(x);
}

/* PyTorch 2.13's values. */
static void expect(int line, tarn_tensor *y, int count, const double *expected)
{
    cr_assert_eq(tarn_size(y), count, "line %d", line);
    for (int i = 0; i < count; i++)
        cr_expect_float_eq((double)tarn_values(y)[i], expected[i], 3e-6, "line %d, %d: %.7g", line,
                           i, (double)tarn_values(y)[i]);
}
#define EXPECT(y, ...)                                                                             \
    expect(__LINE__, y, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

static const tarn_real first_six[] = {1.5, -0.5, 2, 0.25, -3, 0.75};

Test(compositions, ranking_units_and_shuffles)
{
    const tarn_real second_six[] = {0.5, 1, -1, 2, 0.1F, -0.75}, signs[] = {1, -1, 1, -1, 1, -1};
    const tarn_shape shape = tarn_shape(2, 3);
    tarn_tensor *a = tarn_from_array(shape, first_six), *b = tarn_from_array(shape, second_six);
    tarn_tensor *order = tarn_from_array(shape, signs), *image = tarn_zeros(tarn_shape(1, 1, 2, 6));
    for (int i = 0; i < 12; i++)
        tarn_values(image)[i] = (tarn_real)i;
    tarn_tape *tape = tarn_tape_begin();
    EXPECT(ranking(a, b, order), 1.1); /* with a margin of 1 */
    EXPECT(unit_rows(a), 0.5883484, -0.1961161, 0.7844645, 0.0805823, -0.9669876, 0.2417469);
    EXPECT(unit_rows(tarn_scale(a, 0)), 0, 0, 0, 0, 0, 0);
    EXPECT(channel_shuffle(image, 3), 0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11);
    tarn_tape_end(tape);
    tarn_free(a), tarn_free(b), tarn_free(order), tarn_free(image);
}

/* Rows of the page's last table. */
Test(compositions, by_another_name)
{
    const tarn_real second_six[] = {0.5, 1, -1, 2, 0.1F, -0.75}, signs[] = {1, -1, 1, -1, 1, -1};
    const tarn_shape shape = tarn_shape(2, 3);
    tarn_tensor *a = tarn_from_array(shape, first_six), *b = tarn_from_array(shape, second_six);
    tarn_tensor *y = tarn_from_array(shape, signs);
    tarn_tape *tape = tarn_tape_begin();
    EXPECT(tarn_mean(tarn_softplus(tarn_neg(tarn_mul(y, a)))), 0.9689693);
    EXPECT(tarn_add(a, tarn_softplus(tarn_sub(b, a))), 1.813262, 1.201413, 2.048587, 2.160224,
           0.144064, 0.9514133);
    EXPECT(tarn_add(a, tarn_scale(tarn_sub(b, a), 0.25)), 1.25, -0.125, 1.25, 0.6875, -2.225,
           0.375);
    EXPECT(tarn_pow(a, -1), 0.6666667, -2, 0.5, 4, -0.3333333, 1.333333);
    EXPECT(tarn_scale(tarn_log(tarn_abs(b)), 1 / log(2)), -1, 0, 0, 1, -3.321928, -0.4150375);
    EXPECT(tarn_softmax(tarn_neg(a)), 0.1111656, 0.821409, 0.06742536, 0.03650052, 0.9413608,
           0.02213868);
    EXPECT(tarn_where(tarn_gt(tarn_abs(a), tarn_number(0.6)), a, tarn_number(0)), 1.5, 0, 2, 0, -3,
           0.75);
    tarn_tape_end(tape);
    tarn_free(a), tarn_free(b), tarn_free(y);
}
