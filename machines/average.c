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
    tarn_mpi *mpi = calloc(1, sizeof *mpi);
    if (mpi) {
        mpi->model = args.model;
        mpi->same_bits = args.same_bits;
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
    for (int i = 0; i < TARN__TREE_DEPTH; i++)
        free(mpi->levels[i]);
    tarn__exchange_free(mpi->exchange);
    free(mpi->start);
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
    mpi->parts = parts;
    mpi->start =
        malloc(sizeof *mpi->start * (size_t)(size_of(mpi->buffer_count, mpi->buffers) + 1));
    if (tarn_mpi_size() > 1)
        mpi->exchange = tarn__exchange_new(mpi->size, parts, mpi->same_bits);
    if (!mpi->start || (tarn_mpi_size() > 1 && !mpi->exchange))
        tarn_mpi_fail("out of memory for the averages of %lld numbers", (long long)mpi->size);
}

/* Copies the values of the buffers to an array, or back. */
static void copy_buffers(tarn_mpi *mpi, bool back)
{
    tarn_real *at = mpi->start;
    for (int i = 0; i < mpi->buffer_count; i++) {
        tarn_real *values = tarn_values(mpi->buffers[i]);
        const size_t bytes = (size_t)tarn_size(mpi->buffers[i]) * sizeof *at;
        memcpy(back ? values : at, back ? at : values, bytes);
        at += tarn_size(mpi->buffers[i]);
    }
}

bool tarn_mpi_next(tarn_mpi *mpi, tarn_loader *loader, tarn_batch *batch)
{
    if (!mpi || !tarn_loader_next(loader, batch)) {
        if (mpi && tarn_loader_failed(loader))
            tarn_mpi_fail("%s", tarn_error());
        return false;
    }
    if (!is_own(batch))
        return tarn_fail("mpi_next: part %d of %d is not of rank %d of %d; the loader expects "
                         ".shard = tarn_mpi_rank(), .shards = tarn_mpi_size()",
                         batch->part, batch->parts, tarn_mpi_rank(), tarn_mpi_size());
    if (mpi->open)
        return tarn_fail("mpi_next: expects tarn_mpi_average() for the part before");
    prepare(mpi, batch->parts);
    if (mpi->tree.depth == 0)
        copy_buffers(mpi, false);
    mpi->open = true;
    mpi->part = batch->part;
    mpi->share = batch->share;
    mpi->last = batch->last;
    tarn_set_random_state(state_of_part(mpi->state, mpi->part));
    return true;
}

/* ---- What a part adds to the sum */

static tarn_real *level(tarn_mpi *mpi, int depth)
{
    if (!mpi->levels[depth])
        mpi->levels[depth] = malloc(sizeof *mpi->levels[depth] * (size_t)mpi->size);
    if (!mpi->levels[depth])
        tarn_mpi_fail("out of memory for the sum of %lld numbers", (long long)mpi->size);
    return mpi->levels[depth];
}

static void weigh(tarn_real *restrict to, const tarn_real *restrict from, int64_t size,
                  tarn_real share)
{
    for (int64_t i = 0; i < size; i++)
        to[i] = share * from[i];
}

/* Parameter i, counted as they are in the vector, from the last. */
static tarn_tensor *parameter(const tarn_mpi *mpi, int i)
{
    return mpi->parameters[mpi->parameter_count - 1 - i];
}

static void add_gradients(const tarn_mpi *mpi, tarn_real *to)
{
    tarn_real *had = to + mpi->gradients_size;
    for (int i = 0; i < mpi->parameter_count; i++) {
        const int64_t size = tarn_size(parameter(mpi, i));
        const tarn_real *gradients = tarn_gradients(parameter(mpi, i));
        *had++ = gradients ? 1 : 0;
        if (gradients)
            weigh(to, gradients, size, (tarn_real)mpi->share);
        else
            memset(to, 0, sizeof *to * (size_t)size);
        to += size;
    }
}

/* Changes, so that a buffer that nothing changes stays what it is. */
static void add_changes(tarn_mpi *mpi, tarn_real *to)
{
    const tarn_real *start = mpi->start;
    for (int i = 0; i < mpi->buffer_count; i++) {
        const int64_t size = tarn_size(mpi->buffers[i]);
        const tarn_real *now = tarn_values(mpi->buffers[i]);
        for (int64_t k = 0; k < size; k++)
            to[k] = (tarn_real)mpi->share * (now[k] - start[k]);
        to += size;
        start += size;
    }
    copy_buffers(mpi, true);
}

static void add_part(tarn_mpi *mpi, const tarn_tensor *loss)
{
    tarn_real *values = level(mpi, mpi->tree.depth);
    add_gradients(mpi, values);
    add_changes(mpi, values + mpi->gradients_size + mpi->parameter_count);
    values[mpi->size - 2] = loss ? (tarn_real)mpi->share * tarn_item(loss) : 0;
    values[mpi->size - 1] = (tarn_real)mpi->share;
    tarn__tree_push(&mpi->tree, (tarn__node_sum){mpi->part, 1, values}, mpi->size);
}

/* ---- What becomes of the sum */

static void take_gradients(const tarn_mpi *mpi, const tarn_real *from)
{
    const tarn_real *had = from + mpi->gradients_size;
    for (int i = 0; i < mpi->parameter_count; i++) {
        const int64_t size = tarn_size(parameter(mpi, i));
        bool add;
        tarn_real *to = *had > 0 ? tarn_op_gradient_to_write(parameter(mpi, i), &add) : NULL;
        if (to)
            memcpy(to, from, sizeof *to * (size_t)size);
        from += size;
        had++;
    }
}

static void take_changes(const tarn_mpi *mpi, const tarn_real *from)
{
    for (int i = 0; i < mpi->buffer_count; i++) {
        tarn_real *values = tarn_values(mpi->buffers[i]);
        const int64_t size = tarn_size(mpi->buffers[i]);
        for (int64_t k = 0; k < size; k++)
            values[k] += from[k];
        from += size;
    }
}

static void take_sums(tarn_mpi *mpi, const tarn_real *sums)
{
    const double shares = (double)sums[mpi->size - 1];
    if (!(fabs(shares - 1) < 1e-3))
        tarn__team_die_alike("%s and the others have %g of a batch together, expects 1: their "
                             "loaders differ",
                             tarn__team_name(tarn_mpi_rank()), shares);
    take_gradients(mpi, sums);
    take_changes(mpi, sums + mpi->gradients_size + mpi->parameter_count);
    mpi->loss = (double)sums[mpi->size - 2];
    mpi->tree.depth = 0;
    mpi->state = tarn__average_mix(mpi->state + 0x9E3779B97F4A7C15u);
    tarn_set_random_state(mpi->state);
}

bool tarn_mpi_average(tarn_mpi *mpi, const tarn_tensor *loss)
{
    if (!mpi)
        return false;
    if (!mpi->open)
        return tarn_fail("mpi_average: expects one call after each tarn_mpi_next()");
    mpi->open = false;
    add_part(mpi, loss);
    if (!mpi->last)
        return false;
    if (!mpi->exchange || !mpi->same_bits)
        tarn__tree_finish(&mpi->tree, mpi->size);
    const tarn_real *sums = mpi->tree.nodes[0].values;
    if (mpi->exchange) {
        tarn__exchange_send(mpi->exchange, mpi->tree.nodes, mpi->size);
        sums = tarn__exchange_sums(mpi->exchange);
    }
    take_sums(mpi, sums);
    return true;
}

double tarn_mpi_loss(const tarn_mpi *mpi)
{
    return mpi ? mpi->loss : NAN;
}
