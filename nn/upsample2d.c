/* Upsampling layer: tarn_upsample_nearest2d(), _bilinear2d() or _bicubic2d() by a whole number. */
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
    if (args->bilinear)
        return tarn_upsample_bilinear2d(x, height, width, .align_corners = args->align_corners,
                                        .antialias = args->antialias);
    if (args->bicubic)
        return tarn_upsample_bicubic2d(x, height, width, .align_corners = args->align_corners,
                                       .antialias = args->antialias);
    return tarn_upsample_nearest2d(x, height, width);
}

typedef tarn_nn_upsample2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, scale)
                                          TARN_NN_UPSAMPLE2D_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_upsample2d_with(*args))

const tarn_module_type tarn__nn_upsample2d = {.name = "Upsample2d",
                                              TARN_MODULE_NUMBERS(numbers, 1, upsample2d, args),
                                              .make = make,
                                              .forward = forward};

tarn_module *tarn_nn_upsample2d_with(tarn_nn_upsample2d_args args)
{
    if (!tarn__nn_at_least("nn_upsample2d", "scale", args.scale, 1))
        return NULL;
    if (args.bilinear && args.bicubic)
        return tarn_fail("nn_upsample2d: bilinear and bicubic, expects one of them");
    if ((args.align_corners || args.antialias) && !args.bilinear && !args.bicubic)
        return tarn_fail("nn_upsample2d: %s is set, expects bilinear or bicubic with it",
                         args.align_corners ? "align_corners" : "antialias");
    if (args.align_corners && args.antialias)
        return tarn_fail("nn_upsample2d: align_corners and antialias, expects one of them");
    upsample2d *self = tarn_nn_new(&tarn__nn_upsample2d, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}
