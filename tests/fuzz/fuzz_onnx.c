/* The input as an ONNX file: refused with a sentence that names the file, or a module, which leaves
   again. */
#include "tests/fuzz/leave.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    fuzz_file(path, "x.onnx", bytes, size);
    tarn_module *model = tarn_nn_from_onnx(path);
    if (!model && strncmp(tarn_error(), path, strlen(path)) != 0)
        abort();
    fuzz_leave(model);
    tarn_nn_free(model);
    remove(path);
    return 0;
}
