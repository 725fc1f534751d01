/* What a part adds to the sums, and what becomes of these. The vector: machines/average.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machines/average.h"

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

/* Puts weighted gradients of the parameters [first, end) in the vector; returns where they end. */
static int64_t add_gradients(const tarn_mpi *mpi, tarn_real *values, int64_t at, int first, int end)
{
    for (int i = first; i < end; i++) {
        const int64_t size = tarn_size(parameter(mpi, i));
        const tarn_real *gradients = tarn_gradients(parameter(mpi, i));
        values[mpi->gradients_size + i] = gradients ? 1 : 0;
        if (gradients)
            weigh(values + at, gradients, size, (tarn_real)mpi->share);
        else
            memset(values + at, 0, sizeof *values * (size_t)size);
        at += size;
    }
    return at;
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
    tarn__average_buffers(mpi, true);
}

/* Adds numbers [mpi->summed, end) of the last part to the sums of the tree, and sends what is
   complete. The tree itself changes when all are added. */
static void add_to_tree(tarn_mpi *mpi, int64_t end)
{
    const int64_t begin = mpi->summed;
    tarn__tree range = mpi->tree;
    for (int i = 0; i < range.depth; i++)
        range.nodes[i].values += begin;
    tarn__tree_push(&range, (tarn__node_sum){mpi->part, 1, level(mpi, mpi->tree.depth) + begin},
                    end - begin);
    if (mpi->last && (!mpi->exchange || !mpi->same_bits))
        tarn__tree_finish(&range, end - begin);
    for (int i = 0; i < range.depth; i++)
        range.nodes[i].values -= begin;
    mpi->summed = end;
    if (mpi->last && mpi->exchange && mpi->local_steps == 1)
        tarn__exchange_send(mpi->exchange, range.nodes, end);
    if (end == mpi->size)
        mpi->tree = range;
}

static void add_part(tarn_mpi *mpi, const tarn_tensor *loss)
{
    tarn_real *values = level(mpi, mpi->tree.depth);
    add_gradients(mpi, values, mpi->summed, mpi->ready, mpi->parameter_count);
    add_changes(mpi, values + mpi->gradients_size + mpi->parameter_count);
    values[mpi->size - 2] = loss ? (tarn_real)mpi->share * tarn_item(loss) : 0;
    values[mpi->size - 1] = (tarn_real)mpi->share;
    add_to_tree(mpi, mpi->size);
    mpi->ready = 0;
    mpi->summed = 0;
    memset(mpi->complete, 0, sizeof *mpi->complete * (size_t)mpi->parameter_count);
}

/* A gradient is complete: adds it, and those behind it that had to wait for it. */
static void take_ready(tarn_tensor *tensor, void *context)
{
    tarn_mpi *mpi = context;
    int i = mpi->ready;
    while (i < mpi->parameter_count && parameter(mpi, i) != tensor)
        i++;
    if (i == mpi->parameter_count)
        return; /* none of the model's */
    mpi->complete[i] = true;
    int end = mpi->ready;
    while (end < mpi->parameter_count && mpi->complete[end])
        end++;
    if (end == mpi->ready)
        return;
    const int64_t at =
        add_gradients(mpi, level(mpi, mpi->tree.depth), mpi->summed, mpi->ready, end);
    mpi->ready = end;
    add_to_tree(mpi, at);
}

void tarn_mpi_backward(tarn_mpi *mpi, tarn_tensor *loss)
{
    if (!mpi)
        return;
    if (!mpi->open) {
        tarn_fail("mpi_backward: expects one call after each tarn_mpi_next()");
        return;
    }
    const bool sends = mpi->last && mpi->exchange && mpi->local_steps == 1;
    if (!tarn_backward(loss, .ready = sends ? take_ready : NULL, .context = mpi))
        tarn_mpi_fail("%s", tarn_error());
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
    tarn__average_join_norms(mpi, false);
    add_part(mpi, loss);
    if (!mpi->last)
        return false;
    const tarn_real *sums = mpi->tree.nodes[0].values;
    if (mpi->exchange && mpi->local_steps == 1)
        sums = tarn__exchange_sums(mpi->exchange);
    else if (mpi->exchange)
        sums = tarn__local_mean(mpi);
    take_sums(mpi, sums);
    return true;
}

double tarn_mpi_loss(const tarn_mpi *mpi)
{
    return mpi ? mpi->loss : NAN;
}
