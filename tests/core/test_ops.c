/* Every operation that core/ops.h and the headers in core/ops/ declare has golden values and tests,
   and is drawn in random graphs; and every file of tests is built. */
#include <dirent.h>
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

/* Those that have a file together, after its name. */
static const char *const together[][8] = {
    {"reshape", "flatten"},
    {"rounding", "floor", "ceil", "round"},
    {"compare", "gt", "ge", "lt", "le", "eq", "ne"},
    {"select", "index_select", "slice_step", "flip", "roll", "repeat"},
    {"triangle", "tril", "triu"},
    {"pixel_shuffle", "pixel_unshuffle"},
};

static bool is_among(const char *name, const char *const *list)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list;
}

/* What is a constant has neither a gradient nor golden values. */
static bool is_constant(const char *operation)
{
    const char *const others[] = {"number", "one_hot", "detach", NULL};
    return is_among(operation, together[2]) || is_among(operation, others);
}

/* The name of the file that an operation is tested in: sum_axis with sum, conv2d_with as conv2d. */
static void file_name(const char *operation, char name[NAME])
{
    const char *const ends[] = {"_with", "_axis", "_axes", "_of"};
    snprintf(name, NAME, "%s", operation);
    for (size_t i = 0; i < sizeof together / sizeof *together; i++)
        if (is_among(operation, together[i]))
            snprintf(name, NAME, "%s", together[i][0]);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t length = strlen(name), end = strlen(ends[i]);
        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            name[length - end] = '\0';
    }
}

/* Whether its tests are those of every operation on each element: UNARY_TESTS(abs, */
static bool is_by_element(const char *operation, const char *path)
{
    char unary[NAME + 16], binary[NAME + 16];
    snprintf(unary, sizeof unary, "UNARY_TESTS(%s, ", operation);
    snprintf(binary, sizeof binary, "BINARY_TESTS(%s, ", operation);
    return holds(path, unary) || holds(path, binary);
}

/* The table of random graphs has it: under its name, and without _with and _of. */
static void expect_random_graphs(const char *operation, const char *tests)
{
    char text[NAME + 4];
    const size_t length = strlen(operation);
    const size_t end = length > 5 && strcmp(operation + length - 5, "_with") == 0 ? 5
                       : length > 3 && strcmp(operation + length - 3, "_of") == 0 ? 3
                                                                                  : 0;
    snprintf(text, sizeof text, "{\"%.*s\", ", (int)(length - end), operation);
    cr_expect(is_by_element(operation, tests) ||
                  holds(TARN_SOURCE_DIR "/tests/core/test_random_graphs.c", text),
              "%s is not drawn in random graphs: tests/core/test_random_graphs.c", operation);
}

/* What is made of the formulas of core/ops/shared runs in pieces, and has to be asked about that.
 */
static void expect_pieces(const char *operation, const char *name, const char *tests)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/core/ops/%s.c", TARN_SOURCE_DIR, name);
    if (holds(path, "core/ops/shared/unary.h") || holds(path, "core/ops/shared/binary.h"))
        cr_expect(is_by_element(operation, tests) || holds(tests, "PIECES_TEST("),
                  "%s has neither UNARY_TESTS, BINARY_TESTS nor a PIECES_TEST in %s", name, tests);
}

static void expect_tests(const char *operation)
{
    char name[NAME], path[1024], tests[1024];
    file_name(operation, name);
    snprintf(tests, sizeof tests, "%s/tests/core/test_%s.c", TARN_SOURCE_DIR, name);
    if (is_constant(operation)) {
        cr_expect(holds(tests, operation), "%s has no tests in %s", operation, tests);
        return;
    }
    expect_random_graphs(operation, tests);
    expect_pieces(operation, name, tests);
    if (strncmp(name, "dropout", strlen("dropout")) == 0) {
        /* Random, so that there is nothing to compare it with. */
        cr_expect(holds(tests, "tarn_gradcheck("), "%s has no gradient test", operation);
        return;
    }
    const bool by_element = is_by_element(operation, tests);
    cr_expect(by_element || holds(tests, "OPERATION_TESTS(") ||
                  (holds(tests, "check_golden(") && holds(tests, "GRADIENT_TEST(")),
              "%s has no tests in %s", operation, tests);
    snprintf(path, sizeof path, "%s/tests/golden/%s.txt", TARN_SOURCE_DIR,
             by_element ? operation : name);
    cr_expect(readable(path), "%s has no golden values in %s", operation, path);
}

/* Returns how many the header declares. */
static int expect_tests_of(const char *header)
{
    const char start[] = "tarn_tensor *tarn_";
    char path[1024], line[1024], operation[NAME];
    int count = 0;
    snprintf(path, sizeof path, "%s/core/%s", TARN_SOURCE_DIR, header);
    FILE *stream = fopen(path, "r");
    cr_assert(stream, "%s", path);
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
    return count;
}

Test(ops, each_is_tested)
{
    cr_expect_geq(expect_tests_of("ops.h"), 60);
    cr_expect_geq(expect_tests_of("ops/extras.h"), 30);
    cr_expect_geq(expect_tests_of("ops/losses.h"), 9);
    cr_expect_geq(expect_tests_of("ops/places.h"), 11);
}

/* Every file of tests is one that meson knows: by its folder's list, or as an operation's. */
static void expect_built(const char *folder)
{
    char build[1024], path[1024], text[NAME + 8];
    snprintf(path, sizeof path, "%s/tests/%s", TARN_SOURCE_DIR, folder);
    snprintf(build, sizeof build, "%s/tests/%s/meson.build", TARN_SOURCE_DIR, folder);
    DIR *entries = opendir(path);
    cr_assert(entries, "%s", path);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        const size_t length = strlen(name);
        if (strncmp(name, "test_", 5) != 0 || length < 8 || strcmp(name + length - 2, ".c") != 0 ||
            strcmp(name, "test_life.c") ==
                0) /* in tests/meson.build, against a library of its own */
            continue;
        snprintf(text, sizeof text, "'%.64s'", name);
        bool built = holds(build, text);
        snprintf(text, sizeof text, "'%.*s'", (int)length - 7, name + 5);
        built |= strcmp(folder, "core") == 0 && holds(TARN_SOURCE_DIR "/core/meson.build", text);
        cr_expect(built, "tests/%s/%s is not in %s", folder, name, build);
    }
    closedir(entries);
}

Test(ops, each_file_of_tests_is_built)
{
    expect_built("core");
    expect_built("nn");
    expect_built("optim");
    expect_built("data");
}
