#include "data/dataset.h"
#include "tests/data/files.h"
#include "tests/data/gzip_of.h"
#include "tests/support/mistakes.h"

TestSuite(idx, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* Two images of 2 x 3 pixels, and their labels. */
static const uint8_t images[] = {0, 0, 8, 3, 0,  0,  0,  2,   0,   0,   0,  2, 0, 0,
                                 0, 3, 0, 1, 50, 99, 20, 255, 128, 127, 63, 9, 8, 7};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 0};
enum { IMAGES = sizeof images, LABELS = sizeof labels };

static tarn_dataset *read_images(const uint8_t *bytes, size_t size)
{
    return tarn_data_idx(write_file("images", bytes, size), write_file("labels", labels, LABELS),
                         10);
}

static tarn_dataset *read_labels(const uint8_t *bytes, size_t size)
{
    return tarn_data_idx(write_file("images", images, IMAGES), write_file("labels", bytes, size),
                         10);
}

/* The images with a header of those dimensions, read. */
static tarn_dataset *read_dims(uint32_t count, uint32_t height, uint32_t width)
{
    uint8_t bytes[IMAGES];
    memcpy(bytes, images, IMAGES);
    const uint32_t dims[3] = {count, height, width};
    for (int i = 0; i < 12; i++)
        bytes[4 + i] = (uint8_t)(dims[i / 4] >> (24 - 8 * (i % 4)));
    return read_images(bytes, IMAGES);
}

static void assert_good(tarn_dataset *dataset)
{
    cr_assert(dataset, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(dataset), 2);
    cr_assert_eq(tarn_data_classes(dataset), 10);
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(2, 3, 1)));
    cr_assert_eq(memcmp(dataset->stores[0]->bytes, images + 16, 12), 0);
    cr_assert(dataset->labels[0] == 7 && dataset->labels[1] == 0);
    tarn_dataset_free(dataset);
}

Test(idx, reads_raw_files)
{
    assert_good(read_images(images, IMAGES));
}

Test(idx, reads_gzip_files_whatever_their_name)
{
    uint8_t bytes[IMAGES + 64];
    assert_good(read_images(bytes, gzip_of(bytes, images, IMAGES, 8)));
    assert_good(read_labels(bytes, gzip_of(bytes, labels, LABELS, 0)));
}

Test(idx, missing_empty_folder_and_pipe)
{
    const char *good = write_file("labels", labels, LABELS);
    assert_error(tarn_data_idx(in_folder("gone"), good, 10), "gone: cannot be read");
    assert_error(tarn_data_idx(folder, good, 10), folder, "not a regular file");
    assert_error(tarn_data_idx("/dev/zero", good, 10), "/dev/zero: is not a regular file");
    assert_error(read_images(images, 0), "images: is empty");
    assert_error(read_labels(labels, 0), "labels: is empty");
}

Test(idx, truncation_at_any_byte_is_noticed)
{
    for (size_t cut = 1; cut < IMAGES; cut++)
        assert_error(read_images(images, cut), "images", "truncated");
    for (size_t cut = 1; cut < LABELS; cut++)
        assert_error(read_labels(labels, cut), "labels", "truncated");
    assert_error(read_images(images, 10), "10 bytes", "the header of IDX images alone has 16");
    assert_error(read_images(images, IMAGES - 1), "(2,2,3)", "11 bytes follow");
}

Test(idx, truncated_gzip_is_noticed)
{
    uint8_t bytes[IMAGES + 64];
    size_t size = gzip_of(bytes, images, IMAGES, 0);
    for (size_t cut = 2; cut < size; cut++)
        assert_error(read_images(bytes, cut), "images", "truncated");
    /* Whole as gzip, but not as IDX. */
    assert_error(read_images(bytes, gzip_of(bytes, images, IMAGES - 1, 0)), "truncated",
                 "11 bytes follow");
    assert_error(read_images(bytes, gzip_of(bytes, images, 3, 0)), "truncated", "3 bytes");
}

