/* Pictures in files as the samples of a dataset. */
#ifndef TARN_DATA_PICTURE_STORE_H
#define TARN_DATA_PICTURE_STORE_H

#include "data/dataset.h"
#include "data/file_list.h"
#include "data/picture.h"

typedef struct tarn__picture_store {
    tarn__store store;
    tarn__form form;
    int64_t size;          /* of a sample */
    tarn__file_list files; /* those of the samples; its labels become the dataset's */
    /* The samples as bytes, or as numbers if one has 16 bits; both NULL: they stay in the files. */
    uint8_t *bytes;
    tarn_real *numbers;
} tarn__picture_store;

/* The dataset of pictures with these classes; takes the list, also when it fails. */
tarn_dataset *tarn__dataset_of_pictures(tarn__file_list *list, const tarn_pictures_args *args,
                                        int classes, const char *const *names);

#endif
