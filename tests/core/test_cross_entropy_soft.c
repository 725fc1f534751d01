#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_cross_entropy_soft(
        x[0], x[1], .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(cross_entropy_soft, run)

/* In double to the last digits but a few. */
static const double tolerance = sizeof(tarn_real) == sizeof(double) ? 1e-12 : 2e-6;

static tarn_tensor *given(tarn_shape shape, const double *values)
{
    tarn_tensor *t = tarn_zeros(shape);
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(t)[i] = (tarn_real)values[i];
    return tarn_requires_grad(t, true);
}

static void assert_near(const tarn_real *values, const double *expected, int count)
{
    for (int i = 0; i < count; i++)
        cr_assert_float_eq(values[i], expected[i], tolerance, "%g at %d, expected %g",
                           (double)values[i], i, expected[i]);
}

/* By hand: logits ln 1, ln 2, ln 5 have the softmax 1/8, 2/8, 5/8, and ln s = ln 8; of three zeros
   it is 1/3. */
Test(cross_entropy_soft, by_hand)
{
    const double z[] = {0, log(2), log(5), 0, 0, 0}, p[] = {0.5, 0, 0.5, 0.25, 1, 0.75};
    const double losses[] = {0.5 * log(8) + 0.5 * log(1.6), 2 * log(3)};
    const double of_z[] = {0.125 - 0.5,    0.25,        0.625 - 0.5,
                           2 / 3.0 - 0.25, 2 / 3.0 - 1, 2 / 3.0 - 0.75};
    const double of_p[] = {log(8), log(4), log(1.6), log(3), log(3), log(3)};
    tarn_tensor *logits = given(tarn_shape(2, 3), z), *of = given(tarn_shape(2, 3), p);
    for (int reduction = 0; reduction < 3; reduction++) {
        tarn_zero_grad(logits);
        tarn_zero_grad(of);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss =
            tarn_cross_entropy_soft(logits, of, .reduction = (tarn_reduction)reduction);
        const double share = reduction == TARN_MEAN ? 0.5 : 1, sum = losses[0] + losses[1];
        if (reduction == TARN_NONE)
            assert_near(tarn_values(loss), losses, 2);
        else
            cr_assert_float_eq(tarn_item(loss), share * sum, tolerance);
        cr_assert(tarn_backward(reduction == TARN_NONE ? tarn_sum(loss) : loss));
        double scaled_z[6], scaled_p[6];
        for (int i = 0; i < 6; i++) {
            scaled_z[i] = share * of_z[i];
            scaled_p[i] = share * of_p[i];
        }
        assert_near(tarn_gradients(logits), scaled_z, 6);
        assert_near(tarn_gradients(of), scaled_p, 6);
        tarn_tape_end(tape);
    }
    tarn_free(logits);
    tarn_free(of);
}

