/* Parts of datasets and datasets put together. */
#include <math.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "data/normalize.h"
#include "tests/support/mistakes.h"

/* Samples of one number, 0 to count - 1, of class number % classes, with the target -number. */
static tarn_dataset *numbered(int count, int classes)
{
    tarn_real numbers[100], targets[100];
    int32_t labels[100];
    for (int i = 0; i < count; i++) {
        numbers[i] = (tarn_real)i;
        targets[i] = (tarn_real)-i;
        labels[i] = i % classes;
    }
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(count, 1), numbers, labels, classes);
    cr_assert(tarn_data_set_targets(dataset, tarn_shape(1), targets));
    return dataset;
}

/* The number that is sample i; with it must go its label and its target. */
static int number_of(const tarn_dataset *dataset, int64_t i)
{
    tarn_real number;
    cr_assert(tarn__dataset_read(dataset, i, &number));
    cr_assert_eq(tarn_data_label(dataset, i), (int)number % tarn_data_classes(dataset));
    cr_assert_eq(dataset->targets[i], -number);
    return (int)number;
}

Test(subset, has_the_samples_in_the_order_asked_for)
{
    tarn_dataset *all = numbered(10, 3);
    tarn_dataset *some = tarn_data_subset(all, (const int64_t[]){7, 2, 2, 9}, 4);
    tarn_dataset *less = tarn_data_subset(some, (const int64_t[]){3, 0}, 2);
    tarn_dataset_free(all);
    cr_assert_eq(tarn_data_count(some), 4);
    cr_expect(number_of(some, 0) == 7 && number_of(some, 1) == 2 && number_of(some, 2) == 2);
    tarn_dataset_free(some);
    cr_expect(number_of(less, 0) == 9 && number_of(less, 1) == 7);
    tarn_dataset *nothing = tarn_data_subset(less, NULL, 0);
    cr_expect_eq(tarn_data_count(nothing), 0);
    tarn_dataset_free(nothing);
    assert_mistake(tarn_data_subset(less, (const int64_t[]){2}, 1), "index 0 is 2, expects 0 to 1");
    assert_mistake(tarn_data_subset(less, (const int64_t[]){-1}, 1), "index 0 is -1");
    assert_mistake(tarn_data_subset(less, NULL, 1), "NULL");
    tarn_dataset_free(less);
}

Test(subset, keeps_names_and_normalization)
{
    tarn_dataset *all = numbered(10, 2);
    cr_assert(tarn_data_set_class_names(all, (const char *const[]){"even", "odd"}));
    cr_assert(tarn_data_normalize(all, 1, 2));
    tarn_dataset *some = tarn_data_subset(all, (const int64_t[]){7}, 1);
    cr_assert(tarn_data_normalize(all, 0, 1));
    tarn_dataset_free(all);
    cr_expect_str_eq(tarn_data_class_names(some)[1], "odd");
    tarn_real number;
    cr_assert(tarn__dataset_read_normalized(some, 0, &number));
    cr_expect_eq(number, 3);
    tarn_dataset_free(some);
}

Test(split, parts_each_class_by_the_seed)
{
    tarn_dataset *all = numbered(100, 4), *first, *second, *again, *rest;
    cr_assert(tarn_data_split(all, 0.2, 5, &first, &second));
    cr_expect(tarn_data_count(first) == 80 && tarn_data_count(second) == 20);
    for (int c = 0; c < 4; c++)
        cr_expect_eq(tarn_data_count_of(second, c), 5);
    int seen[100] = {0};
    for (int i = 0; i < 80; i++) {
        seen[number_of(first, i)]++;
        cr_expect(i == 0 || number_of(first, i) > number_of(first, i - 1));
    }
    for (int i = 0; i < 20; i++)
        seen[number_of(second, i)]++;
    for (int i = 0; i < 100; i++)
        cr_expect_eq(seen[i], 1);
    cr_assert(tarn_data_split(all, 0.2, 5, &again, &rest));
    for (int i = 0; i < 20; i++)
        cr_expect_eq(number_of(rest, i), number_of(second, i));
    tarn_dataset_free(again);
    tarn_dataset_free(rest);
    cr_assert(tarn_data_split(all, 0.2, 6, &again, &rest));
    int same = 0;
    for (int i = 0; i < 20; i++)
        same += number_of(rest, i) == number_of(second, i);
    cr_expect(same < 15, "another seed gives the same split");
    tarn_dataset *const parts[] = {all, first, second, again, rest};
    for (int i = 0; i < 5; i++)
        tarn_dataset_free(parts[i]);
}

