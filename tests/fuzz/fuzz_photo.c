/* The input as a photo, which is then prepared as a digit. It may be refused, with a message that
   names the file, or become a digit, and nothing else. */
#include <string.h>

#include "examples/lab/predict/prepare.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"

static void use(const tarn_tensor *photo)
{
    float digit[DIGIT_SIZE * DIGIT_SIZE];
    if (prepare_digit(photo, digit))
        return;
    for (int i = 0; i < DIGIT_SIZE * DIGIT_SIZE; i++)
        if (!(digit[i] >= 0 && digit[i] <= 1))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    uint8_t *mended = malloc(size + 1);
    memcpy(mended, bytes, size);
    mend_checksums(mended, size);
    tarn_tensor *photo = tarn_data_pixels(fuzz_file(path, "photo", mended, size));
    if (photo)
        use(photo);
    else if (strncmp(tarn_error(), path, strlen(path)) != 0)
        abort();
    tarn_free(photo);
    free(mended);
    remove(path);
    return 0;
}
