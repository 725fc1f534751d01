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
static const form moving[FORMS] = {{"gif", ";"}, {"frames", ""}};

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

static void check_whole(const char *path, const form *f)
{
    if (!is_whole(path, f))
        die("%s: cannot be written", path);
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

/* Draws in these forms side by side; false if gnuplot is not installed. */
static bool run_gnuplot(const char *script, const char *folder, const form *in)
{
    run runs[FORMS];
    fflush(stdout);
    for (int i = 0; i < FORMS; i++)
        runs[i] = start(script, folder, in[i].name);
    for (int i = 0; i < FORMS; i++)
        wait_for(&runs[i]);
    for (int i = 0; i < FORMS; i++) {
        if (runs[i].failure == ENOENT)
            return false;
        if (runs[i].failure != 0)
            die("gnuplot cannot be started: %s", strerror(runs[i].failure));
        if (runs[i].status != 0)
            die("gnuplot -c %s %s %s: failed", script, folder, in[i].name);
    }
    return true;
}

static output_path path_of(const char *prefix, const drawing *d, const form *f)
{
    output_path path;
    const int length = snprintf(path.text, sizeof path.text, "%s%s.%s", prefix, d->name, f->name);
    if (length < 0 || length >= (int)sizeof path.text)
        die("%s: is too long a path", prefix);
    return path;
}

/* Draws what the argument of the script names; the paths of the pictures begin with the prefix. */
static void draw(const char *script, const char *argument, const char *what, const char *prefix,
                 const drawing *pictures)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.gp", TARN_PLOTS, script);
    for (const drawing *d = pictures; d->name; d++)
        for (int i = 0; i < FORMS; i++)
            unlink(path_of(prefix, d, &forms[i]).text); /* what is there afterwards is new */
    if (!run_gnuplot(path, argument, forms)) {
        printf("gnuplot is not installed; to draw %s%s later: gnuplot -c %s %s\n", what, argument,
               path, argument);
        return;
    }
    for (const drawing *d = pictures; d->name; d++) {
        for (int i = 0; i < FORMS; i++)
            check_whole(path_of(prefix, d, &forms[i]).text, &forms[i]);
        printf("%s (and .svg): %s\n", path_of(prefix, d, &forms[0]).text, d->about);
    }
}

void draw_plots(const char *script, const char *folder, const drawing *pictures)
{
    draw(script, folder, "the tables in ", output_in(folder, "").text, pictures);
}

void draw_plots_of(const char *script, const char *file, const drawing *pictures)
{
    char prefix[4096];
    const size_t length = strlen(file);
    const bool has_ending = length > 4 && is(file + length - 4, ".csv");
    snprintf(prefix, sizeof prefix, "%.*s", (int)(has_ending ? length - 4 : length), file);
    draw(script, file, "", prefix, pictures);
}

/* ---- Animations */

static output_path path_of_frame(const char *folder, const char *name, int number)
{
    char frames[256], file[32];
    snprintf(frames, sizeof frames, "%s_frames", name);
    snprintf(file, sizeof file, "%03d.png", number);
    return output_in(output_in(folder, frames).text, file);
}

void draw_animation(const char *script, const char *folder, const drawing *d)
{
    char path[4096], file[256];
    int count = 0;
    snprintf(path, sizeof path, "%s/%s.gp", TARN_PLOTS, script);
    snprintf(file, sizeof file, "%s.gif", d->name);
    const output_path animation = output_in(folder, file);
    unlink(animation.text);
    while (unlink(path_of_frame(folder, d->name, count + 1).text) == 0)
        count++;
    if (!run_gnuplot(path, folder, moving)) {
        printf("gnuplot is not installed; to draw it later: gnuplot -c %s %s gif\n", path, folder);
        return;
    }
    check_whole(animation.text, &moving[0]);
    for (count = 0; access(path_of_frame(folder, d->name, count + 1).text, F_OK) == 0; count++)
        check_whole(path_of_frame(folder, d->name, count + 1).text, &forms[0]);
    if (count == 0)
        die("%s: cannot be written", path_of_frame(folder, d->name, 1).text);
    printf("%s (and %d frames in %s/%s_frames): %s\n", animation.text, count, folder, d->name,
           d->about);
}
