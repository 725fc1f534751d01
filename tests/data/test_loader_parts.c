/* Batches in parts, and shards of them: what several processes share, and what one accumulates. */
#include <math.h>
#include <string.h>

#include "tests/data/bad_store.h"
#include "tests/support/mistakes.h"

enum { MOST = 200 };

/* What an epoch shows, part after part; of pictures a sum that tells them apart. */
typedef struct shown {
    int count;
    struct {
        int batch, part, count, first; /* the first of its samples in labels and sums */
        double share;
    } parts[MOST];
    int32_t labels[MOST];
    double sums[MOST];
} shown;

static double sum_of(const tarn_batch *batch, int i)
{
    const int64_t size = tarn_size(batch->images) / batch->count;
    double sum = 0;
    for (int64_t k = 0; k < size; k++)
        sum += (double)(k % 7 + 1) * (double)tarn_values(batch->images)[i * size + k];
    return sum;
}

/* Adds what a loader shows in an epoch. */
static void show(tarn_loader *loader, shown *all)
{
    tarn_batch batch;
    int next = all->count ? all->parts[all->count - 1].first + all->parts[all->count - 1].count : 0;
    int before = 0;
    while (tarn_loader_next(loader, &batch)) {
        cr_assert(all->count < MOST && next + batch.count <= MOST);
        cr_assert_eq(batch.count, tarn_dim(batch.images, 0));
        all->parts[all->count].batch = before;
        all->parts[all->count].part = batch.part;
        all->parts[all->count].count = batch.count;
        all->parts[all->count].first = next;
        all->parts[all->count++].share = batch.share;
        for (int i = 0; i < batch.count; i++, next++) {
            all->labels[next] = batch.labels.ids[i];
            all->sums[next] = sum_of(&batch, i);
        }
        before += batch.last;
        cr_assert_eq(before, tarn_loader_tell(loader).batch);
    }
    cr_assert_not(tarn_loader_failed(loader), "%s", tarn_error());
    cr_assert_eq(before, tarn_loader_batches(loader));
}

/* Samples of one number, which is the label. */
static tarn_dataset *numbered(int count)
{
    tarn_real numbers[MOST];
    int32_t labels[MOST];
    for (int i = 0; i < count; i++)
        labels[i] = (int32_t)(numbers[i] = (tarn_real)i);
    return tarn_data_from_numbers(tarn_shape(count, 1), numbers, labels, MOST);
}

/* Every sample once in each epoch, whatever the numbers are, and shares that add to 1. */
static void check_shards(int count, int size, int parts, int shards, bool drop)
{
    tarn_dataset *dataset = numbered(count);
    static shown all;
    for (int epoch = 0; epoch < 2; epoch++) {
        int seen[MOST] = {0}, samples = 0;
        double share[MOST] = {0};
        all.count = 0;
        int64_t batches = 0;
        for (int shard = 0; shard < shards; shard++) {
            tarn_loader *loader =
                tarn_loader_new(dataset, size, .shuffle = true, .seed = 3, .drop_last = drop,
                                .parts = parts, .shard = shard, .shards = shards);
            cr_assert(loader, "%s", tarn_error());
            batches = tarn_loader_batches(loader);
            cr_assert(tarn_loader_seek(loader, (tarn_loader_position){epoch, 0}));
            show(loader, &all);
            tarn_loader_free(loader);
        }
        cr_assert_eq(all.count, batches * parts);
        for (int i = 0; i < all.count; i++) {
            cr_assert(all.parts[i].count > 0);
            share[all.parts[i].batch] += all.parts[i].share;
            samples += all.parts[i].count;
        }
        for (int64_t i = 0; i < batches; i++)
            cr_assert(fabs(share[i] - 1) < 1e-12);
        for (int i = 0; i < samples; i++)
            cr_assert_eq(++seen[all.labels[i]], 1);
        cr_assert_eq(samples, drop ? count / size * size : count);
    }
    tarn_dataset_free(dataset);
}

