#include <unistd.h>

#include "core/base/random_internal.h"
#include "data/image.h"
#include "tests/data/files.h"
#include "tests/support/heap.h"
#include "tests/support/mistakes.h"

TestSuite(data_show, .init = make_folder, .fini = remove_folder);

/* A dataset of noise with so many samples. */
static tarn_dataset *noise(int count, int height, int width, int channels)
{
    int size = count * height * width * channels;
    uint8_t *bytes = malloc((size_t)size + 1);
    for (int i = 0; i < size; i++)
        bytes[i] = (uint8_t)tarn__random_at(3, i);
    tarn_dataset *dataset =
        tarn_data_from_bytes(tarn_shape(count, height, width, channels), bytes, NULL, 1);
    free(bytes);
    return dataset;
}

/* The pixel of a sheet at a place of the picture in a row and column, of 28 x 20 pixels. */
static uint8_t at(const tarn__image *sheet, int row, int column, int y, int x, int channel)
{
    const int factor = 3; /* 84 of 96 */
    int top = 2 + row * (28 * factor + 2), left = 2 + column * (20 * factor + 2);
    return sheet
        ->pixels[((top + factor * y + 1) * sheet->width + left + factor * x + 1) * sheet->channels +
                 channel];
}

/* First the sample, then what loaders give in the first epochs, though they normalize. */
Test(data_show, shows_what_a_loader_gives)
{
    const char *path = in_folder("sheet.png");
    for (int channels = 1; channels <= 3; channels += 2) {
        tarn__image sheet;
        tarn_dataset *dataset = noise(10, 28, 20, channels);
        tarn_transforms list =
            tarn_transforms_of(tarn_transform_rotate(20), tarn_transform_flip(0.5));
        cr_assert(tarn_data_show(dataset, list, path, .rows = 5, .columns = 3, .seed = 7), "%s",
                  tarn_error());
        cr_assert(tarn__image_load(&sheet, path));
        cr_assert(sheet.height == 5 * 86 + 2 && sheet.width == 3 * 62 + 2);
        cr_assert_eq(sheet.channels, channels);
        cr_assert_eq(sheet.pixels[0], 255);
        tarn_loader *plain = tarn_loader_new(dataset, 10);
        tarn_loader *loader = tarn_loader_new(dataset, 10, .seed = 7, .transforms = list);
        tarn_batch batch;
        for (int column = 0; column < 3; column++) {
            cr_assert(tarn_loader_next(column ? loader : plain, &batch));
            for (int row = 0; row < 5; row++)
                for (int i = 0; i < 28 * 20 * channels; i++)
                    cr_assert_eq(
                        at(&sheet, row, column, i / channels / 20, i / channels % 20, i % channels),
                        (uint8_t)(tarn_values(batch.images)[2 * row * 28 * 20 * channels + i] *
                                      255 +
                                  (tarn_real)0.5));
            cr_assert_not(tarn_loader_next(column ? loader : plain, &batch));
        }
        free(sheet.pixels);
        tarn_loader_free(plain);
        tarn_loader_free(loader);
        tarn_dataset_free(dataset);
    }
}

Test(data_show, few_and_large_pictures)
{
    const char *path = in_folder("sheet.png");
    tarn__image sheet;
    tarn_dataset *one = noise(1, 1, 1, 1), *large = noise(2, 100, 3, 3);
    const tarn_transforms none = {.count = 0};
    cr_assert(tarn_data_show(one, none, path));
    cr_assert(tarn__image_load(&sheet, path));
    cr_assert(sheet.height == 98 + 2 && sheet.width == 8 * 98 + 2);
    free(sheet.pixels);
    cr_assert(tarn_data_show(large, none, path, .rows = 1, .columns = 1));
    cr_assert(tarn__image_load(&sheet, path));
    cr_assert(sheet.height == 104 && sheet.width == 7);
    free(sheet.pixels);
    tarn_dataset_free(one);
    tarn_dataset_free(large);
}

Test(data_show, what_cannot_be_shown)
{
    const char *path = in_folder("sheet.png");
    const tarn_transforms none = {.count = 0};
    tarn_dataset *dataset = noise(2, 4, 4, 1), *two = noise(2, 4, 4, 2);
    tarn_dataset *empty = noise(0, 4, 4, 1), *huge = noise(1, 1200, 1000, 1);
    const tarn_real numbers[4] = {0, 1, 2, 3};
    tarn_dataset *wild = tarn_data_from_numbers(tarn_shape(1, 2, 2, 1), numbers, NULL, 1);
    cr_assert_not(tarn_data_show(NULL, none, path));
    assert_mistake(tarn_data_show(dataset, none, NULL), "data_show: the path is NULL");
    assert_mistake(tarn_data_show(dataset, none, path, .rows = 0),
                   "data_show: 0 rows, 8 columns, expects 1 to 100 of each");
    assert_mistake(tarn_data_show(dataset, none, path, .columns = 101), "8 rows, 101 columns");
    assert_mistake(tarn_data_show(two, none, path),
                   "data_show: samples of shape (4,4,2), expects (height,width,1) or");
    assert_mistake(tarn_data_show(dataset, tarn_transforms_of(tarn_transform_flip(2)), path),
                   "transform_flip: probability is 2");
    assert_error(tarn_data_show(empty, none, path), "data_show: the dataset is empty");
    assert_error(tarn_data_show(wild, none, path),
                 "sample 0 holds 2; transforms expect numbers from 0 to 1");
    assert_error(tarn_data_show(huge, none, path, .rows = 100, .columns = 100),
                 "data_show: a sheet of 100 x 100 pictures of shape (1200,1000,1)", "megapixels");
    cr_assert_neq(access(path, F_OK), 0);
    assert_error(tarn_data_show(dataset, none, in_folder("none/a.png")), "none/a.png");
    tarn_dataset_free(dataset);
    tarn_dataset_free(two);
    tarn_dataset_free(empty);
    tarn_dataset_free(huge);
    tarn_dataset_free(wild);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(data_show, out_of_memory)
{
    const char *path = in_folder("sheet.png");
    tarn_dataset *dataset = noise(2, 4, 4, 1);
    bool shown = false;
    for (int calls = 0; !shown; calls++) {
        cr_assert_lt(calls, 100);
        heap_calls_left = calls;
        shown = tarn_data_show(dataset, tarn_transforms_of(tarn_transform_flip(1)), path);
        heap_calls_left = -1;
        cr_assert(shown || strstr(tarn_error(), "emory"), "%s", tarn_error());
    }
    tarn_dataset_free(dataset);
}
#endif
