/* Every operation that core/ops.h declares has golden values and tests. */
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
    const char *const ends[] = {"_with", "_axis", "_of"};
    snprintf(name, NAME, "%s", strcmp(operation, "flatten") == 0 ? "reshape" : operation);
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(name), end = strlen(ends[i]);
        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            name[length - end] = '\0';
    }
}

static void expect_tests(const char *operation)
{
    char name[NAME], path[1024];
    file_name(operation, name);
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
