/* The input as the picture of a contact sheet; after 0xFF as its labels, in both their forms. */
#include "tests/data/png_of.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char picture[64], labels[64];
    if (size > 0 && bytes[0] == 0xFF) {
        uint8_t png[8192];
        static const uint8_t pixels[4] = {1, 2, 3, 4};
        fuzz_file(picture, "picture", png, png_of(png, 2, 2, PNG_GRAY, pixels));
        fuzz_file(labels, "labels", bytes + 1, size - 1);
        fuzz_use(tarn_data_sheet(picture, labels, 1, 1, 10));
        fuzz_use(tarn_data_sheet(picture, labels, 1, 1, 100));
    } else {
        uint8_t *mended = malloc(size + 1);
        memcpy(mended, bytes, size);
        mend_checksums(mended, size);
        fuzz_file(picture, "picture", mended, size);
        fuzz_file(labels, "labels", (const uint8_t *)"1234", 4);
        fuzz_use(tarn_data_sheet(picture, labels, 1, 1, 10));
        free(mended);
    }
    remove(picture);
    remove(labels);
    return 0;
}
