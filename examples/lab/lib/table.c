#include "examples/lab/lib/table.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/lab/lib/options.h"

/* A row is gathered as CSV, whatever is made of it. */
struct table {
    FILE *file;
    char *path, *columns;
    bool json;
    FILE *row; /* writes to text; NULL between rows */
    char *text;
    size_t length;
};

output_path output_in(const char *folder, const char *name)
{
    output_path path;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        die("%s: cannot be made: %s", folder, strerror(errno));
    int length = snprintf(path.text, sizeof path.text, "%s/%s", folder, name);
    if (length < 0 || length >= (int)sizeof path.text)
        die("%s: is too long a path", folder);
    return path;
}

static void check_file(const table *t, bool good)
{
    if (!good)
        die("%s: cannot be written: %s", t->path, strerror(errno));
}

static table *table_new(const char *path, const char *columns)
{
    table *t = calloc(1, sizeof *t);
    if (t) {
        t->path = strdup(path);
        t->columns = strdup(columns);
    }
    if (!t || !t->path || !t->columns)
        die("out of memory for %s", path);
    return t;
}

table *table_begin(const char *path, const char *columns)
{
    const size_t length = strlen(path);
    table *t = table_new(path, columns);
    t->json = length > 6 && is(path + length - 6, ".jsonl");
    t->file = fopen(path, "w");
    check_file(t, t->file);
    if (!t->json)
        check_file(t, fprintf(t->file, "%s\n", columns) > 0 && fflush(t->file) == 0);
    return t;
}

table *table_go_on(const char *path, long bytes)
{
    table *t = table_new(path, "");
    check_file(t, truncate(path, bytes) == 0);
    t->file = fopen(path, "a");
    check_file(t, t->file);
    return t;
}

table *table_in(const char *folder, const char *name, const char *columns)
{
    return table_begin(output_in(folder, name).text, columns);
}

/* ---- Cells */

/* The stream for the next cell, behind the comma that it needs. */
static FILE *next_cell(table *t)
{
    if (t->row)
        fputc(',', t->row);
    else
        t->row = open_memstream(&t->text, &t->length);
    if (!t->row)
        die("out of memory for a row of %s", t->path);
    return t->row;
}

static void add(table *t, const char *format, va_list cells)
{
    vfprintf(next_cell(t), format, cells);
}

void table_add(table *t, const char *format, ...)
{
    va_list cells;
    va_start(cells, format);
    add(t, format, cells);
    va_end(cells);
}

void table_add_text(table *t, const char *text)
{
    FILE *row = next_cell(t);
    fputc('"', row);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', row);
        fputc(*text, row);
    }
    fputc('"', row);
}

void table_row(table *t, const char *format, ...)
{
    va_list cells;
    va_start(cells, format);
    add(t, format, cells);
    va_end(cells);
    table_end_row(t);
}

/* ---- Rows */

/* The content of a quoted cell, as JSON has it; returns what is behind it. */
static const char *write_quoted(FILE *file, const char *cell)
{
    fputc('"', file);
    for (cell++; *cell && (*cell != '"' || cell[1] == '"'); cell++) {
        if (*cell == '"')
            cell++;
        if (*cell == '"' || *cell == '\\')
            fprintf(file, "\\%c", *cell);
        else if ((unsigned char)*cell < ' ')
            fprintf(file, "\\u%04x", (unsigned)*cell);
        else
            fputc(*cell, file);
    }
    fputc('"', file);
    return *cell ? cell + 1 : cell;
}

/* A cell as JSON: null for nothing and for what is no finite number, else a number, or a text. */
static const char *write_value(FILE *file, const char *cell)
{
    char *end;
    const int length = (int)strcspn(cell, ",");
    const double number = strtod(cell, &end);
    const bool is_number = end == cell + length && strcspn(cell, "xX") >= (size_t)length;
    if (*cell == '"')
        return write_quoted(file, cell);
    if (length == 0 || (is_number && !isfinite(number)))
        fputs("null", file);
    else if (is_number)
        fprintf(file, "%.*s", length, cell);
    else
        fprintf(file, "\"%.*s\"", length, cell);
    return cell + length;
}

static void write_object(FILE *file, const char *columns, const char *cell)
{
    fputc('{', file);
    while (*columns) {
        const int length = (int)strcspn(columns, ",");
        fprintf(file, "\"%.*s\": ", length, columns);
        cell = write_value(file, cell);
        cell += *cell == ',';
        columns += length + (columns[length] == ',');
        fputs(*columns ? ", " : "}\n", file);
    }
}

void table_end_row(table *t)
{
    const bool complete = t->row && !ferror(t->row);
    if (!t->row || fclose(t->row) != 0 || !complete)
        die("out of memory for a row of %s", t->path);
    t->row = NULL;
    if (t->json)
        write_object(t->file, t->columns, t->text);
    else
        fprintf(t->file, "%s\n", t->text);
    check_file(t, !ferror(t->file) && fflush(t->file) == 0);
    free(t->text);
    t->text = NULL;
}

void table_end(table *t)
{
    if (!t)
        return;
    const int status = fclose(t->file);
    t->file = NULL;
    check_file(t, status == 0);
    free(t->path);
    free(t->columns);
    free(t);
}
