#include "tests/bench/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <core/op.h>

#include "tests/bench/machine.h"
#include "tests/bench/operation.h"

/* ---- What is timed */

enum { BATCH = 64 };

static const struct convolution {
    const char *name;
    int extent, in, out, kernel, stride, padding, groups;
    bool first;  /* its input are the images, whose gradient nobody needs */
    bool pooled; /* ReLU and a max-pool of 2 follow */
} convolutions[] = {
    {"conv2d-3x3-32-64", 26, 32, 64, 3, 1, 0, 1, .pooled = true},
    {"conv2d-3x3-1-32", 28, 1, 32, 3, 1, 0, 1, .first = true},
    {"conv2d-5x5-1-6", 28, 1, 6, 5, 1, 2, 1, .first = true, .pooled = true},
    {"conv2d-5x5-6-16", 14, 6, 16, 5, 1, 0, 1, .pooled = true},
    {"conv2d-3x3-3-16", 32, 3, 16, 3, 1, 1, 1, .first = true},
    {"conv2d-3x3-16-16", 32, 16, 16, 3, 1, 1, .groups = 1},
    {"conv2d-3x3-32-32", 16, 32, 32, 3, 1, 1, .groups = 1},
    {"conv2d-3x3-64-64", 8, 64, 64, 3, 1, 1, .groups = 1},
    {"conv2d-3x3-16-32-stride-2", 32, 16, 32, 3, 2, 1, .groups = 1},
    {"conv2d-1x1-16-32-stride-2", 32, 16, 32, 1, 2, 0, .groups = 1},
    {"conv2d-1x1-64-128", 16, 64, 128, 1, 1, 0, .groups = 1},
    {"conv2d-3x3-64-depthwise", 16, 64, 64, 3, 1, 1, .groups = 64},
};

static const struct product {
    const char *name;
    int m, k, n;
} products[] = {
    {"matmul-64x9216x128", 64, 9216, 128}, {"matmul-128x784x512", 128, 784, 512},
    {"matmul-256", 256, 256, 256},         {"matmul-512", 512, 512, 512},
    {"matmul-1024", 1024, 1024, 1024},
};

/* ---- Forward */

static tarn_tensor *pooled(const kernel *k)
{
    tarn_conv2d_args args = k->conv2d;
    args.relu = true;
    args.max_pool = 2;
    return tarn_conv2d_with(args);
}

static tarn_tensor *convolved(const kernel *k)
{
    return tarn_conv2d_with(k->conv2d);
}

static tarn_tensor *multiplied(const kernel *k)
{
    return tarn_matmul(k->in[0], k->in[1]);
}

static tarn_tensor *run(const kernel *k)
{
    return k->run(k->in);
}

static double time_forward(const kernel *k, tarn_tensor *(*forward)(const kernel *))
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    double start = seconds_now();
    forward(k);
    double seconds = seconds_now() - start;
    tarn_tape_end(tape);
    return seconds;
}

static double convolve(void *k)
{
    return time_forward(k, convolved);
}

static double convolve_and_pool(void *k)
{
    return time_forward(k, pooled);
}

static double multiply(void *k)
{
    return time_forward(k, multiplied);
}

static double operate(void *k)
{
    return time_forward(k, run);
}

/* ---- Backward: an operation without a result that anybody needs. Its backward writes dy, as the
   next layer would, and then starts the clock. */

static double gradient_start;

static void seed_backward(const tarn_node *node)
{
    const tarn_tensor *dy = *(tarn_tensor **)node->saved;
    bool add;
    tarn_real *to = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (to)
        memcpy(to, tarn_values(dy), (size_t)tarn_size(dy) * sizeof *to);
    gradient_start = seconds_now();
}

static const tarn_op seed = {"seed", seed_backward};

static double time_backward(kernel *k, tarn_tensor *(*forward)(const kernel *))
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = forward(k);
    if (!k->dy)
        k->dy = tarn_randn(tarn_shape_get(y));
    tarn_tensor *loss = tarn_op_result(&seed, tarn_shape(), y);
    tarn_tensor **saved = tarn_op_save(loss, sizeof *saved);
    *saved = k->dy;
    for (int i = 0; i < k->count; i++)
        tarn_zero_grad(k->in[i]);
    tarn_backward(loss);
    double seconds = seconds_now() - gradient_start;
    tarn_tape_end(tape);
    return seconds;
}

static double gradients(void *k)
{
    return time_backward(k, convolved);
}

static double gradients_through_pool(void *k)
{
    return time_backward(k, pooled);
}

static double gradients_of_operation(void *k)
{
    return time_backward(k, run);
}

/* ---- The list: for each convolution some of these, then the products, then the operations */

