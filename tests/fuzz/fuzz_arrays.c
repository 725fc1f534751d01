/* The input as a file of NumPy's, .npy and .npz: refused with a sentence that names the file, or
   read, and then it can be written and read again. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* What cannot be read says which file it was. */
static void judge(bool good, const char *path)
{
    if (!good && strncmp(tarn_error(), path, strlen(path)) != 0)
        abort();
}

static void load_npy(const uint8_t *bytes, size_t size)
{
    char path[64];
    fuzz_file(path, "x.npy", bytes, size);
    tarn_tensor *t = tarn_npy_load(path);
    judge(t, path);
    if (t) {
        const tarn_shape shape = tarn_shape_get(t);
        if (!tarn_npy_save(t, path))
            abort();
        tarn_free(t);
        t = tarn_npy_load(path);
        if (!t || !tarn_shape_equal(shape, tarn_shape_get(t)))
            abort();
        tarn_free(t);
    }
    remove(path);
}

static void load_npz(const uint8_t *bytes, size_t size)
{
    char path[64];
    fuzz_file(path, "x.npz", bytes, size);
    tarn_npz *npz = tarn_npz_load(path);
    judge(npz, path);
    if (npz && !tarn_npz_save(tarn_npz_list(npz), path))
        judge(false, path); /* such as of a name that is too long */
    tarn_npz_free(npz);
    remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    load_npy(bytes, size);
    load_npz(bytes, size);
    return 0;
}
