/* Mixup and cutmix. */
#include <math.h>
#include <string.h>

#include "tests/data/bad_store.h"
#include "tests/support/mistakes.h"

/* The share of each sample itself, from its targets; NaN where it and the next one are of one
   class. Checks that targets are two shares which add up to 1. */
static double share_of(const tarn_batch *batch, int i)
{
    const int64_t classes = tarn_dim(batch->targets, 1);
    const int32_t own = batch->labels.ids[i], next = batch->labels.ids[(i + 1) % batch->count];
    const tarn_real *t = tarn_values(batch->targets) + i * classes;
    for (int64_t c = 0; c < classes; c++)
        cr_assert(t[c] == 0 || c == own || c == next);
    cr_assert_float_eq(own == next ? t[own] : t[own] + t[next], 1, 1e-6);
    return own == next ? (double)NAN : (double)t[own];
}

static tarn_real original(const tarn_dataset *dataset, int64_t sample, int k)
{
    (void)dataset;
    return tarn__random_uniform(tarn__random_at((uint64_t)sample, k));
}

/* Every picture is w times itself and 1 - w times the next, and so is its target. */
Test(loader_mix, mixup)
{
    tarn_dataset *dataset = dataset_with_bad(10, 10, NULL);
    tarn_loader *loader = tarn_loader_new(dataset, 4, .mixup = 1);
    tarn_batch batch;
    double last = -1;
    for (int first = 0; tarn_loader_next(loader, &batch); first += batch.count) {
        cr_assert(tarn_shape_equal(tarn_shape_get(batch.targets), tarn_shape(batch.count, 10)));
        double w = share_of(&batch, 0);
        cr_assert_neq(w, last);
        last = w;
        for (int i = 0; i < batch.count; i++) {
            const int64_t own = first + i, next = first + (i + 1) % batch.count;
            double share = share_of(&batch, i);
            cr_assert(isnan(share) || share == w);
            cr_assert_eq(batch.labels.ids[i], own * own % 10);
            for (int k = 0; k < PIXELS; k++)
                cr_assert_float_eq(tarn_values(batch.images)[i * PIXELS + k],
                                   w * (double)original(dataset, own, k) +
                                       (1 - w) * (double)original(dataset, next, k),
                                   1e-6);
        }
    }
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* A rectangle is the next picture's, the same one in all pictures of a batch; the share of a sample
   is exactly that of the rest. */
Test(loader_mix, cutmix)
{
    tarn_dataset *dataset = dataset_with_bad(10, 10, NULL);
    tarn_loader *loader = tarn_loader_new(dataset, 5, .cutmix = 1, .seed = 2);
    tarn_batch batch;
    int cut = 0;
    for (int epoch = 0; epoch < 50; epoch++)
        for (int first = 0; tarn_loader_next(loader, &batch); first += batch.count)
            for (int i = 0; i < batch.count; i++) {
                const int64_t own = first + i, next = first + (i + 1) % batch.count;
                int pasted = 0, left = SIDE, right = -1, top = SIDE, bottom = -1;
                for (int p = 0; p < SIDE * SIDE; p++) {
                    const tarn_real *x = tarn_values(batch.images) + i * PIXELS + p * CHANNELS;
                    if (x[0] == original(dataset, own, p * CHANNELS)) {
                        cr_assert_eq(x[1], original(dataset, own, p * CHANNELS + 1));
                        continue;
                    }
                    for (int c = 0; c < CHANNELS; c++)
                        cr_assert_eq(x[c], original(dataset, next, p * CHANNELS + c));
                    pasted++;
                    left = p % SIDE < left ? p % SIDE : left;
                    right = p % SIDE > right ? p % SIDE : right;
                    top = p / SIDE < top ? p / SIDE : top;
                    bottom = p / SIDE > bottom ? p / SIDE : bottom;
                }
                cr_assert(pasted == 0 || pasted == (right - left + 1) * (bottom - top + 1));
                double share = share_of(&batch, i);
                if (!isnan(share))
                    cr_assert_float_eq(share, 1 - pasted / (double)(SIDE * SIDE), 1e-6);
                cut += pasted;
            }
    cr_assert_gt(cut, 0);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* Moments of Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)). One of small alpha is near 0 or 1,
   one of a large one near 1/2. */
