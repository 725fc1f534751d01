/* Writes PNG pictures. */
#ifndef TARN_DATA_PNG_H
#define TARN_DATA_PNG_H

#include "data/image.h"

/* Writes a picture of 1 or 3 channels of 8 bits, of at least one pixel, as a file that is there as
   a whole or not at all. False with tarn_error() set. */
bool tarn__png_save(const tarn__image *image, const char *path);

#endif
