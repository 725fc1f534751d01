/*
 * Steps that all processes take together. What they average is one vector: the gradients, last
 * parameters first, as backward finishes them; for each parameter whether it had one; the changes
 * of the buffers; the loss; the share, whose sum is 1 if all have the same batches.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machines/average.h"
#include "machines/exchange.h"
#include "machines/same.h"

/* ---- Making and freeing */

static int64_t size_of(int count, tarn_tensor *const *tensors)
{
    int64_t size = 0;
    for (int i = 0; i < count; i++)
        size += tarn_size(tensors[i]);
    return size;
}

static bool is_among(const tarn_tensor *t, int count, tarn_tensor *const *tensors)
{
    for (int i = 0; i < count; i++)
        if (tensors[i] == t)
            return true;
    return false;
}

/* The lists of a module hold until the next call: copies. */
static bool list_tensors(tarn_mpi *mpi)
{
    const tarn_params parameters = tarn_nn_parameters(mpi->model);
    if (parameters.count < 0)
        return false;
    mpi->parameter_count = parameters.count;
    mpi->parameters = malloc(sizeof *mpi->parameters * (size_t)(parameters.count + 1));
    if (!mpi->parameters)
        return false;
    for (int i = 0; i < parameters.count; i++)
        mpi->parameters[i] = parameters.tensors[i];
    const tarn_params all = tarn_nn_tensors(mpi->model);
    if (all.count < 0)
        return false;
    mpi->buffers = malloc(sizeof *mpi->buffers * (size_t)(all.count + 1));
    for (int i = 0; mpi->buffers && i < all.count; i++)
        if (!is_among(all.tensors[i], mpi->parameter_count, mpi->parameters))
            mpi->buffers[mpi->buffer_count++] = all.tensors[i];
    return mpi->buffers;
}

tarn_mpi *tarn_mpi_new_with(tarn_mpi_args args)
{
    if (!args.model)
        return NULL;
    if (!tarn__team_own.begun)
        return tarn_fail("mpi_new: expects tarn_mpi_begin() before");
    if (args.local_steps < 1)
        return tarn_fail("mpi_new: %d local steps, expects at least 1", args.local_steps);
    if (args.batch_norm_together && args.local_steps > 1)
        return tarn_fail("mpi_new: batch_norm_together expects local_steps of 1, not %d: the "
                         "weights of all must be the same",
                         args.local_steps);
    tarn_mpi *mpi = calloc(1, sizeof *mpi);
    if (mpi) {
        mpi->model = args.model;
        mpi->same_bits = args.same_bits && args.local_steps == 1;
        mpi->local_steps = args.local_steps;
        mpi->norms_together = args.batch_norm_together;
        mpi->loss = NAN;
        if (list_tensors(mpi)) {
            mpi->gradients_size = size_of(mpi->parameter_count, mpi->parameters);
            mpi->size = mpi->gradients_size + mpi->parameter_count +
                        size_of(mpi->buffer_count, mpi->buffers) + 2;
            tarn__average_begin(mpi);
            return mpi;
        }
    }
    tarn_mpi_free(mpi);
    tarn_set_error("mpi_new: out of memory");
    return NULL;
}

void tarn_mpi_free(tarn_mpi *mpi)
{
    if (!mpi)
        return;
    if (mpi->open)
        tarn__average_join_norms(mpi, false);
    for (int i = 0; i < TARN__TREE_DEPTH; i++)
        free(mpi->levels[i]);
    tarn__exchange_free(mpi->exchange);
    free(mpi->start);
    free(mpi->complete);
    free(mpi->parameters);
    free(mpi->buffers);
    free(mpi);
}

/* ---- The next part */

/* The state of the generator for a part of the batch; that of part 0 is the batch's. */
static uint64_t state_of_part(uint64_t batch, int part)
{
    return part == 0 ? batch : tarn__average_mix(batch ^ (uint64_t)part * 0xD1342543DE82EF95u);
}

uint64_t tarn__average_mix(uint64_t z)
{
    z = (z ^ (z >> 32)) * 0xD6E8FEB86659FD93u;
    z = (z ^ (z >> 32)) * 0xD6E8FEB86659FD93u;
    return z ^ (z >> 32);
}

/* Sums of gradients are those of the parts' own losses, of which the batch's is the mean by shares.
 */
