/* Dropout: tarn_dropout() or tarn_dropout2d() while training, the input itself in evaluation. */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct dropout {
    tarn_module module;
    struct numbers {
        double p;
    } numbers;
} dropout;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    return module->training ? tarn_dropout(x, ((const dropout *)module)->numbers.p) : x;
}

static tarn_tensor *forward2d(tarn_module *module, tarn_tensor *x)
{
    return module->training ? tarn_dropout2d(x, ((const dropout *)module)->numbers.p) : x;
}

static tarn_module *new_dropout(const char *function, const tarn_module_type *of, double p)
{
    if (!(p >= 0 && p <= 1))
        return tarn_fail("%s: p is %g, expects 0 to 1", function, p);
    dropout *self = tarn_nn_new(of, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.p = p;
    return &self->module;
}

#define NUMBERS TARN_MODULE_NUMBERS(numbers, 1, dropout, numbers)
typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(double, p)};

static tarn_module *make(const void *args, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    return tarn_nn_dropout(((const struct numbers *)args)->p);
}

static tarn_module *make2d(const void *args, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    return tarn_nn_dropout2d(((const struct numbers *)args)->p);
}

const tarn_module_type tarn__nn_dropout = {
    .name = "Dropout", .forward = forward, NUMBERS, .make = make};
const tarn_module_type tarn__nn_dropout2d = {
    .name = "Dropout2d", .forward = forward2d, NUMBERS, .make = make2d};

tarn_module *tarn_nn_dropout(double p)
{
    return new_dropout("nn_dropout", &tarn__nn_dropout, p);
}

tarn_module *tarn_nn_dropout2d(double p)
{
    return new_dropout("nn_dropout2d", &tarn__nn_dropout2d, p);
}
