#include <float.h>
#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_binary_cross_entropy(
        x[0], x[1], .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(binary_cross_entropy, run)

/* The limit, where PyTorch gives NaN. */
Test(binary_cross_entropy, of_infinite_logits)
{
    const tarn_real infinity = (tarn_real)INFINITY;
    const tarn_real z[] = {infinity, -infinity, infinity, -infinity}, t[] = {1, 0, 0, 1};
    const double losses[] = {0, 0, INFINITY, INFINITY}, slopes[] = {0, 0, 1, -1};
    tarn_tensor *logits = tarn_requires_grad(tarn_from_array(tarn_shape(4), z), true);
    tarn_tensor *targets = tarn_from_array(tarn_shape(4), t);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_binary_cross_entropy(logits, targets, .reduction = TARN_NONE);
    cr_assert(tarn_backward(tarn_sum(loss)));
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(tarn_values(loss)[i], losses[i]);
        cr_assert_eq(tarn_gradients(logits)[i], slopes[i]);
    }
    cr_assert_null(tarn_gradients(targets));
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(targets);
}

Test(binary_cross_entropy, gradient_is_precise_where_the_guess_is_nearly_sure)
{
    const double unit = sizeof(tarn_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON;
    for (int k = 0; k <= 60; k++)
        for (int target = 0; target < 2; target++) {
            const double sign = target ? 1 : -1, expected = -sign / (1 + exp(k));
            tarn_tensor *logit = tarn_requires_grad(tarn_full(tarn_shape(1), sign * k), true);
            tarn_tensor *targets = tarn_full(tarn_shape(1), target);
            tarn_tape *tape = tarn_tape_begin();
            cr_assert(tarn_backward(tarn_binary_cross_entropy(logit, targets)));
            cr_expect_float_eq(tarn_gradients(logit)[0], expected, 8 * unit * fabs(expected),
                               "logit %g, target %d", sign * k, target);
            tarn_tape_end(tape);
            tarn_free(logit);
            tarn_free(targets);
        }
}

static tarn_tensor *run_weighted(tarn_tensor *const *x, void *context)
{
    static tarn_tensor *kept[64];
    static int count;
    tarn_tensor *weight = golden_tensor(context, "weight");
    tarn_tensor *pos_weight = golden_tensor(context, "pos_weight");
    kept[count++ % 64] = weight; /* backward needs them: those of long ago are freed */
    kept[count++ % 64] = pos_weight;
    tarn_free(kept[count % 64]);
    kept[count % 64] = NULL;
    tarn_free(kept[(count + 1) % 64]);
    kept[(count + 1) % 64] = NULL;
    return tarn_binary_cross_entropy(x[0], x[1], .weight = weight, .pos_weight = pos_weight,
                                     .reduction =
                                         (tarn_reduction)golden_number(context, "reduction", 0));
}

Test(binary_cross_entropy, golden_weighted)
{
    check_golden("binary_cross_entropy_weighted", run_weighted);
#ifdef TARN_DOUBLE
    check_gradients("binary_cross_entropy_weighted", run_weighted);
#endif
    check_reuse("binary_cross_entropy_weighted", run_weighted);
}

/* Weights of 0 leave a loss of 0, and an infinite logit that is right has none. */
Test(binary_cross_entropy, weights_of_0)
{
    const tarn_real z[] = {-3, INFINITY, -INFINITY}, t[] = {1, 1, 0};
    tarn_tensor *logits = tarn_requires_grad(tarn_from_array(tarn_shape(3), z), true);
    tarn_tensor *targets = tarn_from_array(tarn_shape(3), t), *zero = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss =
        tarn_binary_cross_entropy(logits, targets, .pos_weight = zero, .reduction = TARN_SUM);
    cr_assert(tarn_backward(loss));
    cr_expect_eq(tarn_item(loss), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(tarn_gradients(logits)[i], 0);
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(targets);
    tarn_free(zero);
}

Test(binary_cross_entropy, bad_weights)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *two = tarn_zeros(tarn_shape(2));
    tarn_tensor *cube = tarn_zeros(tarn_shape(4, 2, 3)), *minus = tarn_full(tarn_shape(3), -1);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_binary_cross_entropy(a, a, .weight = minus),
                   "binary_cross_entropy: weight is -1 at element 0, expects 0 to inf");
    assert_mistake(tarn_binary_cross_entropy(a, a, .pos_weight = minus), "pos_weight is -1");
    assert_mistake(tarn_binary_cross_entropy(a, a, .weight = two),
                   "binary_cross_entropy: shapes (2,3) and (2)");
    assert_mistake(tarn_binary_cross_entropy(a, a, .pos_weight = cube),
                   "pos_weight (4,2,3) does not broadcast to the logits' shape (2,3)");
    assert_mistake(tarn_binary_cross_entropy(a, two, .weight = a), "shapes (2,3) and (2) differ");
    assert_mistake(tarn_binary_cross_entropy(a, a, .weight = a, .reduction = (tarn_reduction)7),
                   "reduction is 7");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(two);
    tarn_free(cube);
    tarn_free(minus);
}

Test(binary_cross_entropy, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *b = tarn_zeros(tarn_shape(2, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_binary_cross_entropy(a, b),
                   "binary_cross_entropy: shapes (2,3) and (2,1) differ");
    assert_mistake(
        tarn_binary_cross_entropy(a, a, .reduction = (tarn_reduction)7),
        "binary_cross_entropy: reduction is 7, expects TARN_MEAN, TARN_SUM or TARN_NONE");
    tarn_values(a)[4] = 1.5;
    assert_mistake(tarn_binary_cross_entropy(b, a),
                   "binary_cross_entropy: target is 1.5 at element 4, expects 0 to 1");
    tarn_values(a)[4] = -0.25;
    assert_mistake(tarn_binary_cross_entropy(a, a), "target is -0.25 at element 4, expects 0 to 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
