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

/* The same for the bytes of a PNG file, of whose 16 bits the upper 8 are taken; the path is for
   messages. With opacity if the file has it and it is asked for. */
bool tarn__image_decode(tarn__image *image, const char *path, const uint8_t *bytes, int64_t size,
                        bool opacity);

/* Inflates deflated data (RFC 1951, no header) to at most capacity bytes; returns how many, or -1.
   Sizes are at most INT_MAX. */
int64_t tarn__inflate(uint8_t *to, int64_t capacity, const uint8_t *bytes, int64_t size);

#endif
