/* Weights that are the same in all processes, and files of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machines/average.h"
#include "machines/same.h"

static tarn_tensor *tensor_of(const tarn_mpi *mpi, int i)
{
    return i < mpi->parameter_count ? mpi->parameters[i] : mpi->buffers[i - mpi->parameter_count];
}

static int tensor_count(const tarn_mpi *mpi)
{
    return mpi->parameter_count + mpi->buffer_count;
}

/* Of names and shapes. */
static uint64_t digest_of_form(const tarn_mpi *mpi)
{
    uint64_t digest = TARN__DIGEST;
    const tarn_params all = tarn_nn_tensors(mpi->model);
    for (int i = 0; i < all.count; i++) {
        const tarn_shape shape = tarn_shape_get(all.tensors[i]);
        digest = tarn__same_digest(digest, all.names[i], strlen(all.names[i]));
        digest = tarn__same_digest(digest, shape.dim, sizeof *shape.dim * (size_t)shape.ndim);
    }
    digest = tarn__same_digest(digest, &mpi->local_steps, sizeof mpi->local_steps);
    return tarn__same_digest(digest, &mpi->same_bits, sizeof mpi->same_bits);
}

void tarn_mpi_check(tarn_mpi *mpi)
{
    uint64_t digest = TARN__DIGEST;
    if (!mpi)
        return;
    tarn__same_precision();
    for (int i = 0; i < tensor_count(mpi); i++)
        digest = tarn__same_digest(digest, tarn_values(tensor_of(mpi, i)),
                                   (size_t)tarn_size(tensor_of(mpi, i)) * sizeof(tarn_real));
    tarn__same_check(
        digest, "%s",
        "has other weights or buffers, as by another optimizer or rate; expects those of");
}

void tarn__average_begin(tarn_mpi *mpi)
{
    tarn__same_check(digest_of_form(mpi), "%s", "has another model, expects that of");
    tarn__same_precision();
    tarn__same_kernels();
    for (int i = 0; i < tensor_count(mpi); i++)
        tarn__team_send_all(tarn_values(tensor_of(mpi, i)),
                            (size_t)tarn_size(tensor_of(mpi, i)) * sizeof(tarn_real));
    mpi->state = tarn_random_state();
    tarn__team_send_all(&mpi->state, sizeof mpi->state);
    tarn_set_random_state(mpi->state);
    tarn_mpi_check(mpi);
}

/* ---- Batches */

void tarn__average_same_batches(const tarn_loader *loader, const tarn_batch *batch)
{
    const tarn_loader_args *own = tarn_loader_options(loader);
    const tarn_loader_position at = tarn_loader_tell(loader);
    char text[512];
    snprintf(
        text, sizeof text,
        "epoch %lld, batch %lld of %lld of %lld images of %lld in %d parts, seed %llu, shuffle "
        "%d, drop_last %d, sampling %d, balanced %d, mixup %.17g, cutmix %.17g, skip_bad %d, "
        "%d transforms",
        (long long)at.epoch, (long long)at.batch - batch->last, /* it has moved on */
        (long long)tarn_loader_batches(loader), (long long)own->batch_size,
        (long long)tarn_data_count(own->dataset), own->parts, (unsigned long long)own->seed,
        own->shuffle, own->drop_last, own->sampling != NULL, own->balanced, own->mixup, own->cutmix,
        own->skip_bad, own->transforms.count);
    uint64_t digest = tarn__same_digest(TARN__DIGEST, text, strlen(text));
    for (int i = 0; i < own->transforms.count; i++) {
        const tarn_transform *transform = &own->transforms.items[i];
        const char *name = transform->name ? transform->name : "";
        digest = tarn__same_digest(digest, name, strlen(name));
        digest = tarn__same_digest(digest, transform->numbers, sizeof transform->numbers);
    }
    tarn__same_check(digest, "has other batches (here: %s), expects those of", text);
    tarn__same_precision();
}

/* ---- Checkpoints */

/* Whether it went well in all processes; if not, tarn_error() is that of the first in which it did
   not. */
