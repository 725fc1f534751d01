/* Surfaces over two parameters, of which all is known. */
#ifndef TARN_LAB_LANDSCAPE_SURFACES_H
#define TARN_LAB_LANDSCAPE_SURFACES_H

#include <tarn.h>

typedef struct point {
    double x, y;
} point;

typedef struct surface {
    const char *name;
    tarn_tensor *(*f)(tarn_tensor *x, tarn_tensor *y); /* of numbers, or of equally many of them */
    const char *text;
    point start;
    point low, high; /* corners of the picture */
    int minima_count;
    point minima[4];
} surface;

enum { SURFACES = 5 };
extern const surface surfaces[SURFACES];

/* The last of them, but from exactly on the ridge. */
surface saddle_from_ridge(void);

#endif
