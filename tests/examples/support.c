#include "tests/examples/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char folder[64];

void make_folder(void)
{
    /* In memory, where there is such a place: a disk that is busy takes a second for each save. */
    snprintf(folder, sizeof folder, "%s/tarn-test-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    cr_assert(mkdtemp(folder));
}

void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

int shell(const char *command, char *output, size_t size)
{
    char line[640];
    snprintf(line, sizeof line, "cd %s && { %s; } 2>&1", folder, command);
    FILE *pipe = popen(line, "r");
    cr_assert(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run(const char *command, char *output, size_t size)
{
    char line[512];
    snprintf(line, sizeof line, "'%s'/%s", TARN_EXAMPLES, command);
    return shell(line, output, size);
}

void in_folder(const char *command)
{
    char output[4096];
    cr_assert_eq(shell(command, output, sizeof output), 0, "%s: %s", command, output);
}

void assert_refused(const char *command, const char *words)
{
    char output[8192];
    cr_expect_eq(run(command, output, sizeof output), 1, "%s: %s", command, output);
    const char *sentence = strstr(output, words);
    cr_assert(sentence, "%s: \"%s\" does not hold \"%s\"", command, output, words);
    const char *end = strchr(sentence, '\n');
    cr_expect(end && end[1] == '\0', "%s: \"%s\" does not end with it", command, output);
}

bool folder_is_empty(void)
{
    char command[128];
    snprintf(command, sizeof command, "test -z \"$(ls -A %s)\"", folder);
    return system(command) == 0;
}

double number_after(const char *output, const char *words)
{
    const char *last = NULL;
    for (const char *at = output; (at = strstr(at, words)); at++)
        last = at + strlen(words);
    cr_assert(last, "\"%s\" does not hold \"%s\"", output, words);
    return strtod(last, NULL);
}

static FILE *open_in_folder(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s is not there", path);
    return file;
}

void assert_png(const char *name, int width, int height)
{
    unsigned char head[24] = {0};
    FILE *file = open_in_folder(name);
    size_t length = fread(head, 1, sizeof head, file);
    fclose(file);
    cr_assert_eq(length, sizeof head, "%s is too short", name);
    cr_expect_arr_eq(head, "\x89PNG\r\n\x1a\n", 8);
    cr_expect_eq(head[18] << 8 | head[19], width, "%s", name);
    cr_expect_eq(head[22] << 8 | head[23], height, "%s", name);
}

/* The whole file, to be freed; its end is marked by a 0. */
static char *read_all(const char *name, size_t *length)
{
    FILE *file = open_in_folder(name);
    cr_assert(fseek(file, 0, SEEK_END) == 0 && (*length = (size_t)ftell(file)) > 100, "%s", name);
    rewind(file);
    char *bytes = calloc(*length + 1, 1);
    cr_assert(bytes && fread(bytes, 1, *length, file) == *length);
    fclose(file);
    return bytes;
}

void assert_picture(const char *name, int width, int height)
{
    char path[256], size[64];
    size_t length;
    snprintf(path, sizeof path, "%s.png", name);
    assert_png(path, width, height);
    char *bytes = read_all(path, &length);
    cr_expect_arr_eq(bytes + length - 8, "IEND\xae\x42\x60\x82", 8, "%s is cut off", path);
    free(bytes);

    snprintf(path, sizeof path, "%s.svg", name);
    bytes = read_all(path, &length);
    snprintf(size, sizeof size, "<svg \n width=\"%d\" height=\"%d\"", width, height);
    cr_expect(strstr(bytes, size), "%s: %.200s", path, bytes);
    cr_expect(strstr(bytes, "<text>") && strstr(bytes, "<path "), "%s is empty", path);
    cr_expect_str_eq(bytes + length - 8, "</svg>\n\n", "%s is cut off", path);
    free(bytes);
}

static int count_commas(const char *line)
{
    int count = 0;
    for (; *line; line++)
        count += *line == ',';
    return count;
}

int assert_csv(const char *name, const char *columns)
{
    char line[4096];
    int lines = 0;
    FILE *file = open_in_folder(name);
    cr_assert(fgets(line, sizeof line, file), "%s is empty", name);
    line[strcspn(line, "\n")] = '\0';
    cr_expect_str_eq(line, columns, "%s", name);
    while (fgets(line, sizeof line, file)) {
        lines++;
        cr_expect_eq(count_commas(line), count_commas(columns), "%s, line %d: %s", name, lines + 1,
                     line);
    }
    fclose(file);
    return lines;
}

const char *line_of(const char *name, const char *words)
{
    static char line[1024];
    FILE *file = open_in_folder(name);
    bool found = false;
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, words, strlen(words)) == 0;
    fclose(file);
    cr_assert(found, "%s has no line %s", name, words);
    return line;
}

double column(const char *line, int index)
{
    for (; index > 0; index--) {
        line = strchr(line, ',');
        cr_assert(line, "the line has fewer columns");
        line++;
    }
    return strtod(line, NULL);
}
