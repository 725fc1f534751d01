#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "tests/support/mistakes.h"

/* A dataset of count samples of one number, which is also the label. */
static tarn_dataset *numbered(int count)
{
    tarn_real *numbers = malloc(sizeof *numbers * (size_t)(count + 1));
    int32_t *labels = malloc(sizeof *labels * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        numbers[i] = (tarn_real)i;
        labels[i] = i;
    }
    tarn_dataset *dataset =
        tarn_data_from_numbers(tarn_shape(count, 1), numbers, labels, count + 1);
    free(numbers);
    free(labels);
    return dataset;
}

/* Runs an epoch; the labels in order go to seen. Returns the number of batches. Checks that each
   batch holds together. */
static int64_t run_epoch(tarn_loader *loader, int32_t *seen)
{
    tarn_batch batch;
    int64_t batches = 0;
    while (tarn_loader_next(loader, &batch)) {
        cr_assert_eq(batch.count, tarn_dim(batch.images, 0));
        cr_assert_eq(batch.labels.count, batch.count);
        for (int i = 0; i < batch.count; i++) {
            cr_assert_eq(tarn_values(batch.images)[i], (tarn_real)batch.labels.ids[i]);
            *seen++ = batch.labels.ids[i];
        }
        batches++;
    }
    cr_assert(batch.count == 0 && batch.images == NULL);
    cr_assert_eq(batches, tarn_loader_batches(loader));
    return batches;
}

