#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_slice(x[0], (int)golden_number(context, "axis", 99),
                      (int64_t)golden_number(context, "begin", 99),
                      (int64_t)golden_number(context, "end", 99));
}

OPERATION_TESTS(slice, run)

static tarn_tensor *parameter(tarn_shape shape)
{
    return tarn_requires_grad(tarn_rand(shape), true);
}

Test(slice, of_the_first_axis_is_a_view)
{
    tarn_tensor *x = parameter(tarn_shape(5, 3));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_slice(x, 0, 1, 4), *inner = tarn_slice(y, 0, -1, 3);
    cr_assert_eq(tarn_values(y), tarn_values(x) + 3);
    cr_assert_eq(tarn_values(inner), tarn_values(x) + 9);
    cr_assert_neq(tarn_values(tarn_slice(x, 1, 0, 3)), tarn_values(x));
    cr_assert_null(tarn_gradients(y));
    cr_assert(tarn_backward(tarn_sum(inner)));
    cr_assert_eq(tarn_gradients(y), tarn_gradients(x) + 3);
    cr_assert_eq(tarn_gradients(inner), tarn_gradients(x) + 9);
    for (int i = 0; i < 15; i++)
        cr_assert_eq(tarn_gradients(x)[i], i >= 9 && i < 12);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* The sum of the squares of elements begin to end - 1, and its backward. */
static void step(tarn_tensor *x, int64_t begin, int64_t end)
{
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_relu(tarn_slice(x, 0, begin, end)))));
    tarn_tape_end(tape);
}

static void expect_gradients(tarn_tensor *x, const double *expected)
{
    for (int i = 0; i < tarn_size(x); i++)
        cr_expect_eq((double)tarn_gradients(x)[i], expected[i], "element %d: %g", i,
                     (double)tarn_gradients(x)[i]);
}

/* Old bytes of what no slice covers must not come back. */
Test(slice, after_zero_grad_the_rest_is_zero)
{
    tarn_tensor *x = parameter(tarn_shape(4));
    step(x, 0, 4);
    step(x, 1, 2);
    expect_gradients(x, (double[]){1, 2, 1, 1});
    tarn_zero_grad(x);
    step(x, 1, 3);
    expect_gradients(x, (double[]){0, 1, 1, 0});
    step(x, 2, 4);
    expect_gradients(x, (double[]){0, 1, 2, 1});
    tarn_zero_grad(x);
    step(x, 2, 2);
    expect_gradients(x, (double[]){0, 0, 0, 0});
    tarn_zero_grad(x);
    step(x, 3, 4);
    step(x, 0, 4);
    expect_gradients(x, (double[]){1, 1, 1, 2});
    tarn_free(x);
}

Test(slice, zeroing_a_view_zeroes_its_part)
{
    tarn_tensor *x = parameter(tarn_shape(4));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_slice(x, 0, 1, 3);
    tarn_zero_grad(y);
    cr_assert_null(tarn_gradients(x));
    step(x, 0, 4);
    tarn_zero_grad(y);
    expect_gradients(x, (double[]){1, 0, 0, 1});
    tarn_zero_grad(x);
    tarn_zero_grad(y);
    cr_assert_eq(tarn_gradients(y)[0], 0);
    expect_gradients(x, (double[]){0, 0, 0, 0});
    tarn_tape_end(tape);
    tarn_free(x);
}

/* relu and matmul overwrite the first gradient to arrive, whichever of the two that is. */
Test(slice, beside_its_source)
{
    for (int order = 0; order < 2; order++) {
        tarn_tensor *x = parameter(tarn_shape(4));
        for (int round = 1; round < 3; round++) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = tarn_scale(x, 1), *part, *all;
            if (order == 0) {
                part = tarn_sum(tarn_relu(tarn_slice(y, 0, 1, 3)));
                all = tarn_sum(tarn_relu(y));
            } else {
                all = tarn_sum(tarn_relu(y));
                part = tarn_sum(tarn_relu(tarn_slice(y, 0, 1, 3)));
            }
            cr_assert(tarn_backward(tarn_add(part, all)));
            expect_gradients(y, (double[]){1, 2, 2, 1});
            tarn_tape_end(tape);
            expect_gradients(x, (double[]){round, 2 * round, 2 * round, round});
        }
        tarn_free(x);
    }
}

