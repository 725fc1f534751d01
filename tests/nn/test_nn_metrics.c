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
    assert_mistake(tarn_count_correct(NULL, tarn_labels(5, right)),
                   "metrics: the tensor of logits is NULL");
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

Test(metrics, accuracy_of_a_batch)
{
    tarn_tensor *logits = tarn_from_array(tarn_shape(5, 3), rows),
                *nothing = tarn_zeros(tarn_shape(0, 3));
    int32_t mixed[] = {2, 1, 1, 0, 0}, high[] = {0, 0, 0, 0, 3};
    cr_assert_float_eq(tarn_accuracy(logits, tarn_labels(5, mixed)), 0.6, 1e-15);
    cr_assert(isnan(tarn_accuracy(nothing, tarn_labels(0, NULL))));
    assert_mistake(!isnan(tarn_accuracy(NULL, tarn_labels(5, mixed))),
                   "metrics: the tensor of logits is NULL");
    record_mistakes();
    cr_assert(isnan(tarn_accuracy(logits, tarn_labels(5, high))));
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "accuracy: label 3 at 4, expects 0 or more and below 3");
    tarn_free(logits);
    tarn_free(nothing);
}

/* Whether the label is among the k largest of one row. */
static bool in_top(const tarn_real *row, int32_t label, int k)
{
    tarn_tensor *logits = tarn_from_array(tarn_shape(1, 4), row);
    int count = tarn_count_top_k(logits, tarn_labels(1, &label), k);
    tarn_free(logits);
    return count == 1;
}

Test(metrics, counts_the_top_k)
{
    const tarn_real nan = (tarn_real)NAN, infinity = (tarn_real)INFINITY;
    const struct {
        tarn_real row[4];
        int order[4]; /* the classes, best first */
    } cases[] = {
        {{1, 4, 2, 3}, {1, 3, 2, 0}},
        {{5, 5, 7, 5}, {2, 0, 1, 3}},
        {{0, -0.0f, 0, 0}, {0, 1, 2, 3}},
        {{1, nan, infinity, nan}, {1, 3, 2, 0}},
        {{-infinity, nan, -infinity, 0}, {1, 3, 0, 2}},
        {{nan, nan, nan, nan}, {0, 1, 2, 3}},
    };
    for (int i = 0; i < 6; i++)
        for (int k = 1; k <= 4; k++)
            for (int place = 0; place < 4; place++)
                cr_expect_eq(in_top(cases[i].row, cases[i].order[place], k), place < k,
                             "row %d, k %d, place %d", i, k, place);
}

Test(metrics, top_1_is_correct)
{
    tarn_tensor *logits = tarn_from_array(tarn_shape(5, 3), rows);
    for (int32_t label = 0; label < 3; label++) {
        int32_t labels[] = {label, label, label, label, label};
        cr_expect_eq(tarn_count_top_k(logits, tarn_labels(5, labels), 1),
                     tarn_count_correct(logits, tarn_labels(5, labels)));
        cr_expect_eq(tarn_count_top_k(logits, tarn_labels(5, labels), 3), 5);
    }
    assert_mistake(tarn_count_top_k(NULL, tarn_labels(0, NULL), 1),
                   "metrics: the tensor of logits is NULL");
    assert_mistake(tarn_count_top_k(logits, tarn_labels(5, (int32_t[5]){0}), 0),
                   "count_top_k: k is 0, expects 1 to 3, the number of classes");
    assert_mistake(tarn_count_top_k(logits, tarn_labels(5, (int32_t[5]){0}), 4), "k is 4");
    assert_mistake(tarn_count_top_k(logits, tarn_labels(5, NULL), 1),
                   "count_top_k: the ids of 5 labels are NULL");
    tarn_free(logits);
}

Test(metrics, running_mean)
{
    tarn_running_mean mean = {0};
    cr_assert(isnan(tarn_running_mean_get(&mean)));
    tarn_running_mean_add(&mean, NAN, 0);
    cr_assert(isnan(tarn_running_mean_get(&mean)));
    tarn_running_mean_add(&mean, 3, 1);
    tarn_running_mean_add(&mean, -1, 3);
    tarn_running_mean_add(&mean, NAN, 0);
    cr_assert_eq(tarn_running_mean_get(&mean), 0);
    tarn_running_mean_add(&mean, 10, 4);
    cr_assert_eq(tarn_running_mean_get(&mean), 5);
    const double wrong[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        record_mistakes();
        tarn_running_mean_add(&mean, 1, wrong[i]);
        cr_assert_eq(mistakes(), 1);
        cr_assert(strstr(last_mistake(), "running_mean_add: weight is "));
        cr_assert_eq(tarn_running_mean_get(&mean), 5);
    }
    tarn_running_mean_add(&mean, NAN, 1);
    cr_assert(isnan(tarn_running_mean_get(&mean)));
}
