#include <sys/stat.h>

#include "data/dataset.h"
#include "data/normalize.h"
#include "tests/data/files.h"
#include "tests/data/pictures_of.h"
#include "tests/data/png_of.h"
#include "tests/support/mistakes.h"

static void remove_all(void)
{
    char command[512];
    snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -r %s", folder, folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(folder, .init = make_folder, .fini = remove_all, .timeout = 60);

static void make_inner(const char *name)
{
    cr_assert_eq(mkdir(in_folder(name), 0777), 0, "%s", name);
}

/* A picture of 2 x 2 pixels of one gray. */
static void write_gray(const char *name, uint8_t gray)
{
    uint8_t bytes[8192];
    const uint8_t pixels[4] = {gray, gray, gray, gray};
    const size_t size = png_of(bytes, 2, 2, PNG_GRAY, pixels);
    write_file(name, bytes, size);
}

/* Two classes of two pictures and what is left out. */
static void make_pets(void)
{
    make_inner("cat");
    make_inner("a dog\n\xC3\xA4");
    make_inner(".hidden");
    make_inner("cat/in");
    write_gray("cat/b.png", 1);
    write_gray("cat/in/a.PNG", 2);
    write_gray("a dog\n\xC3\xA4/x y\n\xC3\xB6.png", 3);
    write_gray("a dog\n\xC3\xA4/a.png", 4);
    write_gray("cat/.hidden.png", 9);
    write_gray(".hidden/a.png", 9);
    write_gray("beside.png", 9);
    write_file("cat/notes.txt", "no picture", 10);
}

/* The pixels of the whole dataset, times 255, and its labels, from a loader. */
static void assert_grays(tarn_dataset *dataset, int count, const int *grays, const int *labels)
{
    cr_assert(dataset, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(dataset), count);
    tarn_loader *loader = tarn_loader_new(dataset, count);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch), "%s", tarn_error());
    const int64_t size = tarn_size(batch.images) / count;
    for (int i = 0; i < count; i++) {
        for (int64_t k = 0; k < size; k++)
            cr_assert_eq(tarn_values(batch.images)[i * size + k], (tarn_real)(grays[i] / 255.0));
        cr_assert_eq(batch.labels.ids[i], labels[i]);
    }
    tarn_loader_free(loader);
}

Test(folder, is_read_in_the_order_of_the_names)
{
    make_pets();
    const int64_t limits[] = {1 << 30, 0}; /* in memory, and from the files each time */
    for (int l = 0; l < 2; l++) {
        tarn_dataset *pets =
            tarn_data_folder(folder, 2, 2, .channels = 1, .in_memory_limit = limits[l]);
        assert_grays(pets, 4, (const int[]){4, 3, 1, 2}, (const int[]){0, 0, 1, 1});
        cr_assert(tarn_shape_equal(tarn_data_sample_shape(pets), tarn_shape(2, 2, 1)));
        cr_assert_eq(tarn_data_classes(pets), 2);
        cr_assert_str_eq(tarn_data_class_names(pets)[0], "a dog\n\xC3\xA4");
        cr_assert_str_eq(tarn_data_class_names(pets)[1], "cat");
        cr_assert(strstr(tarn_data_path(pets, 3), "/cat/in/a.PNG"));
        cr_assert_eq(tarn_data_skipped(pets), 0);
        tarn_dataset_free(pets);
    }
}

Test(folder, in_colour_of_another_size)
{
    make_pets();
    tarn_dataset *pets = tarn_data_folder(folder, 5, 3);
    assert_grays(pets, 4, (const int[]){4, 3, 1, 2}, (const int[]){0, 0, 1, 1});
    cr_assert(tarn_shape_equal(tarn_data_sample_shape(pets), tarn_shape(5, 3, 3)));
    tarn_dataset_free(pets);
}

/* One of 16 bits makes numbers of all. */
Test(folder, keeps_16_bits)
{
    make_pets();
    uint8_t bytes[8192];
    const uint8_t deep[8] = {0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34};
    write_file("cat/c.png", bytes, png_of_bits(16, bytes, 2, 2, PNG_GRAY, deep));
    const int64_t limits[] = {1 << 30, 5 * 4, 0};
    for (int l = 0; l < 3; l++) {
        tarn_dataset *pets =
            tarn_data_folder(folder, 2, 2, .channels = 1, .in_memory_limit = limits[l]);
        cr_assert(pets, "%s", tarn_error());
        tarn_real values[4];
        cr_assert(tarn__dataset_read(pets, 3, values));
        cr_assert_eq(values[3], (tarn_real)(0x1234 / 65535.0));
        cr_assert(tarn__dataset_read(pets, 4, values));
        cr_assert_eq(values[0], (tarn_real)(2 / 255.0));
        tarn_dataset_free(pets);
    }
}

