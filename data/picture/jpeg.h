/* What is looked at in a JPEG before it is decoded. */
#ifndef TARN_DATA_PICTURE_JPEG_H
#define TARN_DATA_PICTURE_JPEG_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the file has the form of a JPEG that can be decoded; false with tarn_error() set. Gives
   the orientation that its EXIF data ask for: where the first row and the first column of the
   pixels belong, as EXIF counts the eight ways from 1; 0 where it does not say so in good form. */
bool tarn__jpeg_check(const char *path, const uint8_t *bytes, int64_t size, int *orientation);

/* Whether so many pixels are not too many, and can be in a file of that size of which a byte holds
   at most pixels_in_byte. */
bool tarn__pixels_check(const char *path, int64_t size, int64_t width, int64_t height,
                        int64_t pixels_in_byte);

#endif
