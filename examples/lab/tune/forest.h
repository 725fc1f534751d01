/*
 * Which hyperparameter mattered: functional analysis of variance over a forest (Hutter, Hoos,
 * Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance").
 *
 * A regression tree cuts the space, here the unit cube, into boxes B of volume |B| and says one
 * number y_B in each: it is a function y(x) that is known everywhere, so that integrals of it are
 * sums over boxes. Over the whole cube it has the mean m and the variance V:
 *
 *     m = sum_B |B| y_B                    V = sum_B |B| y_B^2 - m^2
 *
 * What is left of it when all axes but j are averaged away, and how much that varies:
 *
 *     a_j(x) = sum of |B| / |B_j| y_B over the boxes whose side B_j along j holds x
 *     V_j = integral from 0 to 1 of (a_j(x) - m)^2 dx
 *
 * The importance of j is V_j / V: the part of the variance that j explains by itself. These parts
 * add up to at most 1; the rest is what axes do together, as when a rate suits one optimizer and
 * not another. The forest's is the mean over the trees that vary at all (V > 0); how far the trees,
 * each of which was grown on another draw of the trials, differ shows how sure it is.
 *
 * A tree is grown on as many samples as there are, drawn with replacement (Breiman 2001): a box is
 * cut where that leaves the least sum of squares, halfway between two neighbours, as long as both
 * sides keep 3 samples.
 */
#ifndef TARN_LAB_TUNE_FOREST_H
#define TARN_LAB_TUNE_FOREST_H

#include <stdint.h>

enum { FOREST_AXES = 12, FOREST_STEPS = 60 };

typedef struct forest_samples {
    int count, axes;
    const double *x;          /* (count, axes) places in [0, 1] */
    const double *y;          /* count finite numbers */
    int choices[FOREST_AXES]; /* of an axis with k choices, each a k-th part of it; 0 for a range */
} forest_samples;

typedef struct importance {
    double mean[FOREST_AXES], deviation[FOREST_AXES]; /* over the trees */
    /* The mean of a_j(x) over them, in the middle of each of so many equal parts of the axis. */
    double effect[FOREST_AXES][FOREST_STEPS];
    double together; /* 1 - the sum of the means */
    int trees;       /* that vary; 0: y does not, all is 0 */
} importance;

importance forest_importance(const forest_samples *samples, uint64_t seed);

/* ---- A tree's parts, for tests */

typedef struct forest_box {
    double low[FOREST_AXES], high[FOREST_AXES];
    double y;
} forest_box;

/* V of the boxes, which fill the unit cube, and V_j of each axis. */
double forest_variances(const forest_box *boxes, int count, int axes,
                        double variances[FOREST_AXES]);

#endif
