/* The input as a table: of numbers in several ways, and of pictures that are not there. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    fuzz_file(path, "table", bytes, size);
    fuzz_use(tarn_data_csv(path));
    fuzz_use(tarn_data_csv(path, .label = "-1"));
    fuzz_use(tarn_data_csv(path, .label = "a", .targets = "0,b", .header = TARN_HEADER_YES));
    fuzz_use(tarn_data_csv(path, .targets = "-2", .header = TARN_HEADER_NO));
    fuzz_use(tarn_data_list(path, 2, 2));
    remove(path);
    return 0;
}
