#include "data/dataset.h"
#include "tests/data/files.h"
#include "tests/data/png_of.h"
#include "tests/support/heap.h"
#include "tests/support/mistakes.h"

TestSuite(sheet, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* Four tiles of 1 x 2 pixels in a picture of 2 x 4. */
static const uint8_t pixels[] = {0, 1, 2, 3, 4, 5, 6, 7};

static tarn_dataset *read_sheet(const char *labels, int height, int width, int classes)
{
    uint8_t bytes[8192];
    size_t size = png_of(bytes, 4, 2, PNG_GRAY, pixels);
    return tarn_data_sheet(write_file("sheet.png", bytes, size),
                           write_file("labels.txt", labels, strlen(labels)), height, width,
                           classes);
}

static void assert_labels(tarn_dataset *dataset, const int32_t *expected)
{
    cr_assert(dataset, "%s", tarn_error());
    cr_assert_eq(memcmp(dataset->labels, expected, 4 * sizeof *expected), 0);
    tarn_dataset_free(dataset);
}

Test(sheet, is_cut_row_by_row)
{
    tarn_dataset *dataset = read_sheet("12\n30\n", 1, 2, 10);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_data_count(dataset) == 4 &&
              tarn_shape_equal(dataset->shape, tarn_shape(1, 2, 1)));
    cr_assert_eq(memcmp(dataset->stores[0]->bytes, pixels, 8), 0);
    tarn_dataset_free(dataset);

    dataset = read_sheet("12", 2, 2, 10);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(2, 2, 1)));
    cr_assert_eq(memcmp(dataset->stores[0]->bytes, (const uint8_t[]){0, 1, 4, 5, 2, 3, 6, 7}, 8),
                 0);
    tarn_dataset_free(dataset);
}

Test(sheet, keeps_colours)
{
    const uint8_t colours[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    uint8_t bytes[8192];
    size_t size = png_of(bytes, 2, 2, PNG_COLOUR, colours);
    tarn_dataset *dataset = tarn_data_sheet(write_file("sheet.png", bytes, size),
                                            write_file("labels.txt", "01", 2), 2, 1, 2);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_data_count(dataset) == 2 &&
              tarn_shape_equal(dataset->shape, tarn_shape(2, 1, 3)));
    const uint8_t tiles[] = {1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12};
    cr_assert_eq(memcmp(dataset->stores[0]->bytes, tiles, sizeof tiles), 0);
    tarn_dataset_free(dataset);
}

Test(sheet, keeps_16_bits)
{
    const uint8_t deep[] = {0, 0, 0, 1, 1, 0, 0x80, 1, 0xff, 0xfe, 0xff, 0xff};
    uint8_t bytes[8192];
    size_t size = png_of_bits(16, bytes, 3, 2, PNG_GRAY, deep);
    tarn_dataset *dataset = tarn_data_sheet(write_file("sheet.png", bytes, size),
                                            write_file("labels.txt", "012", 3), 2, 1, 3);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_data_count(dataset) == 3 &&
              tarn_shape_equal(dataset->shape, tarn_shape(2, 1, 1)));
    const int expected[] = {0, 0x8001, 1, 0xfffe, 0x100, 0xffff};
    tarn_loader *loader = tarn_loader_new(dataset, 3);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    for (int i = 0; i < 6; i++)
        cr_assert_eq(tarn_values(batch.images)[i], (tarn_real)(expected[i] / 65535.0));
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

/* It is called what it is, wherever it happens. */
Test(sheet, memory_that_runs_out)
{
    static uint8_t deep[16], bytes[8192];
    for (uint8_t bits = 8; bits <= 16; bits += 8) {
        const char *image =
            write_file("sheet.png", bytes, png_of_bits(bits, bytes, 4, 2, PNG_GRAY, deep));
        const char *labels = write_file("labels.txt", "1234", 4);
        bool failed = true;
        for (long calls = 0; failed; calls++) {
            heap_calls_left = calls;
            tarn_dataset *dataset = tarn_data_sheet(image, labels, 1, 2, 10);
            failed = heap_calls_left < 0;
            heap_calls_left = -1;
            cr_assert(dataset || strstr(tarn_error(), "emory"), "%s", tarn_error());
            tarn_dataset_free(dataset);
        }
    }
}

