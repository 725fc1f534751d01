/* The input as a photo, which is then prepared as a digit. It may be refused, with a message that
   names the file, or become a digit, and nothing else. */
#include <string.h>

#include "examples/lab/predict/photo.h"
#include "examples/lab/predict/prepare.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"

static void use(photo_image photo)
{
    float digit[DIGIT_SIZE * DIGIT_SIZE];
    if (prepare_digit(photo.pixels, photo.height, photo.width, photo.channels, digit))
        return;
    for (int i = 0; i < DIGIT_SIZE * DIGIT_SIZE; i++)
        if (!(digit[i] >= 0 && digit[i] <= 1))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    photo_image photo;
    uint8_t *mended = malloc(size + 1);
    memcpy(mended, bytes, size);
    mend_checksums(mended, size);
    if (photo_decode(&photo, "photo", mended, (int64_t)size))
        use(photo);
    else if (photo.pixels || strncmp(tarn_error(), "photo: ", 7))
        abort();
    free(photo.pixels);
    free(mended);
    return 0;
}
