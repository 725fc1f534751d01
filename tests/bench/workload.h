/* The training steps that are timed: a network, a batch of random images, an optimizer. */
#ifndef TARN_TESTS_BENCH_WORKLOAD_H
#define TARN_TESTS_BENCH_WORKLOAD_H

#include <stdbool.h>

#include <tarn.h>

typedef struct workload {
    const char *name;
    int batch;
    tarn_shape image;
    tarn_module *(*model)(void);
    tarn_optim *(*optimizer)(tarn_params); /* NULL: forward without gradients */
    int state;                             /* numbers that the optimizer keeps for a parameter */
    bool to_picture;    /* learns to give its picture back, by the squared error; else a class */
    double first, rest; /* multiply-adds of one image, forward: of the first layer, which needs no
                           gradient of its input, and of the others */
    double kept_floats, kept_bytes; /* what backward needs of one image's activations */
} workload;

/* Both end with one whose name is NULL. The second are two networks, one twice as deep. */
extern const workload workloads[], depth_workloads[2];

/* A convolution counts as a direct one, a multiply-add as two, a training step as forward and both
   gradients. */
double workload_flops(const workload *w);

typedef struct running {
    const workload *workload;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_tensor *images;
    int32_t *labels;
    int batch, steps;
} running;

/* batch: 0 for the workload's own. */
running *workload_start(const workload *w, int batch);

/* One step; returns the seconds that it took. */
double workload_step(void *running);

void workload_stop(running *r);

/* Bytes that a step cannot do without: activations that backward needs, parameters, their gradients
   and the optimizer's state. 0 for inference. */
double workload_needed_bytes(const running *r);

#endif
