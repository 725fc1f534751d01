#include <fcntl.h>

#include "data/dataset.h"
#include "tests/data/files.h"
#include "tests/support/mistakes.h"

TestSuite(cifar, .init = make_folder, .fini = remove_folder, .timeout = 60);

enum { PIXELS = 3072 };

/* A file of count records whose last label is first, first + 1, ... */
static void write_records(const char *name, int count, int labels, int first)
{
    const size_t size = (size_t)(labels + PIXELS);
    uint8_t *bytes = calloc((size_t)count, size);
    for (int i = 0; i < count; i++) {
        uint8_t *record = bytes + (size_t)i * size;
        record[labels - 1] = (uint8_t)(first + i);
        for (int k = 0; k < PIXELS; k++)
            record[labels + k] = (uint8_t)(k / 1024 * 50 + k % 32 + i);
    }
    write_file(name, bytes, (size_t)count * size);
    free(bytes);
}

static void write_cifar10(void)
{
    for (int f = 1; f <= 5; f++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", f);
        write_records(name, f == 2 ? 2 : 1, 1, f);
    }
    write_records("test_batch.bin", 3, 1, 7);
}

Test(cifar, of_10_classes)
{
    static const char names[] = "airplane\nautomobile\nbird\ncat\ndeer\r\ndog\nfrog\nhorse\nship\n"
                                "truck\n\n";
    write_cifar10();
    tarn_dataset *set = tarn_data_cifar10(folder, TARN_TRAIN);
    cr_assert(set, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(set), 6);
    const int labels[] = {1, 2, 3, 3, 4, 5};
    for (int i = 0; i < 6; i++)
        cr_assert_eq(tarn_data_label(set, i), labels[i]);
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(set), tarn_shape(32, 32, 3)));
    cr_assert_null(tarn_data_class_names(set));
    const uint8_t *pixels = set->stores[0]->bytes + 2 * PIXELS;
    cr_assert(pixels[0] == 1 && pixels[1] == 51 && pixels[2] == 101);
    cr_assert(pixels[PIXELS - 3] == 32 && pixels[PIXELS - 1] == 132);
    tarn_dataset_free(set);

    write_file("batches.meta.txt", names, sizeof names - 1);
    set = tarn_data_cifar10(folder, TARN_TEST);
    cr_assert(set, "%s", tarn_error());
    cr_assert(tarn_data_count(set) == 3 && tarn_data_label(set, 2) == 9);
    cr_assert_str_eq(tarn_data_class_names(set)[4], "deer");
    cr_assert_str_eq(tarn_data_class_names(set)[9], "truck");
    tarn_dataset_free(set);
}

Test(cifar, of_100_classes)
{
    write_records("train.bin", 4, 2, 96);
    write_records("test.bin", 1, 2, 0);
    tarn_dataset *fine = tarn_data_cifar100(folder, TARN_TRAIN),
                 *coarse = tarn_data_cifar100(folder, TARN_TRAIN, .coarse = true);
    cr_assert(fine && coarse, "%s", tarn_error());
    cr_assert(tarn_data_classes(fine) == 100 && tarn_data_classes(coarse) == 20);
    cr_assert(tarn_data_label(fine, 3) == 99 && tarn_data_label(coarse, 3) == 0);
    tarn_dataset_free(fine);
    tarn_dataset_free(coarse);
}

/* Reads a set that is refused with its name, or is whole. */
static bool read_damaged(const char *name)
{
    tarn_dataset *set = tarn_data_cifar10(folder, TARN_TEST);
    if (!set) {
        cr_assert(strstr(tarn_error(), name), "%s", tarn_error());
        return false;
    }
    for (int64_t i = 0; i < tarn_data_count(set); i++)
        cr_assert(tarn_data_label(set, i) >= 0 && tarn_data_label(set, i) < 10);
    for (int c = 0; tarn_data_class_names(set) && c < 10; c++)
        cr_assert_neq(tarn_data_class_names(set)[c][0], '\0');
    tarn_dataset_free(set);
    return true;
}

/* Cuts a file off at each byte, and makes each byte so many others, 3 or 255. Leaves it as it is.
 */
static void damage(const char *name, const uint8_t *bytes, int size, int changes, int whole)
{
    const int file = open(write_file(strrchr(name, '/') + 1, bytes, (size_t)size), O_RDWR);
    for (int at = 0; at < size; at++)
        for (int i = 1; i <= changes; i++) {
            const uint8_t flips[] = {0x01, 0x80, 0xFF};
            const uint8_t byte = (uint8_t)(bytes[at] ^ (changes > 3 ? i : flips[i - 1]));
            cr_assert_eq(pwrite(file, &byte, 1, at), 1);
            read_damaged(name);
            cr_assert_eq(pwrite(file, bytes + at, 1, at), 1);
        }
    for (int length = size - 1; length >= 0; length--) {
        cr_assert_eq(ftruncate(file, length), 0);
        const bool good = read_damaged(name);
        cr_assert(whole < 0 || good == (length == whole), "%d bytes", length);
    }
    close(file);
    write_file(strrchr(name, '/') + 1, bytes, (size_t)size);
}

Test(cifar, truncated_and_damaged)
{
    enum { RECORD = 1 + PIXELS };
    static uint8_t bytes[2 * RECORD] = {3, [RECORD] = 9};
    static const uint8_t names[] = "a\nb\r\nc\nd\ne\nf\ng\nh\ni\nj\n";
    damage("/test_batch.bin", bytes, 2 * RECORD, 0, RECORD);
    damage("/test_batch.bin", bytes, RECORD, 3, -1);
    damage("/batches.meta.txt", names, sizeof names - 1, 255, -1);
}

Test(cifar, mistakes_of_the_world)
{
    assert_error(tarn_data_cifar10(folder, TARN_TRAIN), "data_batch_1.bin: cannot be read");
    write_cifar10();
    write_records("data_batch_3.bin", 2, 1, 9);
    assert_error(tarn_data_cifar10(folder, TARN_TRAIN),
                 "data_batch_3.bin: the class of record 1 is 10, expects 0 to 9");
    write_file("test_batch.bin", "123", 3);
    assert_error(tarn_data_cifar10(folder, TARN_TEST), "has 3 bytes, expects a multiple of 3073");
    write_records("test_batch.bin", 1, 1, 0);
    write_file("batches.meta.txt", "a\nb\n\n", 5);
    assert_error(tarn_data_cifar10(folder, TARN_TEST), "batches.meta.txt: holds less than 10");
    write_file("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\n\xE9\nj\n", 20);
    assert_error(tarn_data_cifar10(folder, TARN_TEST), "batches.meta.txt: the name of class 8",
                 "is not UTF-8");
    assert_mistake(tarn_data_cifar10(folder, (tarn_split)2), "data_cifar10: split is 2");
    assert_mistake(tarn_data_cifar100(folder, (tarn_split)2), "data_cifar100: split is 2");
    assert_mistake(tarn_data_cifar10(NULL, TARN_TEST), "NULL");
}
