/*
 * A recipe: all that it takes to train a network well, in one place. Each stands in a file of its
 * own, recipes/NAME.c, with its settings at the top and nothing hidden in the library; recipe.c
 * follows it step by step, and ./run mnist --recipe NAME runs it over seeds. docs/records.md says
 * what they reach.
 */
#ifndef TARN_LAB_RECIPE_H
#define TARN_LAB_RECIPE_H

#include <tarn.h>

#include "examples/lab/lib/digits.h"

typedef struct recipe {
    const char *name;
    const char *goal;    /* a line of --help */
    const char *dataset; /* of lib/digits.h, where none is asked for; NULL: MNIST */
    tarn_module *(*network)(int size, int channels, int classes); /* for size x size pixels */
    int border;                       /* so many pixels are cut off on each side of every picture */
    tarn_transforms (*changes)(void); /* another way each time a picture is trained on; or NULL */
    double epochs;                    /* parts of one too */
    int batch;
    const char *optimizer; /* as lib/optimizers.h reads it */
    double lr;             /* at its largest, */
    double rise;           /* after so large a part of the steps; from there straight down */
    double end;            /* to this part of the largest; 0: to nothing */
    double smoothing;      /* of the labels, in tarn_cross_entropy() */
    double frozen;   /* the part of the steps, at the end, in which the first layer stays as it is:
                        the first child, which is all of a network in views_of() */
    double averaged; /* the part of the steps, at the end, whose weights are averaged; 0: none */
    long seeds;      /* over how many the goal is meant */
    bool color;      /* for pictures in colour, not for digits */
} recipe;

extern const recipe recipe_fast, recipe_best, recipe_small, recipe_fashion, recipe_color;

/* ---- What it is made of: recipes/data.c */

/* Which pictures. */
typedef struct source {
    digits digits;      /* for a recipe without color */
    const char *folder; /* for one with: CIFAR-10 in its binary version, or a folder for each class;
                           NULL before one is named */
    bool holdout; /* test on 5,000 (one in twelve) that are held out of the training pictures: to
                     choose settings without a look at the test pictures */
} source;

typedef struct ingredients {
    tarn_dataset *training, *test;
} ingredients;

/* Reads the pictures, normalizes them and cuts off their border. Dies of what cannot be read. */
ingredients ingredients_new(const recipe *r, const source *from);
void ingredients_free(ingredients *all);

/* ---- Following it */

typedef struct outcome {
    double accuracy; /* of the test pictures */
    double seconds;  /* from the first batch to the last update */
    double end;      /* when that was, by seconds_now() */
    double begin;    /* and when the network was begun */
    int64_t parameters, steps;
} outcome;

/* Trains a network from that seed, and tests it. Dies where it learned nothing. */
outcome recipe_follow(const recipe *r, const ingredients *all, uint64_t seed);

#endif
