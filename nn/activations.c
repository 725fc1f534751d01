/* The layers that are an operation and nothing else, or an operation and a number. */
#include <math.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

#define LAYER(op, title, also)                                                                     \
    static tarn_tensor *op##_forward(tarn_module *self, tarn_tensor *x)                            \
    {                                                                                              \
        (void)self;                                                                                \
        return tarn_##op(x);                                                                       \
    }                                                                                              \
                                                                                                   \
    tarn_module *tarn_nn_##op(void)                                                                \
    {                                                                                              \
        return tarn_nn_new(&tarn__nn_##op, sizeof(tarn_module));                                   \
    }                                                                                              \
                                                                                                   \
    static tarn_module *op##_make(const void *numbers, int count, tarn_module *const *children)    \
    {                                                                                              \
        (void)numbers, (void)count, (void)children;                                                \
        return tarn_nn_##op();                                                                     \
    }                                                                                              \
                                                                                                   \
    const tarn_module_type tarn__nn_##op = {                                                       \
        .name = title, .forward = op##_forward, .make = op##_make, also}

static tarn_epilogue relu_epilogue(const tarn_module *self)
{
    (void)self;
    return (tarn_epilogue){.relu = true};
}

LAYER(relu, "ReLU", .epilogue = relu_epilogue);
LAYER(sigmoid, "Sigmoid", );
LAYER(tanh, "Tanh", );
LAYER(gelu, "GELU", );
LAYER(gelu_tanh, "GELUTanh", );
LAYER(silu, "SiLU", );
LAYER(softplus, "Softplus", );
LAYER(log_sigmoid, "LogSigmoid", );
LAYER(mish, "Mish", );
LAYER(selu, "SELU", );
LAYER(softsign, "Softsign", );
LAYER(relu6, "ReLU6", );
LAYER(hardsigmoid, "Hardsigmoid", );
LAYER(hardswish, "Hardswish", );
LAYER(glu, "GLU", );
LAYER(softmax, "Softmax", );
LAYER(log_softmax, "LogSoftmax", );
LAYER(flatten, "Flatten", );
LAYER(global_avg_pool2d, "GlobalAvgPool2d", );
LAYER(global_max_pool2d, "GlobalMaxPool2d", );

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

/* The summary shows the number always: it is all that tells one such layer from another. */
#define LAYER_WITH(op, title, option, least, least_text)                                           \
    static tarn_tensor *op##_forward(tarn_module *self, tarn_tensor *x)                            \
    {                                                                                              \
        return tarn_##op(x, .option = ((const numbered *)self)->number);                           \
    }                                                                                              \
                                                                                                   \
    static tarn_module *op##_make(const void *number, int count, tarn_module *const *children)     \
    {                                                                                              \
        (void)count, (void)children;                                                               \
        return tarn_nn_##op(.option = *(const double *)number);                                    \
    }                                                                                              \
                                                                                                   \
    static const tarn_option op##_numbers[] = {                                                    \
        {#option, TARN_OPTION_double, 0, NAN, TARN_RANGE_ANY}};                                    \
    const tarn_module_type tarn__nn_##op = {                                                       \
        .name = title,                                                                             \
        .forward = op##_forward,                                                                   \
        TARN_MODULE_NUMBERS(op##_numbers, 0, numbered, number),                                    \
        .make = op##_make};                                                                        \
                                                                                                   \
    tarn_module *tarn_nn_##op##_with(tarn_nn_##op##_args args)                                     \
    {                                                                                              \
        if (!((tarn_real)args.option least 0 && isfinite((tarn_real)args.option)))                 \
            return tarn_fail("nn_" #op ": " #option " is %g, expects a finite number " least_text, \
                             args.option);                                                         \
        return new_numbered(&tarn__nn_##op, args.option);                                          \
    }

LAYER_WITH(leaky_relu, "LeakyReLU", slope, >=, "of at least 0")
LAYER_WITH(elu, "ELU", alpha, >=, "of at least 0")
LAYER_WITH(celu, "CELU", alpha, >, "above 0")
