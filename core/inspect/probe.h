/* Products with the Hessian of a loss, see core/inspect/curvature.h, one after the other. */
#ifndef TARN_CORE_INSPECT_PROBE_H
#define TARN_CORE_INSPECT_PROBE_H

#include "core/inspect/curvature.h"

/* A gradient that is put aside while other gradients are computed. */
typedef struct tarn__aside {
    tarn_tensor *tensor;
    tarn_real *gradients;
    bool stale;
} tarn__aside;

/* A loss and its parameters, and what is put back afterwards. */
typedef struct tarn__probe {
    const char *who;
    tarn_loss_function *loss;
    void *context;
    tarn_params params;
    int64_t size; /* elements of all parameters */

    tarn_real *weights; /* a copy of theirs */
    double *unit, *near, *far;
    double distance, farthest; /* to begin the next product with, and never to exceed */
    tarn__aside *asides;
    int aside_count;
    uint64_t random;
    bool incomplete; /* see tarn__backward_incomplete() */
} tarn__probe;

/* Copies the parameters, and puts their gradients aside. False with tarn_error() set when memory
   runs out. The members up to size are given. */
bool tarn__probe_begin(tarn__probe *p);

/* out = H v, v being finite; they may be the same. Otherwise as tarn_hessian_product(). */
bool tarn__probe_product(tarn__probe *p, const double *v, double *out, double *spread);

/* Puts everything back; after a begin that failed, too. */
void tarn__probe_end(tarn__probe *p);

#endif
