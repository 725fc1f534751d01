/* Where the samples of a dataset are. */
#include "data/dataset.h"

const tarn__store *tarn__dataset_store(const tarn_dataset *dataset, int64_t *i)
{
    if (dataset->rows)
        *i = dataset->rows[*i];
    int s = 0;
    for (; *i >= dataset->stores[s]->count; s++)
        *i -= dataset->stores[s]->count;
    return dataset->stores[s];
}

bool tarn__dataset_read(const tarn_dataset *dataset, int64_t i, tarn_real *to)
{
    const tarn__store *store = tarn__dataset_store(dataset, &i);
    return store->read(store, i, to);
}
