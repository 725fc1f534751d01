#define _XOPEN_SOURCE 700 /* realpath() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

/* All that a run leaves. */
static const char *const files_of_run[] = {
    RUN_CHECKPOINT,   RUN_NETWORK, RUN_REPORT,   RUN_LOG ".csv",
    RUN_LOG ".jsonl", RUN_SAMPLES, RUN_SETTINGS, NULL};

/* path/name, cut if that is too long to be a path. */
static output_path beside(const char *path, const char *name)
{
    output_path whole;
    snprintf(whole.text, sizeof whole.text, "%s/%s", path, name);
    return whole;
}

/* The folder that a path is to be made in. */
static output_path parent_of(const char *path)
{
    output_path parent;
    snprintf(parent.text, sizeof parent.text, "%s", path);
    size_t length = strlen(parent.text);
    while (length > 1 && parent.text[length - 1] == '/')
        length--;
    while (length > 0 && parent.text[length - 1] != '/')
        length--;
    strcpy(parent.text + length, length > 0 ? "" : ".");
    return parent;
}

/* Whether a path, or the folder that it is to be made in, lies in a folder. */
static bool lies_in(const char *path, const char *folder)
{
    char *inner = realpath(path, NULL);
    if (!inner)
        inner = realpath(parent_of(path).text, NULL);
    char *outer = realpath(folder, NULL);
    const size_t length = outer ? strlen(outer) : 0;
    const bool lies = inner && outer && strncmp(inner, outer, length) == 0 &&
                      (inner[length] == '/' || inner[length] == '\0' || length == 1);
    free(inner);
    free(outer);
    return lies;
}

static void check_room(const char *out)
{
    struct stat what;
    if (stat(out, &what) == 0 && !S_ISDIR(what.st_mode))
        die("--out %s: is no folder", out);
    if (access(out, F_OK) == 0) {
        if (access(out, W_OK | X_OK) != 0)
            die("--out %s: cannot be written to: %s", out, strerror(errno));
    } else if (errno != ENOENT || access(parent_of(out).text, W_OK | X_OK) != 0) {
        die("--out %s: cannot be made: %s", out, strerror(errno));
    }
    if (strlen(out) + 64 > sizeof(output_path))
        die("--out %s: is too long a path", out);
}

/* The lock is the program's until its end. Where there are no locks it goes without. */
static void lock_folder(const char *out)
{
    static int descriptor = -1;
    if (descriptor < 0)
        descriptor = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        die("--out %s: another run writes there at this moment; another --out puts this one "
            "elsewhere",
            out);
}

/* A file of a run that is there; NULL if none is. */
static const char *file_in(const char *out)
{
    for (const char *const *file = files_of_run; *file; file++)
        if (access(beside(out, *file).text, F_OK) == 0)
            return *file;
    return NULL;
}

void claim_folder(const picture_settings *s, bool make)
{
    if (s->folder && lies_in(s->out, s->folder))
        die("--out %s: lies among the pictures of %s, of which it would become a class", s->out,
            s->folder);
    check_room(s->out);
    if (make && mkdir(s->out, 0777) != 0 && errno != EEXIST)
        die("--out %s: cannot be made: %s", s->out, strerror(errno));
    if (access(s->out, F_OK) != 0)
        return;
    lock_folder(s->out);
    const char *file = file_in(s->out);
    if (file && !s->resume && !s->overwrite)
        die("--out %s: holds %s%s; --overwrite removes it, another --out puts this one elsewhere",
            s->out,
            is(file, RUN_CHECKPOINT) ? "a run that was stopped, with which --resume goes on"
                                     : "another run, or a file called as those of one: ",
            is(file, RUN_CHECKPOINT) ? "" : file);
    for (const char *const *old = files_of_run; make && s->overwrite && *old; old++)
        remove(beside(s->out, *old).text);
}

bool holds_stopped_run(const picture_settings *s)
{
    return access(beside(s->out, RUN_CHECKPOINT).text, F_OK) == 0 &&
           access(beside(s->out, RUN_SETTINGS).text, F_OK) == 0;
}

void end_run(const picture_settings *s)
{
    remove(beside(s->out, RUN_CHECKPOINT).text);
    if (access(beside(s->out, RUN_NETWORK).text, F_OK) != 0) /* it came to nothing */
        remove(beside(s->out, RUN_SETTINGS).text);
}
