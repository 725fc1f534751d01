#include <math.h>
#include <stdio.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { MOST_LABELS = 16 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_LABELS] = {0};
    int64_t count = x[0] ? tarn_dim(x[0], 0) : 0;
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "label%d", i);
        ids[i] = (int32_t)golden_number(context, name, -1);
    }
    return tarn_cross_entropy(x[0], tarn_labels(count, ids),
                              .label_smoothing = golden_number(context, "smoothing", 0),
                              .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
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

Test(cross_entropy, bad_input)
{
    tarn_tensor *logits = tarn_zeros(tarn_shape(2, 3)), *cube = tarn_zeros(tarn_shape(2, 3, 1));
    const int32_t good[] = {0, 2}, high[] = {0, 3}, low[] = {-1, 0};
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
                   "cross_entropy: label -1 at row 0, expects 0 to 2");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = 1.5),
                   "cross_entropy: label smoothing is 1.5, expects 0 to 1");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = -0.1),
                   "label smoothing is -0.1");
    assert_mistake(tarn_cross_entropy(logits, tarn_labels(2, good), .label_smoothing = NAN),
                   "label smoothing is nan");
    tarn_tape_end(tape);
    tarn_free(logits);
    tarn_free(cube);
}
