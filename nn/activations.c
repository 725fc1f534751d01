/* The layers that are an operation and nothing else, or an operation and a number. */
#include <math.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "core/ops.h"
#include "nn/module.h"

#define LAYER(op, title)                                                                           \
    static tarn_tensor *op##_forward(tarn_module *self, tarn_tensor *x)                            \
    {                                                                                              \
        (void)self;                                                                                \
        return tarn_##op(x);                                                                       \
    }                                                                                              \
                                                                                                   \
    static const tarn_module_type op##_type = {.name = title, .forward = op##_forward};            \
                                                                                                   \
    tarn_module *tarn_nn_##op(void)                                                                \
    {                                                                                              \
        return tarn_nn_new(&op##_type, sizeof(tarn_module));                                       \
    }

LAYER(sigmoid, "Sigmoid")
LAYER(tanh, "Tanh")
LAYER(gelu, "GELU")
LAYER(gelu_tanh, "GELUTanh")
LAYER(silu, "SiLU")
LAYER(softplus, "Softplus")
LAYER(softmax, "Softmax")
LAYER(log_softmax, "LogSoftmax")
LAYER(flatten, "Flatten")
LAYER(global_avg_pool2d, "GlobalAvgPool2d")

static tarn_tensor *relu_forward(tarn_module *self, tarn_tensor *x)
{
    (void)self;
    return tarn_relu(x);
}

static tarn_epilogue relu_epilogue(const tarn_module *self)
{
    (void)self;
    return (tarn_epilogue){.relu = true};
}

static const tarn_module_type relu_type = {
    .name = "ReLU", .forward = relu_forward, .epilogue = relu_epilogue};

tarn_module *tarn_nn_relu(void)
{
    return tarn_nn_new(&relu_type, sizeof(tarn_module));
}

typedef struct numbered {
    tarn_module module;
    double number;
} numbered;

static tarn_module *new_numbered(const tarn_module_type *type, double number)
{
    numbered *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->number = number;
    return &self->module;
}

#define LAYER_WITH(op, title, option)                                                              \
    static tarn_tensor *op##_forward(tarn_module *self, tarn_tensor *x)                            \
    {                                                                                              \
        return tarn_##op(x, .option = ((const numbered *)self)->number);                           \
    }                                                                                              \
                                                                                                   \
    static void op##_describe(const tarn_module *self, char *text, size_t size)                    \
    {                                                                                              \
        tarn__format(text, size, "." #option " = %.10g", ((const numbered *)self)->number);        \
    }                                                                                              \
                                                                                                   \
    static const tarn_module_type op##_type = {                                                    \
        .name = title, .forward = op##_forward, .describe = op##_describe};                        \
                                                                                                   \
    tarn_module *tarn_nn_##op##_with(tarn_nn_##op##_args args)                                     \
    {                                                                                              \
        if (!(args.option >= 0 && isfinite(args.option)))                                          \
            return tarn_fail("nn_" #op ": " #option                                                \
                             " is %g, expects a finite number of at least 0",                      \
                             args.option);                                                         \
        return new_numbered(&op##_type, args.option);                                              \
    }

LAYER_WITH(leaky_relu, "LeakyReLU", slope)
LAYER_WITH(elu, "ELU", alpha)
