/* Pictures in files as the samples of a dataset. */
#ifndef TARN_DATA_PICTURE_STORE_H
#define TARN_DATA_PICTURE_STORE_H

#include "data/data.h"
#include "data/file_list.h"

/* Whether size and options can be what all pictures are made into; else a mistake. */
bool tarn__pictures_check(const char *function, const tarn_pictures_args *args);

/* The dataset of pictures with these classes; takes the list, also when it fails. */
tarn_dataset *tarn__dataset_of_pictures(tarn__file_list *list, const tarn_pictures_args *args,
                                        int classes, const char *const *names);

#endif