/* Reads a set that is refused with the name of a file of it, or is whole. */
static void read_damaged(const char *name, const uint8_t *bytes, size_t size)
{
    const bool of_images = strcmp(name, "images") == 0;
    tarn_dataset *set = (of_images ? read_images : read_labels)(bytes, size);
    if (!set) {
        cr_assert(strstr(tarn_error(), folder), "%s", tarn_error());
        return;
    }
    const int64_t size_of_sample = tarn_shape_size(tarn_data_sample_shape(set));
    cr_assert(size_of_sample > 0 && tarn_data_count(set) * size_of_sample <= IMAGES);
    for (int64_t i = 0; i < tarn_data_count(set); i++) {
        tarn_real sample[IMAGES];
        cr_assert(tarn_data_label(set, i) >= 0 && tarn_data_label(set, i) < 10);
        cr_assert(tarn__dataset_read(set, i, sample));
    }
    tarn_dataset_free(set);
}

/* Turns each byte over, bit by bit and as a whole; or makes it every other. */
static void damage(const char *name, uint8_t *bytes, size_t size, bool every)
{
    for (size_t i = 0; i < size; i++)
        for (int change = 1; change < 256; change++) {
            if (!every && change != 255 && (change & (change - 1)) != 0)
                continue;
            bytes[i] ^= (uint8_t)change;
            read_damaged(name, bytes, size);
            bytes[i] ^= (uint8_t)change;
        }
}

/* Raw and in a gzip file. */
Test(idx, damaged_at_any_byte)
{
    uint8_t bytes[IMAGES + 64];
    const struct {
        const char *name;
        const uint8_t *good;
        size_t size;
    } files[] = {{"images", images, IMAGES}, {"labels", labels, LABELS}};
    for (int f = 0; f < 2; f++)
        for (int gzip = 0; gzip < 2; gzip++) {
            size_t size = files[f].size;
            memcpy(bytes, files[f].good, size);
            if (gzip)
                size = gzip_of(bytes, files[f].good, size, 0);
            damage(files[f].name, bytes, size, !gzip);
        }
}

Test(idx, surplus_bytes_are_noticed)
{
    uint8_t bytes[IMAGES + 64], longer[IMAGES + 1] = {0};
    memcpy(longer, images, IMAGES);
    assert_error(read_images(longer, IMAGES + 1), "oversized", "(2,2,3)", "13 bytes follow");
    assert_error(read_images(bytes, gzip_of(bytes, longer, IMAGES + 1, 0)), "oversized");
    memcpy(longer, labels, LABELS);
    assert_error(read_labels(longer, LABELS + 1), "oversized", "(2)", "3 bytes follow");
}

Test(idx, swapped_files_are_called_so)
{
    const char *images_path = write_file("images", images, IMAGES);
    const char *labels_path = write_file("labels", labels, LABELS);
    assert_error(tarn_data_idx(labels_path, images_path, 10), "/labels: holds labels", "0x801",
                 "expects images (0x803)", "swapped");
    assert_error(tarn_data_idx(images_path, images_path, 10), "holds images",
                 "expects labels (0x801)", "swapped");
}

Test(idx, another_format_is_called_so)
{
    assert_error(read_images((const uint8_t *)"\x89PNG\r\n\x1a\n", 8), "not an IDX file of images",
                 "89 50 4e 47", "expects 00 00 08 03");
    const uint8_t magics[][4] = {{0, 0, 0x0A, 3}, {0, 0, 0x0F, 3}, {0, 0, 8, 0},
                                 {0, 0, 8, 99},   {0, 1, 8, 3},    {0, 0, 0x0D, 1}};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        assert_error(read_images(magics[i], 4), "images: is not an IDX file of images");
    const uint8_t floats[12] = {0, 0, 0x0D, 1, 0, 0, 0, 1};
    assert_error(read_labels(floats, sizeof floats), "labels: is not an IDX file of labels");
}

