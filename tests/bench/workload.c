#include "tests/bench/workload.h"

#include <stdio.h>
#include <stdlib.h>

#include <nn/module.h>

#include "tests/bench/machine.h"

/* ---- Networks. peer_torch.py has the same. */

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

static tarn_module *block(int in, int out, int stride)
{
    tarn_module *body = tarn_nn_sequential(
        tarn_nn_conv2d(in, out, 3, .stride = stride, .padding = 1, .bias = false),
        tarn_nn_batch_norm2d(out), tarn_nn_relu(),
        tarn_nn_conv2d(out, out, 3, .padding = 1, .bias = false), tarn_nn_batch_norm2d(out));
    tarn_module *projection =
        stride == 1
            ? TARN_NN_IDENTITY
            : tarn_nn_sequential(tarn_nn_conv2d(in, out, 1, .stride = stride, .bias = false),
                                 tarn_nn_batch_norm2d(out));
    return tarn_nn_residual(body, .projection = projection, .relu = true);
}

static tarn_module *resnet(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(3, 16, 3, .padding = 1, .bias = false), tarn_nn_batch_norm2d(16),
        tarn_nn_relu(), block(16, 16, 1), block(16, 16, 1), block(16, 32, 2), block(32, 32, 1),
        block(32, 64, 2), block(64, 64, 1), tarn_nn_global_avg_pool2d(), tarn_nn_linear(64, 10));
}

static tarn_module *resnet20(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(3, 16, 3, .padding = 1, .bias = false), tarn_nn_batch_norm2d(16),
        tarn_nn_relu(), block(16, 16, 1), block(16, 16, 1), block(16, 16, 1), block(16, 32, 2),
        block(32, 32, 1), block(32, 32, 1), block(32, 64, 2), block(64, 64, 1), block(64, 64, 1),
        tarn_nn_global_avg_pool2d(), tarn_nn_linear(64, 10));
}

/* As in MobileNet: a depthwise convolution, then one of 1 x 1. */
static tarn_module *separable_block(int in, int out, int stride)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(in, in, 3, .stride = stride, .padding = 1, .groups = in, .bias = false),
        tarn_nn_batch_norm2d(in), tarn_nn_relu(), tarn_nn_conv2d(in, out, 1, .bias = false),
        tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

static tarn_module *separable(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(3, 32, 3, .padding = 1, .bias = false),
                              tarn_nn_batch_norm2d(32), tarn_nn_relu(), separable_block(32, 64, 1),
                              separable_block(64, 128, 2), separable_block(128, 128, 1),
                              separable_block(128, 256, 2), separable_block(256, 256, 1),
                              tarn_nn_global_avg_pool2d(), tarn_nn_linear(256, 10));
}

static tarn_module *autoencoder(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 16, 3, .stride = 2, .padding = 1), tarn_nn_relu(),
                              tarn_nn_conv2d(16, 32, 3, .stride = 2, .padding = 1), tarn_nn_relu(),
                              tarn_nn_conv_transpose2d(32, 16, 2, .stride = 2), tarn_nn_relu(),
                              tarn_nn_conv_transpose2d(16, 1, 2, .stride = 2));
}

/* Its body's result with the input behind it, channel by channel: a skip connection of a U-Net. */
typedef struct beside {
    tarn_module module;
    tarn_module *body;
} beside;

static tarn_tensor *beside_forward(tarn_module *module, tarn_tensor *x)
{
    return tarn_concat(-1, tarn_nn_forward(((beside *)module)->body, x), x);
}

static tarn_module *make_beside(tarn_module *body)
{
    static const tarn_module_type type = {.name = "Beside", .forward = beside_forward};
    beside *self = tarn_nn_new(&type, sizeof *self);
    if (!self || !tarn_nn_add_child(&self->module, "body", body))
        return NULL;
    self->body = body;
    return &self->module;
}

static tarn_module *stage(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1), tarn_nn_relu(),
                              tarn_nn_conv2d(out, out, 3, .padding = 1), tarn_nn_relu());
}

/* Down by max-pooling, up by transposed convolution, with what was on the way down beside it. */
static tarn_module *unet(void)
{
    tarn_module *bottom = tarn_nn_sequential(tarn_nn_max_pool2d(2), stage(32, 64),
                                             tarn_nn_conv_transpose2d(64, 32, 2, .stride = 2));
    tarn_module *middle =
        tarn_nn_sequential(tarn_nn_max_pool2d(2), stage(16, 32), make_beside(bottom), stage(64, 32),
                           tarn_nn_conv_transpose2d(32, 16, 2, .stride = 2));
    return tarn_nn_sequential(stage(3, 16), make_beside(middle), stage(32, 16),
                              tarn_nn_conv2d(16, 3, 1));
}

