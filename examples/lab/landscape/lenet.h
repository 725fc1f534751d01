/*
 * For ./run landscape --network: LeNet on digits, all its weights in one row, and training it with
 * an eye on the path they take.
 */
#ifndef TARN_LAB_LANDSCAPE_LENET_H
#define TARN_LAB_LANDSCAPE_LENET_H

#include "examples/lab/landscape/directions.h"
#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/training.h"

typedef struct settings {
    digits digits;
    const char *folder, *load;
    long epochs, images, grid, points, seed, threads;
    const char *optimizers[MAX_OPTIMIZERS];
    int optimizer_count;
} settings;

/* The network and the path that it took last. */
typedef struct landscape_run {
    tarn_module *model;
    int64_t size;      /* number of weights */
    tarn_loader *seen; /* the images whose loss is drawn, the first of the training set */
    main_plane plane;  /* through the space of the weights */
    tarn_real *points; /* weights on the path, size each, the first before any step */
    long *steps;       /* after which they were recorded */
    int point_count;
    double travelled; /* the length of the path, over all steps */
} landscape_run;

extern landscape_run run;

/* Reads the digits and makes the network. What fails dies, here and below. */
void prepare(const settings *s);
void free_run(void);

/* Trains the network as examples/lab/lib/training.h does, from weights and on batches that are the
   same for every rule, and records the path. */
void train(const settings *s, const char *optimizer);

/* All weights of a network, run.size. */
void get_weights(tarn_module *model, tarn_real *to);

/* Those of run.model. */
void set_weights(const tarn_real *from);

/* The length of a - b. */
double distance(const tarn_real *a, const tarn_real *b);

/* How good the network is on the images that are drawn, and on the test images. */
score score_seen(void);
score score_test(void);

/* How good it is on the images that are drawn, with the weights origin + x axis[0] +
   y axis[1] of run.plane, which it keeps. */
score score_at(const tarn_real *origin, double x, double y);

/* Zeros. */
void *memory(int64_t count, size_t size);

#endif
