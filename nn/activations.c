/* The layers that are an operation and nothing else, or an operation and a number. */
#include "nn/activations.h"

#include "core/ops.h"

static tarn_epilogue relu_epilogue(const tarn_module *self)
{
    (void)self;
    return (tarn_epilogue){.relu = true};
}

LAYER(relu, "ReLU", .epilogue = relu_epilogue);
LAYER(sigmoid, "Sigmoid", );
LAYER(tanh, "Tanh", );
LAYER(gelu, "GELU", );
LAYER(silu, "SiLU", );
LAYER(relu6, "ReLU6", );
LAYER(softmax, "Softmax", );
LAYER(log_softmax, "LogSoftmax", );
LAYER(flatten, "Flatten", );
LAYER(global_avg_pool2d, "GlobalAvgPool2d", );
LAYER(global_max_pool2d, "GlobalMaxPool2d", );

tarn_module *tarn__nn_numbered(const tarn_module_type *type, double number)
{
    tarn__numbered *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->number = number;
    return &self->module;
}

LAYER_WITH(leaky_relu, "LeakyReLU", slope, >=, "of at least 0")
LAYER_WITH(elu, "ELU", alpha, >=, "of at least 0")

static tarn_tensor *softplus_forward(tarn_module *self, tarn_tensor *x)
{
    const double beta = ((const tarn__numbered *)self)->number;
    return beta == 1 ? tarn_softplus(x) : tarn_scale(tarn_softplus(tarn_scale(x, beta)), 1 / beta);
}
NUMBERED(softplus, "Softplus", beta, 1, >, "above 0")
