#include "examples/lab/lib/options.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/text.h"

static const char *program = "tarn";

/* In one line, whatever names it holds. */
static void print_sentence(const char *format, va_list arguments)
{
    char sentence[8192];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    fflush(stdout); /* what was said before comes first */
    fprintf(stderr, "%s: ", program);
    text_print(stderr, sentence);
    fputc('\n', stderr);
}

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_sentence(format, arguments);
    va_end(arguments);
    exit(1);
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_sentence(format, arguments);
    va_end(arguments);
}

void check_stdout(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        die("standard output cannot be written");
}

void check(bool good)
{
    if (!good)
        die("%s", tarn_error());
}

bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static void report_mistake(const char *message, void *context)
{
    (void)context;
    die("%s", message);
}

static const option *find_files(const option *table)
{
    for (const option *o = table; o->name; o++)
        if (o->kind == OPTION_FILES)
            return o;
    return NULL;
}

/* Prints text behind what stands on the left of its line, in lines of at most 100 characters. */
static void print_wrapped(const char *text)
{
    const int indent = 35, width = 100 - indent;
    while ((int)strlen(text) > width) {
        int length = width;
        while (length > 0 && text[length] != ' ')
            length--;
        if (length == 0)
            break;
        printf("%.*s\n%*s", length, text, indent, "");
        text += length + 1;
    }
    puts(text);
}

static void print_help(const char *about, const option *table)
{
    const option *files_line = find_files(table);
    printf("Usage: %s [OPTION]...%s%s%s\n%s\n\n", program, files_line ? " [" : "",
           files_line ? files_line->name : "", files_line ? "]..." : "", about);
    for (const option *o = table; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s %s", o->kind == OPTION_FILES ? "" : "--", o->name,
                 o->argument);
        printf("  %-32s ", left);
        print_wrapped(o->help);
    }
    printf("  %-32s %s\n", "--help", "this text");
}

static void read_choice(const option *o, const char *text)
{
    char all[256] = "";
    for (const char *const *choice = o->choices; *choice; choice++) {
        if (is(text, *choice)) {
            *(const char **)o->value = *choice;
            return;
        }
        strcat(all, choice == o->choices ? "" : ", ");
        strcat(all, *choice);
    }
    die("--%s %s: expects one of %s", o->name, text, all);
}

static void read_number(const option *o, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !(number >= o->min && number <= o->max))
        die("--%s %s: expects a number from %g to %g", o->name, text, o->min, o->max);
    *(double *)o->value = number;
}

static void read_count(const option *o, const char *text)
{
    char *end;
    if (o->word && is(text, o->word)) {
        *(long *)o->value = 0;
        return;
    }
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end || errno || (double)number < o->min || (double)number > o->max)
        die("--%s %s: expects a whole number from %.0f to %.0f%s%s", o->name, text, o->min, o->max,
            o->word ? ", or " : "", o->word ? o->word : "");
    *(long *)o->value = number;
}

static void read_value(const option *o, const char *text)
{
    switch (o->kind) {
    case OPTION_TEXT:
        if (!*text)
            die("--%s: is empty, expects %s", o->name, o->argument);
        *(const char **)o->value = text;
        break;
    case OPTION_CHOICE:
        read_choice(o, text);
        break;
    case OPTION_NUMBER:
        read_number(o, text);
        break;
    case OPTION_COUNT:
        read_count(o, text);
        break;
    case OPTION_FLAG:
    case OPTION_FILES:
        break;
    }
}

static void read_flag(const option *o, const char *text)
{
    if (text)
        die("--%s=%s: expects no value", o->name, text);
    *(bool *)o->value = true;
}

/* The option that an argument such as --name or --name=value names, or NULL; *value is what stands
   behind the = or NULL. */
static const option *find_option(const option *table, const char *argument, const char **value)
{
    if (strncmp(argument, "--", 2) != 0)
        return NULL;
    const char *name = argument + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    *value = equals ? equals + 1 : NULL;
    for (const option *o = table; o->name; o++)
        if (o->kind != OPTION_FILES && strlen(o->name) == length &&
            strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

/* Reads an argument, and its value if that stands behind it; returns where the last of them is. */
static int read_option(const option *table, int argc, char **argv, int i)
{
    const char *value = NULL;
    const option *o = find_option(table, argv[i], &value);
    if (!o)
        die("%s: unknown option; --help lists the options", argv[i]);
    if (o->kind == OPTION_FLAG)
        read_flag(o, value);
    else if (!value && i + 1 == argc)
        die("--%s: expects %s behind it", o->name, o->argument);
    else
        read_value(o, value ? value : argv[++i]);
    return i;
}

/* How all programs of the lab end, and what they print at once, whoever reads it. */
static void begin_program(const char *path)
{
    const char *slash = strrchr(path, '/');
    program = slash ? slash + 1 : path;
    tarn_set_error_handler(report_mistake, NULL);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    signal(SIGXFSZ, SIG_IGN); /* a file beyond the limit is one that cannot be written */
}

void parse_options(int argc, char **argv, const char *about, const option *table)
{
    begin_program(argc > 0 ? argv[0] : program);
    const option *files_line = find_files(table);
    files *to = files_line ? files_line->value : NULL;
    if (to)
        *to = (files){0, argv}; /* overwrites only arguments that were read */
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        const bool is_option = !options_end && argv[i][0] == '-' && argv[i][1];
        if (is_option && is(argv[i], "--")) {
            options_end = true;
        } else if (is_option && (is(argv[i], "--help") || is(argv[i], "-h"))) {
            print_help(about, table);
            check_stdout();
            exit(0);
        } else if (is_option) {
            i = read_option(table, argc, argv, i);
        } else if (to) {
            to->paths[to->count++] = argv[i];
        } else {
            die("%s: unexpected argument; --help lists the options", argv[i]);
        }
    }
}
