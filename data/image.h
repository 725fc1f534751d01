/* What Tarn uses of stb_image: PNG pictures and the inflater. */
#ifndef TARN_DATA_IMAGE_H
#define TARN_DATA_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tarn__image {
    int height, width, channels; /* 1 (gray) or 3 (red, green, blue); 2 or 4 with opacity behind */
    uint8_t *pixels;             /* (height, width, channels); free with free() */
    bool is_deep;                /* pixels are uint16_t instead */
} tarn__image;

/* Reads a PNG file, without its opacity; one of 16 bits is deep. False, with tarn_error() set, if
   that fails. */
bool tarn__image_load(tarn__image *image, const char *path);

/* The same for the bytes of a PNG file; the path is for messages. opacity: with it if the file has
   it. keeps_depth: one of 16 bits is deep, else the upper 8 are taken. */
bool tarn__image_decode(tarn__image *image, const char *path, const uint8_t *bytes, int64_t size,
                        bool opacity, bool keeps_depth);

/* Inflates deflated data (RFC 1951, no header) to at most capacity bytes; returns how many, or -1.
   Sizes are at most INT_MAX. */
int64_t tarn__inflate(uint8_t *to, int64_t capacity, const uint8_t *bytes, int64_t size);

#endif