static bool all_well(bool well)
{
    struct outcome {
        bool well;
        char error[512];
    } own = {.well = well}, *all = malloc(sizeof *all * (size_t)tarn_mpi_size());
    if (!all)
        tarn_mpi_fail("out of memory");
    if (!well)
        snprintf(own.error, sizeof own.error, "%s", tarn_error());
    tarn__team_gather(&own, (int)sizeof own, all);
    for (int rank = 0; rank < tarn_mpi_size() && well; rank++)
        if (!all[rank].well)
            well = tarn_set_error("%s: %s", tarn__team_name(rank), all[rank].error);
    free(all);
    return well;
}

bool tarn_mpi_save(tarn_mpi *mpi, const tarn_checkpoint *checkpoint, const char *path)
{
    if (!mpi)
        return tarn_fail_null("mpi_save: the first argument");
    if (mpi->open || mpi->tree.depth > 0)
        return tarn_fail("mpi_save: expects to be called between two steps");
    tarn__local_average(mpi, true);
    tarn_mpi_check(mpi);
    return all_well(tarn_mpi_rank() != 0 || tarn_checkpoint_save(checkpoint, path));
}

/* Opens a file and returns its size; -1, with tarn_error() set, if it cannot be read. */
static int64_t open_file(const char *path, FILE **file)
{
    struct stat status;
    *file = fopen(path, "rb");
    if (!*file || fstat(fileno(*file), &status) != 0)
        tarn_set_error("%s: cannot be read: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        tarn_set_error("%s: is no file of bytes, expects a checkpoint", path);
    else
        return (int64_t)status.st_size;
    if (*file)
        fclose(*file);
    return -1;
}

/* The bytes of rank 0's file in all processes; NULL, with tarn_error() set in rank 0, if it cannot
   be read. The caller frees them. */
static char *send_file(const char *path, int64_t *size)
{
    FILE *file = NULL;
    *size = tarn_mpi_rank() == 0 ? open_file(path, &file) : 0;
    tarn__team_send_all(size, sizeof *size);
    if (*size < 0)
        return NULL;
    char *bytes = malloc((size_t)*size + 1);
    if (!bytes)
        tarn_mpi_fail("out of memory for %s, of %lld bytes", path, (long long)*size);
    if (file) {
        if (fread(bytes, 1, (size_t)*size, file) != (size_t)*size)
            tarn_mpi_fail("%s: cannot be read", path);
        fclose(file);
    }
    tarn__team_send_all(bytes, (size_t)*size);
    return bytes;
}

/* Loads what rank 0 sent, from a file of this process alone. */
static bool load_bytes(const tarn_checkpoint *checkpoint, const char *bytes, int64_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/tarn-mpi-XXXXXX", folder ? folder : "/tmp");
    const int descriptor = mkstemp(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (!file)
        return tarn_set_error("%s: %s", path, strerror(errno));
    const bool written = fwrite(bytes, 1, (size_t)size, file) == (size_t)size;
    const bool closed = fclose(file) == 0;
    const bool loaded = written && closed ? tarn_checkpoint_load(checkpoint, path)
                                          : tarn_set_error("%s: cannot be written", path);
    remove(path);
    return loaded;
}

bool tarn_mpi_load(tarn_mpi *mpi, const tarn_checkpoint *checkpoint, const char *path)
{
    int64_t size;
    if (!mpi)
        return tarn_fail_null("mpi_load: the first argument");
    if (mpi->open || mpi->tree.depth > 0)
        return tarn_fail("mpi_load: expects to be called between two steps");
    char *bytes = send_file(path, &size);
    bool loaded = bytes;
    if (bytes)
        loaded = tarn_mpi_rank() == 0 ? tarn_checkpoint_load(checkpoint, path)
                                      : load_bytes(checkpoint, bytes, size);
    free(bytes);
    if (!all_well(loaded || (tarn_mpi_rank() != 0 && size < 0)))
        return false;
    mpi->state = tarn_random_state();
    tarn_mpi_check(mpi);
    return true;
}
