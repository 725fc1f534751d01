/* tarn_set_precision(): what it holds for, and that operations round their operands, which are
   compared with the same operations in float of operands rounded here. */
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "tarn.h"
#include "tests/support/mistakes.h"

/* ---- Rounding, by the rule: 8 significant bits, to nearest even */

static double rounded(double x)
{
    int exponent;
    const double part = frexp((float)x, &exponent); /* 1/2 to 1, so 8 bits are 256ths */
    if (isnan(x) || isinf((float)x))
        return x;
    if (fabs((float)x) < FLT_MIN)
        return copysign(0, x);
    const double near = ldexp(nearbyint(ldexp(part, 8)), exponent - 8);
    return fabs(near) > FLT_MAX ? copysign(INFINITY, x) : near;
}

static tarn_tensor *rounded_copy(tarn_tensor *t)
{
    tarn_tensor *copy = tarn_from_array(tarn_shape_get(t), tarn_values(t));
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(copy)[i] = (tarn_real)rounded(tarn_values(t)[i]);
    return copy;
}

/* What a product of two numbers makes of one of them. */
static double product_with_one(double x)
{
    const tarn_real values[2] = {(tarn_real)x, 1};
    tarn_tensor *a = tarn_from_array(tarn_shape(1, 1), values);
    tarn_tensor *b = tarn_from_array(tarn_shape(1, 1), values + 1);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const double y = tarn_item(tarn_matmul(a, b));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    return y;
}

Test(precision, rounds_to_nearest_even)
{
    static const double numbers[] = {
        0,          1,     1.00390625,   1.0039063,    1.01171875,    1.0117186,
        3.14159265, 255.5, 256.9,        511,          1e-37,         1.17549449e-38,
        1e-38,      1e-44, 3.3895314e38, 3.3961775e38, 3.39617763e38, 3.4e38,
        1e30};
    tarn_set_precision(TARN_BF16);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double x = sign * numbers[i], y = product_with_one(x);
            cr_assert(y == rounded(x), "%.9g becomes %.9g, not %.9g", x, y, rounded(x));
        }
    cr_assert(isnan(product_with_one(NAN)));
    cr_assert(product_with_one(INFINITY) == INFINITY && product_with_one(-INFINITY) == -INFINITY);
    tarn_set_precision(TARN_FLOAT);
    cr_assert(product_with_one(257) == 257);
}

/* A NaN whose bits are all in the part that is cut off, or would carry on into the sign. */
Test(precision, keeps_every_nan)
{
    static const uint32_t bits[] = {0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff};
    tarn_set_precision(TARN_BF16);
    for (int i = 0; i < 4; i++) {
        float x;
        memcpy(&x, &bits[i], sizeof x);
        cr_assert(isnan(product_with_one(x)));
    }
}

/* ---- Operations */

enum { MOST_INPUTS = 3 };

typedef tarn_tensor *operation(tarn_tensor *const *x);

static tarn_tensor *matmul(tarn_tensor *const *x)
{
    return tarn_matmul(x[0], x[1]);
}

static tarn_tensor *linear(tarn_tensor *const *x)
{
    return tarn_linear(x[0], x[1], x[2]);
}

static tarn_tensor *linear_relu(tarn_tensor *const *x)
{
    return tarn_linear(x[0], x[1], x[2], .relu = true);
}

static tarn_tensor *conv(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .stride = 2, .padding = 1);
}

static tarn_tensor *conv_groups(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .groups = 2, .dilation = 2, .relu = true);
}

static tarn_tensor *conv_pool(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .relu = true, .max_pool = 2);
}

static tarn_tensor *transposed(tarn_tensor *const *x)
{
    return tarn_conv_transpose2d(x[0], x[1], x[2], .stride = 2, .padding = 1);
}

/* y and the gradients, copied off the tape. */
typedef struct results {
    tarn_tensor *y, *gradients[MOST_INPUTS];
} results;

static results run(operation *f, tarn_tensor *const *x, const tarn_tensor *dy, bool float_backward)
{
    results r = {0};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = f(x);
    const tarn_precision precision = tarn_precision_now();
    if (float_backward)
        tarn_set_precision(TARN_FLOAT);
    cr_assert(tarn_backward(y, .gradient = (tarn_tensor *)dy));
    cr_assert(!float_backward || tarn_precision_now() == TARN_FLOAT);
    tarn_set_precision(precision);
    r.y = tarn_clone(y);
    for (int i = 0; i < MOST_INPUTS && x[i]; i++) {
        r.gradients[i] = tarn_from_array(tarn_shape_get(x[i]), tarn_gradients(x[i]));
        tarn_zero_grad(x[i]);
    }
    tarn_tape_end(tape);
    return r;
}

static void free_results(results r)
{
    tarn_free(r.y);
    for (int i = 0; i < MOST_INPUTS; i++)
        tarn_free(r.gradients[i]);
}

static bool same(const tarn_tensor *a, const tarn_tensor *b)
{
    return (!a && !b) || memcmp(tarn_values((tarn_tensor *)a), tarn_values((tarn_tensor *)b),
                                (size_t)tarn_size(a) * sizeof(tarn_real)) == 0;
}

static bool all_same(results a, results b)
{
    return same(a.y, b.y) && same(a.gradients[0], b.gradients[0]) &&
           same(a.gradients[1], b.gradients[1]) && same(a.gradients[2], b.gradients[2]);
}

/* From -400 to 400: those beyond 256 change when they are rounded, and sums of products are exact
   in whichever order they are taken. */
