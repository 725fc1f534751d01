/* The form of the tree: which room knows which, what implements a header, and the sizes that keep
   golden files and run what they are. */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

enum { LENGTH = 1024 };

/* The caller frees it. */
static char *text_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s is not there", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    const long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    cr_assert(text);
    text[fread(text, 1, (size_t)size, file)] = '\0';
    fclose(file);
    return text;
}

/* Calls look with the path, from the root of the tree, and the text of each source in its rooms. */
static void (*look)(const char *path, const char *text);

static int visit(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    const char *end = strrchr(path + at->base, '.');
    if (type != FTW_F || !end || (strcmp(end, ".c") != 0 && strcmp(end, ".h") != 0))
        return 0;
    char *text = text_of(path);
    look(path + strlen(TARN_SOURCE_DIR "/"), text);
    free(text);
    return 0;
}

static void look_at_sources(void (*with)(const char *path, const char *text))
{
    const char *const folders[] = {"core", "nn", "optim", "data", "machines", "examples"};
    look = with;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[LENGTH];
        snprintf(path, sizeof path, "%s/%s", TARN_SOURCE_DIR, folders[i]);
        cr_assert_eq(nftw(path, visit, 16, FTW_PHYS), 0);
    }
}

/* Each room, and which others and which files of theirs it may know. All of them stand above it, so
   that no rooms can know each other in a circle. The examples know <tarn.h>. */
static const struct {
    const char *name, *knows;
} rooms[] = {
    {"core/base", " "},
    {"core", " core/base "},
    {"core/kernels", " core/base core/tensor.h "},
    {"core/ops", " core/base core core/kernels "},
    {"core/inspect", " core/base core core/ops "},
    {"optim", " core/base core core/ops "},
    {"data", " core/base core core/ops "},
    {"nn", " core/base core core/ops core/inspect data optim "},
    {"machines", " "},
    {"examples", " "},
};
enum { ROOMS = sizeof rooms / sizeof *rooms };

/* That of core/ops/shared/unary.h is core/ops, and so is that of core/ops.h; -1 for none. */
static int room_of(const char *path)
{
    int found = -1;
    for (int i = 0; i < ROOMS; i++) {
        const size_t length = strlen(rooms[i].name);
        if (strncmp(path, rooms[i].name, length) == 0 &&
            (path[length] == '/' || path[length] == '.') &&
            (found < 0 || length > strlen(rooms[found].name)))
            found = i;
    }
    return found;
}

static bool has_word(const char *list, const char *word)
{
    char spaced[LENGTH + 2];
    snprintf(spaced, sizeof spaced, " %s ", word);
    return strstr(list, spaced);
}

/* Of nn, what knows optim or data: checkpoints and what travels. */
static bool may_know_training(const char *path)
{
    return strncmp(path, "nn/checkpoint", 13) == 0 || strncmp(path, "nn/exchange/", 12) == 0;
}

/* Gives the linker of the playground names of the library's: no example, and not for readers. */
static bool is_for_the_linker(const char *path)
{
    return strcmp(path, "examples/playground/lenet_only.c") == 0;
}

static int includes;

static void look_at_includes(const char *path, const char *text)
{
    const int from = room_of(path);
    for (const char *at = text; (at = strstr(at, "#include \""));) {
        char name[LENGTH];
        at += strlen("#include \"");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\""), at);
        const int to = room_of(name);
        includes++;
        if (!strchr(name, '/') || to == from || is_for_the_linker(path))
            continue;
        cr_expect(to >= 0, "%s includes %s, which is in no room", path, name);
        cr_expect(to >= 0 && (has_word(rooms[from].knows, rooms[to].name) ||
                              has_word(rooms[from].knows, name)),
                  "%s includes %s, but %s may know only:%s", path, name, rooms[from].name,
                  rooms[from].knows);
        if (strcmp(rooms[from].name, "nn") == 0 && to >= 0 && strncmp(name, "core/", 5) != 0)
            cr_expect(may_know_training(path), "%s includes %s", path, name);
    }
}

