/* Files of pictures and their classes. */
#ifndef TARN_DATA_FILE_LIST_H
#define TARN_DATA_FILE_LIST_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tarn__file_list {
    char **paths; /* each from malloc */
    int32_t *labels;
    int64_t count, room;
} tarn__file_list;

/* Adds a path, which it takes, also when it fails for want of memory. NULL is such a failure. */
bool tarn__file_list_add(tarn__file_list *list, char *path, int32_t label);
void tarn__file_list_clear(tarn__file_list *list);

/* Whether a file is called as pictures are. */
bool tarn__is_picture_name(const char *name);

#endif
