/* Reads photos and drawings: files of all kinds that data/picture.h knows, from wherever. */
#ifndef TARN_LAB_PHOTO_H
#define TARN_LAB_PHOTO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct photo_image {
    int height, width, channels; /* 1 (gray) or 3 (red, green, blue); 2 or 4 with opacity behind */
    uint8_t *pixels;             /* (height, width, channels); free with free() */
} photo_image;

/* Reads a picture with its opacity; a JPEG is turned or mirrored as its EXIF data ask. False, with
   tarn_error() set, if that fails. */
bool photo_read(photo_image *photo, const char *path);

/* The same for the bytes of a file; the path is for messages. */
bool photo_decode(photo_image *photo, const char *path, const uint8_t *bytes, int64_t size);

#endif