Test(loader_parts, all_shards_together_give_each_sample_once)
{
    const int cases[][3] = {{64, 16, 8}, {70, 16, 8}, {75, 16, 8}, {37, 10, 7}, {9, 20, 8},
                            {8, 8, 8},   {83, 20, 5}, {12, 4, 1},  {13, 4, 4},  {7, 100, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int shards = 1; shards <= cases[c][2]; shards++)
            for (int drop = 0; drop < 2; drop++)
                check_shards(cases[c][0], cases[c][1], cases[c][2], shards, drop);
}

Test(loader_parts, few_that_remain_belong_to_the_batch_before)
{
    tarn_dataset *dataset = numbered(35);
    tarn_loader *loader = tarn_loader_new(dataset, 16, .parts = 4);
    static shown all;
    show(loader, &all);
    cr_assert_eq(all.count, 8);
    const int sizes[] = {4, 4, 4, 4, 4, 5, 5, 5};
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(all.parts[i].count, sizes[i]);
        cr_assert_eq(all.parts[i].part, i % 4);
        cr_assert_float_eq(all.parts[i].share, sizes[i] / (i < 4 ? 16.0 : 19.0), 1e-15);
    }
    for (int i = 0; i < 35; i++)
        cr_assert_eq(all.labels[i], i);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* Parts are the same for every number of shards and workers, whatever is done to them. */
static void check_same(tarn_dataset *dataset, bool balanced, double mixup, int workers)
{
    enum { PARTS = 6, SIZE = 20 };
    static shown whole, shard;
    whole.count = 0;
    tarn_transforms changes = tarn_transforms_of(tarn_transform_erase(0.7));
    for (int shards = 1; shards <= PARTS; shards++)
        for (int k = 0; k < shards; k++) {
            tarn_loader *loader =
                tarn_loader_new(dataset, SIZE, .shuffle = !balanced, .balanced = balanced,
                                .seed = 7, .transforms = changes, .mixup = mixup,
                                .workers = workers, .parts = PARTS, .shard = k, .shards = shards);
            cr_assert(loader, "%s", tarn_error());
            shard.count = 0;
            show(loader, shards == 1 ? &whole : &shard);
            tarn_loader_free(loader);
            for (int i = 0; i < shard.count; i++) {
                const int at = shard.parts[i].batch * PARTS + shard.parts[i].part;
                cr_assert_eq(shard.parts[i].count, whole.parts[at].count);
                const size_t bytes = (size_t)shard.parts[i].count * sizeof *shard.sums;
                cr_assert(memcmp(shard.sums + shard.parts[i].first,
                                 whole.sums + whole.parts[at].first, bytes) == 0,
                          "part %d of shard %d of %d", i, k, shards);
            }
        }
}

Test(loader_parts, do_not_depend_on_shards_and_workers)
{
    tarn_dataset *dataset = dataset_with_bad(63, 4, NULL);
    for (int workers = 0; workers <= 2; workers += 2) {
        check_same(dataset, false, 0, workers);
        check_same(dataset, true, 0, workers);
        check_same(dataset, false, 0.5, workers);
    }
    tarn_dataset_free(dataset);
}

Test(loader_parts, seek_goes_on_in_other_shards)
{
    tarn_dataset *dataset = numbered(40);
    tarn_loader *one = tarn_loader_new(dataset, 8, .shuffle = true, .parts = 4);
    tarn_loader *half =
        tarn_loader_new(dataset, 8, .shuffle = true, .parts = 4, .shard = 1, .shards = 2);
    tarn_batch batch;
    int32_t expected[2];
    for (int i = 0; i < 11; i++) { /* the last is part 2 of batch 2 */
        cr_assert(tarn_loader_next(one, &batch));
        memcpy(expected, batch.labels.ids, sizeof expected);
    }
    cr_assert_eq(tarn_loader_tell(one).batch, 2);
    cr_assert(tarn_loader_seek(half, tarn_loader_tell(one)));
    cr_assert(tarn_loader_next(half, &batch));
    cr_assert(batch.part == 2 && !batch.last);
    cr_assert(memcmp(expected, batch.labels.ids, sizeof expected) == 0);
    cr_assert(tarn_loader_seek(half, (tarn_loader_position){0, 5}));
    cr_assert_not(tarn_loader_next(half, &batch));
    tarn_loader_free(one);
    tarn_loader_free(half);
    tarn_dataset_free(dataset);
}

static bool one_in_three(int64_t sample)
{
    return sample % 3 == 0;
}

static bool first_two(int64_t sample)
{
    return sample < 2;
}

Test(loader_parts, of_bad_samples)
{
    tarn_batch batch;
    tarn_dataset *dataset = dataset_with_bad(12, 4, one_in_three);
    tarn_loader *loader = tarn_loader_new(dataset, 6, .parts = 2, .skip_bad = true);
    for (int i = 0; i < 4; i++) {
        cr_assert(tarn_loader_next(loader, &batch));
        cr_assert(batch.count == 2 && batch.share == 0.5);
    }
    cr_assert_not(tarn_loader_next(loader, &batch));
    cr_assert_not(tarn_loader_failed(loader));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);

    dataset = dataset_with_bad(12, 4, first_two);
    loader = tarn_loader_new(dataset, 6, .parts = 3, .skip_bad = true);
    cr_assert_not(tarn_loader_next(loader, &batch));
    cr_assert(tarn_loader_failed(loader));
    cr_assert_str_eq(tarn_error(), "no sample of part 0 of a batch could be used; the first: "
                                   "picture-0.png: cannot be read as PNG");
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

Test(loader_parts, mistakes)
{
    tarn_dataset *dataset = numbered(10);
    tarn_batch batch;
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 0), "4 samples in 0 parts");
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 5), "4 samples in 5 parts");
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 2, .shards = 3), "shard 0 of 3");
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 2, .shards = 0), "shard 0 of 0");
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 2, .shard = 2, .shards = 2), "from 0 to 1");
    assert_mistake(tarn_loader_new(dataset, 4, .parts = 2, .shard = -1, .shards = 2), "shard -1");
    cr_assert_null(tarn_loader_new(dataset, 20, .parts = 11));
    cr_assert(strstr(tarn_error(), "10 samples, expects one for each of the 11 parts"));
    tarn_dataset *none = numbered(0);
    tarn_loader *loader = tarn_loader_new(none, 20, .parts = 11);
    cr_assert(loader && !tarn_loader_next(loader, &batch) && tarn_loader_batches(loader) == 0);
    tarn_loader_free(loader);
    tarn_dataset_free(none);
    loader = tarn_loader_new(dataset, 4);
    cr_assert(tarn_loader_next(loader, &batch));
    cr_assert(batch.part == 0 && batch.parts == 1 && batch.last && batch.share == 1);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}
