#include <math.h>

#include "tests/nn/nn_test.h"

/* Adds rows of one label, whose guesses are given. */
static void add(tarn_confusion *c, int classes, int32_t label, int count, const int *guesses)
{
    tarn_tensor *logits = tarn_zeros(tarn_shape(count, classes));
    int32_t labels[16];
    for (int i = 0; i < count; i++) {
        tarn_values(logits)[i * classes + guesses[i]] = 1;
        labels[i] = label;
    }
    cr_assert(tarn_confusion_add(c, logits, tarn_labels(count, labels)));
    tarn_free(logits);
}

static tarn_confusion *example(void)
{
    tarn_confusion *c = tarn_confusion_new(3);
    add(c, 3, 0, 5, (const int[]){0, 0, 0, 1, 0});
    add(c, 3, 1, 2, (const int[]){0, 1});
    add(c, 3, 0, 1, (const int[]){0});
    return c;
}

Test(confusion, counts)
{
    tarn_confusion *c = example();
    const int64_t expected[3][3] = {{5, 1, 0}, {1, 1, 0}, {0, 0, 0}};
    for (int truth = 0; truth < 3; truth++)
        for (int guess = 0; guess < 3; guess++)
            cr_expect_eq(tarn_confusion_count(c, truth, guess), expected[truth][guess]);
    cr_expect_float_eq(tarn_confusion_accuracy(c), 6.0 / 8, 1e-15);
    cr_expect_float_eq(tarn_confusion_recall(c, 0), 5.0 / 6, 1e-15);
    cr_expect_float_eq(tarn_confusion_recall(c, 1), 0.5, 1e-15);
    cr_expect(isnan(tarn_confusion_recall(c, 2)));
    cr_expect_float_eq(tarn_confusion_precision(c, 0), 5.0 / 6, 1e-15);
    cr_expect_float_eq(tarn_confusion_precision(c, 1), 0.5, 1e-15);
    cr_expect(isnan(tarn_confusion_precision(c, 2)));
    tarn_confusion_clear(c);
    cr_expect_eq(tarn_confusion_count(c, 0, 0), 0);
    cr_expect(isnan(tarn_confusion_accuracy(c)));
    tarn_confusion_free(c);
}

/* Recall is along rows, precision along columns. */
Test(confusion, is_not_transposed)
{
    tarn_confusion *c = tarn_confusion_new(2);
    add(c, 2, 0, 4, (const int[]){1, 1, 1, 0});
    cr_expect_eq(tarn_confusion_count(c, 0, 1), 3);
    cr_expect_eq(tarn_confusion_count(c, 1, 0), 0);
    cr_expect_eq(tarn_confusion_recall(c, 0), 0.25);
    cr_expect_eq(tarn_confusion_precision(c, 0), 1);
    cr_expect_eq(tarn_confusion_precision(c, 1), 0);
    tarn_confusion_free(c);
}

static void expect_table(const tarn_confusion *c, const char *const *names, const char *expected)
{
    char text[1024] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    cr_assert(tarn_confusion_print(c, names, stream));
    fclose(stream);
    cr_expect_str_eq(text, expected, "%s", text);
}

Test(confusion, table)
{
    tarn_confusion *c = example();
    expect_table(c, NULL,
                 "truth \\ guess       0       1       2  recall\n"
                 "0                   5       1       0   83.3%\n"
                 "1                   1       1       0   50.0%\n"
                 "2                   0       0       0       -\n"
                 "precision       83.3%   50.0%       -   75.0%\n");
    const char *const names[] = {"a b", "Käsekuchen mit Kirschen", NULL};
    expect_table(c, names,
                 "truth \\ guess                                a b  Käsekuchen mit Kirschen"
                 "                        2                   recall\n"
                 "a b                                            5                        1"
                 "                        0                    83.3%\n"
                 "Käsekuchen mit Kirschen                        1                        1"
                 "                        0                    50.0%\n"
                 "2                                              0                        0"
                 "                        0                        -\n"
                 "precision                                  83.3%                    50.0%"
                 "                        -                    75.0%\n");
    tarn_confusion_clear(c);
    tarn_confusion_free(c);
    c = tarn_confusion_new(1);
    expect_table(c, NULL,
                 "truth \\ guess       0  recall\n"
                 "0                   0       -\n"
                 "precision           -       -\n");
    tarn_confusion_free(c);
}

Test(confusion, that_cannot_be_printed)
{
    tarn_confusion *c = example();
    FILE *full = fopen("/dev/full", "w");
    cr_assert(full);
    cr_assert_not(tarn_confusion_print(c, NULL, full));
    cr_assert_str_eq(tarn_error(),
                     "confusion_print: the stream cannot be written: No space left on device");
    fclose(full);
    cr_assert_not(tarn_confusion_print(c, NULL, NULL));
    tarn_confusion_free(c);
}

Test(confusion, of_nothing)
{
    assert_mistake(tarn_confusion_add(NULL, NULL, tarn_labels(0, NULL)),
                   "confusion_add: the matrix is NULL");
    cr_assert_eq(tarn_confusion_count(NULL, 0, 0), 0);
    cr_assert(isnan(tarn_confusion_accuracy(NULL)));
    cr_assert(isnan(tarn_confusion_recall(NULL, 0)));
    cr_assert(isnan(tarn_confusion_precision(NULL, 0)));
    cr_assert_not(tarn_confusion_print(NULL, NULL, stdout));
    tarn_confusion_clear(NULL);
    tarn_confusion_free(NULL);
}

Test(confusion, bad_input)
{
    tarn_confusion *c = example();
    tarn_tensor *logits = tarn_zeros(tarn_shape(2, 3)), *wide = tarn_zeros(tarn_shape(2, 4));
    const int32_t good[] = {0, 2}, high[] = {0, 3};
    assert_mistake(tarn_confusion_new(0), "confusion: 0 classes, expects at least 1");
    assert_mistake(tarn_confusion_add(c, wide, tarn_labels(2, good)),
                   "confusion_add: logits are (2,4), expects (N,3)");
    assert_mistake(tarn_confusion_add(c, logits, tarn_labels(1, good)),
                   "confusion_add: logits are (2,3), expects (1,classes) for 1 labels");
    assert_mistake(tarn_confusion_add(c, logits, tarn_labels(2, high)),
                   "confusion_add: label 3 at 1, expects 0 or more and below 3");
    cr_assert_eq(tarn_confusion_count(c, 0, 0), 5, "nothing of a refused batch counts");
    assert_mistake(tarn_confusion_count(c, 3, 0),
                   "confusion_count: class 3, expects 0 or more and below 3");
    assert_mistake(tarn_confusion_count(c, 0, -1), "confusion_count: class -1");
    record_mistakes();
    cr_assert(isnan(tarn_confusion_recall(c, 3)));
    cr_assert(isnan(tarn_confusion_precision(c, -1)));
    cr_assert_eq(mistakes(), 2);
    tarn_confusion_free(c);
    tarn_free(logits);
    tarn_free(wide);
}
