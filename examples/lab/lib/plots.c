#include "examples/lab/lib/plots.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"

typedef struct form {
    const char *name, *end; /* of its files, but for line breaks */
} form;

enum { FORMS = 2 };

static const form forms[FORMS] = {{"png", "IEND\xae\x42\x60\x82"}, {"svg", "</svg>"}};

/* Whether the file ends as those of its form do: gnuplot says nothing of a full disk. */
static bool is_whole(const char *path, const form *f)
{
    char last[16];
    size_t length = 0, end = strlen(f->end);
    FILE *file = fopen(path, "rb");
    if (file && fseek(file, -(long)sizeof last, SEEK_END) == 0)
        length = fread(last, 1, sizeof last, file);
    if (file)
        fclose(file);
    while (length > 0 && last[length - 1] == '\n')
        length--;
    return length >= end && memcmp(last + length - end, f->end, end) == 0;
}

/* A gnuplot that draws in one form. */
typedef struct run {
    pid_t child;
    int failure; /* to start it or to wait for it; 0 if there was none */
    int status;
} run;

static run start(const char *script, const char *folder, const char *form_name)
{
    extern char **environ;
    char *arguments[] = {"gnuplot", "-c", (char *)script, (char *)folder, (char *)form_name, NULL};
    run r = {0};
    r.failure = posix_spawnp(&r.child, "gnuplot", NULL, NULL, arguments, environ);
    return r;
}

static void wait_for(run *r)
{
    if (r->failure == 0 && waitpid(r->child, &r->status, 0) != r->child)
        r->failure = errno;
    /* Some versions of the C library learn only in the child that there is no such program: 127. */
    if (r->failure == 0 && WIFEXITED(r->status) && WEXITSTATUS(r->status) == 127)
        r->failure = ENOENT;
}

/* Draws all forms side by side; false if gnuplot is not installed. */
static bool run_gnuplot(const char *script, const char *folder)
{
    run runs[FORMS];
    fflush(stdout);
    for (int i = 0; i < FORMS; i++)
        runs[i] = start(script, folder, forms[i].name);
    for (int i = 0; i < FORMS; i++)
        wait_for(&runs[i]);
    for (int i = 0; i < FORMS; i++) {
        if (runs[i].failure == ENOENT)
            return false;
        if (runs[i].failure != 0)
            die("gnuplot cannot be started: %s", strerror(runs[i].failure));
        if (runs[i].status != 0)
            die("gnuplot -c %s %s %s: failed", script, folder, forms[i].name);
    }
    return true;
}

static output_path path_of(const char *folder, const drawing *d, const form *f)
{
    char name[256];
    snprintf(name, sizeof name, "%s.%s", d->name, f->name);
    return output_in(folder, name);
}

void draw_plots(const char *script, const char *folder, const drawing *pictures)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.gp", TARN_PLOTS, script);
    for (const drawing *d = pictures; d->name; d++)
        for (int i = 0; i < FORMS; i++)
            unlink(path_of(folder, d, &forms[i]).text); /* what is there afterwards is new */
    if (!run_gnuplot(path, folder)) {
        printf("gnuplot is not installed; to draw the tables in %s later: gnuplot -c %s %s\n",
               folder, path, folder);
        return;
    }
    for (const drawing *d = pictures; d->name; d++) {
        for (int i = 0; i < FORMS; i++) {
            const output_path picture = path_of(folder, d, &forms[i]);
            if (!is_whole(picture.text, &forms[i]))
                die("%s: cannot be written", picture.text);
        }
        printf("%s (and .svg): %s\n", path_of(folder, d, &forms[0]).text, d->about);
    }
}
