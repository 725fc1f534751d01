/* A folder for the files of one test: made before it, gone after it. */
#ifndef TARN_TESTS_DATA_FILES_H
#define TARN_TESTS_DATA_FILES_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tarn.h>

static char folder[32];

/* In memory, where there is such a place: some tests write thousands of files. */
static inline void make_folder(void)
{
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/tarn-test-XXXXXX", place);
    cr_assert(mkdtemp(folder), "cannot make a folder in %s", place);
}

/* The path of a file of that name in the folder; good for the next 8 calls. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void remove_folder(void)
{
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove(in_folder(entry->d_name));
    if (directory)
        closedir(directory);
    rmdir(folder);
}

/* Writes a file of the folder; returns its path. */
static inline const char *write_file(const char *name, const void *bytes, size_t size)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "cannot write %s",
              path);
    return path;
}

/* Asserts that the expression gives NULL or false, and that tarn_error() holds all the words: the
   essential ones, each a string. */
#define assert_error(expression, ...)                                                              \
    do {                                                                                           \
        cr_assert(!(expression), "%s was accepted", #expression);                                  \
        const char *const words_[] = {__VA_ARGS__};                                                \
        for (size_t i_ = 0; i_ < sizeof words_ / sizeof *words_; i_++)                             \
            cr_assert(strstr(tarn_error(), words_[i_]), "%s: \"%s\" does not hold \"%s\"",         \
                      #expression, tarn_error(), words_[i_]);                                      \
    } while (0)

#endif
