/* The input as an ONNX file: refused with a sentence that names the file, or a module. What it
   holds is shown in any case. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    fuzz_file(path, "x.onnx", bytes, size);
    tarn_module *model = tarn_nn_from_onnx(path);
    if (!model && strncmp(tarn_error(), path, strlen(path)) != 0)
        abort();
    tarn_nn_free(model);
    remove(path);
    return 0;
}
