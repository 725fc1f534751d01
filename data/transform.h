/*
 * Transforms: small random changes of a picture that leave its meaning, so that a network sees
 * another one each time.
 *
 *     tarn_loader_new(digits, 64, .shuffle = true, .transforms = tarn_transforms_of(
 *         tarn_transform_rotate(10), tarn_transform_shift(2), tarn_transform_flip(0.5)));
 *
 * A transform is a value, a list of them too. Each has a random stream of its own, which starts
 * from (seed, epoch, sample) and its place in the list, so that what it does to a picture depends
 * neither on the order of the pictures nor on who computes it. Pictures keep their size.
 *
 * Pixels are (height, width, channels) in [0, 1], and stay there; they are normalized afterwards.
 */
#ifndef TARN_DATA_TRANSFORM_H
#define TARN_DATA_TRANSFORM_H

#include <stdint.h>
#include <stdio.h>

#include "core/base/options.h"

TARN_API_BEGIN

/* ---- What a transform is */

/* A picture on its way. The three blocks have no part in common. */
typedef struct tarn_sample {
    int height, width, channels;
    tarn_real *values;  /* (height, width, channels) */
    tarn_real *spare;   /* as large, of any content: a transform that cannot work in place writes
                           here and calls tarn_sample_swap() */
    tarn_real *scratch; /* tarn_sample_scratch() numbers, of any content */
    uint64_t random;    /* where the stream of random numbers stands */
} tarn_sample;

/* How many numbers the scratch of a picture has. */
int64_t tarn_sample_scratch(int height, int width);

/* The next number of the sample's stream, uniform in [low, high). */
double tarn_sample_uniform(tarn_sample *sample, double low, double high);

/* Exchanges values and spare. */
void tarn_sample_swap(tarn_sample *sample);

/* What stands where a picture has no pixel: the number fill, the nearest pixel, or the picture
   mirrored at its outermost pixels (c b | a b c | b a). */
typedef enum tarn_border {
    TARN_BORDER_FILL = 0,
    TARN_BORDER_EDGE,
    TARN_BORDER_REFLECT
} tarn_border;

/* The pixel of the result at (x, y), counted from the middle of the picture, is the one that was at
   (xx x + xy y + x0, yx x + yy y + y0): bilinear between its four neighbours, of which those that
   lie outside are the border's. */
typedef struct tarn_map {
    double xx, xy, x0, yx, yy, y0;
    tarn_border border;
    double fill;
} tarn_map;

enum { TARN_TRANSFORM_NUMBERS = 8, TARN_TRANSFORMS_MAX = 16 };

/* One of your own is a function: (tarn_transform){.name = "invert", .apply = invert}. Called by
   several threads at once, for a sample each. */
typedef struct tarn_transform tarn_transform;
struct tarn_transform {
    const char *name;
    /* One of these two: changes the values in place or exchanges them with the spare ones; or says
       where pixels come from. Maps that follow each other with the same border are combined, so
       that the picture is resampled once. */
    void (*apply)(const tarn_transform *transform, tarn_sample *sample);
    tarn_map (*map)(const tarn_transform *transform, tarn_sample *sample);
    const char *meaning; /* the names of its numbers, with a blank between them; NULL for none */
    double numbers[TARN_TRANSFORM_NUMBERS];
    void *context; /* borrowed */
};

typedef struct tarn_transforms {
    int count; /* -1: one of them could not be made, and the handler has heard why */
    tarn_transform items[TARN_TRANSFORMS_MAX];
} tarn_transforms;

/* tarn_transforms_of(first, second, ...): applied in this order. More than TARN_TRANSFORMS_MAX, or
   one without a function, is a mistake. */
tarn_transforms tarn_transforms_list(int count, const tarn_transform *items);
#define tarn_transforms_of(...) TARN_LIST(tarn_transforms_list, tarn_transform, __VA_ARGS__)

/* "rotate(degrees=10, border=fill, fill=0), flip(probability=0.5)"; "none" for an empty list. */
void tarn_transforms_print(const tarn_transforms *list, FILE *to);

