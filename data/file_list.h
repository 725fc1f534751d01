/* Files of pictures and their classes. */
#ifndef TARN_DATA_FILE_LIST_H
#define TARN_DATA_FILE_LIST_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tarn__file_list {
    int64_t count, room;
    char **paths; /* each from malloc */
    int32_t *labels;
    char *table;    /* the path of the table that lists them, from malloc; NULL: none does */
    int64_t *lines; /* where they stand there; 0 where there is none */
} tarn__file_list;

/* Adds a path, which it takes, also when it fails for want of memory. NULL is such a failure. */
bool tarn__file_list_add(tarn__file_list *list, char *path, int32_t label, int64_t line);
void tarn__file_list_clear(tarn__file_list *list);

/* Moves file i to a place before it, in which there is none. */
void tarn__file_list_move(tarn__file_list *list, int64_t i, int64_t to);

/* Puts the line of file i, if it is of a table, before what tarn_error() says of it. Returns false.
 */
bool tarn__file_list_blame(const tarn__file_list *list, int64_t i);

/* Whether a file is called as pictures are. */
bool tarn__is_picture_name(const char *name);

#endif
