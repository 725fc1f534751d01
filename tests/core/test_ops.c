/* Every operation that core/ops.h declares has golden values and tests, and is drawn in random
   graphs. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

enum { NAME = 64 };

static bool readable(const char *path)
{
    FILE *stream = fopen(path, "r");
    if (stream)
        fclose(stream);
    return stream;
}

static bool holds(const char *path, const char *text)
{
    char line[1024];
    bool found = false;
    FILE *stream = fopen(path, "r");
    while (stream && !found && fgets(line, sizeof line, stream))
        found = strstr(line, text);
    if (stream)
        fclose(stream);
    return found;
}

/* The name of the file that an operation is tested in: sum_axis with sum, conv2d_with as conv2d. */
static void file_name(const char *operation, char name[NAME])
{
    const char *const ends[] = {"_with", "_axis", "_axes", "_of"};
    snprintf(name, NAME, "%s", strcmp(operation, "flatten") == 0 ? "reshape" : operation);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t length = strlen(name), end = strlen(ends[i]);
        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            name[length - end] = '\0';
    }
}

/* The table of random graphs has it: under its name, and without _with and _of. */
static void expect_random_graphs(const char *operation)
{
    char text[NAME + 4];
    const size_t length = strlen(operation);
    const size_t end = length > 5 && strcmp(operation + length - 5, "_with") == 0 ? 5
                       : length > 3 && strcmp(operation + length - 3, "_of") == 0 ? 3
                                                                                  : 0;
    snprintf(text, sizeof text, "{\"%.*s\", ", (int)(length - end), operation);
    cr_expect(holds(TARN_SOURCE_DIR "/tests/core/test_random_graphs.c", text),
              "%s is not drawn in random graphs", operation);
}

static void expect_tests(const char *operation)
{
    char name[NAME], path[1024];
    file_name(operation, name);
    expect_random_graphs(operation);
    snprintf(path, sizeof path, "'test_%s.c'", name);
    cr_expect(holds(TARN_SOURCE_DIR "/tests/core/meson.build", path), "%s: its tests are not built",
              operation);
    snprintf(path, sizeof path, "%s/tests/core/test_%s.c", TARN_SOURCE_DIR, name);
    if (strncmp(name, "dropout", strlen("dropout")) == 0) {
        /* Random, so that there is nothing to compare it with. */
        cr_expect(holds(path, "tarn_gradcheck("), "%s has no gradient test", operation);
        return;
    }
    cr_expect(holds(path, "OPERATION_TESTS("), "%s has no tests in %s", operation, path);
    snprintf(path, sizeof path, "%s/tests/golden/%s.txt", TARN_SOURCE_DIR, name);
    cr_expect(readable(path), "%s has no golden values in %s", operation, path);
}

Test(ops, each_is_tested)
{
    const char start[] = "tarn_tensor *tarn_";
    char line[1024], operation[NAME];
    int count = 0;
    FILE *stream = fopen(TARN_SOURCE_DIR "/core/ops.h", "r");
    cr_assert(stream);
    while (fgets(line, sizeof line, stream)) {
        if (strncmp(line, start, strlen(start)) != 0)
            continue;
        const char *at = line + strlen(start);
        size_t length = strcspn(at, "(");
        cr_assert(at[length] == '(' && length < NAME, "%s", line);
        snprintf(operation, sizeof operation, "%.*s", (int)length, at);
        expect_tests(operation);
        count++;
    }
    fclose(stream);
    cr_assert_geq(count, 28, "core/ops.h declares only %d operations", count);
}
