/* The tensors of a batch. */
#include "core/tensor_internal.h"
#include "data/loader_internal.h"

/* A tensor of so many times the shape, lent to the user. */
static tarn_tensor *lend(int64_t count, tarn_shape shape)
{
    tarn_shape all = {.ndim = shape.ndim + 1, .dim = {count}};
    for (int i = 0; i < shape.ndim; i++)
        all.dim[i + 1] = shape.dim[i];
    tarn_tensor *t = tarn_zeros(all);
    if (t)
        t->lent = true;
    return t;
}

bool tarn__batch_new(tarn_batch *batch, const tarn_loader *loader, int64_t count)
{
    const tarn_dataset *dataset = loader->dataset;
    *batch = (tarn_batch){.count = (int)count};
    if (count == 0)
        return true;
    batch->images = lend(count, dataset->shape);
    if (dataset->targets)
        batch->targets = lend(count, dataset->target_shape);
    else if (tarn__mixes(loader))
        batch->targets = lend(count, tarn_shape(dataset->classes));
    else
        return batch->images;
    return batch->images && batch->targets;
}

void tarn__batch_free(tarn_batch *batch)
{
    tarn__free_lent(batch->images);
    tarn__free_lent(batch->targets);
    *batch = (tarn_batch){.count = 0};
}