/* Applies all of them; the stream of each is chosen by seed. Does nothing without a list or a
 * sample. */
void tarn_transforms_apply(const tarn_transforms *list, tarn_sample *sample, uint64_t seed);

/* ---- Moved, turned, stretched: maps, each drawn uniformly. Numbers outside of the ranges given
   here are mistakes, for all transforms; the result is then one that no list takes. */

#define TARN_BORDER_OPTIONS(OPTION)                                                                \
    OPTION(tarn_border, border, TARN_BORDER_FILL)                                                  \
    OPTION(double, fill, 0) /* in [0, 1] */

typedef struct tarn_map_args {
    double amount;
    TARN_OPTIONS(TARN_BORDER_OPTIONS)
} tarn_map_args;

/* By up to so many pixels each way, across and down, parts of a pixel too; 0 to 10000. */
tarn_transform tarn_transform_shift_with(tarn_map_args args);
#define tarn_transform_shift(...)                                                                  \
    TARN_CALL(tarn_transform_shift_with, tarn_map_args, TARN_BORDER_OPTIONS, .amount = __VA_ARGS__)

/* By up to so many degrees each way, 0 to 180. */
tarn_transform tarn_transform_rotate_with(tarn_map_args args);
#define tarn_transform_rotate(...)                                                                 \
    TARN_CALL(tarn_transform_rotate_with, tarn_map_args, TARN_BORDER_OPTIONS, .amount = __VA_ARGS__)

/* Slanted, so that upright lines lean by up to so many degrees each way; 0 to 80. */
tarn_transform tarn_transform_shear_with(tarn_map_args args);
#define tarn_transform_shear(...)                                                                  \
    TARN_CALL(tarn_transform_shear_with, tarn_map_args, TARN_BORDER_OPTIONS, .amount = __VA_ARGS__)

/* Magnified by a factor in [low, high), both in [0.01, 100]. Nothing is averaged where pictures
   shrink: below 1/2 pixels are left out. */
typedef struct tarn_transform_scale_args {
    double low, high;
    TARN_OPTIONS(TARN_BORDER_OPTIONS)
} tarn_transform_scale_args;
tarn_transform tarn_transform_scale_with(tarn_transform_scale_args args);
#define tarn_transform_scale(low_, ...)                                                            \
    TARN_CALL(tarn_transform_scale_with, tarn_transform_scale_args, TARN_BORDER_OPTIONS,           \
              .low = (low_), .high = __VA_ARGS__)

/* A part of the picture, magnified to the size of the whole (Szegedy et al. 2015, as torchvision's
   RandomResizedCrop): its area is a share in [smallest, 1) of the picture's, its width by its
   height has a logarithm uniform in [ln 1/ratio, ln ratio), and it lies anywhere inside. Drawn
   again, ten times at most, where it is larger than the picture one way; then it is the whole
   picture. smallest in (0, 1]. */
#define TARN_TRANSFORM_RESIZED_CROP_OPTIONS(OPTION)                                                \
    OPTION(double, ratio, 4.0 / 3.0) /* 1 to 100, of the sides as they are in pixels */
typedef struct tarn_transform_resized_crop_args {
    double smallest;
    TARN_OPTIONS(TARN_TRANSFORM_RESIZED_CROP_OPTIONS)
} tarn_transform_resized_crop_args;
tarn_transform tarn_transform_resized_crop_with(tarn_transform_resized_crop_args args);
#define tarn_transform_resized_crop(...)                                                           \
    TARN_CALL(tarn_transform_resized_crop_with, tarn_transform_resized_crop_args,                  \
              TARN_TRANSFORM_RESIZED_CROP_OPTIONS, .smallest = __VA_ARGS__)

/* ---- Cut and mirrored: pixels stay as they are */

/* The picture with a border of so many pixels around it (0 to 10000), cut to its size at one of the
   (2 padding + 1)^2 places. */
