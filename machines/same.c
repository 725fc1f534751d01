#include "machines/same.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t tarn__same_digest(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (uint64_t word; size >= sizeof word; size -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        digest = (digest ^ word) * 0x100000001B3u;
        digest ^= digest >> 32; /* the upper bits of a word reach the lower ones too */
    }
    for (; size > 0; size--)
        digest = (digest ^ *at++) * 0x100000001B3u;
    return digest;
}

void tarn__same_check(uint64_t digest, const char *format, ...)
{
    const tarn__team *team = &tarn__team_own;
    char what[512];
    va_list arguments;
    uint64_t *all = malloc(sizeof *all * (size_t)team->size);
    if (!all)
        tarn_mpi_fail("out of memory for %d digests", team->size);
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    tarn__team_gather(&digest, (int)sizeof digest, all);
    int other = 0;
    while (other < team->size && all[other] == all[0])
        other++;
    free(all);
    if (other < team->size)
        tarn__team_die_alike("%s %s rank 0", tarn__team_name(other), what);
}

/* ---- Builds */

static uint64_t digest_of_file(uint64_t digest, const char *path)
{
    static char buffer[1 << 16];
    FILE *file = fopen(path, "rb");
    for (size_t size; file && (size = fread(buffer, 1, sizeof buffer, file)) > 0;)
        digest = tarn__same_digest(digest, buffer, size);
    if (file)
        fclose(file);
    return digest;
}

/* Of the program, and of the shared libraries of Tarn that it has loaded. */
static uint64_t digest_of_build(void)
{
    uint64_t digest = digest_of_file(TARN__DIGEST, "/proc/self/exe");
    char line[4352], last[4352] = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        const char *path = strchr(line, '/'), *name = strrchr(line, '/');
        if (!path || strncmp(name, "/libtarn", 8) != 0 || strcmp(path, last) == 0)
            continue;
        strcpy(last, path);
        line[strcspn(line, "\n")] = '\0';
        digest = digest_of_file(digest, path);
    }
    if (maps)
        fclose(maps);
    return digest;
}

/* ---- Processors */

static tarn_tensor *numbers(tarn_shape shape, int step)
{
    tarn_tensor *t = tarn_zeros(shape);
    for (int64_t i = 0; t && i < tarn_size(t); i++)
        tarn_values(t)[i] = (tarn_real)((i * step) % 1009 - 504) / (tarn_real)509;
    return t;
}

/* What the kernels make of the same numbers: another instruction set rounds otherwise. */
static uint64_t digest_of_numbers(uint64_t digest)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *x = tarn_requires_grad(numbers(tarn_shape(2, 12, 12, 6), 71), true);
    tarn_tensor *weight = tarn_requires_grad(numbers(tarn_shape(5, 5, 6, 16), 37), true);
    tarn_tensor *matrix = tarn_requires_grad(numbers(tarn_shape(1024, 33), 59), true);
    tarn_tensor *y = tarn_flatten(tarn_tanh(tarn_conv2d(x, weight, NULL)));
    tarn_tensor *loss = tarn_mean(tarn_exp(tarn_softmax(tarn_matmul(y, matrix))));
    if (!tarn_backward(loss))
        tarn_mpi_fail("%s", tarn_error());
    tarn_tensor *results[] = {loss, y, x, weight, matrix};
    for (int i = 0; i < 5; i++) {
        const tarn_real *values = i < 2 ? tarn_values(results[i]) : tarn_gradients(results[i]);
        digest = tarn__same_digest(digest, values, (size_t)tarn_size(results[i]) * sizeof *values);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
    tarn_free(matrix);
    return digest;
}

/* Sets that differ from avx512 in bfloat16 alone are the same in float. */
static const char *name_of_kernels(void)
{
    const char *name = tarn_simd();
    const bool with_pairs = strcmp(name, "avx512bf16") == 0 || strcmp(name, "amx") == 0;
    return with_pairs && tarn_precision_now() == TARN_FLOAT ? "avx512" : name;
}

/* No few numbers tell apart all that two sets of kernels round otherwise: their names do. What is
   of one name may still differ, as compilers do. */
void tarn__same_kernels(void)
{
    const char *name = name_of_kernels();
    const uint64_t digest = tarn__same_digest(TARN__DIGEST, name, strlen(name));
    tarn__same_check(digest_of_numbers(digest),
                     "computes other bits, having another processor (here: %s); expects TARN_SIMD "
                     "set to what all have, as avx2, and else those of",
                     name);
}

void tarn__same_precision(void)
{
    const bool rounds = tarn_precision_now() == TARN_BF16;
    tarn__same_check(tarn__same_digest(TARN__DIGEST, &rounds, sizeof rounds),
                     "has another precision (here %s), expects that of",
                     rounds ? "TARN_BF16" : "TARN_FLOAT");
}

void tarn__same_build(void)
{
    char path[256] = "?";
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 1] = '\0';
    tarn__same_check(digest_of_build(), "runs another build (here %s), expects that of", path);
    tarn__same_kernels();
}

/* ---- Data */

enum { SAMPLES = 256, BATCH = 32 };

static uint64_t digest_of_batch(uint64_t digest, const tarn_batch *batch)
{
    const tarn_tensor *tensors[] = {batch->images, batch->targets};
    for (int i = 0; i < 2; i++)
        if (tensors[i])
            digest = tarn__same_digest(digest, tarn_values(tensors[i]),
                                       (size_t)tarn_size(tensors[i]) * sizeof(tarn_real));
    return digest;
}

/* Of some samples, as they come from a loader. */
static uint64_t digest_of_samples(uint64_t digest, const tarn_dataset *dataset)
{
    int64_t chosen[SAMPLES];
    const int64_t all = tarn_data_count(dataset), count = all < SAMPLES ? all : SAMPLES;
    for (int64_t i = 0; i < count; i++)
        chosen[i] = all * i / count;
    tarn_dataset *some = tarn_data_subset(dataset, chosen, count);
    tarn_loader *loader = some ? tarn_loader_new(some, BATCH) : NULL;
    if (!loader)
        tarn_mpi_fail("%s", tarn_error());
    for (tarn_batch batch; tarn_loader_next(loader, &batch);)
        digest = digest_of_batch(digest, &batch);
    if (tarn_loader_failed(loader))
        tarn_mpi_fail("%s", tarn_error());
    tarn_loader_free(loader);
    tarn_dataset_free(some);
    return digest;
}

void tarn_mpi_check_data(const tarn_dataset *dataset)
{
    if (!dataset) {
        tarn_fail_null("mpi_check_data: the dataset");
        return;
    }
    const int64_t count = tarn_data_count(dataset);
    const tarn_shape shape = tarn_data_sample_shape(dataset);
    const int classes = tarn_data_classes(dataset);
    tarn__same_check(tarn__same_digest(TARN__DIGEST, &count, sizeof count),
                     "has another number of samples (here %lld), expects as many as",
                     (long long)count);
    uint64_t digest = tarn__same_digest(TARN__DIGEST, &classes, sizeof classes);
    digest = tarn__same_digest(digest, shape.dim, sizeof *shape.dim * (size_t)shape.ndim);
    for (int64_t i = 0; i < count; i++)
        digest = tarn__same_digest(digest, &(int){tarn_data_label(dataset, i)}, sizeof(int));
    tarn__same_check(digest_of_samples(digest, dataset), "%s",
                     "has other samples or labels, expects those of");
}
