/* The readers of files where each allocation fails in turn. */
#include <sys/stat.h>

#include "tests/data/files.h"
#include "tests/data/pictures_of.h"
#include "tests/data/png_of.h"
#include "tests/support/heap.h"

static void remove_all(void)
{
    char command[512];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(memory, .init = make_folder, .fini = remove_all, .timeout = 120);

#ifdef TARN_TESTS_HEAP_IS_WATCHED

/* Reads until no allocation fails; each failure is called what it is. */
static void fail_each(tarn_dataset *(*read)(void), int64_t count, int64_t skipped)
{
    tarn_set_threads(1);       /* so that all allocations are this thread's */
    tarn_dataset_free(read()); /* OpenMP takes memory at first, and ends the program without */
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        tarn_dataset *dataset = read();
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(dataset || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert(failed || dataset);
        if (dataset) {
            cr_assert_eq(tarn_data_count(dataset), count);
            cr_assert_eq(tarn_data_skipped(dataset), skipped);
        }
        tarn_dataset_free(dataset);
    }
}

/* Three pictures in two classes: a GIF, a BMP, and a PNG of 16 bits. */
static void make_pictures(void)
{
    uint8_t bytes[8192];
    const uint8_t pixels[18] = {1, 2, 3, 4, 5, 6};
    mkdir(in_folder("a"), 0777);
    mkdir(in_folder("b"), 0777);
    write_file("a/a.gif", bytes, gif_of(bytes, 3, 2, pixels));
    write_file("b/b.bmp", bytes, bmp_of(bytes, 3, 2, pixels));
    write_file("b/c.png", bytes, png_of_bits(16, bytes, 3, 1, PNG_GRAY, pixels));
}

static tarn_dataset *read_folder(void)
{
    return tarn_data_folder(folder, 2, 2);
}

static tarn_dataset *read_folder_later(void)
{
    return tarn_data_folder(folder, 2, 2, .in_memory_limit = 0);
}

static tarn_dataset *read_folder_without_bad(void)
{
    return tarn_data_folder(folder, 2, 2, .skip_bad = true);
}

Test(memory, of_folders)
{
    make_pictures();
    fail_each(read_folder, 3, 0);
    fail_each(read_folder_later, 3, 0);
    write_file("b/bad.jpg", "bad", 3);
    fail_each(read_folder_without_bad, 3, 1); /* what runs out of memory is not bad */
}

Test(memory, of_pixels)
{
    make_pictures();
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        tarn_tensor *pixels = tarn_data_pixels(in_folder("b/c.png"));
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(failed || pixels);
        cr_assert(pixels || strstr(tarn_error(), "emory"), "%s", tarn_error());
        tarn_free(pixels);
    }
}

/* A loader that leaves out what is bad does not leave out what memory runs out for. */
Test(memory, of_loaders_that_leave_out)
{
    make_pictures();
    write_file("b/bad.jpg", "bad", 3);
    tarn_set_threads(1);
    tarn_dataset *dataset = read_folder_later();
    for (int transforms = 0; transforms < 2; transforms++) {
        tarn_loader *loader =
            transforms ? tarn_loader_new(dataset, 4, .skip_bad = true,
                                         .transforms = tarn_transforms_of(tarn_transform_flip(1)))
                       : tarn_loader_new(dataset, 4, .skip_bad = true);
        bool failed = true;
        for (long calls = 0; failed; calls++) {
            tarn_batch batch;
            cr_assert(tarn_loader_seek(loader, (tarn_loader_position){0, 0}));
            heap_calls_left = calls;
            const bool good = tarn_loader_next(loader, &batch);
            failed = heap_calls_left < 0;
            heap_calls_left = -1;
            cr_assert(good ? batch.count == 3 : strstr(tarn_error(), "emory") != NULL,
                      "call %ld: %s", calls, tarn_error());
            cr_assert(failed || good);
        }
        tarn_loader_free(loader);
    }
    tarn_dataset_free(dataset);
}

static tarn_dataset *read_list(void)
{
    return tarn_data_list(in_folder("list.csv"), 2, 2);
}

Test(memory, of_lists)
{
    make_pictures();
    write_file("list.csv", "a/a.gif,x\nb/b.bmp,y\n", 20);
    fail_each(read_list, 2, 0);
}

static tarn_dataset *read_table(void)
{
    return tarn_data_csv(in_folder("t.csv"), .label = "c", .targets = "b");
}

Test(memory, of_tables)
{
    write_file("t.csv", "a,b,c\n1,2,x\n3,4,y\n", 18);
    fail_each(read_table, 2, 0);
}

static tarn_dataset *read_cifar(void)
{
    return tarn_data_cifar10(folder, TARN_TEST);
}

Test(memory, of_cifar)
{
    static const uint8_t records[2 * 3073];
    write_file("test_batch.bin", records, sizeof records);
    write_file("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 20);
    fail_each(read_cifar, 2, 0);
}

static tarn_dataset *read_idx(void)
{
    return tarn_data_idx(in_folder("images"), in_folder("labels"), 10);
}

Test(memory, of_idx)
{
    write_file("images", "\0\0\x0B\2\0\0\0\1\0\0\0\1\1\2", 14);
    write_file("labels", "\0\0\x08\1\0\0\0\1\3", 9);
    fail_each(read_idx, 1, 0);
}

Test(memory, of_contact_sheets_and_samples)
{
    make_pictures();
    tarn_dataset *dataset = read_folder_later();
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool good = tarn_data_contact_sheet(dataset, in_folder("s.png"));
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(good || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert(failed || good);
    }
    tarn_dataset_free(dataset);
}

#endif