#endif

Test(sheet, labels_are_digits_or_numbers)
{
    assert_labels(read_sheet("1230", 1, 2, 10), (const int32_t[]){1, 2, 3, 0});
    assert_labels(read_sheet(" 1 2\r\n\t30\n\n", 1, 2, 4), (const int32_t[]){1, 2, 3, 0});
    assert_labels(read_sheet("1 10\n007\t0", 1, 2, 11), (const int32_t[]){1, 10, 7, 0});
}

Test(sheet, wrong_labels_are_placed)
{
    assert_error(read_sheet("12\n3x", 1, 2, 10), "labels.txt, line 2", "'x'", "0 to 9");
    assert_error(read_sheet("12\n34", 1, 2, 4), "line 2", "'4'", "0 to 3");
    assert_error(read_sheet("-123", 1, 2, 10), "line 1", "'-'");
    assert_error(read_sheet("1 2\n3 12", 1, 2, 12), "line 2", "'12'", "0 to 11");
    assert_error(read_sheet("1 2 3 4a", 1, 2, 12), "'4a'");
    assert_error(read_sheet("1,2,3,4", 1, 2, 12), "'1,2,3,4'", "separated by blanks");
    assert_error(read_sheet("1 2 3 99999999999999999999999999", 1, 2, 12),
                 "'99999999999999999999'");
    assert_error(read_sheet("123\x1b", 1, 2, 10), "'?'");
}

Test(sheet, counts_must_agree)
{
    assert_error(read_sheet("123", 1, 2, 10), "labels.txt: holds 3 labels", "4 tiles");
    assert_error(read_sheet("12345\n6", 1, 2, 10), "holds 6 labels", "4 tiles");
    assert_error(read_sheet(" \n", 1, 2, 10), "holds 0 labels", "4 tiles");
    assert_error(read_sheet("", 1, 2, 10), "labels.txt: is empty");
}

Test(sheet, the_picture_must_hold_whole_tiles)
{
    assert_error(read_sheet("12", 2, 3, 10), "sheet.png: is 2 pixels high and 4 wide",
                 "multiples of 2 and 3");
    assert_error(read_sheet("12", 3, 2, 10), "multiples of 3 and 2");
    assert_mistake(read_sheet("12", 0, 2, 10), "data_sheet: tiles of 0 x 2");
    assert_mistake(read_sheet("12", 2, -1, 10), "data_sheet");
    assert_mistake(read_sheet("12", 2, 2, 0), "0 classes");
}

Test(sheet, both_files_must_be_there)
{
    assert_error(tarn_data_samples(folder, TARN_TEST), "test.png: cannot be read");
    uint8_t bytes[8192], blank[28 * 28] = {0};
    write_file("train.png", bytes, png_of(bytes, 28, 28, PNG_GRAY, blank));
    assert_error(tarn_data_samples(folder, TARN_TRAIN), "train-labels.txt: cannot be read");
    assert_mistake(tarn_data_samples(NULL, TARN_TRAIN), "NULL");
}

/* The checksums are of the same digits in the IDX files of MNIST (labels as bytes). */
static void assert_samples(tarn_split split, int64_t count, uint32_t pixels_crc,
                           uint32_t labels_crc)
{
    tarn_dataset *dataset = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", split);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_data_count(dataset) == count &&
              tarn_shape_equal(dataset->shape, tarn_shape(28, 28, 1)));
    cr_assert_eq(tarn__crc32(dataset->stores[0]->bytes, count * 784), pixels_crc);
    uint8_t *labels = malloc((size_t)count);
    for (int64_t i = 0; i < count; i++)
        labels[i] = (uint8_t)dataset->labels[i];
    cr_assert_eq(tarn__crc32(labels, count), labels_crc);
    free(labels);
    tarn_dataset_free(dataset);
}

Test(sheet, the_samples_are_the_digits_of_mnist)
{
    assert_samples(TARN_TRAIN, 10000, 0x8568B67F, 0x8137D70B);
    assert_samples(TARN_TEST, 2000, 0xE2663ADD, 0x1A9A316F);
}
