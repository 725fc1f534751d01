/* A plain program around a loader with four workers, for ThreadSanitizer
   (tests/checks/sanitize.sh): epochs to their ends, seeking, freeing in the middle, bad files. Ends
   with 0. */
#include <stdio.h>

#include <tarn.h>

#include "tests/data/bad_store.h"

static bool every_seventh(int64_t sample)
{
    return sample % 7 == 3;
}

static tarn_loader *make(tarn_dataset *dataset, bool skip)
{
    tarn_transforms list =
        tarn_transforms_of(tarn_transform_rotate(15), tarn_transform_shift(2),
                           tarn_transform_flip(0.5), tarn_transform_elastic(5, 2),
                           tarn_transform_resized_crop(0.5), tarn_transform_contrast(0.2),
                           tarn_transform_crop(2), tarn_transform_erase(1, .noise = true));
    return tarn_loader_new(dataset, 5, .workers = 4, .shuffle = true, .transforms = list,
                           .mixup = 0.3, .cutmix = 1, .skip_bad = skip);
}

/* Takes up to so many batches, reads them all through, and returns how many there were. */
static int take(tarn_loader *loader, int most, double *sum)
{
    int count = 0;
    tarn_batch batch;
    while (count < most && tarn_loader_next(loader, &batch)) {
        for (int64_t i = 0; i < tarn_size(batch.images); i++)
            *sum += (double)tarn_values(batch.images)[i];
        for (int i = 0; i < batch.count; i++)
            *sum += batch.labels.ids[i];
        count++;
    }
    return count;
}

int main(void)
{
    tarn_dataset *good = dataset_with_bad(60, 3, NULL),
                 *bad = dataset_with_bad(60, 3, every_seventh);
    double sum = 0;
    int wrong = 0;
    for (int round = 0; round < 30; round++) {
        tarn_loader *loader = make(round % 2 ? bad : good, true);
        wrong += take(loader, 100, &sum) != 12 || take(loader, 100, &sum) != 12;
        wrong += take(loader, round % 12, &sum) != round % 12;
        wrong += !tarn_loader_seek(loader, (tarn_loader_position){0, round % 12});
        wrong += take(loader, 100, &sum) != 12 - round % 12;
        wrong += tarn_loader_skipped(loader, NULL) == 0 && round % 2;
        tarn_loader_free(loader);
        loader = make(bad, false);
        wrong += take(loader, 100, &sum) >= 12 || !tarn_loader_failed(loader);
        tarn_loader_free(loader);
        loader = make(good, false);
        take(loader, round % 3, &sum);
        tarn_loader_free(loader);
    }
    tarn_dataset_free(good);
    tarn_dataset_free(bad);
    printf("%d wrong, sum %g\n", wrong, sum);
    return wrong > 0;
}
