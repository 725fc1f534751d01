/* Pictures in files as the samples of a dataset. */
#ifndef TARN_DATA_PICTURE_STORE_H
#define TARN_DATA_PICTURE_STORE_H

#include "data/data.h"

/* Files and their classes. */
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

/* Whether size and options can be what all pictures are made into; else a mistake. */
bool tarn__pictures_check(const char *function, const tarn_pictures_args *args);

/* The dataset of pictures with these classes; takes the list, also when it fails. */
tarn_dataset *tarn__dataset_of_pictures(tarn__file_list *list, const tarn_pictures_args *args,
                                        int classes, const char *const *names);

#endif
