/* The input as each kind of file that can be looked at: refused with a sentence that names the
   file, and then nothing is shown, or shown. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void inspect(const char *name, const uint8_t *bytes, size_t size)
{
    char path[64], *shown = NULL;
    size_t letters = 0;
    fuzz_file(path, name, bytes, size);
    FILE *stream = open_memstream(&shown, &letters);
    if (!stream)
        abort();
    const bool read = tarn_nn_inspect(path, stream);
    fclose(stream);
    /* An index (.json) may name another file that is wrong. */
    if (read ? letters == 0 : letters > 0 || strncmp(tarn_error(), "/dev/shm/", 9) != 0)
        abort();
    free(shown);
    remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    inspect("i.safetensors", bytes, size);
    inspect("i.index.json", bytes, size);
    inspect("i.npz", bytes, size);
    inspect("i.npy", bytes, size);
    inspect("i.onnx", bytes, size);
    return 0;
}
