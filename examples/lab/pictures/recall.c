#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/text.h"
#include "examples/lab/pictures/pictures.h"

enum kind { TEXT, COUNT, NUMBER, FLAG };

/* A setting that goes with a run. */
typedef struct setting {
    const char *name;
    enum kind kind;
    size_t place;               /* in picture_settings */
    const char *const *choices; /* ends with NULL; NULL: any text */
    bool may_change;            /* when the run goes on: what is learned stays the same */
} setting;

#define SETTING(name, kind, member, choices)                                                       \
    {                                                                                              \
        name, kind, offsetof(picture_settings, member), choices, false                             \
    }
static const setting settings[] = {
    SETTING("FOLDER", TEXT, folder, NULL),
    SETTING("--data", TEXT, data, NULL),
    SETTING("--label", TEXT, label, NULL),
    SETTING("--model", TEXT, model, network_names),
    SETTING("--size", COUNT, size, NULL),
    SETTING("--gray", FLAG, gray, NULL),
    SETTING("--augment", TEXT, augment, augmentations),
    SETTING("--validation", NUMBER, validation, NULL),
    SETTING("--epochs", COUNT, epochs, NULL),
    SETTING("--patience", COUNT, patience, NULL),
    SETTING("--optimizer", TEXT, optimizer, NULL),
    SETTING("--lr", NUMBER, lr, NULL),
    SETTING("--batch-size", COUNT, batch_size, NULL),
    SETTING("--seed", COUNT, seed, NULL),
    {"--workers", COUNT, offsetof(picture_settings, workers), NULL, true},
    SETTING("fingerprint", TEXT, fingerprint, NULL),
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* ---- Values as text */

enum { LONGEST = 4096 };

/* With no more digits than it takes to be read back. */
static void print_number(char text[LONGEST], double number)
{
    int digits = 6;
    do
        snprintf(text, LONGEST, "%.*g", digits++, number);
    while (strtod(text, NULL) != number && digits <= 17);
}

/* What the setting is; false if it has not been given. */
static bool value_of(const picture_settings *s, const setting *which, char text[LONGEST])
{
    const void *place = (const char *)s + which->place;
    const char *const *words = place;
    const long *count = place;
    const double *number = place;
    switch (which->kind) {
    case TEXT:
        snprintf(text, LONGEST, "%s", *words ? *words : "");
        return *words;
    case COUNT:
        snprintf(text, LONGEST, "%ld", *count);
        return *count >= 0;
    case NUMBER:
        print_number(text, *number);
        return *number >= 0;
    case FLAG:
        strcpy(text, "yes");
    }
    return *(const bool *)place;
}

/* False for what cannot be its value. */
static bool set_value(picture_settings *s, const setting *which, const char *text)
{
    void *place = (char *)s + which->place;
    char *end;
    const char *const *choice = which->choices;
    switch (which->kind) {
    case TEXT:
        while (choice && *choice && !is(*choice, text))
            choice++;
        if (choice && !*choice)
            return false;
        *(const char **)place = strdup(text);
        if (!*(const char **)place)
            die("out of memory for %s", which->name);
        break;
    case COUNT:
        *(long *)place = strtol(text, &end, 10);
        return *text && !*end && *(long *)place >= 0;
    case NUMBER:
        *(double *)place = strtod(text, &end);
        return *text && !*end && *(double *)place >= 0;
    case FLAG:
        *(bool *)place = true;
        return is(text, "yes");
    }
    return true;
}

/* ---- Writing, as lines such as "--size 32" */

void note_settings(const picture_settings *s)
{
    const output_path path = output_in(s->out, RUN_SETTINGS);
    FILE *file = fopen(path.text, "w");
    if (!file)
        die("%s: cannot be written: %s", path.text, strerror(errno));
    for (int i = 0; i < SETTINGS; i++) {
        char text[LONGEST];
        if (!value_of(s, &settings[i], text))
            continue;
        fprintf(file, "%s ", settings[i].name);
        text_print(file, text);
        fputc('\n', file);
    }
    const bool failed = ferror(file);
    if (fclose(file) != 0 || failed) {
        const int reason = errno;
        remove(path.text);
        die("%s: cannot be written: %s", path.text, strerror(reason));
    }
}

/* ---- Reading */

/* What the run was begun with, and what is asked for otherwise. */
typedef struct recall {
    picture_settings *settings;
    char differences[2048];
    bool noted[SETTINGS];
} recall;

static void add_difference(recall *r, const char *word, const char *name, const char *value,
                           const char *asked)
{
    const size_t used = strlen(r->differences);
    snprintf(r->differences + used, sizeof r->differences - used, "%s%s %s%s%s%s%s%s",
             used ? ", " : "", word, name, *value ? " " : "", value, *asked ? " (not " : "", asked,
             *asked ? ")" : "");
}

/* Takes a line of the file; false if it is none. */
static bool take_line(recall *r, char *line)
{
    const size_t length = strcspn(line, " ");
    char *value = line + length + (line[length] == ' '), asked[LONGEST];
    value[strcspn(value, "\n")] = '\0';
    text_undo(value);
    for (int i = 0; i < SETTINGS; i++) {
        const setting *which = &settings[i];
        if (strlen(which->name) != length || strncmp(which->name, line, length) != 0)
            continue;
        r->noted[i] = true;
        if (!value_of(r->settings, which, asked))
            return set_value(r->settings, which, value);
        if (!is(asked, value) && !which->may_change)
            add_difference(r, "with", which->name, value, asked);
        return true;
    }
    return false;
}

void recall_settings(picture_settings *s)
{
    if (!holds_stopped_run(s))
        die("--resume: there is no run in %s that was stopped; --out names the folder of one",
            s->out);
    const output_path path = output_in(s->out, RUN_SETTINGS);
    recall r = {.settings = s};
    char line[2 * LONGEST], asked[LONGEST];
    FILE *file = fopen(path.text, "r");
    if (!file)
        die("%s: cannot be read: %s", path.text, strerror(errno));
    for (int number = 1; fgets(line, sizeof line, file); number++)
        if (!take_line(&r, line))
            die("%s: line %d is no setting", path.text, number);
    fclose(file);
    for (int i = 0; i < SETTINGS; i++)
        if (!r.noted[i] && value_of(s, &settings[i], asked))
            add_difference(&r, "without", settings[i].name, "", "");
    if (*r.differences)
        die("--resume: the run in %s was begun %s; leave out what differs, or begin anew with "
            "--overwrite or another --out",
            s->out, r.differences);
    if (!s->folder && !s->data)
        die("%s: names no FOLDER and no --data", path.text);
}