Test(tree, rooms_know_only_those_above_them)
{
    for (int i = 0; i < ROOMS; i++)
        for (int k = i; k < ROOMS; k++)
            cr_expect_not(has_word(rooms[i].knows, rooms[k].name), "%s", rooms[i].name);
    look_at_sources(look_at_includes);
    cr_assert_gt(includes, 1000, "found only %d", includes);
}

/* A header is implemented by the file of its name, or by parts of it: X.h and X_internal.h by X.c,
   by X_this.c and X_that.c, and by those in the folder X; nn/nn.h, which has the name of its
   folder, by those in that. The others list what has a file each. */
static const char *const lists[][2] = {
    {"core/ops/extras.h", "core/ops/*.c"},
    {"core/ops/losses.h", "core/ops/*.c"},
    {"core/ops/places.h", "core/ops/*.c"},
    {"data/formats.h", "data/*.c"},
    {"nn/exchange/export.h", "nn/exchange/onnx*.c"},
    {"optim/rules.h", "optim/*.c"},
    {"optim/schedule.h", "optim/*.c"},
};

static void add_files(glob_t *files, int length, const char *header, const char *end)
{
    char path[LENGTH];
    snprintf(path, sizeof path, "%s/%.*s%s", TARN_SOURCE_DIR, length, header, end);
    glob(path, GLOB_APPEND, NULL, files);
}

/* The files that may implement a header. */
static glob_t files_of(const char *header)
{
    const int folder = (int)(strrchr(header, '/') - header);
    int length = (int)strlen(header) - 2;
    if (length > 9 && strncmp(header + length - 9, "_internal", 9) == 0)
        length -= 9;
    glob_t files = {0};
    add_files(&files, length, header, ".c");
    add_files(&files, length, header, "_*.c");
    add_files(&files, length, header, "/*.c");
    const int name = length - folder - 1;
    if (name <= folder && strncmp(header + folder - name, header + folder + 1, (size_t)name) == 0)
        add_files(&files, folder, header, "/*.c");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(header, lists[i][0]) == 0)
            add_files(&files, (int)strlen(lists[i][1]), lists[i][1], "");
    return files;
}

/* Whether the text has the function's body. */
static bool defines(const char *text, const char *name)
{
    char call[LENGTH + 1];
    snprintf(call, sizeof call, "%s(", name);
    for (const char *at = text; (at = strstr(at, call)); at++) {
        const char *line = at;
        while (line > text && line[-1] != '\n')
            line--;
        if (islower((unsigned char)*line) && at[strcspn(at, ";{")] == '{')
            return true;
    }
    return false;
}

static int functions;

static void expect_implemented(const char *header, const char *name)
{
    glob_t files = files_of(header);
    bool found = false;
    for (size_t i = 0; i < files.gl_pathc && !found; i++) {
        char *text = text_of(files.gl_pathv[i]);
        found = defines(text, name);
        free(text);
    }
    globfree(&files);
    functions++;
    cr_expect(found, "%s declares %s, which is not in the file of its name", header, name);
}

/* The function that begins at the left of a line: declared, if end is ';', or, if it is '{', with
   its body. False if there is none. */
static bool function_at(const char *line, char end, char name[LENGTH])
{
    const size_t before = strcspn(line, "(;{\n");
    if (!islower((unsigned char)*line) || line[before] != '(' || strncmp(line, "static", 6) == 0 ||
        strncmp(line, "typedef", 7) == 0 || line[strcspn(line, ";{")] != end)
        return false;
    size_t begin = before;
    while (begin > 0 && (isalnum((unsigned char)line[begin - 1]) || line[begin - 1] == '_'))
        begin--;
    snprintf(name, LENGTH, "%.*s", (int)(before - begin), line + begin);
    return strncmp(name, "tarn_", 5) == 0;
}

/* TARN_ and the path, so that no two are the same. */
static void expect_guard(const char *path, const char *text)
{
    char line[2 * LENGTH] = "\n#ifndef TARN_";
    char *at = line + strlen(line);
    for (const char *from = path; *from; from++)
        *at++ = isalnum((unsigned char)*from) ? (char)toupper((unsigned char)*from) : '_';
    strcpy(at, "\n");
    cr_expect(strstr(text, line), "%s has no guard%s", path, line);
}

