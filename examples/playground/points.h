/* Sets of points in the plane, of two classes, for the rooms Classify and Landscape. */
#ifndef TARN_PLAYGROUND_POINTS_H
#define TARN_PLAYGROUND_POINTS_H

#include <tarn.h>

enum { POINTS_MOST = 1000 };

/* Half of them to train on, half to test on: points 0, 1, 4, 5, ... and 2, 3, 6, 7, ...; of points
   drawn by hand each fourth is for testing. */
typedef struct points {
    int count;     /* of all */
    int counts[2]; /* to train on, to test on */
    tarn_real places[2][2 * POINTS_MOST];
    int32_t labels[2][POINTS_MOST];
} points;

/* Those of the page, which pg_set() and pg_draw() made. */
extern points data;

#endif