/* Both inputs of one operation. */
Test(slice, two_of_one_source)
{
    tarn_tensor *x = parameter(tarn_shape(3, 2)), *plain[2];
    for (int i = 0; i < 2; i++)
        plain[i] =
            tarn_requires_grad(tarn_from_array(tarn_shape(2, 2), tarn_values(x) + 2 * i), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(
        tarn_sum(tarn_add(tarn_square(tarn_matmul(tarn_slice(x, 0, 0, 2), tarn_slice(x, 0, 1, 3))),
                          tarn_square(tarn_matmul(plain[0], plain[1]))))));
    for (int i = 0; i < 6; i++) {
        double expected = 0;
        if (i < 4)
            expected += (double)tarn_gradients(plain[0])[i];
        if (i >= 2)
            expected += (double)tarn_gradients(plain[1])[i - 2];
        cr_assert_float_eq((double)tarn_gradients(x)[i], expected, 1e-5);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(plain[0]);
    tarn_free(plain[1]);
}

/* Threads that write both gradients in one pass would meet where the slices overlap: with two of
   them, and slices of two thirds, all the time. */
Test(slice, add_relu_of_two_that_overlap)
{
    enum { THIRD = 1 << 17 };
    tarn_tensor *x = parameter(tarn_shape(3 * THIRD));
    for (int round = 0; round < 60; round++) {
        tarn_set_threads(round % 2 ? 2 : round % 4 + 1);
        tarn_zero_grad(x);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(
            tarn_add_relu(tarn_slice(x, 0, 0, 2 * THIRD), tarn_slice(x, 0, THIRD, 3 * THIRD)))));
        int wrong = 0;
        for (int i = 0; i < 3 * THIRD; i++)
            wrong += tarn_gradients(x)[i] != 1 + (i >= THIRD && i < 2 * THIRD);
        cr_assert_eq(wrong, 0);
        tarn_tape_end(tape);
    }
    tarn_free(x);
}

/* The gradient that x has already makes the order of the sums visible. */
Test(slice, kl_div_of_two_that_overlap)
{
    const tarn_shape shape = tarn_shape(17, 20011);
    tarn_tensor *x = tarn_requires_grad(tarn_rand(shape), true), *first = NULL;
    for (int round = 0; round < 24; round++) {
        tarn_set_threads(round % 4 + 1);
        tarn_zero_grad(x);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *divergence =
            tarn_kl_div(tarn_slice(x, 0, 0, 16), tarn_slice(x, 0, 1, 17), .reduction = TARN_SUM);
        cr_assert(tarn_backward(tarn_add(divergence, tarn_sum(tarn_square(x)))));
        tarn_tape_end(tape);
        if (!first)
            first = tarn_from_array(shape, tarn_gradients(x));
        cr_assert_eq(
            memcmp(tarn_gradients(x), tarn_values(first), (size_t)tarn_size(x) * sizeof(tarn_real)),
            0, "gradients differ at %d threads", round % 4 + 1);
    }
    tarn_free(x);
    tarn_free(first);
}

Test(slice, as_loss)
{
    tarn_tensor *x = parameter(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_slice(x, 0, 1, 2)));
    expect_gradients(x, (double[]){0, 1, 0});
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(slice, of_what_needs_no_gradient)
{
    tarn_tensor *x = tarn_rand(tarn_shape(4)), *w = parameter(tarn_shape(2));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_mul(tarn_slice(x, 0, 1, 3), w))));
    cr_assert_null(tarn_gradients(x));
    cr_assert_eq(tarn_gradients(w)[1], tarn_values(x)[2]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(w);
}

/* What a no_grad tape made is a constant, and so is a view. */
Test(slice, made_on_a_no_grad_tape)
{
    tarn_tensor *w = parameter(tarn_shape(4));
    tarn_tape *outer = tarn_tape_begin_no_grad();
    tarn_tensor *part = tarn_slice(w, 0, 0, 2), *turned = tarn_reshape(w, tarn_shape(2, 2));
    tarn_tape *inner = tarn_tape_begin();
    tarn_tensor *loss = tarn_add(tarn_sum(tarn_mul(part, tarn_slice(w, 0, 2, 4))),
                                 tarn_sum(tarn_mul(turned, tarn_reshape(w, tarn_shape(2, 2)))));
    cr_assert(tarn_backward(loss));
    for (int i = 0; i < 4; i++)
        cr_assert_float_eq((double)tarn_gradients(w)[i],
                           (double)tarn_values(w)[i] + (i < 2 ? 0 : (double)tarn_values(w)[i - 2]),
                           1e-6);
    tarn_tape_end(inner);
    tarn_tape_end(outer);
    tarn_free(w);
}

