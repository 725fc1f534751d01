/* Inside of examples/lab/predict/prepare.c: from a photo to its ink, of which the digit is made. */
#ifndef TARN_LAB_PREPARE_INK_H
#define TARN_LAB_PREPARE_INK_H

#include <tarn.h>

enum { WORK = 256 }; /* larger images are reduced to this many pixels on their longer side */

/* Planes of (height, width) pixels. */
typedef struct work {
    int height, width, count;
    float ink[WORK * WORK];                       /* what becomes the digit */
    float other[WORK * WORK], third[WORK * WORK]; /* for what a step needs besides */
    int piece[WORK * WORK], queue[WORK * WORK];
} work;

/* This much ink makes a pixel a part of a stroke. */
static const float stroke = 0.4f;

/* Fills the ink: paper 0, ink 1. Pixels as prepare_digit() gets them. Returns NULL, or why there is
   none. */
const char *find_ink(work *w, const tarn_tensor *photo);

/* Says something of some values, each a step behind the one before. */
typedef float window_rule(const float *from, int count, int step);
float most(const float *from, int count, int step);

/* Replaces each value of a plane by what the rule says of the square window around it, which
   reaches radius pixels to each side, as far as there are pixels. Overwrites the third plane. */
void slide(work *w, float *plane, int radius, window_rule *rule);

static inline int at_most(int a, int b)
{
    return a < b ? a : b;
}

static inline int at_least(int a, int b)
{
    return a > b ? a : b;
}

static inline float between_0_and_1(float x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static inline int longer_side(const work *w)
{
    return at_least(w->height, w->width);
}

#endif
