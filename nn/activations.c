/* The layers that are an operation and nothing else. */
#include "core/ops.h"
#include "nn/module.h"

#define LAYER(name, title)                                                                         \
    static tarn_tensor *name##_forward(tarn_module *self, tarn_tensor *x)                          \
    {                                                                                              \
        (void)self;                                                                                \
        return tarn_##name(x);                                                                     \
    }                                                                                              \
                                                                                                   \
    tarn_module *tarn_nn_##name(void)                                                              \
    {                                                                                              \
        static const tarn_module_type type = {title, name##_forward, NULL, NULL};                  \
        return tarn_nn_new(&type, sizeof(tarn_module));                                            \
    }

LAYER(relu, "ReLU")
LAYER(sigmoid, "Sigmoid")
LAYER(tanh, "Tanh")
LAYER(gelu, "GELU")
LAYER(softmax, "Softmax")
LAYER(log_softmax, "LogSoftmax")
LAYER(flatten, "Flatten")
LAYER(global_avg_pool2d, "GlobalAvgPool2d")