/* A view of an outer tape's result, reached by an inner backward first. */
Test(slice, across_tapes)
{
    tarn_tensor *w = parameter(tarn_shape(4));
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *y = tarn_scale(w, 2), *part = tarn_slice(y, 0, 1, 3);
    for (int i = 0; i < 2; i++) {
        tarn_tape *inner = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_relu(tarn_slice(part, 0, i, 2)))));
        tarn_tape_end(inner);
    }
    cr_assert(tarn_backward(tarn_sum(tarn_slice(y, 0, 2, 4))));
    expect_gradients(w, (double[]){0, 2, 6, 2});
    tarn_tape_end(outer);
    tarn_free(w);
}

/* ---- Random graphs, once with views and once with copies in their place. */

/* The slice as an operation that copies: of axis 1 of (1, ...). */
static tarn_tensor *copied(tarn_tensor *x, int64_t begin, int64_t end)
{
    const tarn_shape one = tarn_shape(1, tarn_dim(x, 0), tarn_dim(x, 1));
    return tarn_reshape(tarn_slice(tarn_reshape(x, one), 1, begin, end),
                        tarn_shape(end - begin, tarn_dim(x, 1)));
}

static unsigned drawn(uint64_t *state, unsigned below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % below;
}

static tarn_tensor *some_slice(tarn_tensor *x, uint64_t *state, bool view)
{
    const unsigned rows = (unsigned)tarn_dim(x, 0), begin = drawn(state, rows + 1);
    const unsigned end = begin + drawn(state, rows + 1 - begin);
    return view ? tarn_slice(x, 0, begin, end) : copied(x, begin, end);
}

/* Another tensor from one of (rows, columns). */
static tarn_tensor *derived(tarn_tensor *x, tarn_tensor *square, uint64_t *state, bool view)
{
    const int64_t rows = tarn_dim(x, 0), columns = tarn_dim(x, 1);
    switch (drawn(state, 9)) {
    case 0:
        return tarn_relu(x);
    case 1:
        return tarn_scale(x, 0.5);
    case 2:
        return tarn_tanh(x);
    case 3:
        return tarn_reshape(x, rows % 2 ? tarn_shape(columns, rows)
                                        : tarn_shape(rows / 2, columns * 2));
    case 4:
        return columns == 3 ? tarn_matmul(x, square) : tarn_add(x, x);
    default:
        return some_slice(x, state, view);
    }
}

/* A step over a graph of 12 tensors; zeroes gradients at random. */
static void random_step(tarn_tensor *w, tarn_tensor *square, uint64_t *state, bool view)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *pool[13] = {w}, *loss = tarn_sum(square);
    for (int i = 1; i < 13; i++) {
        pool[i] = derived(pool[drawn(state, (unsigned)i)], square, state, view);
        if (drawn(state, 3) == 0)
            loss = tarn_add(loss, tarn_sum(tarn_square(pool[i])));
    }
    if (drawn(state, 2))
        tarn_zero_grad(w);
    cr_assert(tarn_backward(loss), "%s", tarn_error());
    tarn_tape_end(tape);
}

Test(slice, as_view_as_copy)
{
    int reached = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        tarn_tensor *w[2], *square = tarn_requires_grad(tarn_rand(tarn_shape(3, 3)), true);
        w[0] = parameter(tarn_shape(6, 3));
        w[1] = tarn_requires_grad(tarn_clone(w[0]), true);
        for (int view = 0; view < 2; view++) {
            uint64_t state = seed;
            for (int i = 0; i < 4; i++)
                random_step(w[view], square, &state, view);
        }
        const tarn_real *a = tarn_gradients(w[0]), *b = tarn_gradients(w[1]);
        reached += a && b;
        for (int i = 0; i < 18; i++) {
            const double copy = a ? (double)a[i] : 0, same = b ? (double)b[i] : 0;
            cr_assert_float_eq(same, copy, 1e-4 * (1 + (copy < 0 ? -copy : copy)),
                               "seed %d, element %d: %g as a view, %g as a copy", (int)seed, i,
                               same, copy);
        }
        tarn_free(w[0]);
        tarn_free(w[1]);
        tarn_free(square);
    }
    cr_assert_gt(reached, 2000);
}

/* ---- Kernels read slices that begin anywhere, and write no further than they reach. */

static tarn_tensor *conv2d(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .padding = 1);
}

static tarn_tensor *pooled_conv2d(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .relu = true, .max_pool = 2);
}

static tarn_tensor *strided_conv2d(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .stride = 2, .padding = 1, .dilation = 2);
}

