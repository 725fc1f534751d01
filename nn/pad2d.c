/* Zero padding of images: tarn_pad() of H and W. */
#include <stdio.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct pad2d {
    tarn_module module;
    int padding;
} pad2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const int padding = ((const pad2d *)module)->padding;
    if (tarn_ndim(x) != 4)
        return tarn_fail("nn_pad2d: input %s, expects (N,H,W,C)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    const tarn_shape border = tarn_shape(0, padding, padding, 0);
    return tarn_pad(x, border, border);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    snprintf(text, size, "%d", ((const pad2d *)module)->padding);
}

static const tarn_module_type type = {.name = "Pad2d", .forward = forward, .describe = describe};

tarn_module *tarn_nn_pad2d(int padding)
{
    if (!tarn__nn_at_least("nn_pad2d", "padding", padding, 0))
        return NULL;
    pad2d *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->padding = padding;
    return &self->module;
}
