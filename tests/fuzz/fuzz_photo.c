/* The input as a photo, which is then prepared as a digit. It may be refused, with a message that
   names the file, and nothing else. */
#include <string.h>

#include "examples/photo.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    tarn__image photo;
    uint8_t *mended = malloc(size + 1);
    memcpy(mended, bytes, size);
    mend_checksums(mended, size);
    if (photo_decode(&photo, "photo", mended, (int64_t)size)) {
        unsigned sum = 0;
        for (int64_t i = 0; i < (int64_t)photo.height * photo.width * photo.channels; i++)
            sum += photo.pixels[i];
        if (photo.height < 1 || photo.width < 1 || sum > UINT32_MAX / 2)
            abort();
    } else if (strncmp(tarn_error(), "photo: ", 7)) {
        abort();
    }
    free(photo.pixels);
    free(mended);
    return 0;
}