static void look_at_header(const char *path, const char *text)
{
    char name[LENGTH];
    if (path[strlen(path) - 1] == 'h' && strncmp(path, "examples/", 9) != 0)
        expect_guard(path, text);
    /* The layers, of which a macro makes some, are known to tests/nn/test_nn_layers.c. */
    if (path[strlen(path) - 1] != 'h' || strcmp(path, "nn/nn.h") == 0 ||
        strcmp(path, "nn/extras.h") == 0)
        return;
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (function_at(line, ';', name))
            expect_implemented(path, name);
}

Test(tree, headers_are_implemented_by_the_file_of_their_name)
{
    look_at_sources(look_at_header);
    cr_assert_gt(functions, 500, "found only %d", functions);
}

/* ---- Which source calls which, which header includes which: within a room, none in a circle */

enum { MOST_SOURCES = 1000, MOST_FUNCTIONS = 6000 };

static struct source {
    char path[128], *text;
    int room;
} sources[MOST_SOURCES];
static int source_count;

static struct function {
    char name[80];
    int source;
} bodies[MOST_FUNCTIONS];
static int body_count;

/* Of a source: calls. Of a header: includes. */
static bool needs[MOST_SOURCES][MOST_SOURCES];

/* Blanks what is in comments and between quotes. */
static void blank(char *text)
{
    for (char *at = text; *at; at++) {
        const char *end = NULL;
        if (strncmp(at, "/*", 2) == 0)
            end = strstr(at, "*/");
        else if (strncmp(at, "//", 2) == 0)
            end = strchr(at, '\n');
        else if (*at == '"' && at > text && at[-1] != '\'')
            for (end = at + 1; *end != '"'; end++)
                end += *end == '\\';
        if (end)
            memset(at, ' ', (size_t)(end - at) + 1);
    }
}

static bool is_header(const struct source *source)
{
    return source->path[strlen(source->path) - 1] == 'h';
}

static void look_for_bodies(const char *path, const char *text)
{
    if (strncmp(path, "examples/", 9) == 0)
        return;
    cr_assert_lt(source_count, MOST_SOURCES);
    struct source *source = &sources[source_count];
    *source = (struct source){.text = strdup(text), .room = room_of(path)};
    snprintf(source->path, sizeof source->path, "%s", path);
    if (!is_header(source))
        blank(source->text);
    char name[LENGTH];
    for (const char *line = source->text; line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (function_at(line, '{', name)) {
            cr_assert_lt(body_count, MOST_FUNCTIONS);
            bodies[body_count].source = source_count;
            snprintf(bodies[body_count++].name, sizeof bodies->name, "%.79s", name);
        }
    source_count++;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct function *)a)->name, ((const struct function *)b)->name);
}

static bool has_body(int source, const struct function *first)
{
    for (const struct function *f = first; f < bodies + body_count && by_name(f, first) == 0; f++)
        if (f->source == source)
            return true;
    return false;
}

/* Of each source that has a function of that name, as three pools have, of which one is built. */
static void note_call(int from, const char *name)
{
    struct function key;
    snprintf(key.name, sizeof key.name, "%s", name);
    const struct function *first =
        bsearch(&key, bodies, (size_t)body_count, sizeof *bodies, by_name);
    while (first && first > bodies && by_name(first - 1, &key) == 0)
        first--;
    if (!first || has_body(from, first))
        return;
    for (const struct function *f = first; f < bodies + body_count && by_name(f, &key) == 0; f++)
        if (sources[f->source].room == sources[from].room)
            needs[from][f->source] = true;
}

