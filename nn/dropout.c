/* Dropout: tarn_dropout() or tarn_dropout2d() while training, the input itself in evaluation. */

#include "core/base/error.h"
#include "core/base/format.h"
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

static tarn_tensor *forward2d(tarn_module *module, tarn_tensor *x)
{
    return module->training ? tarn_dropout2d(x, ((const dropout *)module)->p) : x;
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    tarn__format(text, size, "%.10g", ((const dropout *)module)->p);
}

static const tarn_module_type type = {.name = "Dropout", .forward = forward, .describe = describe};
static const tarn_module_type type2d = {
    .name = "Dropout2d", .forward = forward2d, .describe = describe};

static tarn_module *new_dropout(const char *function, const tarn_module_type *of, double p)
{
    if (!(p >= 0 && p <= 1))
        return tarn_fail("%s: p is %g, expects 0 to 1", function, p);
    dropout *self = tarn_nn_new(of, sizeof *self);
    if (!self)
        return NULL;
    self->p = p;
    return &self->module;
}

tarn_module *tarn_nn_dropout(double p)
{
    return new_dropout("nn_dropout", &type, p);
}

tarn_module *tarn_nn_dropout2d(double p)
{
    return new_dropout("nn_dropout2d", &type2d, p);
}
