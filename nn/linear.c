/*
 * Linear (fully connected) layer.
 *
 *     y = x weight + bias        x (N, in), weight (in, out), bias (out), y (N, out)
 */
#include <math.h>
#include <stdio.h>

#include "core/error.h"
#include "core/ops.h"
#include "nn/internal.h"

typedef struct linear {
    tarn_module module;
    int in, out;
    tarn_tensor *weight, *bias; /* bias may be NULL */
} linear;

static tarn_tensor *multiply(const tarn_module *module, tarn_tensor *x, bool relu)
{
    const linear *self = (const linear *)module;
    if (tarn_ndim(x) != 2)
        return tarn_fail("nn_linear: input %s has %d dimensions, expects (N,%d); flatten it first",
                         tarn_shape_to_text(tarn_shape_get(x)).text, tarn_ndim(x), self->in);
    if (tarn_dim(x, 1) != self->in)
        return tarn_fail("nn_linear: input %s has %lld features, expects %d",
                         tarn_shape_to_text(tarn_shape_get(x)).text, (long long)tarn_dim(x, 1),
                         self->in);
    return tarn_linear(x, self->weight, self->bias, .relu = relu);
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    return multiply(module, x, false);
}

/* Takes a relu. */
static tarn_tensor *fused(tarn_module *module, const tarn_module_part *next, int count,
                          tarn_tensor *x, int *taken)
{
    *taken = count > 0 && tarn__nn_is_relu(next[0].child);
    return multiply(module, x, *taken);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    const linear *self = (const linear *)module;
    snprintf(text, size, "%d, %d%s", self->in, self->out, self->bias ? "" : ", .no_bias = 1");
}

static const tarn_module_type type = {"Linear", forward, describe, NULL};

tarn_module *tarn_nn_linear_with(tarn_nn_linear_args args)
{
    if (args.in < 1 || args.out < 1)
        return tarn_fail("nn_linear: %s is %d, expects at least 1", args.in < 1 ? "in" : "out",
                         args.in < 1 ? args.in : args.out);
    linear *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->module.fused = fused;
    self->in = args.in;
    self->out = args.out;
    double bound = 1 / sqrt(args.in);
    self->weight = tarn_nn_init_uniform(tarn_shape(args.in, args.out), bound);
    bool complete = tarn_nn_add_parameter(&self->module, "weight", self->weight);
    if (complete && !args.no_bias) {
        self->bias = tarn_nn_init_uniform(tarn_shape(args.out), bound);
        complete = tarn_nn_add_parameter(&self->module, "bias", self->bias);
    }
    if (complete)
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
