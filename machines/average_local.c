/*
 * Local steps (local SGD, Stich 2019): each process takes steps of its own, by the mean of its own
 * parts of each batch, and after so many of them the weights of all become their mean, each
 * weighted by its part of the batch. The state of optimizers stays each process's own.
 */
#include <string.h>

#include "machines/average.h"

static int tensor_count(const tarn_mpi *mpi)
{
    return mpi->parameter_count + mpi->buffer_count;
}

static tarn_tensor *tensor_of(const tarn_mpi *mpi, int i)
{
    return i < mpi->parameter_count ? mpi->parameters[i] : mpi->buffers[i - mpi->parameter_count];
}

/* The sums of own parts, whose shares do not add up to 1, become their mean. */
const tarn_real *tarn__local_mean(tarn_mpi *mpi)
{
    tarn_real *sums = mpi->tree.nodes[0].values;
    mpi->own_share = (double)sums[mpi->size - 1];
    for (int64_t i = 0; i < mpi->size; i++)
        sums[i] = (tarn_real)((double)sums[i] / mpi->own_share);
    mpi->local_done++;
    return sums;
}

void tarn__local_average(tarn_mpi *mpi, bool now)
{
    if (!mpi->exchange || mpi->local_steps == 1 || mpi->local_done == 0 ||
        !(now || mpi->local_done >= mpi->local_steps))
        return;
    mpi->local_done = 0;
    tarn_real *values = mpi->levels[0], *to = values;
    memset(values, 0, sizeof *values * (size_t)mpi->size);
    for (int i = 0; i < tensor_count(mpi); i++)
        for (int64_t k = 0; k < tarn_size(tensor_of(mpi, i)); k++)
            *to++ = (tarn_real)(mpi->own_share * (double)tarn_values(tensor_of(mpi, i))[k]);
    tarn__exchange_send(mpi->exchange, &(tarn__node_sum){0, 1, values}, mpi->size);
    const tarn_real *from = tarn__exchange_sums(mpi->exchange);
    for (int i = 0; i < tensor_count(mpi); i++) {
        const int64_t size = tarn_size(tensor_of(mpi, i));
        memcpy(tarn_values(tensor_of(mpi, i)), from, sizeof *from * (size_t)size);
        from += size;
    }
}