/* Two samples of two elements, in each type; labels in each that can be. */
Test(idx, elements_of_all_types)
{
    const struct {
        uint8_t type, size, bytes[4][8];
        double numbers[4];
    } cases[] = {
        {0x09, 1, {{0}, {1}, {0x7F}, {0x80}}, {0, 1, 127, -128}},
        {0x0B, 2, {{0, 1}, {1, 0}, {0x7F, 0xFF}, {0xFF, 0xFF}}, {1, 256, 32767, -1}},
        {0x0C,
         4,
         {{0, 0, 0, 1}, {0, 1, 0, 0}, {0x80}, {0xFF, 0xFF, 0xFF, 0xFE}},
         {1, 65536, -2147483648., -2}},
        {0x0D,
         4,
         {{0x3F, 0xC0}, {0xC0}, {0}, {0x7F, 0x7F, 0xFF, 0xFF}},
         {1.5, -2, 0, 0x1.fffffep127}},
        {0x0E, 8, {{0x3F, 0xF8}, {0xC0}, {0}, {0x40, 0x59}}, {1.5, -2, 0, 100}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[64] = {0, 0, cases[i].type, 2, 0, 0, 0, 2, 0, 0, 0, 2};
        for (int k = 0; k < 4; k++)
            memcpy(bytes + 12 + k * cases[i].size, cases[i].bytes[k], cases[i].size);
        const size_t size = 12 + 4u * cases[i].size;
        tarn_dataset *dataset = read_images(bytes, size);
        cr_assert(dataset, "%s", tarn_error());
        cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(2)));
        for (int k = 0; k < 4; k++) {
            tarn_real sample[2];
            cr_assert(tarn__dataset_read(dataset, k / 2, sample));
            cr_assert_eq(sample[k % 2], (tarn_real)cases[i].numbers[k]);
        }
        tarn_dataset_free(dataset);
        for (size_t cut = 1; cut < size; cut++)
            assert_error(read_images(bytes, cut), "images", "truncated");
        damage("images", bytes, size, false);
    }
    const uint8_t ints[16] = {0, 0, 0x0C, 1, 0, 0, 0, 2, 0, 0, 0, 7};
    assert_good(read_labels(ints, sizeof ints));
    const uint8_t negative[12] = {0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFF};
    assert_error(read_labels(negative, sizeof negative), "label 0 is -1, expects 0 to 9");
}

Test(idx, dimensions_of_other_numbers)
{
    const uint8_t colours[] = {0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 1, 0,
                               0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    tarn_dataset *dataset = read_images(colours, sizeof colours);
    cr_assert(dataset, "%s", tarn_error());
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(1, 1, 3)));
    cr_assert_eq(dataset->stores[0]->bytes[5], 6);
    tarn_dataset_free(dataset);
    for (size_t cut = 1; cut < sizeof colours; cut++)
        assert_error(read_images(colours, cut), "images", "truncated");
}

Test(idx, numbers_are_finite)
{
    uint8_t floats[16] = {0, 0, 0x0D, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0};
    uint8_t bytes[20];
    memcpy(bytes, floats, 16);
    memcpy(bytes + 16, "\x7F\xC0\0\0", 4);
    assert_error(read_images(bytes, 20), "images: element 1 is no finite number");
    uint8_t doubles[28] = {0, 0, 0x0E, 2, 0, 0, 0, 2, 0, 0, 0, 1};
    memcpy(doubles + 12, "\x7F\xE0", 2); /* no float is as large */
    assert_error(read_images(doubles, sizeof doubles), "images: element 0 is no finite number");
}