Test(loader, gives_all_in_order)
{
    tarn_dataset *dataset = numbered(10);
    tarn_loader *loader = tarn_loader_new(dataset, 4);
    for (int epoch = 0; epoch < 3; epoch++) {
        int32_t seen[10];
        cr_assert_eq(run_epoch(loader, seen), 3);
        for (int i = 0; i < 10; i++)
            cr_assert_eq(seen[i], i);
    }
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

Test(loader, the_last_batch_is_short_or_left_out)
{
    /* samples, batch size, batches and samples with the last, the same without */
    const int cases[][6] = {{10, 4, 3, 10, 2, 8},  {8, 4, 2, 8, 2, 8}, {3, 4, 1, 3, 0, 0},
                            {4, 4, 1, 4, 1, 4},    {5, 1, 5, 5, 5, 5}, {0, 4, 0, 0, 0, 0},
                            {1, 1000, 1, 1, 0, 0}, {1, 1, 1, 1, 1, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int drop = 0; drop < 2; drop++) {
            tarn_dataset *dataset = numbered(cases[c][0]);
            tarn_loader *loader =
                tarn_loader_new(dataset, cases[c][1], .drop_last = drop, .shuffle = true);
            for (int epoch = 0; epoch < 3; epoch++) {
                int32_t seen[11];
                memset(seen, -1, sizeof seen);
                cr_assert_eq(run_epoch(loader, seen), cases[c][2 + 2 * drop]);
                int samples = cases[c][3 + 2 * drop];
                cr_assert(seen[samples] == -1 && (samples == 0 || seen[samples - 1] != -1));
            }
            tarn_loader_free(loader);
            tarn_dataset_free(dataset);
        }
}

Test(loader, shuffled_epochs_are_permutations_and_differ)
{
    enum { N = 1000 };
    tarn_dataset *dataset = numbered(N);
    tarn_loader *loader = tarn_loader_new(dataset, 64, .shuffle = true, .seed = 5);
    int32_t seen[2][N];
    for (int epoch = 0; epoch < 2; epoch++) {
        run_epoch(loader, seen[epoch]);
        bool present[N] = {false};
        int fixed = 0;
        for (int i = 0; i < N; i++) {
            cr_assert_not(present[seen[epoch][i]]);
            present[seen[epoch][i]] = true;
            fixed += seen[epoch][i] == i;
        }
        cr_assert_lt(fixed, 10); /* 1 is expected */
    }
    cr_assert_neq(memcmp(seen[0], seen[1], sizeof seen[0]), 0);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

Test(loader, the_order_depends_on_seed_and_epoch_alone)
{
    enum { N = 3000 };
    static int32_t first[2][N], again[N];
    tarn_dataset *dataset = numbered(N);
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_seed((uint64_t)threads); /* the loader does not draw from the common generator */
        tarn_loader *loader = tarn_loader_new(dataset, 7 * threads, .shuffle = true, .seed = 9);
        for (int epoch = 0; epoch < 2; epoch++) {
            run_epoch(loader, threads == 1 ? first[epoch] : again);
            if (threads > 1)
                cr_assert_eq(memcmp(again, first[epoch], sizeof again), 0);
        }
        tarn_loader_free(loader);
    }
    tarn_loader *other = tarn_loader_new(dataset, 7, .shuffle = true, .seed = 10);
    run_epoch(other, again);
    cr_assert_neq(memcmp(again, first[0], sizeof again), 0);
    tarn_loader_free(other);
    tarn_dataset_free(dataset);
}

/* Each of the 120 orders of 5 samples should come up as often: chi squared with 119 degrees of
   freedom is 119 +- 15. A biased shuffle (each place swapped with any) gives thousands. */
Test(loader, all_orders_are_equally_likely)
{
    enum { N = 5, ORDERS = 120, EPOCHS = 60000 };
    int counts[3125] = {0};
    tarn_dataset *dataset = numbered(N);
    tarn_loader *loader = tarn_loader_new(dataset, N, .shuffle = true, .seed = 2);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        int32_t seen[N];
        run_epoch(loader, seen);
        int order = 0;
        for (int i = 0; i < N; i++)
            order = order * N + seen[i];
        counts[order]++;
    }
    double chi_squared = 0, expected = (double)EPOCHS / ORDERS;
    int orders = 0;
    for (int i = 0; i < 3125; i++)
        if (counts[i]) {
            chi_squared += pow(counts[i] - expected, 2) / expected;
            orders++;
        }
    cr_assert_eq(orders, ORDERS);
    cr_assert(chi_squared > 60 && chi_squared < 200, "chi squared is %g", chi_squared);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* Large enough for several threads: every byte, against the formula. */
Test(loader, bytes_are_normalized_exactly)
{
    enum { N = 70, SIZE = 1024 };
    static uint8_t bytes[N * SIZE];
    for (int i = 0; i < N * SIZE; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(N, 32, 32, 1), bytes, NULL, 1);
    tarn_data_normalize(dataset, 0.1307, 0.3081);
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_loader *loader = tarn_loader_new(dataset, N);
        tarn_batch batch;
        cr_assert(tarn_loader_next(loader, &batch));
        cr_assert(tarn_shape_equal(tarn_shape_get(batch.images), tarn_shape(N, 32, 32, 1)));
        for (int i = 0; i < N * SIZE; i++)
            cr_assert_eq(tarn_values(batch.images)[i],
                         (tarn_real)((bytes[i] / 255.0 - 0.1307) / 0.3081));
        tarn_loader_free(loader);
    }
    tarn_dataset_free(dataset);
}

Test(loader, keeps_its_tensors)
{
    tarn_dataset *dataset = numbered(9);
    tarn_loader *loader = tarn_loader_new(dataset, 4, .shuffle = true);
    tarn_batch first, second, again;
    tarn_loader_next(loader, &first);
    tarn_loader_next(loader, &second);
    cr_assert_eq(first.images, second.images);
    while (tarn_loader_next(loader, &again))
        ;
    tarn_loader_next(loader, &again);
    cr_assert_eq(first.images, again.images);
    cr_assert_eq(first.labels.ids, again.labels.ids);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

Test(loader, mistakes_and_nulls)
{
    tarn_dataset *dataset = numbered(3);
    assert_mistake(tarn_loader_new(dataset, 0), "loader_new: batches of 0 samples");
    assert_mistake(tarn_loader_new(dataset, -5), "batches of -5 samples");
    tarn_loader *loader = tarn_loader_new(dataset, INT64_MAX);
    cr_assert_eq(tarn_loader_batches(loader), 1);
    cr_assert_eq(tarn_loader_options(loader)->batch_size, INT64_MAX);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);

    record_mistakes();
    tarn_batch batch = {.count = 5};
    cr_assert_null(tarn_loader_new(NULL, 0));
    cr_assert_not(tarn_loader_next(NULL, &batch));
    cr_assert(batch.count == 0 && batch.images == NULL);
    cr_assert_eq(tarn_loader_batches(NULL), 0);
    tarn_loader_free(NULL);
    cr_assert_eq(mistakes(), 0);
}

/* ---- Targets, positions and files that cannot be read */

Test(loader, gives_targets)
{
    tarn_dataset *dataset = numbered(5);
    tarn_real targets[10];
    for (int i = 0; i < 10; i++)
        targets[i] = (tarn_real)(100 + i);
    cr_assert(tarn_data_set_targets(dataset, tarn_shape(2), targets));
    tarn_loader *loader = tarn_loader_new(dataset, 2, .shuffle = true, .seed = 3);
    tarn_batch batch;
    int samples = 0;
    while (tarn_loader_next(loader, &batch)) {
        cr_assert(tarn_shape_equal(tarn_shape_get(batch.targets), tarn_shape(batch.count, 2)));
        for (int i = 0; i < batch.count; i++, samples++)
            for (int k = 0; k < 2; k++)
                cr_expect_eq(tarn_values(batch.targets)[2 * i + k],
                             (tarn_real)(100 + 2 * batch.labels.ids[i] + k));
    }
    cr_expect_eq(samples, 5);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* From each position on, another loader gives what the first gave. */
Test(loader, goes_on_where_another_stood)
{
    tarn_dataset *dataset = numbered(7);
    int32_t seen[3 * 7], count = 0;
    tarn_loader *loader = tarn_loader_new(dataset, 2, .shuffle = true, .seed = 3);
    for (int epoch = 0; epoch < 3; epoch++)
        run_epoch(loader, seen + 7 * epoch);
    tarn_loader_free(loader);
    for (int epoch = 0; epoch < 3; epoch++)
        for (int b = 0; b <= 4; b++) {
            loader = tarn_loader_new(dataset, 2, .shuffle = true, .seed = 3);
            cr_assert(tarn_loader_seek(loader, (tarn_loader_position){epoch, b}));
            tarn_loader_position at = tarn_loader_tell(loader);
            cr_assert(at.epoch == epoch && at.batch == b);
            tarn_batch batch;
            for (count = 2 * b; tarn_loader_next(loader, &batch);)
                for (int i = 0; i < batch.count; i++)
                    cr_expect_eq(batch.labels.ids[i], seen[7 * epoch + count++]);
            cr_expect(count == 7 || b == 4);
            at = tarn_loader_tell(loader);
            cr_expect(at.epoch == epoch + 1 && at.batch == 0);
            tarn_loader_free(loader);
        }
    loader = tarn_loader_new(dataset, 2);
    assert_mistake(tarn_loader_seek(loader, (tarn_loader_position){0, 5}), "at most batch 4");
    assert_mistake(tarn_loader_seek(loader, (tarn_loader_position){-1, 0}), "epoch -1");
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* A store whose sample 5 is a bad file. */
static bool read_but_5(const tarn__store *store, int64_t i, tarn_real *to)
{
    (void)store;
    *to = (tarn_real)i;
    return i != 5 || tarn_set_error("5.png: is no picture");
}

static void free_store(tarn__store *store)
{
    free(store);
}

Test(loader, names_the_file_that_it_cannot_read)
{
    tarn__store *store = calloc(1, sizeof *store);
    *store = (tarn__store){.count = 8, .read = read_but_5, .free = free_store};
    tarn_dataset *dataset = tarn__dataset_new(store, tarn_shape(1), calloc(8, sizeof(int32_t)), 1);
    tarn_loader *loader = tarn_loader_new(dataset, 4);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    cr_expect_not(tarn_loader_failed(loader));
    for (int call = 0; call < 2; call++) {
        cr_assert_not(tarn_loader_next(loader, &batch));
        cr_expect(tarn_loader_failed(loader) && batch.count == 0 && !batch.images);
        cr_expect_str_eq(tarn_error(), "5.png: is no picture");
    }
    double mean, deviation;
    cr_expect_not(tarn_data_statistics(dataset, &mean, &deviation));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}