Test(loader_mix, shares_are_distributed_as_promised)
{
    enum { DRAWS = 4000 };
    const double alphas[] = {1e-6, 0.2, 1, 5, 1000};
    const tarn_real numbers[] = {0, 1};
    const int32_t labels[] = {0, 1};
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(2, 1), numbers, labels, 2);
    for (int a = 0; a < 5; a++) {
        double mean = 0, variance = 0, expected = 1 / (4 * (2 * alphas[a] + 1));
        tarn_loader *loader = tarn_loader_new(dataset, 2, .mixup = alphas[a], .seed = 5);
        tarn_batch batch;
        for (int i = 0; i < DRAWS; i++) {
            cr_assert(tarn_loader_next(loader, &batch));
            double w = share_of(&batch, 0);
            cr_assert(w >= 0 && w <= 1);
            cr_assert_float_eq(tarn_values(batch.images)[0], 1 - w, 1e-6);
            mean += w / DRAWS;
            variance += (w - 0.5) * (w - 0.5) / DRAWS;
            cr_assert_not(tarn_loader_next(loader, &batch));
        }
        cr_assert_float_eq(mean, 0.5, 4 * sqrt(expected / DRAWS) + 1e-6);
        cr_assert_float_eq(variance / expected, 1, 0.1, "alpha %g: %g, expected %g", alphas[a],
                           variance, expected);
        tarn_loader_free(loader);
    }
    tarn_dataset_free(dataset);
}

/* Both: each in about half of the batches. */
Test(loader_mix, either_of_both)
{
    tarn_dataset *dataset = dataset_with_bad(6, 6, NULL);
    tarn_loader *loader = tarn_loader_new(dataset, 6, .mixup = 1000, .cutmix = 1000);
    tarn_batch batch;
    int pasted = 0;
    for (int i = 0; i < 400; i++) {
        cr_assert(tarn_loader_next(loader, &batch));
        bool is_own = false;
        for (int k = 0; k < PIXELS; k++)
            is_own |= tarn_values(batch.images)[k] == original(dataset, 0, k);
        pasted += is_own;
        tarn_loader_next(loader, &batch);
    }
    cr_assert(pasted > 150 && pasted < 250, "%d", pasted);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* Targets of the dataset are mixed as they are. */
Test(loader_mix, targets_of_the_dataset)
{
    const tarn_real numbers[] = {0, 1, 2}, targets[] = {10, 0, 20, 1, 40, 4};
    tarn_dataset *dataset = tarn_data_from_numbers(tarn_shape(3, 1), numbers, NULL, 5);
    cr_assert(tarn_data_set_targets(dataset, tarn_shape(2), targets));
    tarn_loader *loader = tarn_loader_new(dataset, 3, .mixup = 1);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    const tarn_real *t = tarn_values(batch.targets);
    const double w = 1 - (double)tarn_values(batch.images)[0];
    cr_assert(tarn_shape_equal(tarn_shape_get(batch.targets), tarn_shape(3, 2)));
    for (int i = 0; i < 6; i++)
        cr_assert_float_eq(t[i], w * (double)targets[i] + (1 - w) * (double)targets[(i + 2) % 6],
                           1e-5);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

/* A batch of one is mixed with itself; none is mixed unless asked, and then has no targets. */
Test(loader_mix, of_one_and_of_none)
{
    tarn_dataset *dataset = dataset_with_bad(1, 2, NULL);
    tarn_loader *one = tarn_loader_new(dataset, 8, .mixup = 1, .cutmix = 1);
    tarn_loader *none = tarn_loader_new(dataset, 8);
    tarn_batch batch;
    cr_assert(tarn_loader_next(one, &batch));
    for (int k = 0; k < PIXELS; k++)
        cr_assert_float_eq(tarn_values(batch.images)[k], original(dataset, 0, k), 1e-6);
    cr_assert_float_eq(tarn_values(batch.targets)[0], 1, 1e-6);
    cr_assert_eq(tarn_values(batch.targets)[1], 0);
    cr_assert(tarn_loader_next(none, &batch));
    cr_assert_null(batch.targets);
    tarn_loader_free(one);
    tarn_loader_free(none);
    tarn_dataset_free(dataset);
}
