#include "data/file_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"

bool tarn__file_list_add(tarn__file_list *list, char *path, int32_t label)
{
    if (path && list->count == list->room) {
        const int64_t room = list->room > 0 ? 2 * list->room : 64;
        char **paths = realloc(list->paths, (size_t)room * sizeof *paths);
        list->paths = paths ? paths : list->paths;
        int32_t *labels = realloc(list->labels, (size_t)room * sizeof *labels);
        list->labels = labels ? labels : list->labels;
        if (!paths || !labels) {
            tarn_set_error("out of memory for the names of %lld files", (long long)room);
            free(path);
            return false;
        }
        list->room = room;
    }
    if (!path)
        return false;
    list->paths[list->count] = path;
    list->labels[list->count++] = label;
    return true;
}

void tarn__file_list_clear(tarn__file_list *list)
{
    for (int64_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->labels);
    *list = (tarn__file_list){0};
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
