#include <math.h>

#include "tests/nn/nn_test.h"

static const tarn_real rows[] = {
    1,
    2,
    3, /* 2 */
    5,
    5,
    1, /* 0, the first of equals */
    0,
    (tarn_real)NAN,
    9, /* 1, NaN */
    -3,
    -2,
    -1, /* 2 */
    (tarn_real)NAN,
    (tarn_real)NAN,
    (tarn_real)INFINITY, /* 0, the first of equals */
};

Test(metrics, counts_the_correct)
{
    tarn_tensor *logits = tarn_from_array(tarn_shape(5, 3), rows);
    int32_t right[] = {2, 0, 1, 2, 0}, wrong[] = {1, 1, 2, 0, 2}, mixed[] = {2, 1, 1, 0, 0};
    cr_assert_eq(tarn_count_correct(logits, tarn_labels(5, right)), 5);
    cr_assert_eq(tarn_count_correct(logits, tarn_labels(5, wrong)), 0);
    cr_assert_eq(tarn_count_correct(logits, tarn_labels(5, mixed)), 3);
    cr_assert_eq(tarn_count_correct(NULL, tarn_labels(5, right)), 0);
    tarn_free(logits);
}

Test(metrics, wrong_input_is_a_mistake)
{
    tarn_tensor *logits = tarn_from_array(tarn_shape(5, 3), rows),
                *flat = tarn_zeros(tarn_shape(5));
    int32_t labels[] = {2, 0, 3, 2, 0}, negative[] = {-1, 0, 0, 0, 0};
    assert_mistake(tarn_count_correct(logits, tarn_labels(4, labels)),
                   "count_correct: logits are (5,3), expects (4,classes) for 4 labels");
    assert_mistake(tarn_count_correct(flat, tarn_labels(5, labels)), "logits are (5)");
    assert_mistake(tarn_count_correct(logits, tarn_labels(5, labels)),
                   "label 3 at 2, expects 0 or more and below 3");
    assert_mistake(tarn_count_correct(logits, tarn_labels(5, negative)), "label -1 at 0");
    tarn_free(logits);
    tarn_free(flat);
}
