#include <math.h>

#include "tests/core/labels.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_LABELS];
    tarn_tensor *weights = golden_tensor(context, "weights");
    tarn_tensor *loss = tarn_nll(
        x[0], golden_labels(context, x[0], ids),
        .reduction = (tarn_reduction)golden_number(context, "reduction", 0),
        .class_weights = weights, .ignore_label = (int)golden_number(context, "ignore", -100));
    tarn_free(weights);
    return loss;
}

OPERATION_TESTS(nll, run)

Test(nll, of_log_softmax_is_cross_entropy)
{
    const int32_t ids[] = {3, -100, 0};
    tarn_tensor *z = tarn_requires_grad(tarn_randn(tarn_shape(3, 5)), true);
    tarn_tensor *weights = tarn_rand(tarn_shape(5)), *gradient[2];
    double losses[2];
    for (int i = 0; i < 2; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss =
            i == 0 ? tarn_nll(tarn_log_softmax(z), tarn_labels(3, ids), .class_weights = weights)
                   : tarn_cross_entropy(z, tarn_labels(3, ids), .class_weights = weights);
        losses[i] = (double)tarn_item(loss);
        cr_assert(tarn_backward(loss));
        gradient[i] = tarn_from_array(tarn_shape(3, 5), tarn_gradients(z));
        tarn_zero_grad(z);
        tarn_tape_end(tape);
    }
    cr_assert_float_eq(losses[0], losses[1], 1e-6);
    for (int i = 0; i < 15; i++)
        cr_assert_float_eq(tarn_values(gradient[0])[i], tarn_values(gradient[1])[i], 1e-6);
    tarn_free(z);
    tarn_free(weights);
    tarn_free(gradient[0]);
    tarn_free(gradient[1]);
}

Test(nll, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *flat = tarn_zeros(tarn_shape(2));
    const int32_t good[] = {0, 2}, high[] = {0, 3};
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nll(flat, tarn_labels(2, good)),
                   "nll: log-probabilities (2), expects (N,classes)");
    assert_mistake(tarn_nll(x, tarn_labels(1, good)),
                   "nll: 1 labels for log-probabilities (2,3), expects 2");
    assert_mistake(tarn_nll(x, tarn_labels(2, NULL)), "nll: the ids of 2 labels are NULL");
    assert_mistake(tarn_nll(x, tarn_labels(2, high)), "nll: label 3 at row 1, expects 0 to 2");
    assert_mistake(tarn_nll(x, tarn_labels(2, good), .class_weights = flat),
                   "nll: class weights (2), expects (3)");
    assert_mistake(tarn_nll(x, tarn_labels(2, good), .reduction = (tarn_reduction)-1),
                   "nll: reduction is -1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
}