/* So many convolutions of 16 to 16 channels, between a first one and a linear layer. */
static tarn_module *stack(int depth)
{
    tarn_module *layers[64];
    int count = 0;
    for (int i = 0; i <= depth; i++) {
        layers[count++] = tarn_nn_conv2d(i == 0 ? 1 : 16, 16, 3, .padding = 1);
        layers[count++] = tarn_nn_relu();
    }
    layers[count++] = tarn_nn_flatten();
    layers[count++] = tarn_nn_linear(28 * 28 * 16, 10);
    return tarn_nn_sequential_of(count, layers);
}

static tarn_module *stack_of_8(void)
{
    return stack(8);
}

static tarn_module *stack_of_16(void)
{
    return stack(16);
}

static tarn_optim *adam(tarn_params params)
{
    return tarn_optim_adam(params);
}

static tarn_optim *momentum(tarn_params params)
{
    return tarn_optim_sgd(params, .lr = 0.1, .momentum = 0.9);
}

/* ---- The table.

   Of the activations backward needs: the input of every layer that has weights, and with it what
   survived ReLU before it; for a max-pool, which position won, a byte each; the predictions. What
   was neither pooled nor read by a layer with weights (the output of a convolution before its
   pool) need not be kept. A dropout's input and output count once each. */

/* clang-format off */
#define MNIST_IMAGE {3, {28, 28, 1}}
#define CIFAR_IMAGE {3, {32, 32, 3}}
/* clang-format on */
#define LENET_FIRST (28. * 28 * 6 * 25)
#define LENET_REST (10. * 10 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10)
#define LENET_KEPT (784 + 14 * 14 * 6 + 5 * 5 * 16 + 120 + 84 + 10)
#define CNN_REST (24. * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10)
#define CNN_KEPT (784 + 26 * 26 * 32 + 2 * 9216 + 2 * 128 + 10)
/* Its stages have maps of 32 x 32 x 16 numbers, of half of that and of a quarter. Each
   convolution's output is kept for batch norm, and its result again for the next: two of the first,
   four a block, and one of each projection. */
#define MAP (32. * 32 * 16)
#define RESNET_REST                                                                                \
    (MAP * 9 * (4 * 16 + (16 + 3 * 32) / 2. + (32 + 3 * 64) / 4.) + MAP * (16 / 2 + 32 / 4) +      \
     64 * 10)
#define RESNET_KEPT (32 * 32 * 3 + MAP * (2 + 8 + 9 / 2. + 9 / 4.) + 64 + 10)
/* Three blocks a stage. */
#define RESNET20_REST                                                                              \
    (MAP * 9 * (6 * 16 + (16 + 5 * 32) / 2. + (32 + 5 * 64) / 4.) + MAP * (16 / 2 + 32 / 4) +      \
     64 * 10)
#define RESNET20_KEPT (32 * 32 * 3 + MAP * (2 + 12 + 13 / 2. + 13 / 4.) + 64 + 10)
/* A depthwise convolution and one of 1 x 1, so many pixels each; both results are kept twice. */
#define SEPARABLE(pixels, in, out) ((pixels) * (in) * (9. + (out)))
#define SEPARABLE_REST                                                                             \
    (SEPARABLE(1024, 32, 64) + SEPARABLE(256, 64, 128) + SEPARABLE(256, 128, 128) +                \
     SEPARABLE(64, 128, 256) + SEPARABLE(64, 256, 256) + 256 * 10)
#define SEPARABLE_KEPT                                                                             \
    (32 * 32 * 3 +                                                                                 \
     2. * (1024 * (32 + 32 + 64) + 256 * (64 + 128 + 128 + 128) + 64 * (128 + 256 + 256 + 256)) +  \
     256 + 10)
#define AUTOENCODER_FIRST (196. * 16 * 9)
#define AUTOENCODER_REST (49. * 32 * 16 * 9 + 49. * 32 * 16 * 4 + 196. * 16 * 4)
#define AUTOENCODER_KEPT (784 + 196 * 16 + 49 * 32 + 196 * 16 + 784)
/* What goes beside is kept where it was put. */
#define STAGE(pixels, in, out) ((pixels)*9. * (out) * ((in) + (out)))
#define UNET_FIRST (1024. * 16 * 27)
#define UNET_REST                                                                                  \
    (1024. * 16 * 16 * 9 + STAGE(256, 16, 32) + STAGE(64, 32, 64) + 64. * 64 * 32 * 4 +            \
     STAGE(256, 64, 32) + 256. * 32 * 16 * 4 + STAGE(1024, 32, 16) + 1024. * 16 * 3)
#define UNET_KEPT                                                                                  \
    (1024. * (3 + 16 + 32 + 16 + 16 + 3) + 256 * (16 + 32 + 64 + 32 + 32) + 64 * (32 + 64 + 64))
#define STACK_REST(depth) (28. * 28 * 16 * 16 * 9 * (depth) + 28 * 28 * 16 * 10)

