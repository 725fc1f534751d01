/* Layers that are an operation and nothing else, or an operation and a number: a line for each. */
#ifndef TARN_NN_ACTIVATIONS_H
#define TARN_NN_ACTIVATIONS_H

#include <math.h>

#include "core/base/error.h"
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

typedef struct tarn__numbered {
    tarn_module module;
    double number;
} tarn__numbered;
tarn_module *tarn__nn_numbered(const tarn_module_type *type, double number);

/* Of an operation with a number as its option. The summary shows the number always: it is all that
   tells one such layer from another. */
#define LAYER_WITH(op, title, option, least, least_text)                                           \
    static tarn_tensor *op##_forward(tarn_module *self, tarn_tensor *x)                            \
    {                                                                                              \
        return tarn_##op(x, .option = ((const tarn__numbered *)self)->number);                     \
    }                                                                                              \
    NUMBERED(op, title, option, NAN, least, least_text)

/* All but the forward, of a layer whose number is not shown if it is this. */
#define NUMBERED(op, title, option, otherwise, least, least_text)                                  \
    static tarn_module *op##_make(const void *number, int count, tarn_module *const *children)     \
    {                                                                                              \
        (void)count, (void)children;                                                               \
        return tarn_nn_##op(.option = *(const double *)number);                                    \
    }                                                                                              \
                                                                                                   \
    static const tarn_option op##_numbers[] = {                                                    \
        {#option, TARN_OPTION_double, 0, otherwise, TARN_RANGE_ANY}};                              \
    const tarn_module_type tarn__nn_##op = {                                                       \
        .name = title,                                                                             \
        .forward = op##_forward,                                                                   \
        TARN_MODULE_NUMBERS(op##_numbers, 0, tarn__numbered, number),                              \
        .make = op##_make};                                                                        \
                                                                                                   \
    tarn_module *tarn_nn_##op##_with(tarn_nn_##op##_args args)                                     \
    {                                                                                              \
        if (!((tarn_real)args.option least 0 && isfinite((tarn_real)args.option)))                 \
            return tarn_fail("nn_" #op ": " #option " is %g, expects a finite number " least_text, \
                             args.option);                                                         \
        return tarn__nn_numbered(&tarn__nn_##op, args.option);                                     \
    }

#endif
