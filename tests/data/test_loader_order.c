/* Samples drawn by weight. Their order without weights: test_loader.c. */
#include <math.h>
#include <string.h>

#include "tests/data/bad_store.h"
#include "tests/support/mistakes.h"

/* How often each label comes up in so many epochs, each sample being its own class. */
static void count_labels(tarn_loader *loader, int epochs, int *counts)
{
    tarn_batch batch;
    for (int epoch = 0; epoch < epochs; epoch++)
        while (tarn_loader_next(loader, &batch))
            for (int i = 0; i < batch.count; i++)
                counts[batch.labels.ids[i]]++;
}

static tarn_dataset *numbered(int count, const int32_t *labels, int classes)
{
    tarn_real *numbers = calloc((size_t)count + 1, sizeof *numbers);
    int32_t *own = malloc(((size_t)count + 1) * sizeof *own);
    for (int i = 0; i < count; i++)
        own[i] = labels ? labels[i] : i;
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(count, 1), numbers, own, classes);
    free(numbers);
    free(own);
    return dataset;
}

Test(loader_order, samples_come_by_their_weights)
{
    enum { N = 6, EPOCHS = 5000 };
    const double weights[N] = {1, 0, 3, 2, 0, 4};
    int counts[N] = {0};
    tarn_dataset *dataset = numbered(N, NULL, N);
    tarn_loader *loader = tarn_loader_new(dataset, 4, .sampling = weights, .seed = 3);
    cr_assert_eq(tarn_loader_batches(loader), 2);
    count_labels(loader, EPOCHS, counts);
    for (int i = 0; i < N; i++) {
        double expected = N * EPOCHS * weights[i] / 10;
        cr_assert_leq(fabs(counts[i] - expected), 4 * sqrt(expected),
                      "%d of sample %d, expected %g", counts[i], i, expected);
    }
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* Tiny and huge weights, the only one above 0 at either end. */
Test(loader_order, extreme_weights)
{
    const double cases[][4] = {{1, 0, 0, 0},          {0, 0, 0, 1},      {0, 5e-324, 0, 0},
                               {0, 0, 1e308, 0},      {1e-300, 0, 0, 0}, {0, 1, 0, 1e-300},
                               {0, 5e-324, 5e-324, 0}};
    tarn_dataset *dataset = numbered(4, NULL, 4);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int counts[4] = {0};
        tarn_loader *loader = tarn_loader_new(dataset, 4, .sampling = cases[c]);
        count_labels(loader, 200, counts);
        for (int i = 0; i < 4; i++)
            cr_assert(cases[c][i] > 0 || counts[i] == 0);
        tarn_loader_free(loader);
    }
    tarn_dataset_free(dataset);
}

Test(loader_order, balanced_classes)
{
    enum { N = 100, EPOCHS = 300 };
    int32_t labels[N];
    int counts[4] = {0};
    for (int i = 0; i < N; i++)
        labels[i] = i < 90 ? 0 : i < 98 ? 1 : 3; /* none of class 2 */
    tarn_dataset *dataset = numbered(N, labels, 4);
    tarn_loader *loader = tarn_loader_new(dataset, 10, .balanced = true, .seed = 1);
    count_labels(loader, EPOCHS, counts);
    for (int c = 0; c < 4; c++)
        cr_assert_leq(abs(counts[c] - (c == 2 ? 0 : N * EPOCHS / 3)), c == 2 ? 0 : 400);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* A new draw in each epoch, the same from the same seed. */
Test(loader_order, draws_depend_on_seed_and_epoch)
{
    enum { N = 500 };
    int counts[4][N] = {{0}};
    tarn_dataset *dataset = numbered(N, NULL, N);
    for (int i = 0; i < 2; i++) {
        tarn_loader *loader = tarn_loader_new(dataset, 10 + i, .balanced = true, .seed = 7);
        count_labels(loader, 1, counts[2 * i]);
        count_labels(loader, 1, counts[2 * i + 1]);
        tarn_loader_free(loader);
    }
    cr_assert_eq(memcmp(counts[0], counts[2], sizeof counts[0]), 0);
    cr_assert_eq(memcmp(counts[1], counts[3], sizeof counts[0]), 0);
    cr_assert_neq(memcmp(counts[0], counts[1], sizeof counts[0]), 0);
    tarn_dataset_free(dataset);
}

/* A sample that is drawn twice is not transformed twice in the same way; without weights what
   becomes of it does not depend on its place. */
Test(loader_order, transforms_of_what_is_drawn)
{
    const double one[] = {0, 0, 1, 0};
    tarn_dataset *dataset = dataset_with_bad(4, 2, NULL);
    tarn_transforms list = tarn_transforms_of(tarn_transform_shift(3));
    const size_t size = PIXELS * sizeof(tarn_real);
    tarn_batch a, b;
    tarn_loader *drawn = tarn_loader_new(dataset, 4, .sampling = one, .transforms = list);
    cr_assert(tarn_loader_next(drawn, &a));
    cr_assert_neq(memcmp(tarn_values(a.images), tarn_values(a.images) + PIXELS, size), 0);
    tarn_loader *shuffled = tarn_loader_new(dataset, 3, .shuffle = true, .transforms = list);
    tarn_loader *plain = tarn_loader_new(dataset, 4, .transforms = list);
    cr_assert(tarn_loader_next(plain, &a));
    int found = 0;
    while (tarn_loader_next(shuffled, &b))
        for (int i = 0; i < b.count; i++)
            for (int k = 0; k < 4; k++)
                found += memcmp(tarn_values(b.images) + (ptrdiff_t)i * PIXELS,
                                tarn_values(a.images) + (ptrdiff_t)k * PIXELS, size) == 0;
    cr_assert_eq(found, 4);
    cr_assert_not(tarn_loader_next(plain, &a));
    cr_assert(tarn_loader_next(plain, &a)); /* in the next epoch it is another change */
    cr_assert(tarn_loader_seek(shuffled, (tarn_loader_position){0, 1}));
    cr_assert(tarn_loader_next(shuffled, &b));
    for (int k = 0; k < 4; k++)
        cr_assert_neq(
            memcmp(tarn_values(b.images), tarn_values(a.images) + (ptrdiff_t)k * PIXELS, size), 0);
    tarn_loader_free(drawn);
    tarn_loader_free(shuffled);
    tarn_loader_free(plain);
    tarn_dataset_free(dataset);
}

Test(loader_order, bad_weights)
{
    const double negative[] = {1, -1, 0}, none[] = {0, 0, 0}, nan[] = {1, 1, NAN};
    const double infinite[] = {1e308, 1e308, 1};
    tarn_dataset *dataset = numbered(3, NULL, 3), *empty = numbered(0, NULL, 3);
    assert_mistake(tarn_loader_new(dataset, 1, .sampling = negative),
                   "loader_new: the weight of sample 1 is -1, expects 0 or more and finite");
    assert_mistake(tarn_loader_new(dataset, 1, .sampling = nan), "weight of sample 2 is nan");
    assert_mistake(tarn_loader_new(dataset, 1, .sampling = none),
                   "loader_new: the weights of 3 samples add up to 0, expects above 0 and finite");
    assert_mistake(tarn_loader_new(dataset, 1, .sampling = infinite), "add up to inf");
    assert_mistake(tarn_loader_new(dataset, 1, .sampling = nan, .balanced = true),
                   "loader_new: both sampling and balanced are set, expects one of them");
    tarn_loader *loader = tarn_loader_new(empty, 1, .balanced = true);
    tarn_batch batch;
    cr_assert_not(tarn_loader_next(loader, &batch));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
    tarn_dataset_free(empty);
}