static const struct pass {
    const char *name, *request;
    double (*step)(void *);
    bool of_input, of_weight, pooled;
} passes[] = {
    {"forward", "forward", convolve, 0, 0, 0},
    {"d input", "input", gradients, true, 0, 0},
    {"d weight", "weight", gradients, 0, true, 0},
    {"forward, pool", "pool-forward", convolve_and_pool, 0, 0, true},
    {"d both, pool", "pool-both", gradients_through_pool, true, true, true},
};

enum {
    CONVOLUTIONS = sizeof convolutions / sizeof convolutions[0],
    PASSES = sizeof passes / sizeof passes[0],
    PRODUCTS = sizeof products / sizeof products[0]
};

static void describe_convolution(kernel *k, const struct convolution *c, const struct pass *p)
{
    const int out = (c->extent + 2 * c->padding - c->kernel) / c->stride + 1;
    *k = (kernel){.name = c->name,
                  .pass = p->name,
                  .step = p->step,
                  .count = 2,
                  .shapes = {tarn_shape(BATCH, c->extent, c->extent, c->in),
                             tarn_shape(c->kernel, c->kernel, c->in / c->groups, c->out)},
                  .gradient = {p->of_input, p->of_weight},
                  .conv2d = {.stride = c->stride,
                             .stride_w = c->stride,
                             .padding = c->padding,
                             .padding_w = c->padding,
                             .dilation = 1,
                             .dilation_w = 1,
                             .groups = c->groups,
                             .max_pool = 1}};
    k->flops = 2. * BATCH * out * out * c->out * c->kernel * c->kernel * c->in / c->groups *
               (p->of_input && p->of_weight ? 2 : 1);
    snprintf(k->shape, sizeof k->shape, "%dx%dx%dx%d", BATCH, c->extent, c->extent, c->in);
    snprintf(k->request, sizeof k->request, "conv2d %s %d %d %d %d %d %d %d %d", p->request, BATCH,
             c->extent, c->in, c->out, c->kernel, c->stride, c->padding, c->groups);
}

static void describe_product(kernel *k, const struct product *p)
{
    *k = (kernel){.name = p->name,
                  .pass = "",
                  .step = multiply,
                  .count = 2,
                  .shapes = {tarn_shape(p->m, p->k), tarn_shape(p->k, p->n)},
                  .flops = 2. * p->m * p->k * p->n};
    snprintf(k->shape, sizeof k->shape, "%dx%dx%d", p->m, p->k, p->n);
    snprintf(k->request, sizeof k->request, "matmul %d %d %d", p->m, p->k, p->n);
}

static void describe_operation(kernel *k, const operation *o, bool backward)
{
    *k = (kernel){.name = o->name,
                  .pass = backward ? "backward" : "forward",
                  .step = backward ? gradients_of_operation : operate,
                  .run = o->run,
                  .uniform = !strstr(o->name, "-signs")};
    for (; k->count < KERNEL_TENSORS && o->shapes[k->count].ndim > 0; k->count++) {
        k->shapes[k->count] = o->shapes[k->count];
        k->gradient[k->count] = backward;
    }
    int at = 0;
    for (int d = 0; d < o->shapes[0].ndim; d++)
        at += snprintf(k->shape + at, sizeof k->shape - (size_t)at, "%s%d", d ? "x" : "",
                       (int)o->shapes[0].dim[d]);
    snprintf(k->request, sizeof k->request, "%s %s", o->name, k->pass);
}

bool kernel_describe(int i, kernel *k)
{
    for (int n = 0; n < CONVOLUTIONS * PASSES; n++) {
        const struct convolution *c = &convolutions[n / PASSES];
        const struct pass *p = &passes[n % PASSES];
        if ((p->pooled && !c->pooled) || (p->of_input && c->first))
            continue;
        if (i-- == 0) {
            describe_convolution(k, c, p);
            return true;
        }
    }
    if (i < PRODUCTS) {
        describe_product(k, &products[i]);
        return true;
    }
    i -= PRODUCTS;
    for (const operation *o = operations; o->name; o++, i -= 2)
        if (i < 2) {
            describe_operation(k, o, i == 1);
            return true;
        }
    return false;
}

/* ---- Running it */

void kernel_start(kernel *k)
{
    for (int i = 0; i < k->count; i++)
        k->in[i] = tarn_requires_grad(
            k->uniform ? tarn_rand(k->shapes[i]) : tarn_randn(k->shapes[i]), k->gradient[i]);
    k->conv2d.x = k->in[0];
    k->conv2d.weight = k->in[1];
}

void kernel_stop(kernel *k)
{
    for (int i = 0; i < k->count; i++)
        tarn_free(k->in[i]);
    tarn_free(k->dy);
}
