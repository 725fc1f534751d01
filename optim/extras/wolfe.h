/* A search along a line for a length that satisfies the strong Wolfe conditions. */
#ifndef TARN_OPTIM_EXTRAS_WOLFE_H
#define TARN_OPTIM_EXTRAS_WOLFE_H

#include "core/tensor.h"

/* What is known of a place on the line. */
typedef struct tarn__place_on_line {
    double t, f, slope; /* how far it is, the function there, and its derivative along the line */
    tarn_real *g;       /* its gradient there */
} tarn__place_on_line;

/* Looks at the function at p->t, and fills in the rest. One that is not finite has an f of infinity
   and a slope of 0. */
typedef void tarn__look(void *context, tarn__place_on_line *p);

typedef struct tarn__line {
    tarn__look *look;
    void *context;
    double largest;     /* of |d|, the direction */
    double tolerance;   /* no bracket is divided any more whose ends differ by less */
    int most_looks;     /* at least 1 */
    tarn_real *room[3]; /* for gradients */
} tarn__line;

/* From start, where the slope is negative, t being the first guess. Returns a place whose g is that
   of start or one of the room; counts the looks. */
tarn__place_on_line tarn__wolfe(const tarn__line *line, const tarn__place_on_line *start, double t,
                                int *looks);

#endif
