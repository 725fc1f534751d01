/* The input as the images, and as the labels, of a pair of IDX files whose other half is good. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
    static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 0};
    char input[64], other[64];
    fuzz_file(input, "input", bytes, size);
    fuzz_use(tarn_data_idx(input, fuzz_file(other, "other", labels, sizeof labels), 10));
    fuzz_use(tarn_data_idx(fuzz_file(other, "other", images, sizeof images), input, 10));
    remove(input);
    remove(other);
    return 0;
}