/* Wherever samples are, batches have the same bits, and samples as they are. */
Test(folder, normalized_in_memory_or_not)
{
    uint8_t bytes[8192];
    const uint8_t deep[8] = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0};
    make_pets();
    write_file("cat/d.png", bytes, png_of(bytes, 2, 2, PNG_GRAY, (const uint8_t[]){9, 7, 50, 8}));
    for (int has_deep = 0; has_deep < 2; has_deep++) {
        if (has_deep)
            write_file("cat/c.png", bytes, png_of_bits(16, bytes, 2, 2, PNG_GRAY, deep));
        tarn_dataset *in_memory = tarn_data_folder(folder, 3, 3),
                     *in_files = tarn_data_folder(folder, 3, 3, .in_memory_limit = 0);
        cr_assert(in_memory && in_files);
        tarn_data_normalize(in_memory, 0.1307, 0.3081);
        tarn_data_normalize(in_files, 0.1307, 0.3081);
        for (int64_t i = 0; i < 5 + has_deep; i++) {
            tarn_real a[27] = {0}, b[27] = {0};
            cr_assert(tarn__dataset_read(in_memory, i, a));
            cr_assert(tarn__dataset_read(in_files, i, b));
            cr_assert_eq(memcmp(a, b, sizeof a), 0);
            cr_assert(tarn__dataset_read_normalized(in_memory, i, a));
            cr_assert(tarn__dataset_read_normalized(in_files, i, b));
            cr_assert_eq(memcmp(a, b, sizeof a), 0);
        }
        tarn_dataset_free(in_memory);
        tarn_dataset_free(in_files);
    }
}

Test(folder, bad_pictures_are_named_or_left_out)
{
    make_pets();
    write_file("cat/a.jpg", "no picture", 10);
    write_file("cat/z.bmp", "", 0);
    assert_error(tarn_data_folder(folder, 2, 2), "/cat/a.jpg: is no picture");
    tarn_dataset *pets = tarn_data_folder(folder, 2, 2, .in_memory_limit = 0);
    cr_assert(pets, "%s", tarn_error());
    tarn_loader *loader = tarn_loader_new(pets, 2);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    assert_error(tarn_loader_next(loader, &batch), "/cat/a.jpg: is no picture");
    cr_assert(tarn_loader_failed(loader));
    tarn_loader_free(loader);
    tarn_dataset_free(pets);
    write_file("a dog\n\xC3\xA4/0.png", "bad", 3); /* those behind it move up */
    for (int64_t limit = 0; limit < 1 << 30; limit += (1 << 30) - 1) {
        pets = tarn_data_folder(folder, 2, 2, .skip_bad = true, .in_memory_limit = limit);
        assert_grays(pets, 4, (const int[]){4, 3, 1, 2}, (const int[]){0, 0, 1, 1});
        cr_assert_eq(tarn_data_skipped(pets), 3);
        tarn_dataset_free(pets);
    }
}

Test(folder, mistakes_of_the_world)
{
    assert_error(tarn_data_folder(in_folder("none"), 2, 2), "none: cannot be read as a folder");
    assert_error(tarn_data_folder(folder, 2, 2), "has no folder in it, expects one");
    make_inner("cat");
    assert_error(tarn_data_folder(folder, 2, 2), "has a single folder in it");
    make_inner("dog");
    assert_error(tarn_data_folder(folder, 2, 2), "/cat: has no picture in it, expects");
    write_gray("cat/a.png", 1);
    assert_error(tarn_data_folder(folder, 2, 2), "/dog: has no picture in it");
    write_file("dog/a.png", "x", 1);
    assert_error(tarn_data_folder(folder, 2, 2, .skip_bad = true),
                 "class dog has no picture that can be read");
    cr_assert_eq(symlink("..", in_folder("dog/up")), 0);
    assert_error(tarn_data_folder(folder, 2, 2), "/dog/up: is a symbolic link to a folder");
    cr_assert_eq(unlink(in_folder("dog/up")), 0);
    cr_assert_eq(symlink("self", in_folder("dog/self")), 0);
    assert_error(tarn_data_folder(folder, 2, 2), "/dog/self: cannot be read: ");
}

/* A name that no network could be saved with, told before any picture is read. */
Test(folder, a_class_is_called_in_utf_8)
{
    make_pets();
    make_inner("caf\xE9");
    write_file("caf\xE9/a.png", "bad", 3);
    assert_error(tarn_data_folder(folder, 2, 2), "/caf\xE9: is called what is not UTF-8");
    cr_assert_eq(rename(in_folder("caf\xE9"), in_folder("cafe")), 0);
    cr_assert_eq(unlink(in_folder("cafe/a.png")), 0);
    write_gray("cafe/\xE9.png", 1); /* a picture may be called anything */
    tarn_dataset *pets = tarn_data_folder(folder, 2, 2);
    cr_assert(pets, "%s", tarn_error());
    const char *const names[] = {"a", "\xC3\xA9", "\xE2\x82"};
    assert_error(tarn_data_set_class_names(pets, names), "the name of class 2", "is not UTF-8");
    cr_assert_str_eq(tarn_data_class_names(pets)[1], "cafe");
    tarn_dataset_free(pets);
}

