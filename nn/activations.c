/* The layers that are an operation and nothing else. */
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
LAYER(softmax, "Softmax")
LAYER(log_softmax, "LogSoftmax")
LAYER(flatten, "Flatten")

bool tarn__nn_is_relu(const tarn_module *module)
{
    return module->type == &relu_type;
}
LAYER(global_avg_pool2d, "GlobalAvgPool2d")