static tarn_tensor *integers(tarn_shape shape)
{
    tarn_tensor *t = tarn_rand(shape);
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(t)[i] = (tarn_real)floor(801 * (double)tarn_values(t)[i]) - 400;
    return t;
}

/* The operation of rounded operands in float, to the bit: none of these is Winograd's. The bias and
   its gradient are not rounded. */
static void compare(operation *f, tarn_shape a, tarn_shape b, int64_t bias)
{
    tarn_tensor *x[MOST_INPUTS] = {integers(a), integers(b),
                                   bias ? integers(tarn_shape(bias)) : NULL};
    tarn_tensor *near[MOST_INPUTS] = {rounded_copy(x[0]), rounded_copy(x[1]), x[2]};
    for (int i = 0; i < MOST_INPUTS && x[i]; i++) {
        tarn_requires_grad(x[i], true);
        tarn_requires_grad(near[i], true);
    }
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *dy = integers(tarn_shape_get(f(x)));
    tarn_tape_end(tape);
    tarn_tensor *near_dy = rounded_copy(dy);

    const results before = run(f, x, dy, false);
    const results of_dy = run(f, near, dy, false), expected = run(f, near, near_dy, false);
    tarn_set_precision(TARN_BF16);
    for (int threads = 1; threads <= 3; threads++) {
        tarn_set_threads(threads);
        const results found = run(f, x, dy, threads == 2);
        cr_assert(same(found.y, expected.y), "forward");
        cr_assert(same(found.gradients[0], expected.gradients[0]), "gradient of x");
        cr_assert(same(found.gradients[1], expected.gradients[1]), "gradient of the weight");
        cr_assert(same(found.gradients[2], of_dy.gradients[2]), "gradient of the bias");
        cr_assert(!same(found.y, before.y));
        free_results(found);
    }
    tarn_set_precision(TARN_FLOAT);
    const results after = run(f, x, dy, false);
    cr_assert(all_same(before, after), "float is as before");
    free_results(before), free_results(of_dy), free_results(expected), free_results(after);
    tarn_free(dy), tarn_free(near_dy), tarn_free(near[0]), tarn_free(near[1]);
    for (int i = 0; i < MOST_INPUTS; i++)
        tarn_free(x[i]);
}

Test(precision, rounds_the_operands_of_products)
{
    compare(matmul, tarn_shape(33, 70), tarn_shape(70, 45), 0);
    compare(matmul, tarn_shape(130, 120), tarn_shape(120, 101), 0);
    compare(matmul, tarn_shape(3, 5, 17), tarn_shape(3, 17, 9), 0);
    compare(matmul, tarn_shape(40, 40, 40), tarn_shape(40, 40, 40), 0); /* which threads share */
    compare(matmul, tarn_shape(2, 1, 5, 17), tarn_shape(3, 17, 9), 0);
    compare(matmul, tarn_shape(6, 5, 17), tarn_shape(17, 9), 0);
    compare(linear, tarn_shape(9, 31), tarn_shape(31, 12), 12);
    compare(linear, tarn_shape(2, 3, 31), tarn_shape(31, 12), 0);
    compare(linear_relu, tarn_shape(150, 100), tarn_shape(100, 90), 90);
}

Test(precision, rounds_the_operands_of_convolutions)
{
    compare(conv, tarn_shape(3, 9, 11, 5), tarn_shape(3, 3, 5, 18), 18);
    compare(conv, tarn_shape(9, 14, 14, 16), tarn_shape(3, 3, 16, 32), 32); /* in parts, shared */
    compare(conv, tarn_shape(2, 8, 8, 7), tarn_shape(1, 1, 7, 20), 0);
    compare(conv_groups, tarn_shape(2, 9, 9, 6), tarn_shape(3, 3, 3, 8), 8);
    compare(conv_pool, tarn_shape(3, 12, 12, 1), tarn_shape(5, 5, 1, 6), 6); /* windows as lanes */
    compare(conv_pool, tarn_shape(3, 12, 12, 6), tarn_shape(5, 4, 6, 16), 16);
    compare(transposed, tarn_shape(2, 6, 7, 5), tarn_shape(4, 4, 9, 5), 9);
}

Test(precision, of_nothing)
{
    tarn_set_precision(TARN_BF16);
    tarn_tensor *a = tarn_requires_grad(tarn_zeros(tarn_shape(2, 0)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape(0, 3)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *sum = tarn_sum(tarn_matmul(a, b));
    cr_assert(tarn_item(sum) == 0);
    cr_assert(tarn_backward(sum));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* ---- The setting */

static void *look(void *found)
{
    *(tarn_precision *)found = tarn_precision_now();
    tarn_set_precision(TARN_BF16);
    return NULL;
}

Test(precision, belongs_to_a_thread)
{
    cr_assert_eq(tarn_precision_now(), TARN_FLOAT);
    pthread_t thread;
    tarn_precision found = TARN_BF16;
    cr_assert_eq(pthread_create(&thread, NULL, look, &found), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(found, TARN_FLOAT);
    cr_assert_eq(tarn_precision_now(), TARN_FLOAT);
}

Test(precision, of_no_such_name)
{
    tarn_set_precision(TARN_BF16);
    assert_mistake(((void)tarn_set_precision((tarn_precision)7), NULL),
                   "set_precision: there is no precision 7, expects TARN_FLOAT or TARN_BF16");
    cr_assert_eq(tarn_precision_now(), TARN_BF16);
}
