/* What a trial is made of, as ./run train would be told of it. */
#ifndef TARN_LAB_TUNE_RECIPE_H
#define TARN_LAB_TUNE_RECIPE_H

#include "examples/lab/tune/space.h"

typedef struct recipe {
    char optimizer[256]; /* with its options but lr: "adam:beta1=0.85" */
    const char *model, *schedule;
    value lr;
    long batch, seed;
} recipe;

/* The recipe of one value for each axis; what is no axis is lenet, adam at the rate that suits it,
   a batch of 64, a linear schedule, and this seed. It points into the values. */
recipe recipe_of(const space *s, const value *values, long seed);

/* As options of ./run train; the same text for recipes that train in the same way. */
typedef struct recipe_text {
    char text[640];
} recipe_text;
recipe_text recipe_options(const recipe *r);

#endif
