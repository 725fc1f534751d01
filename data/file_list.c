#include "data/file_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error_internal.h"

/* Twice as many places, in the arrays that have them. */
static bool grow(tarn__file_list *list)
{
    const int64_t room = list->room > 0 ? 2 * list->room : 64;
    char **paths = realloc(list->paths, (size_t)room * sizeof *paths);
    list->paths = paths ? paths : list->paths;
    int32_t *labels = realloc(list->labels, (size_t)room * sizeof *labels);
    list->labels = labels ? labels : list->labels;
    int64_t *lines = realloc(list->lines, (size_t)room * sizeof *lines);
    list->lines = lines ? lines : list->lines;
    if (!paths || !labels || !lines)
        return tarn_set_error("out of memory for the names of %lld files", (long long)room);
    list->room = room;
    return true;
}

bool tarn__file_list_add(tarn__file_list *list, char *path, int32_t label, int64_t line)
{
    if (!path)
        return false;
    if (list->count == list->room && !grow(list)) {
        free(path);
        return false;
    }
    list->paths[list->count] = path;
    list->labels[list->count] = label;
    list->lines[list->count++] = line;
    return true;
}

void tarn__file_list_clear(tarn__file_list *list)
{
    for (int64_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->labels);
    free(list->lines);
    free(list->table);
    *list = (tarn__file_list){0};
}

void tarn__file_list_move(tarn__file_list *list, int64_t i, int64_t to)
{
    list->paths[to] = list->paths[i];
    list->labels[to] = list->labels[i];
    list->lines[to] = list->lines[i];
}

bool tarn__file_list_blame(const tarn__file_list *list, int64_t i)
{
    return list->table && tarn_set_error("%s, line %lld: %s", list->table,
                                         (long long)list->lines[i], tarn__error_unread());
}

bool tarn__is_picture_name(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp", ".gif",
                                          ".pnm", ".pbm", ".pgm",  ".ppm"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}