typedef struct tarn_transform_crop_args {
    int padding;
    TARN_OPTIONS(TARN_BORDER_OPTIONS)
} tarn_transform_crop_args;
tarn_transform tarn_transform_crop_with(tarn_transform_crop_args args);
#define tarn_transform_crop(...)                                                                   \
    TARN_CALL(tarn_transform_crop_with, tarn_transform_crop_args, TARN_BORDER_OPTIONS,             \
              .padding = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Left becomes right, or top becomes bottom, with this probability. */
tarn_transform tarn_transform_flip(double probability);
tarn_transform tarn_transform_flip_vertical(double probability);

/* ---- Distorted */

/* Elastic distortion (Simard, Steinkraus, Platt 2003): the pixel at (x, y) is the one that was at
   (x + alpha u, y + alpha v), bilinear as above. u and v are fields of a number for each pixel,
   uniform in [-1, 1), smoothed by a Gaussian of so many pixels, which is cut off at 3 sigma and
   finds 0 outside. For MNIST 34 and 4. alpha 0 to 10000, sigma 0.01 to 64. */
typedef struct tarn_transform_elastic_args {
    double alpha, sigma;
    TARN_OPTIONS(TARN_BORDER_OPTIONS)
} tarn_transform_elastic_args;
tarn_transform tarn_transform_elastic_with(tarn_transform_elastic_args args);
#define tarn_transform_elastic(alpha_, ...)                                                        \
    TARN_CALL(tarn_transform_elastic_with, tarn_transform_elastic_args, TARN_BORDER_OPTIONS,       \
              .alpha = (alpha_), .sigma = __VA_ARGS__)

/* ---- Erased */

/* Cutout (DeVries and Taylor 2017): a square of size x size pixels becomes fill. Its middle is any
   pixel, so that it may reach beyond the picture. size 0 to 10000. */
#define TARN_TRANSFORM_CUTOUT_OPTIONS(OPTION) OPTION(double, fill, 0) /* in [0, 1] */
typedef struct tarn_transform_cutout_args {
    int size;
    TARN_OPTIONS(TARN_TRANSFORM_CUTOUT_OPTIONS)
} tarn_transform_cutout_args;
tarn_transform tarn_transform_cutout_with(tarn_transform_cutout_args args);
#define tarn_transform_cutout(...)                                                                 \
    TARN_CALL(tarn_transform_cutout_with, tarn_transform_cutout_args,                              \
              TARN_TRANSFORM_CUTOUT_OPTIONS, .size = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Random erasing (Zhong et al. 2017), with this probability: a rectangle inside the picture, of a
   share in [smallest, largest) of its area, its height by its width with a logarithm uniform in
   [ln 1/ratio, ln ratio), becomes fill, or noise uniform in [0, 1). Drawn again, ten times at most,
   where it does not fit; then nothing is erased. */
#define TARN_TRANSFORM_ERASE_OPTIONS(OPTION)                                                       \
    OPTION(double, smallest, 0.02)    /* in [0, 1], at most largest */                             \
    OPTION(double, largest, 1.0 / 3)  /* in [0, 1] */                                              \
    OPTION(double, ratio, 10.0 / 3.0) /* 1 to 100 */                                               \
    OPTION(double, fill, 0)           /* in [0, 1] */                                              \
    OPTION(bool, noise, false)
typedef struct tarn_transform_erase_args {
    double probability;
    TARN_OPTIONS(TARN_TRANSFORM_ERASE_OPTIONS)
} tarn_transform_erase_args;
tarn_transform tarn_transform_erase_with(tarn_transform_erase_args args);
#define tarn_transform_erase(...)                                                                  \
    TARN_CALL(tarn_transform_erase_with, tarn_transform_erase_args, TARN_TRANSFORM_ERASE_OPTIONS,  \
              .probability = __VA_ARGS__)

/* ---- Lit otherwise. What leaves [0, 1] becomes 0 or 1. f is uniform in
   [max(0, 1 - amount), 1 + amount), amount 0 to 100. */
tarn_transform tarn_transform_brightness(double amount); /* f x */
tarn_transform tarn_transform_contrast(double amount);   /* f x + (1 - f) mean of all values */

TARN_API_END

#endif
