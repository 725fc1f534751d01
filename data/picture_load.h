/* Reading all pictures of a dataset at once. */
#ifndef TARN_DATA_PICTURE_LOAD_H
#define TARN_DATA_PICTURE_LOAD_H

#include "data/picture_store.h"

/* Reads all pictures into memory, if they fit; leaves bad ones out if the options ask for that, and
   counts them. False with tarn_error() set. */
bool tarn__pictures_load(tarn__picture_store *self, const tarn_pictures_args *args,
                         int64_t *skipped);

#endif