const workload workloads[] = {
    {"lenet", 64, MNIST_IMAGE, lenet, adam, 2, false, LENET_FIRST, LENET_REST, LENET_KEPT,
     14 * 14 * 6 + 5 * 5 * 16},
    {"cnn", 64, MNIST_IMAGE, cnn, adam, 2, false, 26. * 26 * 32 * 9, CNN_REST, CNN_KEPT, 9216},
    {"resnet", 64, CIFAR_IMAGE, resnet, momentum, 1, false, MAP * 27, RESNET_REST, RESNET_KEPT, 0},
    {"resnet20", 128, CIFAR_IMAGE, resnet20, momentum, 1, false, MAP * 27, RESNET20_REST,
     RESNET20_KEPT, 0},
    {"separable", 64, CIFAR_IMAGE, separable, momentum, 1, false, 2 * MAP * 27, SEPARABLE_REST,
     SEPARABLE_KEPT, 0},
    {"unet", 16, CIFAR_IMAGE, unet, adam, 2, true, UNET_FIRST, UNET_REST, UNET_KEPT,
     16 * 256 + 32 * 64},
    {"autoencoder", 64, MNIST_IMAGE, autoencoder, adam, 2, true, AUTOENCODER_FIRST,
     AUTOENCODER_REST, AUTOENCODER_KEPT, 0},
    {"mlp", 128, MNIST_IMAGE, mlp, adam, 2, false, 784. * 512, 512. * 512 + 512 * 10,
     784 + 512 + 512 + 10, 0},
    {"infer-1", 1, MNIST_IMAGE, lenet, NULL, 0, false, LENET_FIRST, LENET_REST, 0, 0},
    {"infer-256", 256, MNIST_IMAGE, lenet, NULL, 0, false, LENET_FIRST, LENET_REST, 0, 0},
    {0},
};

const workload depth_workloads[2] = {
    {"stack-8", 64, MNIST_IMAGE, stack_of_8, adam, 2, false, 28. * 28 * 16 * 9, STACK_REST(8), 0,
     0},
    {"stack-16", 64, MNIST_IMAGE, stack_of_16, adam, 2, false, 28. * 28 * 16 * 9, STACK_REST(16), 0,
     0},
};

double workload_flops(const workload *w)
{
    return 2 * w->batch * (w->optimizer ? 2 * w->first + 3 * w->rest : w->first + w->rest);
}

double workload_needed_bytes(const running *r)
{
    const workload *w = r->workload;
    const double parameters = (double)tarn_nn_parameter_count(r->model);
    if (!w->optimizer)
        return 0;
    return r->batch * (w->kept_floats * sizeof(float) + w->kept_bytes) +
           parameters * sizeof(float) * (2 + w->state);
}

/* ---- Running them */

running *workload_start(const workload *w, int batch)
{
    running *r = calloc(1, sizeof *r);
    batch = batch ? batch : w->batch;
    int32_t *labels = malloc((size_t)batch * sizeof *labels);
    tarn_seed(1);
    tarn_module *model = w->model();
    tarn_tensor *images =
        tarn_randn(tarn_shape(batch, w->image.dim[0], w->image.dim[1], w->image.dim[2]));
    tarn_optim *optimizer = w->optimizer ? w->optimizer(tarn_nn_parameters(model)) : NULL;
    if (!r || !labels || !model || !images || (w->optimizer && !optimizer)) {
        fprintf(stderr, "bench: %s: %s\n", w->name, tarn_error());
        exit(1);
    }
    /* At a rate of 0 the network stays as it was initialized, while every step computes as much as
       at any other. Trained on noise, its ReLUs die one after the other, and a backward pass that
       skips what they cut off seems faster than it is. */
    tarn_optim_set_lr(optimizer, 0);
    tarn_nn_train(model, w->optimizer);
    *r = (running){w, model, optimizer, images, labels, batch, 0};
    return r;
}

static void forward(running *r)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_nn_forward(r->model, r->images);
    tarn_tape_end(tape);
}

/* The labels change from step to step. A network that has learnt its batch by heart has gradients
   near 0, which are another thing to compute with. */
static void train(running *r)
{
    r->steps++;
    for (int i = 0; i < r->batch; i++)
        r->labels[i] = (i * 7 + r->steps) % 10;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *predictions = tarn_nn_forward(r->model, r->images);
    tarn_tensor *loss = r->workload->to_picture
                            ? tarn_mse(predictions, r->images)
                            : tarn_cross_entropy(predictions, tarn_labels(r->batch, r->labels));
    tarn_optim_zero_grad(r->optimizer);
    tarn_backward(loss);
    tarn_optim_step(r->optimizer);
    tarn_tape_end(tape);
}

double workload_step(void *state)
{
    running *r = state;
    double start = seconds_now();
    if (r->optimizer)
        train(r);
    else
        forward(r);
    return seconds_now() - start;
}

void workload_stop(running *r)
{
    tarn_optim_free(r->optimizer);
    tarn_free(r->images);
    tarn_nn_free(r->model);
    free(r->labels);
    free(r);
}