static void note_calls(int from)
{
    for (const char *at = sources[from].text; (at = strstr(at, "tarn_"));) {
        char name[80];
        snprintf(name, sizeof name, "%.*s",
                 (int)strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_"), at);
        note_call(from, name);
        at += strlen(name);
    }
}

static void note_includes(int from)
{
    for (const char *at = sources[from].text; (at = strstr(at, "#include \""));) {
        at += strlen("#include \"");
        const size_t length = strcspn(at, "\"");
        for (int i = 0; i < source_count; i++)
            if (strlen(sources[i].path) == length && strncmp(sources[i].path, at, length) == 0)
                needs[from][i] = true;
    }
}

/* Whether the source leads back to itself; marks what it leads to. */
static bool is_reached(int from, int to, bool *seen)
{
    for (int next = 0; next < source_count; next++)
        if (needs[from][next] && !seen[next]) {
            seen[next] = true;
            if (next == to || is_reached(next, to, seen))
                return true;
        }
    return false;
}

Test(tree, files_of_a_room_need_each_other_in_no_circle)
{
    look_at_sources(look_for_bodies);
    qsort(bodies, (size_t)body_count, sizeof *bodies, by_name);
    for (int i = 0; i < source_count; i++)
        (is_header(&sources[i]) ? note_includes : note_calls)(i);
    cr_assert_gt(body_count, 1000, "found only %d functions", body_count);
    for (int i = 0; i < source_count; i++) {
        bool seen[MOST_SOURCES] = {false};
        cr_expect_not(is_reached(i, i, seen), "%s leads back to itself", sources[i].path);
        free(sources[i].text);
    }
}

/* Working memory of an operation: whoever returns between the two calls keeps it, until the tape
   ends. */
static int pushes;

static void look_at_scratch(const char *path, const char *text)
{
    static const char push[] = "= tarn__scratch_push();";
    for (const char *at = text; (at = strstr(at, push)); pushes++) {
        at += strlen(push);
        const char *pop = strstr(at, "tarn__scratch_pop("), *leaves = strstr(at, "return");
        cr_expect(pop && (!leaves || leaves > pop), "%s returns with working memory", path);
    }
}

Test(tree, operations_give_back_their_working_memory)
{
    look_at_sources(look_at_scratch);
    cr_assert_gt(pushes, 15, "found only %d", pushes);
}

/* Lists of options, and the program that prints the defaults of each, in C and in C++. */
static int option_lists;
static char *shown;

static void look_for_options(const char *path, const char *text)
{
    static const char mark[] = "    TARN_OPTIONS(";
    for (const char *at = text; (at = strstr(at, mark)); option_lists++) {
        char name[LENGTH];
        at += strlen(mark);
        snprintf(name, LENGTH, "%.*s", (int)strcspn(at, ")"), at);
        cr_expect(path[strlen(path) - 1] != 'h' || strncmp(name, "TARN_", 5) != 0 ||
                      strstr(shown, name),
                  "%s: %s is not in tests/install/defaults.c", path, name);
    }
}

Test(tree, defaults_of_all_options_are_shown)
{
    shown = text_of(TARN_SOURCE_DIR "/tests/install/defaults.c");
    look_at_sources(look_for_options);
    free(shown);
    cr_assert_gt(option_lists, 80, "found only %d", option_lists);
}

static long count_lines(const char *text)
{
    long lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static struct {
    long bytes, lines;
} golden;

static int add_golden(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)at;
    const size_t length = strlen(path);
    if (type != FTW_F || strstr(path, "__pycache__") || strcmp(path + length - 3, ".py") == 0)
        return 0;
    golden.bytes += status->st_size;
    if (strcmp(path + length - 4, ".txt") == 0) {
        char *text = text_of(path);
        golden.lines += count_lines(text);
        free(text);
    }
    return 0;
}

/* Most of a tree of sources should be sources. */
Test(tree, golden_files_stay_small)
{
    cr_assert_eq(nftw(TARN_SOURCE_DIR "/tests/golden", add_golden, 16, FTW_PHYS), 0);
    cr_expect_leq(golden.bytes, 3000000, "%ld", golden.bytes);
    cr_expect_leq(golden.lines, 6000, "%ld", golden.lines);
}

/* It says which command needs what; what is checked is in tests/checks/. */
Test(tree, run_stays_small)
{
    char *text = text_of(TARN_SOURCE_DIR "/run");
    cr_expect_leq(count_lines(text), 150);
    free(text);
}