Test(folder, links_are_followed)
{
    make_pets();
    cr_assert_eq(symlink("cat", in_folder("pet")), 0);
    tarn_dataset *pets = tarn_data_folder(folder, 2, 2);
    cr_assert(pets, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(pets), 6);
    cr_assert_eq(tarn_data_classes(pets), 3);
    tarn_dataset_free(pets);
}

Test(folder, unreadable_files)
{
    if (geteuid() == 0)
        return;
    make_pets();
    chmod(in_folder("cat/b.png"), 0);
    assert_error(tarn_data_folder(folder, 2, 2), "/cat/b.png: cannot be read");
    chmod(in_folder("cat/in"), 0);
    assert_error(tarn_data_folder(folder, 2, 2), "/cat/in: cannot be read as a folder");
}

Test(folder, mistakes)
{
    assert_mistake(tarn_data_folder(NULL, 2, 2), "data_folder: the path");
    assert_mistake(tarn_data_folder(folder, 0, 2), "data_folder: pictures of 0 x 2 pixels");
    assert_mistake(tarn_data_folder(folder, 2, 10001), "expects 1 to 10000");
    assert_mistake(tarn_data_folder(folder, 2, 2, .channels = 2), "2 channels, expects 1 or 3");
    assert_mistake(tarn_data_folder(folder, 2, 2, .resize = (tarn_resize)3), "resize is 3");
    assert_mistake(tarn_data_folder(folder, 2, 2, .background = 1 << 24), "0x1000000");
    cr_assert_eq(tarn_data_skipped(NULL), 0);
    cr_assert_null(tarn_data_path(NULL, 0));
    tarn_dataset *bytes = tarn_data_from_bytes(tarn_shape(1, 1), &(uint8_t){0}, NULL, 1);
    cr_assert_null(tarn_data_path(bytes, 0));
    assert_mistake(tarn_data_path(bytes, 1), "data_path: sample 1 of 1");
    tarn_dataset_free(bytes);
}

/* ---- Lists */

static tarn_dataset *read_list(const char *text)
{
    return tarn_data_list(write_file("list.csv", text, strlen(text)), 2, 2, .channels = 1);
}

Test(folder, lists)
{
    make_pets();
    tarn_dataset *pets = read_list("path,label\ncat/b.png,10\n\"cat/in/a.PNG\",9\nbeside.png,10\n");
    assert_grays(pets, 3, (const int[]){1, 2, 9}, (const int[]){1, 0, 1});
    cr_assert_str_eq(tarn_data_class_names(pets)[0], "9");
    tarn_dataset_free(pets);
    char text[512];
    snprintf(text, sizeof text, "%s/cat/b.png\tno\r\ncat/in/a.PNG\tyes\r\n", folder);
    pets = read_list(text);
    assert_grays(pets, 2, (const int[]){1, 2}, (const int[]){0, 1});
    tarn_dataset_free(pets);
}

/* Also where it is noticed late, behind others that were left out. */
Test(folder, a_bad_picture_of_a_list_is_told_with_its_line)
{
    make_pets();
    write_file("bad.png", "bad", 3);
    const char *list = "bad.png,a\ncat/b.png,a\nbad.png,b\ncat/in/a.PNG,b\nbeside.png,a\n";
    assert_error(read_list(list), "list.csv, line 1: ", "/bad.png: ");
    tarn_dataset *pets =
        tarn_data_list(in_folder("list.csv"), 2, 2, .skip_bad = true, .in_memory_limit = 0);
    cr_assert(pets, "%s", tarn_error());
    cr_assert_eq(tarn_data_count(pets), 3);
    cr_assert_eq(unlink(in_folder("beside.png")), 0);
    tarn_loader *loader = tarn_loader_new(pets, 3);
    tarn_batch batch;
    assert_error(tarn_loader_next(loader, &batch),
                 "list.csv, line 5: ", "/beside.png: cannot be read");
    tarn_loader_free(loader);
    tarn_dataset_free(pets);
}

Test(folder, wrong_lists)
{
    make_pets();
    assert_error(read_list("cat/b.png,a\n\nnone.png,b\n"),
                 "list.csv, line 3: ", "/none.png: cannot be read");
    assert_error(read_list("path,label\ncat/b.png,\xE9\n"),
                 "list.csv: has the same label in each row");
    assert_error(read_list("path,label\ncat/b.png,a\ncat/b.png,\xE9\n"),
                 "list.csv, line 3: its label is not UTF-8");
    assert_error(read_list("cat/b.png,a\ncat/b.png,\n"), "list.csv, line 2: has no label");
    assert_error(read_list("cat/b.png,a\n,b\n"), "list.csv, line 2: has no path");
    assert_error(read_list("cat/b.png,a\ncat/b.png,a\n"), "list.csv: has the same label");
    assert_error(read_list("path,label\n"), "list.csv: has no picture in it");
    assert_error(read_list("a,b,c\n"), "list.csv: has 3 columns");
    assert_error(read_list("a.png\n"), "list.csv: has 1 column, expects");
    assert_mistake(tarn_data_list(NULL, 2, 2), "NULL");
    assert_mistake(tarn_data_list(folder, -1, 2), "data_list: pictures of -1 x 2");
}
