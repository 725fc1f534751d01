/* A folder of checkpoints, of which the last or the best are kept, see nn/checkpoint.h. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error_internal.h"
#include "nn/checkpoint_internal.h"

static const char prefix[] = "checkpoint-", suffix[] = ".safetensors";

typedef struct entry {
    int64_t number;
    double metric;
} entry;

typedef struct entries {
    int count;
    entry *list;
} entries;

/* "folder/checkpoint-00000012.safetensors", which the caller frees; NULL with tarn_error() set. */
static char *path_of(const char *folder, int64_t number)
{
    const size_t size = strlen(folder) + 64;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s%08lld%s", folder, prefix, (long long)number, suffix);
    else
        tarn_set_error("%s: out of memory for the name of a checkpoint", folder);
    return path;
}

/* The number in a file's name; -1 if it is no checkpoint's. */
static int64_t number_of(const char *name)
{
    if (strncmp(name, prefix, strlen(prefix)))
        return -1;
    const char *digits = name + strlen(prefix);
    const size_t count = strspn(digits, "0123456789");
    if (count < 8 || count > 18 || strcmp(digits + count, suffix))
        return -1;
    const int64_t number = strtoll(digits, NULL, 10);
    char usual[64];
    snprintf(usual, sizeof usual, "%s%08lld%s", prefix, (long long)number, suffix);
    return strcmp(usual, name) ? -1 : number; /* another spelling is another file */
}

/* All checkpoints of the folder, without metrics. False with tarn_error() set. */
static bool list_folder(const char *folder, entries *all)
{
    *all = (entries){0};
    DIR *stream = opendir(folder);
    if (!stream)
        return tarn_set_error("%s: cannot be read: %s", folder, strerror(errno));
    bool complete = true;
    for (struct dirent *d; complete && (d = readdir(stream));) {
        const int64_t number = number_of(d->d_name);
        if (number < 0)
            continue;
        entry *larger = realloc(all->list, ((size_t)all->count + 1) * sizeof *larger);
        complete = larger;
        if (larger) {
            all->list = larger;
            all->list[all->count++] = (entry){number, NAN};
        }
    }
    closedir(stream);
    if (complete)
        return true;
    free(all->list);
    return tarn_set_error("%s: out of memory for a list of its checkpoints", folder);
}

/* What is kept first stands first. */
static int later(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return (x->number < y->number) - (x->number > y->number);
}

static int better(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const bool x_is_number = !isnan(x->metric), y_is_number = !isnan(y->metric);
    if (x_is_number != y_is_number)
        return x_is_number ? -1 : 1;
    if (x->metric != y->metric && x_is_number)
        return x->metric < y->metric ? -1 : 1;
    return later(a, b);
}

/* Sets the metrics; negative where more is better. */
static bool read_metrics(const tarn_checkpoint_keep_args *args, entries *all)
{
    for (int i = 0; i < all->count; i++) {
        char *path = path_of(args->folder, all->list[i].number);
        if (!path)
            return false;
        const double metric = tarn__checkpoint_metric(path);
        all->list[i].metric = args->maximize ? -metric : metric;
        free(path);
    }
    return true;
}

static bool remove_one(const char *folder, int64_t number)
{
    char *path = path_of(folder, number);
    const bool removed =
        path && (unlink(path) == 0 || errno == ENOENT ||
                 tarn_set_error("%s: cannot be removed: %s", path, strerror(errno)));
    free(path);
    return removed;
}

static bool remove_others(const tarn_checkpoint_keep_args *args)
{
    entries all;
    if (!list_folder(args->folder, &all))
        return false;
    bool done = !args->best || read_metrics(args, &all);
    if (done)
        qsort(all.list, (size_t)all.count, sizeof *all.list, args->best ? better : later);
    for (int i = args->keep; done && i < all.count; i++)
        if (all.list[i].number != args->number)
            done = remove_one(args->folder, all.list[i].number);
    free(all.list);
    return done;
}

bool tarn_checkpoint_keep_with(tarn_checkpoint_keep_args args)
{
    if (!args.checkpoint || !args.folder)
        return tarn_fail("checkpoint_keep: the %s is NULL", args.folder ? "checkpoint" : "folder");
    if (args.keep < 1 || args.number < 0 || args.number > 999999999999999999)
        return tarn_fail(
            "checkpoint_keep: keep is %d and the number %lld, expects at least 1, and 0 "
            "to 999999999999999999",
            args.keep, (long long)args.number);
    char *path = path_of(args.folder, args.number);
    const bool saved =
        path && tarn__checkpoint_save(args.checkpoint, path, args.best ? args.metric : NAN);
    free(path);
    return tarn__told(saved && remove_others(&args));
}

bool tarn_checkpoint_load_last(const tarn_checkpoint *checkpoint, const char *folder)
{
    if (!folder)
        return tarn_fail("checkpoint_load_last: the folder is NULL");
    entries all;
    if (!list_folder(folder, &all))
        return tarn__told(false);
    int64_t last = -1;
    for (int i = 0; i < all.count; i++)
        last = all.list[i].number > last ? all.list[i].number : last;
    free(all.list);
    if (last < 0)
        return tarn__told(
            tarn_set_error("%s: holds no checkpoint, expects a file such as %s00000001%s", folder,
                           prefix, suffix));
    char *path = path_of(folder, last);
    const bool loaded = path && tarn_checkpoint_load(checkpoint, path);
    free(path);
    return tarn__told(loaded);
}