/* Classes of 1, 2 and 3 samples: the least that goes to the second part, and the most. */
Test(split, of_small_classes)
{
    const tarn_real numbers[6] = {0};
    const int32_t labels[] = {0, 1, 1, 2, 2, 2};
    tarn_dataset *all = tarn_data_from_numbers(tarn_shape(6, 1), numbers, labels, 4);
    const double fractions[] = {0, 0.01, 0.5, 0.99};
    const int expected[4][3] = {{0, 0, 0}, {0, 1, 1}, {0, 1, 2}, {0, 1, 2}};
    for (int f = 0; f < 4; f++) {
        tarn_dataset *first, *second;
        cr_assert(tarn_data_split(all, fractions[f], 1, &first, &second));
        for (int c = 0; c < 3; c++)
            cr_expect_eq(tarn_data_count_of(second, c), expected[f][c], "%g of class %d",
                         fractions[f], c);
        cr_expect_eq(tarn_data_count(first) + tarn_data_count(second), 6);
        tarn_dataset_free(first);
        tarn_dataset_free(second);
    }
    tarn_dataset *first, *second;
    assert_mistake(tarn_data_split(all, 1, 1, &first, &second), "expects a number in [0, 1)");
    cr_expect(!first && !second);
    assert_mistake(tarn_data_split(all, NAN, 1, &first, &second), "nan");
    tarn_dataset_free(all);
}

Test(concat, puts_one_behind_the_other)
{
    tarn_dataset *a = numbered(3, 2), *b = numbered(5, 2);
    tarn_dataset *c = tarn_data_subset(b, (const int64_t[]){4, 1}, 2);
    tarn_dataset *all = tarn_data_concat(a, c, a);
    tarn_dataset *twice = tarn_data_concat(all, all);
    tarn_dataset_free(a);
    tarn_dataset_free(b);
    tarn_dataset_free(c);
    const int expected[] = {0, 1, 2, 4, 1, 0, 1, 2};
    cr_assert_eq(tarn_data_count(all), 8);
    cr_assert_eq(tarn_data_count(twice), 16);
    for (int i = 0; i < 16; i++)
        cr_expect_eq(number_of(twice, i), expected[i % 8], "sample %d", i);
    tarn_dataset_free(all);
    tarn_dataset_free(twice);
}

Test(concat, wants_datasets_of_one_form)
{
    tarn_dataset *a = numbered(3, 2), *b = numbered(3, 3);
    assert_mistake(tarn_data_concat(a, b), "of 2 classes and (1) of 3");
    const tarn_real numbers[2] = {0};
    tarn_dataset *c = tarn_data_from_numbers(tarn_shape(1, 2), numbers, NULL, 2);
    assert_mistake(tarn_data_concat(a, c), "expects the same");
    tarn_dataset *d = tarn_data_from_numbers(tarn_shape(1, 1), numbers, NULL, 2);
    assert_mistake(tarn_data_concat(a, d), "targets");
    assert_mistake(tarn_data_concat(d, a), "targets");
    cr_expect_null(tarn_data_concat(a, NULL));
    tarn_dataset *const all[] = {a, b, c, d};
    for (int i = 0; i < 4; i++)
        tarn_dataset_free(all[i]);
}
