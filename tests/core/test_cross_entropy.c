#include <math.h>

#include "tests/core/labels.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_LABELS];
    /* Weights are not needed after the call. */
    tarn_tensor *weights = golden_tensor(context, "weights");
    tarn_tensor *loss = tarn_cross_entropy(
        x[0], golden_labels(context, x[0], ids),
        .label_smoothing = golden_number(context, "smoothing", 0),
        .reduction = (tarn_reduction)golden_number(context, "reduction", 0),
        .class_weights = weights, .ignore_label = (int)golden_number(context, "ignore", -100));
    tarn_free(weights);
    return loss;
}

OPERATION_TESTS(cross_entropy, run)

Test(cross_entropy, labels_are_not_needed_after_the_call)
{
    tarn_tensor *logits = tarn_requires_grad(tarn_zeros(tarn_shape(1, 4)), true);
    int32_t id = 1;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(1, &id));
    id = 3;
    cr_assert(tarn_backward(loss));
    const double expected[] = {0.25, -0.75, 0.25, 0.25};
    for (int i = 0; i < 4; i++)
        cr_assert_float_eq(tarn_gradients(logits)[i], expected[i], 1e-6);
    tarn_tape_end(tape);
    tarn_free(logits);
}

Test(cross_entropy, of_no_rows)
{
    tarn_tensor *logits = tarn_requires_grad(tarn_zeros(tarn_shape(0, 3)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(isnan(tarn_item(tarn_cross_entropy(logits, tarn_labels(0, NULL)))));
    cr_assert_eq(tarn_item(tarn_cross_entropy(logits, tarn_labels(0, NULL), .reduction = TARN_SUM)),
                 0);
    tarn_tensor *none = tarn_cross_entropy(logits, tarn_labels(0, NULL), .reduction = TARN_NONE);
    cr_assert_eq(tarn_size(none), 0);
    cr_assert(tarn_backward(tarn_sum(none)));
    tarn_tape_end(tape);
    tarn_free(logits);
}

/* Nothing in them counts, NaN neither. */
Test(cross_entropy, ignored_rows_have_no_gradient)
{
    const tarn_real values[] = {(tarn_real)NAN, (tarn_real)INFINITY, 0, 0};
    const int32_t ids[] = {-100, 1};
    tarn_tensor *logits = tarn_requires_grad(tarn_from_array(tarn_shape(2, 2), values), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(2, ids));
    cr_assert_float_eq(tarn_item(loss), log(2), 1e-6);
    cr_assert(tarn_backward(loss));
    const double expected[] = {0, 0, 0.5, -0.5};
    for (int i = 0; i < 4; i++)
        cr_assert_float_eq(tarn_gradients(logits)[i], expected[i], 1e-6);
    tarn_tape_end(tape);
    tarn_free(logits);
}

/* Class 0 is a class like others, and can be ignored. */
Test(cross_entropy, label_0_can_be_ignored)
{
    const int32_t ids[] = {0, 1};
    tarn_tensor *logits = tarn_requires_grad(tarn_randn(tarn_shape(2, 3)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(2, ids), .ignore_label = 0);
    tarn_tensor *second = tarn_slice(logits, 0, 1, 2);
    cr_assert_float_eq(tarn_item(loss),
                       tarn_item(tarn_cross_entropy(second, tarn_labels(1, ids + 1))), 1e-6);
    tarn_backward(loss);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(tarn_gradients(logits)[i], 0);
    tarn_tape_end(tape);
    tarn_free(logits);
}

/* A row without classes cannot have a label, but it can be ignored. */
Test(cross_entropy, of_no_classes)
{
    const int32_t ids[] = {-100, -100};
    tarn_tensor *logits = tarn_requires_grad(tarn_zeros(tarn_shape(2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(2, ids), .reduction = TARN_SUM);
    cr_assert_eq(tarn_item(loss), 0);
    cr_assert(tarn_backward(loss));
    tarn_tape_end(tape);
    tarn_free(logits);
}

Test(cross_entropy, bad_input)
{
    tarn_tensor *logits = tarn_zeros(tarn_shape(2, 3)), *cube = tarn_zeros(tarn_shape(2, 3, 1));
    tarn_tensor *weights = tarn_full(tarn_shape(3), 1);
    const int32_t good[] = {0, 2}, high[] = {0, 3}, low[] = {-1, 0}, ignored[] = {0, -100};
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_cross_entropy(cube, tarn_labels(2, good)),
                   "cross_entropy: logits (2,3,1), expects (N,classes)");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(1, good)),
                   "cross_entropy: 1 labels for logits (2,3), expects 2");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, NULL)),
                   "cross_entropy: the ids of 2 labels are NULL");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, high)),
                   "cross_entropy: label 3 at row 1, expects 0 to 2");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, low)),
                   "cross_entropy: label -1 at row 0, expects 0 to 2, or -100 to ignore the row");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, ignored), .ignore_label = 5),
                   "label -100 at row 1, expects 0 to 2, or 5 to ignore the row");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = 1.5),
                   "cross_entropy: label smoothing is 1.5, expects 0 to 1");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = -0.1),
                   "label smoothing is -0.1");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = NAN),
                   "label smoothing is nan");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .reduction = (tarn_reduction)3),
                   "cross_entropy: reduction is 3, expects TARN_MEAN, TARN_SUM or TARN_NONE");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .class_weights = logits),
                   "cross_entropy: class weights (2,3), expects (3)");
    const tarn_real bad[] = {-1, (tarn_real)NAN, (tarn_real)INFINITY};
    for (int i = 0; i < 3; i++) {
        tarn_values(weights)[1] = bad[i];
        assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .class_weights = weights),
                       "cross_entropy: the weight of class 1 is ");
        cr_assert(strstr(last_mistake(), ", expects 0 or more and finite"));
    }
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(cube);
    tarn_free(weights);
}