static void add_norm_sums(int count, double *sums, bool of_gradients, void *context)
{
    const tarn_mpi *mpi = context;
    const double share = of_gradients ? mpi->share : 1;
    for (int i = 0; i < count; i++)
        sums[i] *= share;
    tarn_mpi_sum(count, sums);
    for (int i = 0; i < count; i++)
        sums[i] /= share;
}

void tarn__average_join_norms(tarn_mpi *mpi, bool join)
{
    if (mpi->norms_together)
        tarn_batch_norm_together(join ? add_norm_sums : NULL, join ? mpi : NULL);
}

static bool is_own(const tarn_batch *batch)
{
    const int rank = tarn_mpi_rank(), size = tarn_mpi_size();
    const int first = (int)((int64_t)batch->parts * rank / size);
    const int end = (int)((int64_t)batch->parts * (rank + 1) / size);
    return batch->part >= first && batch->part < end && batch->last == (batch->part == end - 1);
}

/* What belongs to the number of parts is made with the first batch. */
static void prepare(tarn_mpi *mpi, int parts)
{
    if (mpi->parts == parts)
        return;
    if (mpi->parts != 0)
        tarn_mpi_fail("batches in %d parts, and before in %d", parts, mpi->parts);
    if (mpi->norms_together && parts != tarn_mpi_size())
        tarn_mpi_fail("batches in %d parts for %d processes; batch_norm_together expects a part "
                      "for each, .parts = %d",
                      parts, tarn_mpi_size(), tarn_mpi_size());
    mpi->parts = parts;
    mpi->complete = calloc((size_t)mpi->parameter_count + 1, sizeof *mpi->complete);
    mpi->start =
        malloc(sizeof *mpi->start * (size_t)(size_of(mpi->buffer_count, mpi->buffers) + 1));
    if (tarn_mpi_size() > 1)
        mpi->exchange = tarn__exchange_new(mpi->size, parts, mpi->same_bits);
    if (!mpi->start || !mpi->complete || (tarn_mpi_size() > 1 && !mpi->exchange))
        tarn_mpi_fail("out of memory for the averages of %lld numbers", (long long)mpi->size);
}

void tarn__average_buffers(tarn_mpi *mpi, bool back)
{
    tarn_real *at = mpi->start;
    for (int i = 0; i < mpi->buffer_count; i++) {
        tarn_real *values = tarn_values(mpi->buffers[i]);
        const size_t bytes = (size_t)tarn_size(mpi->buffers[i]) * sizeof *at;
        memcpy(back ? values : at, back ? at : values, bytes);
        at += tarn_size(mpi->buffers[i]);
    }
}

/* What differs in one process is found by its first step, or at the end of an epoch. */
static void end_batch(tarn_mpi *mpi, bool of_epoch)
{
    tarn__local_average(mpi, of_epoch);
    if (of_epoch || (mpi->batches == 1 && mpi->local_steps == 1))
        tarn_mpi_check(mpi);
    if (of_epoch)
        mpi->in_epoch = false;
}

static void begin_batch(tarn_mpi *mpi, const tarn_loader *loader, const tarn_batch *batch)
{
    if (!mpi->in_epoch)
        tarn__average_same_batches(loader, batch);
    if (mpi->batches == 0)
        tarn__same_kernels(); /* the precision may be another than at the beginning */
    prepare(mpi, batch->parts);
    tarn__average_buffers(mpi, false);
    mpi->in_epoch = true;
    mpi->batches++;
}

bool tarn_mpi_next(tarn_mpi *mpi, tarn_loader *loader, tarn_batch *batch)
{
    if (!mpi)
        return false;
    const bool next = tarn_loader_next(loader, batch);
    if (tarn_loader_failed(loader))
        tarn_mpi_fail("%s", tarn_error());
    if (!mpi->open && mpi->tree.depth == 0)
        end_batch(mpi, !next);
    if (!next)
        return false;
    if (!is_own(batch))
        return tarn_fail("mpi_next: part %d of %d is not of rank %d of %d; the loader expects "
                         ".shard = tarn_mpi_rank(), .shards = tarn_mpi_size()",
                         batch->part, batch->parts, tarn_mpi_rank(), tarn_mpi_size());
    if (mpi->open)
        return tarn_fail("mpi_next: expects tarn_mpi_average() for the part before");
    if (mpi->tree.depth == 0)
        begin_batch(mpi, loader, batch);
    mpi->open = true;
    mpi->part = batch->part;
    mpi->share = batch->share;
    mpi->last = batch->last;
    tarn_set_random_state(state_of_part(mpi->state, mpi->part));
    tarn__average_join_norms(mpi, true);
    return true;
}
