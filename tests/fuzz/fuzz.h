/* What the fuzz targets share: the input as a file, and a main() for use without libFuzzer. */
#ifndef TARN_TESTS_FUZZ_FUZZ_H
#define TARN_TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tarn.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The path of a file of that name with those bytes, one for each process. */
static inline const char *fuzz_file(char path[64], const char *name, const uint8_t *bytes,
                                    size_t size)
{
    snprintf(path, 64, "/dev/shm/tarn-fuzz-%ld-%s", (long)getpid(), name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
    return path;
}

/* Reads all that a dataset has, so that a sanitizer sees every byte. NULL is what was refused. */
static inline void fuzz_use(tarn_dataset *dataset)
{
    if (!dataset)
        return;
    tarn_loader *loader = tarn_loader_new(dataset, 3);
    tarn_batch batch;
    double sum = 0;
    while (tarn_loader_next(loader, &batch)) {
        for (int i = 0; i < batch.count; i++)
            if (batch.labels.ids[i] < 0 || batch.labels.ids[i] >= tarn_data_classes(dataset))
                abort();
        for (int64_t i = 0; i < tarn_size(batch.images); i++)
            sum += (double)tarn_values(batch.images)[i];
    }
    if (!(sum - sum == 0)) /* finite, as all values */
        abort();
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

#ifndef TARN_LIBFUZZER
int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return LLVMFuzzerTestOneInput(bytes, size);
}
#endif

#endif
