/*
 * Residual connection (He et al. 2016).
 *
 *     y = body(x) + x, or body(x) + projection(x); max(y, 0) if asked
 */
#include <stdio.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/internal.h"

typedef struct residual {
    tarn_module module;
    tarn_module *body, *projection; /* projection may be NULL */
    bool relu;
} residual;

static tarn_tensor *add_skip(const tarn_module *module, tarn_tensor *x, bool relu)
{
    const residual *self = (const residual *)module;
    tarn_tensor *skip = self->projection ? tarn_nn_forward(self->projection, x) : x;
    tarn_tensor *y = skip ? tarn_nn_forward(self->body, x) : NULL; /* one mistake, one report */
    if (y && !tarn_shape_equal(tarn_shape_get(skip), tarn_shape_get(y)))
        return tarn_fail("nn_residual: the body gives %s, the %s %s, expects the same shape%s",
                         tarn_shape_to_text(tarn_shape_get(y)).text,
                         self->projection ? "projection" : "input is",
                         tarn_shape_to_text(tarn_shape_get(skip)).text,
                         self->projection ? "" : "; a projection can change the input's");
    return relu ? tarn_add_relu(y, skip) : tarn_add(y, skip);
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    return add_skip(module, x, ((const residual *)module)->relu);
}

/* Takes a relu. */
static tarn_tensor *fused(tarn_module *module, const tarn_module_part *next, int count,
                          tarn_tensor *x, int *taken)
{
    *taken = count > 0 && tarn__nn_is_relu(next[0].child);
    return add_skip(module, x, *taken || ((const residual *)module)->relu);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    snprintf(text, size, "%s", ((const residual *)module)->relu ? ".relu = 1" : "");
}

static const tarn_module_type type = {"Residual", forward, describe, NULL};

tarn_module *tarn_nn_residual_with(tarn_nn_residual_args args)
{
    residual *self = tarn_nn_new(&type, sizeof *self);
    if (self) {
        *self = (residual){self->module, args.body, args.projection, args.relu};
        self->module.fused = fused;
    }
    /* Goes on after a failure, so that both modules end up owned or freed. */
    tarn_module *module = self ? &self->module : NULL;
    bool complete = tarn_nn_add_child(module, "body", args.body);
    if (args.projection)
        complete &= tarn_nn_add_child(module, "projection", args.projection);
    if (complete)
        return module;
    tarn_nn_free(module);
    return NULL;
}
