/* What is written is read back by stb_image, which checks nothing but what it needs, and inflated.
 */
#include "data/png.h"

#include <stdio.h>
#include <unistd.h>

#include "core/base/random_internal.h"
#include "tests/data/files.h"
#include "tests/support/heap.h"

TestSuite(png, .init = make_folder, .fini = remove_folder);

static void comes_back(const tarn__image *image)
{
    const char *path = in_folder("picture.png");
    tarn__image back;
    cr_assert(tarn__png_save(image, path), "%s", tarn_error());
    cr_assert(tarn__image_load(&back, path), "%s", tarn_error());
    cr_assert(back.height == image->height && back.width == image->width);
    cr_assert_eq(back.channels, image->channels);
    cr_assert_eq(memcmp(back.pixels, image->pixels,
                        (size_t)image->height * (size_t)image->width * (size_t)image->channels),
                 0);
    free(back.pixels);
}

/* Noise, even areas, rows that repeat, slopes; sizes around a row, a pixel and a chunk. */
Test(png, pictures_come_back)
{
    const int sizes[][2] = {{1, 1}, {1, 2}, {2, 1}, {3, 7}, {7, 300}, {256, 257}, {500, 70}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int channels = 1; channels <= 3; channels += 2)
            for (int kind = 0; kind < 5; kind++) {
                tarn__image image = {
                    .height = sizes[i][0], .width = sizes[i][1], .channels = channels};
                int row = image.width * channels, count = image.height * row;
                image.pixels = malloc((size_t)count);
                for (int k = 0; k < count; k++) {
                    uint64_t noise = tarn__random_at(7, kind == 2 ? k % row : k);
                    image.pixels[k] = (uint8_t)(kind == 0 || kind == 2 ? noise
                                                : kind == 1            ? 200
                                                : kind == 3            ? (unsigned)(k / channels)
                                                                       : noise % 64 == 0);
                }
                comes_back(&image);
                free(image.pixels);
            }
}

/* Runs of every length: each code, with all its extra bits. */
Test(png, runs_of_every_length)
{
    tarn__image image = {.height = 1, .channels = 1};
    image.pixels = malloc(600 * 600);
    for (int length = 1; length < 600; length++)
        for (int i = 0; i < length; i++)
            image.pixels[image.width++] = (uint8_t)(length % 2 ? 90 : 170);
    comes_back(&image);
    free(image.pixels);
}

/* The checksum of all data, which stb_image does not look at: of an even gray picture by hand. The
   rows are {0 or a filter, differences}; the sums are computed over what was filtered. */
Test(png, has_a_checksum)
{
    uint8_t pixels[] = {1, 2}, bytes[200];
    const tarn__image image = {.height = 1, .width = 2, .channels = 1, .pixels = pixels};
    const char *path = in_folder("two.png");
    cr_assert(tarn__png_save(&image, path));
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* Filter 1, then 1 and 1: low is 1 + 3, high 2 + 3 + 4. Behind it CRC and the chunk IEND. */
    const uint8_t sum[] = {0, 9, 0, 4};
    cr_assert_eq(memcmp(bytes + size - 20, sum, 4), 0);
}

Test(png, where_nothing_can_be_written)
{
    uint8_t pixels[3] = {0};
    const tarn__image image = {.height = 1, .width = 1, .channels = 3, .pixels = pixels};
    assert_error(tarn__png_save(&image, in_folder("none/a.png")), "none/a.png");
    assert_error(tarn__png_save(&image, "/dev/full"), "/dev/full");
#ifdef TARN_TESTS_HEAP_IS_WATCHED
    for (int calls = 0; calls < 2; calls++) {
        heap_calls_left = calls;
        bool saved = tarn__png_save(&image, in_folder("b.png"));
        heap_calls_left = -1;
        cr_assert_not(saved);
        cr_assert(strstr(tarn_error(), "out of memory for a picture of 1 x 1 pixels"));
        cr_assert_neq(access(in_folder("b.png"), F_OK), 0);
    }
#endif
}
