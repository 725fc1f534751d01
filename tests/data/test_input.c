#include <sys/stat.h>

#include "data/input.h"
#include "tests/data/files.h"
#include "tests/support/mistakes.h"

TestSuite(input, .init = make_folder, .fini = remove_folder, .timeout = 20);

Test(input, reads_all_and_parts)
{
    tarn__input input;
    cr_assert(tarn__input_open(&input, write_file("f", "0123456789", 10)));
    cr_assert_eq(input.size, 10);
    char part[4] = "";
    cr_assert(tarn__input_read(&input, 3, part, 3));
    cr_assert_str_eq(part, "345");
    uint8_t *rest = tarn__input_load(&input, 8);
    cr_assert(rest && memcmp(rest, "89", 2) == 0);
    free(rest);
    tarn__input_close(&input);
}

Test(input, what_is_no_file_is_named)
{
    tarn__input input;
    assert_error(tarn__input_open(&input, in_folder("nowhere")), folder, "nowhere: cannot be read");
    assert_error(tarn__input_open(&input, folder), folder, "not a regular file");
    assert_error(tarn__input_open(&input, write_file("empty", "", 0)), "empty: is empty");
    cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
    assert_error(tarn__input_open(&input, in_folder("pipe")), "pipe: is not a regular file");
    assert_error(tarn__input_open(&input, "/dev/zero"), "/dev/zero: is not a regular file");
    assert_mistake(tarn__input_open(&input, NULL), "NULL");
}

Test(input, a_file_that_shrinks_is_noticed)
{
    tarn__input input;
    const char *path = write_file("f", "0123456789", 10);
    cr_assert(tarn__input_open(&input, path));
    cr_assert_eq(truncate(path, 4), 0);
    assert_error(tarn__input_load(&input, 0), path, "ended after 4 bytes", "expects 10");
    tarn__input_close(&input);
}

/* Opening a folder succeeds, reading from it does not. */
Test(input, a_read_error_is_told)
{
    tarn__input input = {.path = folder, .stream = fopen(folder, "rb"), .size = 1};
    char byte;
    cr_assert(input.stream);
    assert_error(tarn__input_read(&input, 0, &byte, 1), folder, "cannot be read: Is a directory");
    tarn__input_close(&input);
}

Test(input, paths_are_joined)
{
    char *path = tarn__path("dir", "name", ".gz");
    cr_assert_str_eq(path, "dir/name.gz");
    free(path);
    assert_mistake(tarn__path(NULL, "name", ""), "NULL");
}
