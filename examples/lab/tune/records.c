#include "examples/lab/tune/records.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/tune/names.h"

const char *cell_of(const search *s, const trial *t, int a)
{
    const char *name = s->space->axes[a].name;
    const bool has = !is_optimizer_option(name) || optimizer_has(t->recipe.optimizer, name);
    return has ? t->values[a].text : "";
}

typedef struct columns {
    char text[1024];
} columns;

static columns columns_of(const search *s)
{
    columns c;
    size_t used = (size_t)snprintf(c.text, sizeof c.text, "dataset,method,trial,rung,epochs");
    for (int i = 0; i < s->space->count; i++)
        used +=
            (size_t)snprintf(c.text + used, sizeof c.text - used, ",%s", s->space->axes[i].name);
    snprintf(c.text + used, sizeof c.text - used,
             ",validation_loss,validation_accuracy,diverged,cost,best_accuracy,seconds");
    return c;
}

/* ---- Writing */

static void write_command(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    const bool written = file && fprintf(file, "%s\n", text) > 0;
    if ((file && fclose(file) != 0) || !written)
        die("%s: cannot be written: %s", path, strerror(errno));
}

static void write_row(const records *r, const search *s, const trial *t)
{
    const outcome *o = &t->outcome;
    table_add(r->table, "%s,%s,%d,%d,%.4g", r->settings->digits.dataset,
              tune_methods[s->settings.method], t->number, t->rung,
              s->parts[t->rung - 1] * (double)s->settings.epochs);
    for (int i = 0; i < s->space->count; i++)
        table_add(r->table, "%s", cell_of(s, t, i));
    if (o->diverged)
        table_add(r->table, ",,1");
    else
        table_add(r->table, "%.17g,%.17g,0", o->loss, o->accuracy);
    table_row(r->table, "%.4f,%.6f,%.3f", s->cost, s->best_accuracy, o->seconds);
}

void records_add(search *s, trial *t, void *context)
{
    records *r = context;
    if (r->reported < r->known) {
        if (r->numbers[r->reported] != t->number || r->rungs[r->reported] != t->rung)
            die("--resume: row %d of %s is of another trial than %d of rung %d, which comes there",
                r->reported + 2, TUNE_TABLE, t->number, t->rung);
    } else
        write_row(r, s, t);
    r->reported++;
}

/* ---- Going on */

/* The whole file; NULL where it cannot be read. The caller frees it. */
static char *read_file(const char *path)
{
    size_t length = 0, room = 0;
    char *text = NULL;
    FILE *file = fopen(path, "rb");
    do {
        room = 2 * room + 4096;
        char *larger = file ? realloc(text, room + 1) : NULL;
        if (!larger)
            break;
        text = larger;
        length += fread(text + length, 1, room - length, file);
    } while (length == room);
    if (file)
        fclose(file);
    if (text)
        text[length] = '\0';
    return text;
}

static void check_command(const char *path, const char *command)
{
    char *there = read_file(path);
    if (!there)
        die("--resume: %s cannot be read: there is no run to go on with", path);
    there[strcspn(there, "\n")] = '\0';
    const bool same = is(there, command);
    static command_text copy; /* no leak where the program ends */
    snprintf(copy.text, sizeof copy.text, "%s", there);
    free(there);
    if (!same)
        die("--resume: the run in there was begun as %s, and is to go on as %s", copy.text,
            command);
}

enum { BEFORE = 5, BEHIND = 6, CELLS = BEFORE + SPACE_AXES + BEHIND };

/* Cuts a line at its commas; how many cells it has, as far as there is room. */
static int cut_cells(char *line, char *cells[CELLS])
{
    int count = 0;
    while (line && count < CELLS) {
        cells[count++] = line;
        line = strchr(line, ',');
        if (line)
            *line++ = '\0';
    }
    return line ? 0 : count;
}

/* Whether the row is one of this search's, which is then taken in. */
static bool take_row(records *r, const search *s, char *line)
{
    char *cells[CELLS];
    const int axes = s->space->count;
    if (cut_cells(line, cells) != BEFORE + axes + BEHIND)
        return false;
    const int number = atoi(cells[2]), rung = atoi(cells[3]);
    if (number < 1 || number > s->count || rung < 1 || rung > s->rungs)
        return false;
    for (int i = 0; i < axes; i++)
        if (!is(cells[BEFORE + i], cell_of(s, &s->trials[number - 1], i)))
            return false;
    char **behind = cells + BEFORE + axes;
    outcome o = {INFINITY, 0, 0, is(behind[2], "1")};
    if (!is_number(behind[5], &o.seconds) ||
        (!o.diverged && (!is_number(behind[0], &o.loss) || !is_number(behind[1], &o.accuracy))))
        return false;
    r->numbers[r->known] = number;
    r->rungs[r->known] = rung;
    r->outcomes[r->known++] = o;
    return true;
}

/* Takes the rows in; returns how many bytes of the text are whole lines. */
static long take_rows(records *r, const search *s, char *text, const char *path)
{
    const columns c = columns_of(s);
    const size_t head = strlen(c.text);
    int room = 0;
    for (int i = 0; i < s->rungs; i++)
        room += s->sizes[i];
    r->numbers = calloc((size_t)room, sizeof(int));
    r->rungs = calloc((size_t)room, sizeof(int));
    r->outcomes = calloc((size_t)room, sizeof(outcome));
    if (!r->numbers || !r->rungs || !r->outcomes)
        die("out of memory for %d results", room);
    if (strncmp(text, c.text, head) != 0 || text[head] != '\n')
        die("--resume: %s does not begin with the columns %s", path, c.text);
    char *line = text + head + 1;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (r->known == room || !take_row(r, s, line))
            die("--resume: row %d of %s is none of this search", r->known + 2, path);
    }
    return line - text;
}

void records_begin(records *r, const tune_settings *s, search *run)
{
    const output_path path = output_in(s->out, TUNE_TABLE),
                      command = output_in(s->out, TUNE_COMMAND);
    *r = (records){.settings = s};
    run->report = records_add;
    run->context = r;
    if (!s->resume) {
        r->table = table_begin(path.text, columns_of(run).text);
        write_command(command.text, tune_command(s).text);
        return;
    }
    check_command(command.text, tune_command(s).text);
    char *text = read_file(path.text);
    if (!text)
        die("--resume: %s cannot be read: there is no run to go on with", path.text);
    const long whole = take_rows(r, run, text, path.text);
    free(text);
    r->table = table_go_on(path.text, whole);
    run->known = r->outcomes;
    run->known_count = r->known;
}

void records_end(records *r)
{
    table_end(r->table);
    free(r->numbers);
    free(r->rungs);
    free(r->outcomes);
}
