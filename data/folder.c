/* Folders with a folder of pictures for each class, and tables that list pictures. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "data/classes.h"
#include "data/input.h"
#include "data/picture_store.h"
#include "data/table.h"

/* ---- What is in a folder */

typedef struct names {
    char **items; /* sorted as bytes */
    int64_t count, room;
} names;

static void free_names(names *n)
{
    for (int64_t i = 0; i < n->count; i++)
        free(n->items[i]);
    free(n->items);
    *n = (names){0};
}

static bool add_name(names *n, const char *name)
{
    if (n->count == n->room) {
        const int64_t room = n->room > 0 ? 2 * n->room : 64;
        char **items = realloc(n->items, (size_t)room * sizeof *items);
        if (!items)
            return false;
        n->items = items;
        n->room = room;
    }
    n->items[n->count] = strdup(name);
    return n->items[n->count] && ++n->count;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What does not begin with a dot; the system gives it in any order. */
static bool list_folder(const char *path, names *found)
{
    *found = (names){0};
    DIR *folder = opendir(path);
    if (!folder)
        return tarn_set_error("%s: cannot be read as a folder: %s", path, strerror(errno));
    bool good = true;
    errno = 0;
    for (struct dirent *entry; good && (entry = readdir(folder));) {
        good = entry->d_name[0] == '.' || add_name(found, entry->d_name);
        errno = good ? 0 : ENOMEM;
    }
    const int error = errno;
    closedir(folder);
    if (error != 0) {
        free_names(found);
        return tarn_set_error("%s: cannot be read as a folder: %s", path, strerror(error));
    }
    if (found->count > 0)
        qsort(found->items, (size_t)found->count, sizeof *found->items, by_bytes);
    return true;
}

/* ---- A class */

/* A folder that is being read, and those it lies in. */
typedef struct level {
    const struct level *above;
    dev_t device;
    ino_t inode;
} level;

static bool look_at(const char *path, struct stat *what)
{
    return stat(path, what) == 0 || tarn_set_error("%s: cannot be read: %s", path, strerror(errno));
}

/* Adds the pictures in a folder and those below it. */
static bool add_pictures(tarn__file_list *list, const char *path, int32_t label,
                         const level *above);

/* Takes the path of something in a folder of pictures. */
static bool add_entry(tarn__file_list *list, char *path, int32_t label, const level *above)
{
    struct stat what;
    bool good = path && look_at(path, &what);
    if (good && S_ISDIR(what.st_mode))
        good = add_pictures(list, path, label, above);
    else if (good && tarn__is_picture_name(path))
        return tarn__file_list_add(list, path, label, 0);
    free(path);
    return good;
}

static bool add_pictures(tarn__file_list *list, const char *path, int32_t label, const level *above)
{
    struct stat what;
    if (!look_at(path, &what))
        return false;
    const level here = {above, what.st_dev, what.st_ino};
    for (const level *l = above; l; l = l->above)
        if (l->device == here.device && l->inode == here.inode)
            return tarn_set_error("%s: is a symbolic link to a folder that it lies in", path);
    names found;
    if (!list_folder(path, &found))
        return false;
    bool good = true;
    for (int64_t i = 0; good && i < found.count; i++)
        good = add_entry(list, tarn__path(path, found.items[i], ""), label, &here);
    free_names(&found);
    return good;
}

/* ---- The folder of all classes */

/* Leaves the folders among the names. */
static bool keep_folders(const char *path, names *found)
{
    int64_t kept = 0;
    bool good = true;
    for (int64_t i = 0; i < found->count; i++) {
        struct stat what;
        char *inner = good ? tarn__path(path, found->items[i], "") : NULL;
        good = inner && look_at(inner, &what);
        free(inner);
        const bool is_class = good && S_ISDIR(what.st_mode);
        if (is_class && !tarn_is_utf8(found->items[i]))
            good = tarn_set_error("%s/%s: is called what is not UTF-8, as the names of classes are",
                                  path, found->items[i]);
        if (is_class)
            found->items[kept++] = found->items[i];
        else
            free(found->items[i]);
    }
    found->count = kept;
    if (good && kept < 2)
        return tarn_set_error("%s: has %s, expects one with pictures for each of at least two "
                              "classes",
                              path, kept == 0 ? "no folder in it" : "a single folder in it");
    return good;
}

static bool add_classes(tarn__file_list *list, const char *path, const names *classes)
{
    struct stat what;
    if (!look_at(path, &what))
        return false;
    const level top = {NULL, what.st_dev, what.st_ino};
    for (int64_t c = 0; c < classes->count; c++) {
        const int64_t before = list->count;
        char *inner = tarn__path(path, classes->items[c], "");
        bool good = inner && add_pictures(list, inner, (int32_t)c, &top);
        if (good && list->count == before)
            good = tarn_set_error("%s: has no picture in it, expects files called .png, .jpg, "
                                  ".bmp, .gif, .pnm or the like",
                                  inner);
        free(inner);
        if (!good)
            return false;
    }
    return true;
}

tarn_dataset *tarn_data_folder_with(tarn_pictures_args args)
{
    if (!args.path)
        return tarn_fail("data_folder: the path of a folder is NULL");
    names classes;
    if (!tarn__form_check("data_folder", &args) || !list_folder(args.path, &classes))
        return NULL;
    tarn__file_list list = {0};
    tarn_dataset *dataset = NULL;
    if (keep_folders(args.path, &classes) && add_classes(&list, args.path, &classes))
        dataset = tarn__dataset_of_pictures(&list, &args, (int)classes.count,
                                            (const char *const *)classes.items);
    tarn__file_list_clear(&list);
    free_names(&classes);
    return dataset;
}

/* ---- Lists */

/* The path of a file in a table, which is relative to the table's folder; NULL with tarn_error()
   set. */
static char *path_beside(const char *table, const char *path)
{
    const char *slash = strrchr(table, '/');
    const size_t folder = path[0] == '/' || !slash ? 0 : (size_t)(slash - table) + 1;
    char *whole = malloc(folder + strlen(path) + 1);
    if (!whole) {
        tarn_set_error("%s: out of memory for its paths", table);
        return NULL;
    }
    memcpy(whole, table, folder);
    strcpy(whole + folder, path);
    return whole;
}

/* The paths and labels of the rows from that one. */
static bool add_rows(tarn__file_list *list, const tarn__table *table, int64_t first,
                     const int32_t *labels)
{
    for (int64_t row = first; row < table->rows; row++) {
        const char *const path = table->cells[2 * row];
        if (!*path || !*table->cells[2 * row + 1])
            return tarn_set_error("%s, line %lld: has no %s, expects a path and a label",
                                  table->path, (long long)table->lines[row],
                                  *path ? "label" : "path");
        if (!tarn_is_utf8(table->cells[2 * row + 1]))
            return tarn_set_error("%s, line %lld: its label is not UTF-8", table->path,
                                  (long long)table->lines[row]);
        if (!tarn__file_list_add(list, path_beside(table->path, path), labels[row - first],
                                 table->lines[row]))
            return false;
    }
    list->table = strdup(table->path);
    return list->table || tarn_set_error("%s: out of memory for its name", table->path);
}

/* The labels of the rows from that one, in one array; NULL with tarn_error() set. */
static char **second_column(const tarn__table *table, int64_t first)
{
    char **texts = malloc((size_t)(table->rows - first) * sizeof *texts + 1);
    if (!texts)
        tarn_set_error("%s: out of memory for its labels", table->path);
    for (int64_t row = first; texts && row < table->rows; row++)
        texts[row - first] = table->cells[2 * row + 1];
    return texts;
}

static tarn_dataset *dataset_of_table(const tarn__table *table, const tarn_pictures_args *args)
{
    if (table->columns != 2) {
        tarn_set_error("%s: has %lld column%s, expects two, a path and a label", args->path,
                       (long long)table->columns, table->columns == 1 ? "" : "s");
        return NULL;
    }
    const int64_t first = tarn__is_picture_name(table->cells[0]) ? 0 : 1;
    tarn__classes classes = {0};
    tarn__file_list list = {0};
    tarn_dataset *dataset = NULL;
    char **texts = second_column(table, first);
    if (texts && tarn__classes_find(&classes, args->path, texts, table->rows - first)) {
        if (classes.count < 2)
            tarn_set_error("%s: has %s, expects at least two classes", args->path,
                           classes.count == 0 ? "no picture in it" : "the same label in each row");
        else if (add_rows(&list, table, first, classes.labels))
            dataset = tarn__dataset_of_pictures(&list, args, classes.count, classes.names);
        free(classes.names);
        free(classes.labels);
    }
    free(texts);
    tarn__file_list_clear(&list);
    return dataset;
}

tarn_dataset *tarn_data_list_with(tarn_pictures_args args)
{
    tarn__table table;
    if (!tarn__form_check("data_list", &args) || !tarn__table_read(&table, args.path))
        return NULL;
    tarn_dataset *dataset = dataset_of_table(&table, &args);
    tarn__table_free(&table);
    return dataset;
}
