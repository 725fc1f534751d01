#include "examples/lab/lib/options.h"

#include <errno.h>
#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

static const char *program = "tarn";

void die(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "%s: ", program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
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

/* Worker threads would be reported by leak checkers as memory in use. */
static void end_threads(void)
{
    omp_pause_resource_all(omp_pause_hard);
}

void parse_options(int argc, char **argv, const char *about, const option *table)
{
    atexit(end_threads);
    tarn_set_error_handler(report_mistake, NULL);
    if (argc > 0) {
        const char *slash = strrchr(argv[0], '/');
        program = slash ? slash + 1 : argv[0];
    }
    const option *files_line = find_files(table);
    files *to = files_line ? files_line->value : NULL;
    if (to)
        *to = (files){0, argv}; /* overwrites only arguments that were read */
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (is(argv[i], "--help") || is(argv[i], "-h")) {
            print_help(about, table);
            check_stdout();
            exit(0);
        }
        const option *o = find_option(table, argv[i], &value);
        if (!o && to && argv[i][0] != '-')
            to->paths[to->count++] = argv[i];
        else if (!o)
            die("%s: %s; --help lists the options", argv[i],
                argv[i][0] == '-' ? "unknown option" : "unexpected argument");
        else if (o->kind == OPTION_FLAG)
            read_flag(o, value);
        else if (!value && i + 1 == argc)
            die("--%s: expects %s behind it", o->name, o->argument);
        else
            read_value(o, value ? value : argv[++i]);
    }
}
