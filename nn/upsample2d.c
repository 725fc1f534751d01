/* Upsampling layer: tarn_upsample_nearest2d() or tarn_upsample_bilinear2d() by a whole number. */
#include <stdio.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct upsample2d {
    tarn_module module;
    tarn_nn_upsample2d_args args;
} upsample2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_upsample2d_args *args = &((const upsample2d *)module)->args;
    const int64_t most = INT32_MAX / args->scale;
    if (tarn_ndim(x) != 4 || tarn_dim(x, 1) > most || tarn_dim(x, 2) > most)
        return tarn_fail("nn_upsample2d: input %s, expects (N,H,W,C) and at most %lld rows and "
                         "columns",
                         tarn_shape_to_text(tarn_shape_get(x)).text, (long long)most);
    const int height = (int)tarn_dim(x, 1) * args->scale, width = (int)tarn_dim(x, 2) * args->scale;
    if (!args->bilinear)
        return tarn_upsample_nearest2d(x, height, width);
    return tarn_upsample_bilinear2d(x, height, width, .align_corners = args->align_corners);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    const tarn_nn_upsample2d_args *args = &((const upsample2d *)module)->args;
    snprintf(text, size, "%d", args->scale);
    TARN_NN_UPSAMPLE2D_OPTIONS(TARN__DESCRIBE)
}

static const tarn_module_type type = {
    .name = "Upsample2d", .forward = forward, .describe = describe};

tarn_module *tarn_nn_upsample2d_with(tarn_nn_upsample2d_args args)
{
    if (!tarn__nn_at_least("nn_upsample2d", "scale", args.scale, 1))
        return NULL;
    if (args.align_corners && !args.bilinear)
        return tarn_fail("nn_upsample2d: align_corners is set, expects bilinear with it");
    upsample2d *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}
