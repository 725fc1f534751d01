#include "tests/bench/workload.h"

#include <stdio.h>
#include <stdlib.h>

static tarn_module *lenet(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                              tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
                              tarn_nn_linear(84, 10));
}

static tarn_module *cnn(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 32, 3), tarn_nn_relu(), tarn_nn_conv2d(32, 64, 3),
                              tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25),
                              tarn_nn_flatten(), tarn_nn_linear(9216, 128), tarn_nn_relu(),
                              tarn_nn_dropout(0.5), tarn_nn_linear(128, 10));
}

static tarn_module *mlp(void)
{
    return tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(784, 512), tarn_nn_relu(),
                              tarn_nn_linear(512, 512), tarn_nn_relu(), tarn_nn_linear(512, 10));
}

/* Multiply-adds of one image, forward: of the first layer, and of the others. */
#define LENET_FIRST (28. * 28 * 6 * 25)
#define LENET_REST (10. * 10 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10)
#define CNN_FIRST (26. * 26 * 32 * 9)
#define CNN_REST (24. * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10)
#define MLP_FIRST (784. * 512)
#define MLP_REST (512. * 512 + 512 * 10)
#define TRAINING(batch, first, rest) (batch * 2 * (2 * (first) + 3 * (rest)))
#define INFERENCE(batch, first, rest) (batch * 2 * ((first) + (rest)))
#define IMAGE                                                                                      \
    {                                                                                              \
        3,                                                                                         \
        {                                                                                          \
            28, 28, 1                                                                              \
        }                                                                                          \
    }

const workload workloads[] = {
    {"lenet", 64, true, lenet, IMAGE, TRAINING(64, LENET_FIRST, LENET_REST)},
    {"cnn", 64, true, cnn, IMAGE, TRAINING(64, CNN_FIRST, CNN_REST)},
    {"mlp", 128, true, mlp, IMAGE, TRAINING(128, MLP_FIRST, MLP_REST)},
    {"infer-1", 1, false, lenet, IMAGE, INFERENCE(1, LENET_FIRST, LENET_REST)},
    {"infer-256", 256, false, lenet, IMAGE, INFERENCE(256, LENET_FIRST, LENET_REST)},
    {0},
};

running workload_start(const workload *w)
{
    running r = {.workload = w};
    tarn_seed(1);
    r.model = w->model();
    r.images = tarn_randn(tarn_shape(w->batch, w->input.dim[0], w->input.dim[1], w->input.dim[2]));
    r.optimizer = tarn_optim_adam(tarn_nn_parameters(r.model));
    if (!r.model || !r.images || !r.optimizer) {
        fprintf(stderr, "bench: %s\n", tarn_error());
        exit(1);
    }
    for (int i = 0; i < w->batch; i++)
        r.labels[i] = i * 7 % 10;
    tarn_nn_train(r.model, w->training);
    return r;
}

void workload_step(running *r)
{
    if (!r->workload->training) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_nn_forward(r->model, r->images);
        tarn_tape_end(tape);
        return;
    }
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *predictions = tarn_nn_forward(r->model, r->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, tarn_labels(r->workload->batch, r->labels));
    tarn_optim_zero_grad(r->optimizer);
    tarn_backward(loss);
    tarn_optim_step(r->optimizer);
    tarn_tape_end(tape);
}

void workload_stop(running *r)
{
    tarn_optim_free(r->optimizer);
    tarn_free(r->images);
    tarn_nn_free(r->model);
}