static tarn_tensor *grouped_conv2d(tarn_tensor *const *x)
{
    return tarn_conv2d(x[0], x[1], x[2], .groups = (int)tarn_dim(x[0], 3));
}

static tarn_tensor *linear(tarn_tensor *const *x)
{
    return tarn_linear(x[0], x[1], x[2], .relu = true);
}

static tarn_tensor *matmul(tarn_tensor *const *x)
{
    return tarn_add(tarn_matmul(x[0], x[1]), x[2]);
}

static tarn_tensor *elementwise(tarn_tensor *const *x)
{
    return tarn_mul(tarn_gelu(tarn_add_relu(x[0], x[1])), tarn_log_softmax(tarn_div(x[2], x[0])));
}

static tarn_tensor *images(tarn_tensor *const *x)
{
    return tarn_add(tarn_mul(tarn_max_pool2d(x[0], 2), x[2]), tarn_avg_pool2d(tarn_tanh(x[1]), 2));
}

static tarn_tensor *turned(tarn_tensor *const *x)
{
    return tarn_concat(1, tarn_transpose(x[0], 0, 1), tarn_sigmoid(x[1]), tarn_exp(x[2]));
}

static tarn_tensor *batch_norm2d(tarn_tensor *const *x)
{
    tarn_tensor *mean = tarn_zeros(tarn_shape(tarn_dim(x[0], -1))), *variance = tarn_clone(mean);
    tarn_tensor *y = tarn_batch_norm2d(x[0], x[1], x[2], mean, variance, .training = true);
    tarn_free(mean);
    tarn_free(variance);
    return y;
}

/* The mean of the squares of the function's result, and its backward; y is a copy of the result. */
static void evaluate(tarn_tensor *(*function)(tarn_tensor *const *), tarn_tensor *const *x,
                     tarn_tensor **y)
{
    tarn_tensor *result = function(x);
    cr_assert(result, "%s", tarn_error());
    *y = tarn_clone(result);
    cr_assert(tarn_backward(tarn_mean(tarn_square(result))), "%s", tarn_error());
}

static void expect_same(const char *name, int offset, const tarn_real *a, const tarn_real *b,
                        int64_t count)
{
    cr_expect_eq(memcmp(a, b, (size_t)count * sizeof *a), 0, "%s at offset %d", name, offset);
}

/* Three inputs as slices of one parameter, behind each other, against three of their own. */
static void compare(const char *name, tarn_tensor *(*function)(tarn_tensor *const *),
                    const tarn_shape shapes[3], int offset)
{
    tarn_tensor *own[3], *views[3], *y[2];
    int64_t at[4] = {offset};
    for (int i = 0; i < 3; i++) {
        own[i] = parameter(shapes[i]);
        at[i + 1] = at[i] + tarn_size(own[i]);
    }
    tarn_tensor *all = parameter(tarn_shape(at[3] + 5));
    for (int i = 0; i < 3; i++)
        memcpy(tarn_values(all) + at[i], tarn_values(own[i]),
               (size_t)tarn_size(own[i]) * sizeof(tarn_real));
    for (int round = 0; round < 2; round++) {
        tarn_tape *tape = tarn_tape_begin();
        evaluate(function, own, &y[0]);
        tarn_tape_end(tape);
        tape = tarn_tape_begin();
        for (int i = 0; i < 3; i++)
            views[i] = tarn_reshape(tarn_slice(all, 0, at[i], at[i + 1]), shapes[i]);
        evaluate(function, views, &y[1]);
        tarn_tape_end(tape);
        expect_same(name, offset, tarn_values(y[0]), tarn_values(y[1]), tarn_size(y[0]));
        tarn_real *gradients = tarn_gradients(all);
        /* The first gradient to arrive is added to zeros, which turns -0 into 0. */
        for (int i = 0; i < 3; i++)
            for (int64_t k = 0; k < tarn_size(own[i]); k++)
                cr_assert_eq(gradients[at[i] + k], tarn_gradients(own[i])[k],
                             "%s, offset %d, round %d, input %d, element %d", name, offset, round,
                             i, (int)k);
        for (int64_t k = 0; k < at[3] + 5; k++)
            cr_assert(k >= offset && k < at[3] ? true : gradients[k] == 0, "%s wrote beside", name);
        tarn_free(y[0]);
        tarn_free(y[1]);
    }
    for (int i = 0; i < 3; i++)
        tarn_free(own[i]);
    tarn_free(all);
}

#define COMPARE(function, ...) compare(#function, function, (tarn_shape[3]){__VA_ARGS__}, offset)

