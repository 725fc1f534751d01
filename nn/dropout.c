/* Dropout: tarn_dropout() while training, the input itself in evaluation. */
#include <stdio.h>

#include "core/error.h"
#include "core/ops.h"
#include "nn/module.h"

typedef struct dropout {
    tarn_module module;
    double p;
} dropout;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    return module->training ? tarn_dropout(x, ((const dropout *)module)->p) : x;
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    snprintf(text, size, "%g", ((const dropout *)module)->p);
}

static const tarn_module_type type = {"Dropout", forward, describe, NULL};

tarn_module *tarn_nn_dropout(double p)
{
    if (!(p >= 0 && p <= 1))
        return tarn_fail("nn_dropout: p is %g, expects 0 to 1", p);
    dropout *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->p = p;
    return &self->module;
}
