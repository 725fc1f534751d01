/* Pictures of all kinds, from wherever: PNG, JPEG, BMP, PNM, and the first frame of a GIF. */
#ifndef TARN_DATA_PICTURE_H
#define TARN_DATA_PICTURE_H

#include "data/data.h"
#include "data/image.h"

enum { TARN__MEGAPIXELS = 100 }; /* no larger picture is decoded */

/* Reads a picture with its opacity, if it has any; a JPEG is turned or mirrored as its EXIF data
   ask, which phones write rather than turn the pixels. keeps_depth: one of 16 bits is deep, else
   the upper 8 are taken. False, with tarn_error() set and no pixels, if that fails: a damaged file
   is refused, or, where nothing but its image data is damaged, may give a damaged picture. errno is
   ENOMEM afterwards if memory ran out, if it was 0 before. */
bool tarn__picture_read(tarn__image *picture, const char *path, bool keeps_depth);

/* The same for the bytes of a file; the path is for messages. */
bool tarn__picture_decode(tarn__image *picture, const char *path, const uint8_t *bytes,
                          int64_t size, bool keeps_depth);

/* What all pictures of a dataset are made into. */
typedef struct tarn__form {
    int height, width, channels; /* 1 or 3 */
    tarn_resize resize;
    uint8_t background[3]; /* under what is not opaque, and around what does not fill the form */
} tarn__form;

/* The form that the options ask for, and whether there is one; else a mistake. */
tarn__form tarn__form_of(const tarn_pictures_args *args);
bool tarn__form_check(const char *function, const tarn_pictures_args *args);

/* Writes the picture of a file in the form, as bytes or as 16 bits: to has room for either; or as
   numbers. False with tarn_error() set. */
bool tarn__picture_elements(const char *path, const tarn__form *form, void *to, bool *is_deep);
bool tarn__picture_numbers(const char *path, const tarn__form *form, tarn_real *to);

/* ---- In data/picture/ */

/* Writes the picture in this form to height x width x channels elements as deep as its own: laid
   over the background, gray or in colour, resized. False with tarn_error() set when memory runs
   out; the path is for the message. */
bool tarn__picture_fit(const tarn__image *picture, const tarn__form *form, const char *path,
                       void *to);

/* A picture that gives its rows as numbers when asked. */
typedef struct tarn__rows {
    int height, width, channels;
    void (*get)(const void *context, int y, float *row);
    const void *context;
} tarn__rows;

/* A part of it, in pixels; lies within it. */
typedef struct tarn__part {
    double top, left, height, width;
} tarn__part;

/* Resamples a part to height x width pixels: each of the result is the mean of those around its
   place, weighted by a triangle that reaches as far as the pixels of the coarser of the two grids.
   That is linear interpolation for growing, and loses no pixel in shrinking. False when out of
   memory, of which tarn_error() says nothing yet. */
bool tarn__picture_resize(tarn__rows rows, tarn__part part, float *to, int height, int width);

#endif
