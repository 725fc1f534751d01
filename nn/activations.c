/* The layers that are an operation and nothing else, or an operation and a number. */
#include <math.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "core/ops.h"
#include "nn/internal.h"

#define LAYER(name, title)                                                                         \
    static tarn_tensor *name##_forward(tarn_module *self, tarn_tensor *x)                          \
    {                                                                                              \
        (void)self;                                                                                \
        return tarn_##name(x);                                                                     \
    }                                                                                              \
                                                                                                   \
    static const tarn_module_type name##_type = {title, name##_forward, NULL, NULL};               \
                                                                                                   \
    tarn_module *tarn_nn_##name(void)                                                              \
    {                                                                                              \
        return tarn_nn_new(&name##_type, sizeof(tarn_module));                                     \
    }

LAYER(relu, "ReLU")
LAYER(sigmoid, "Sigmoid")
LAYER(tanh, "Tanh")
LAYER(gelu, "GELU")
LAYER(gelu_tanh, "GELUTanh")
LAYER(silu, "SiLU")
LAYER(softplus, "Softplus")
LAYER(softmax, "Softmax")
LAYER(log_softmax, "LogSoftmax")
LAYER(flatten, "Flatten")

bool tarn__nn_is_relu(const tarn_module *module)
{
    return module->type == &relu_type;
}
LAYER(global_avg_pool2d, "GlobalAvgPool2d")

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

#define LAYER_WITH(name, title, option)                                                            \
    static tarn_tensor *name##_forward(tarn_module *self, tarn_tensor *x)                          \
    {                                                                                              \
        return tarn_##name(x, .option = ((const numbered *)self)->number);                         \
    }                                                                                              \
                                                                                                   \
    static void name##_describe(const tarn_module *self, char *text, size_t size)                  \
    {                                                                                              \
        tarn__format(text, size, "." #option " = %.10g", ((const numbered *)self)->number);        \
    }                                                                                              \
                                                                                                   \
    static const tarn_module_type name##_type = {title, name##_forward, name##_describe, NULL};    \
                                                                                                   \
    tarn_module *tarn_nn_##name##_with(tarn_nn_##name##_args args)                                 \
    {                                                                                              \
        if (!(args.option >= 0 && isfinite(args.option)))                                          \
            return tarn_fail("nn_" #name ": " #option                                              \
                             " is %g, expects a finite number of at least 0",                      \
                             args.option);                                                         \
        return new_numbered(&name##_type, args.option);                                            \
    }

LAYER_WITH(leaky_relu, "LeakyReLU", slope)
LAYER_WITH(elu, "ELU", alpha)
