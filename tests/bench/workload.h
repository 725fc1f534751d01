/* The training steps that are timed. */
#ifndef TARN_TESTS_BENCH_WORKLOAD_H
#define TARN_TESTS_BENCH_WORKLOAD_H

#include <tarn.h>

typedef struct workload {
    const char *name;
    int batch;
    bool training; /* forward, loss, backward and step; else forward without gradients */
    tarn_module *(*model)(void);
    tarn_shape input; /* of one image */
    double flops;     /* of one step: multiply-adds of the convolutions and products, times two,
                         forward and the two gradients, but for the gradient of the images */
} workload;

/* Ends with one whose name is NULL. */
extern const workload workloads[];

typedef struct running {
    const workload *workload;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_tensor *images;
    int32_t labels[256];
} running;

/* Random images and labels. */
running workload_start(const workload *w);
void workload_step(running *r);
void workload_stop(running *r);

#endif