Test(slice, at_any_offset)
{
    for (int offset = 0; offset < 18; offset += offset < 5 ? 1 : 4) {
        COMPARE(conv2d, tarn_shape(2, 7, 6, 3), tarn_shape(3, 3, 3, 5), tarn_shape(5));
        COMPARE(conv2d, tarn_shape(2, 9, 11, 17), tarn_shape(3, 3, 17, 19), tarn_shape(19));
        COMPARE(conv2d, tarn_shape(1, 5, 5, 33), tarn_shape(1, 1, 33, 9), tarn_shape(9));
        COMPARE(pooled_conv2d, tarn_shape(2, 9, 8, 1), tarn_shape(3, 3, 1, 7), tarn_shape(7));
        COMPARE(pooled_conv2d, tarn_shape(2, 10, 12, 5), tarn_shape(5, 5, 5, 17), tarn_shape(17));
        COMPARE(strided_conv2d, tarn_shape(2, 9, 8, 5), tarn_shape(3, 3, 5, 9), tarn_shape(9));
        COMPARE(grouped_conv2d, tarn_shape(2, 6, 8, 19), tarn_shape(3, 3, 1, 19), tarn_shape(19));
        COMPARE(linear, tarn_shape(13, 37), tarn_shape(37, 29), tarn_shape(29));
        COMPARE(matmul, tarn_shape(3, 5), tarn_shape(5, 70), tarn_shape(70));
        COMPARE(elementwise, tarn_shape(3, 37), tarn_shape(3, 37), tarn_shape(3, 37));
        COMPARE(images, tarn_shape(2, 6, 6, 7), tarn_shape(2, 6, 6, 7), tarn_shape(1));
        COMPARE(turned, tarn_shape(37, 35), tarn_shape(35, 9), tarn_shape(35, 2));
        COMPARE(batch_norm2d, tarn_shape(3, 5, 5, 19), tarn_shape(19), tarn_shape(19));
    }
}

/* Gradients of the parts of a batch add up to those of the whole. */
Test(slice, micro_batches)
{
    tarn_tensor *images = tarn_rand(tarn_shape(10, 4)), *w[2];
    w[0] = parameter(tarn_shape(4, 3));
    w[1] = tarn_requires_grad(tarn_clone(w[0]), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_gelu(tarn_matmul(images, w[0])))));
    tarn_tape_end(tape);
    for (int64_t at = 0; at < 10; at += 4) {
        tape = tarn_tape_begin();
        tarn_tensor *part = tarn_slice(images, 0, at, at + 4 < 10 ? at + 4 : 10);
        cr_assert(tarn_backward(tarn_sum(tarn_gelu(tarn_matmul(part, w[1])))));
        tarn_tape_end(tape);
    }
    for (int i = 0; i < 12; i++)
        cr_assert_float_eq((double)tarn_gradients(w[1])[i], (double)tarn_gradients(w[0])[i], 1e-5);
    tarn_free(images);
    tarn_free(w[0]);
    tarn_free(w[1]);
}

Test(slice, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3, 5)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_slice(x, 1, 3, 6),
                   "slice: elements 3 to 6 of axis 1 of input (3,5), expects 0 <= begin <= end <= "
                   "5, negative numbers counting from the end");
    assert_mistake(tarn_slice(x, -2, 2, 1), "slice: elements 2 to 1 of axis 0 of input (3,5)");
    assert_mistake(tarn_slice(x, 0, -4, 1), "slice: elements -4 to 1 of axis 0");
    assert_mistake(tarn_slice(x, 0, 0, -4), "slice: elements 0 to -4 of axis 0");
    assert_mistake(tarn_slice(x, 0, 4, 4), "slice: elements 4 to 4 of axis 0");
    assert_mistake(tarn_slice(x, 0, INT64_MIN, 2), "slice: elements -9223372036854775808 to 2");
    assert_mistake(tarn_slice(x, 0, 0, INT64_MAX), "slice: elements 0 to 9223372036854775807");
    assert_mistake(tarn_slice(x, 2, 0, 1), "slice: input (3,5) has no axis 2");
    assert_mistake(tarn_slice(scalar, 0, 0, 1), "slice: input () has no axis 0");
    tarn_tape_end(tape);
    assert_mistake(tarn_slice(x, 0, 0, 1), "slice: no tape is open");
    assert_mistake(tarn_slice(x, 1, 0, 1), "slice: no tape is open");
    tarn_free(x);
    tarn_free(scalar);
}
