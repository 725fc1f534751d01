/* The input as a picture, which is then brought into a form. It may be refused, with a message that
   names the file, or become a sample, and nothing else. */
#include <string.h>

#include "data/picture.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"

static void fit(const tarn__image *picture)
{
    static const tarn_resize ways[] = {TARN_RESIZE_CROP, TARN_RESIZE_STRETCH, TARN_RESIZE_PAD};
    uint16_t to[5 * 7 * 3];
    for (int way = 0; way < 3; way++)
        for (int channels = 1; channels <= 3; channels += 2) {
            const tarn__form form = {5, 7, channels, ways[way], {1, 2, 3}};
            if (!tarn__picture_fit(picture, &form, "p", to))
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *mended = malloc(size + 1);
    memcpy(mended, bytes, size);
    mend_checksums(mended, size);
    for (int keeps_depth = 0; keeps_depth < 2; keeps_depth++) {
        tarn__image picture;
        if (tarn__picture_decode(&picture, "picture", mended, (int64_t)size, keeps_depth))
            fit(&picture);
        else if (picture.pixels || strncmp(tarn_error(), "picture: ", 9))
            abort();
        free(picture.pixels);
    }
    free(mended);
    return 0;
}