Test(idx, huge_dimensions_take_no_memory)
{
    const uint32_t most = UINT32_MAX;
    assert_error(read_dims(most, most, most), "truncated", "(4294967295,4294967295,4294967295)",
                 "12 bytes follow");
    assert_error(read_dims(1u << 31, 1u << 31, 4), "truncated"); /* 2^64: wraps to 0 */
    assert_error(read_dims(1u << 31, 1u << 31, 2), "truncated"); /* 2^63 */
    assert_error(read_dims(2, most, 1), "truncated");
}

Test(idx, no_pixels)
{
    assert_error(read_dims(2, 0, 3), "(2,0,3)", "at least one pixel");
    assert_error(read_dims(0, 2, 3), "oversized");
    uint8_t none[16] = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28};
    const uint8_t no_labels[8] = {0, 0, 8, 1};
    tarn_dataset *empty = tarn_data_idx(write_file("images", none, sizeof none),
                                        write_file("labels", no_labels, sizeof no_labels), 10);
    cr_assert(empty, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(empty), 0);
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(empty), tarn_shape(28, 28, 1)));
    tarn_dataset_free(empty);
}

Test(idx, labels_outside_the_classes_are_placed)
{
    const uint8_t wrong[LABELS] = {0, 0, 8, 1, 0, 0, 0, 2, 9, 10};
    assert_error(read_labels(wrong, LABELS), "/labels", "label 1 is 10", "expects 0 to 9");
    const char *images_path = write_file("images", images, IMAGES);
    assert_error(tarn_data_idx(images_path, in_folder("labels"), 9), "label 0 is 9", "0 to 8");
    tarn_dataset *more = tarn_data_idx(images_path, in_folder("labels"), 11);
    cr_assert_eq(tarn_data_classes(more), 11);
    tarn_dataset_free(more);
    assert_mistake(tarn_data_idx(images_path, in_folder("labels"), 0), "0 classes");
    assert_mistake(tarn_data_idx(NULL, in_folder("labels"), 10), "NULL");
}

Test(idx, counts_must_agree)
{
    const uint8_t three[] = {0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3};
    assert_error(read_labels(three, sizeof three), "/images: holds 2 images", "/labels 3 labels");
}

Test(idx, mnist_is_found_raw_or_gzipped)
{
    uint8_t bytes[IMAGES + 64], one_label[9] = {0, 0, 8, 1, 0, 0, 0, 1, 1};
    write_file("t10k-images-idx3-ubyte.gz", bytes, gzip_of(bytes, images, IMAGES, 0));
    assert_error(tarn_data_mnist(folder, TARN_TEST), folder, "t10k-labels-idx1-ubyte", ".gz");
    write_file("t10k-labels-idx1-ubyte", labels, LABELS);
    assert_good(tarn_data_mnist(folder, TARN_TEST));
    assert_error(tarn_data_mnist(folder, TARN_TRAIN), folder, "train-images-idx3-ubyte");
    /* With both there the raw file counts. */
    write_file("t10k-labels-idx1-ubyte.gz", one_label, sizeof one_label);
    assert_good(tarn_data_mnist(folder, TARN_TEST));
    assert_mistake(tarn_data_mnist(NULL, TARN_TRAIN), "NULL");
}

/* As some mirrors of the original site call them. */
Test(idx, mnist_is_found_with_a_dot_in_its_names)
{
    uint8_t bytes[IMAGES + 64];
    write_file("train-images.idx3-ubyte", images, IMAGES);
    assert_error(tarn_data_mnist(folder, TARN_TRAIN), folder,
                 "has no file train-labels-idx1-ubyte or train-labels.idx1-ubyte, nor one of");
    write_file("train-labels-idx1-ubyte", labels, LABELS);
    assert_good(tarn_data_mnist(folder, TARN_TRAIN));
    write_file("t10k-images.idx3-ubyte.gz", bytes, gzip_of(bytes, images, IMAGES, 0));
    write_file("t10k-labels.idx1-ubyte.gz", bytes, gzip_of(bytes, labels, LABELS, 0));
    assert_good(tarn_data_mnist(folder, TARN_TEST));
}
