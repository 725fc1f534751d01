/* The input as the records of CIFAR-10, behind some bytes of one; after 0xFF as the names of the
   classes. */
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum { RECORD = 3073 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t records[RECORD + (1 << 16)];
    const int is_names = size > 0 && bytes[0] == 0xFF;
    const size_t used = is_names ? 0 : size < 1 << 16 ? size : 1 << 16;
    char folder[64], names[96], batch[96];
    snprintf(folder, sizeof folder, "/dev/shm/tarn-fuzz-%ld", (long)getpid());
    snprintf(names, sizeof names, "%s/batches.meta.txt", folder);
    snprintf(batch, sizeof batch, "%s/test_batch.bin", folder);
    mkdir(folder, 0700);
    memset(records, 3, sizeof records);
    memcpy(records, bytes, used);
    FILE *file = fopen(batch, "wb");
    fwrite(records, 1, used < RECORD ? RECORD : used, file);
    fclose(file);
    if (is_names) {
        file = fopen(names, "wb");
        fwrite(bytes + 1, 1, size - 1, file);
        fclose(file);
    }
    fuzz_use(tarn_data_cifar10(folder, TARN_TEST));
    remove(names);
    remove(batch);
    rmdir(folder);
    return 0;
}