/* Against labels it is cross_entropy; each row has another weight from above. */
Test(cross_entropy_soft, of_one_class_each)
{
    enum { N = 37, CLASSES = 11 };
    int32_t ids[N];
    tarn_tensor *a = tarn_requires_grad(tarn_randn(tarn_shape(N, CLASSES)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_clone(a), true);
    tarn_tensor *p = tarn_zeros(tarn_shape(N, CLASSES)), *weights = tarn_randn(tarn_shape(N));
    for (int n = 0; n < N; n++) {
        ids[n] = n * 7 % CLASSES;
        tarn_values(p)[n * CLASSES + ids[n]] = 1;
    }
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *soft = tarn_cross_entropy_soft(a, p, .reduction = TARN_NONE);
    tarn_tensor *hard = tarn_cross_entropy(b, tarn_labels(N, ids), .reduction = TARN_NONE);
    cr_assert(tarn_backward(tarn_sum(tarn_mul(tarn_add(soft, hard), weights))));
    for (int n = 0; n < N; n++)
        cr_assert_float_eq(tarn_values(soft)[n], tarn_values(hard)[n], tolerance);
    for (int i = 0; i < N * CLASSES; i++)
        cr_assert_float_eq(tarn_gradients(a)[i], tarn_gradients(b)[i], tolerance);
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(p);
    tarn_free(weights);
}

/* Where p is 0 nothing counts, a logit of -infinity neither; large logits do not overflow. */
Test(cross_entropy_soft, extremes)
{
    const double infinite = (double)INFINITY;
    const double z[] = {-infinite, 0, 0, 1e30, 0, 0}, p[] = {0, 0.5, 0.5, 1, 0, 0};
    const double of_z[] = {0, 0, 0, 0, 0, 0};
    tarn_tensor *logits = given(tarn_shape(2, 3), z), *of = given(tarn_shape(2, 3), p);
    tarn_requires_grad(of, false);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy_soft(logits, of, .reduction = TARN_SUM);
    cr_assert_float_eq(tarn_item(loss), log(2), tolerance);
    cr_assert(tarn_backward(loss));
    assert_near(tarn_gradients(logits), of_z, 6);
    cr_assert_null(tarn_gradients(of));
    tarn_values(logits)[1] = (tarn_real)NAN;
    cr_assert(isnan(tarn_item(tarn_cross_entropy_soft(logits, of))));
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(of);
}

Test(cross_entropy_soft, of_nothing)
{
    tarn_tensor *no_rows = tarn_requires_grad(tarn_zeros(tarn_shape(0, 3)), true);
    tarn_tensor *no_classes = tarn_requires_grad(tarn_zeros(tarn_shape(2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(isnan(tarn_item(tarn_cross_entropy_soft(no_rows, no_rows))));
    cr_assert_eq(tarn_item(tarn_cross_entropy_soft(no_rows, no_rows, .reduction = TARN_SUM)), 0);
    tarn_tensor *loss = tarn_cross_entropy_soft(no_classes, no_classes);
    cr_assert_eq(tarn_item(loss), 0);
    cr_assert(tarn_backward(loss));
    tarn_tape_end(tape);
    tarn_free(no_rows);
    tarn_free(no_classes);
}

/* The gradients of a tensor that is both inputs add up. */
Test(cross_entropy_soft, same_twice)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(4, 5)), true);
    tarn_tensor *p = tarn_requires_grad(tarn_clone(x), true);
    tarn_tensor *z = tarn_requires_grad(tarn_clone(x), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(
        tarn_backward(tarn_add(tarn_cross_entropy_soft(x, x), tarn_cross_entropy_soft(z, p))));
    for (int i = 0; i < 20; i++)
        cr_assert_float_eq(tarn_gradients(x)[i], tarn_gradients(z)[i] + tarn_gradients(p)[i],
                           tolerance);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(p);
    tarn_free(z);
}

Test(cross_entropy_soft, bad_input)
{
    tarn_tensor *logits = tarn_zeros(tarn_shape(2, 3)), *p = tarn_zeros(tarn_shape(2, 2));
    tarn_tensor *flat = tarn_zeros(tarn_shape(3));
    assert_mistake(tarn_cross_entropy_soft(logits, logits), "no tape is open");
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_cross_entropy_soft(flat, flat),
                   "cross_entropy_soft: logits (3), expects (N,classes)");
    assert_mistake(tarn_cross_entropy_soft(logits, p),
                   "cross_entropy_soft: shapes (2,3) and (2,2) differ");
    assert_mistake(tarn_cross_entropy_soft(logits, logits, .reduction = (tarn_reduction)3),
                   "cross_entropy_soft: reduction is 3");
    tarn_values(logits)[4] = -0.5;
    assert_mistake(tarn_cross_entropy_soft(logits, logits),
                   "cross_entropy_soft: a probability is -0.5 at element 4, expects 0 to inf");
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(p);
    tarn_free(flat);
}

static tarn_tensor *run_weighted(tarn_tensor *const *x, void *context)
{
    tarn_tensor *weights = golden_tensor(context, "weights");
    tarn_tensor *loss = tarn_cross_entropy_soft(
        x[0], x[1], .label_smoothing = golden_number(context, "smoothing", 0),
        .reduction = (tarn_reduction)golden_number(context, "reduction", 0),
        .class_weights = weights);
    tarn_free(weights); /* it has copied them */
    return loss;
}

Test(cross_entropy_soft, golden_weighted)
{
    check_golden("cross_entropy_soft_weighted", run_weighted);
#ifdef TARN_DOUBLE
    check_gradients("cross_entropy_soft_weighted", run_weighted);
#endif
    check_reuse("cross_entropy_soft_weighted", run_weighted);
}

Test(cross_entropy_soft, bad_weights)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *two = tarn_zeros(tarn_shape(2));
    tarn_tensor *minus = tarn_full(tarn_shape(3), -1);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_cross_entropy_soft(a, a, .class_weights = two),
                   "cross_entropy_soft: class weights (2), expects (3)");
    assert_mistake(tarn_cross_entropy_soft(a, a, .class_weights = minus),
                   "cross_entropy_soft: the weight of class 0 is -1");
    assert_mistake(tarn_cross_entropy_soft(a, a, .label_smoothing = 1.5),
                   "cross_entropy_soft: label smoothing is 1.5, expects 0 to 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(two);
    tarn_free(minus);
}
