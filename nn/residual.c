/*
 * Residual connection (He et al. 2016).
 *
 *     y = body(x) + x, or body(x) + projection(x); max(y, 0) if asked
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"
#include "nn/sequential.h"

typedef struct residual {
    tarn_module module;
    tarn_module *body, *projection; /* no projection: NULL */
    struct numbers {
        bool relu;
    } numbers;
} residual;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    const residual *self = (const residual *)module;
    tarn_tensor *skip = self->projection ? tarn_nn_forward(self->projection, x) : x;
    tarn__sum_behind sum = {skip, self->numbers.relu || after.relu, false};
    if (!skip)
        return NULL; /* one mistake, one report */
    tarn_tensor *y = tarn__nn_forward_before_sum(self->body, x, &sum);
    if (sum.done)
        return y;
    if (y && !tarn_shape_equal(tarn_shape_get(skip), tarn_shape_get(y)))
        return tarn_fail("nn_residual: the body gives %s, the %s %s, expects the same shape%s",
                         tarn_shape_to_text(tarn_shape_get(y)).text,
                         self->projection ? "projection" : "input is",
                         tarn_shape_to_text(tarn_shape_get(skip)).text,
                         self->projection ? "" : "; a projection can change the input's");
    return sum.relu ? tarn_add_relu(y, skip) : tarn_add(y, skip);
}

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__NUMBER(bool, relu, false)};
TARN__MAKE(tarn_nn_residual(children[0], .relu = args->relu,
                            .projection = count > 1 ? children[1] : TARN_NN_IDENTITY))

const tarn_module_type tarn__nn_residual = {.name = "Residual",
                                            .takes = {.relu = true},
                                            .forward_fused = forward,
                                            TARN_MODULE_NUMBERS(numbers, 0, residual, numbers),
                                            .make = make,
                                            .least_children = 1,
                                            .most_children = 2};

tarn_module *tarn_nn_residual_with(tarn_nn_residual_args args)
{
    const bool projects = args.projection != TARN_NN_IDENTITY;
    residual *self = tarn_nn_new(&tarn__nn_residual, sizeof *self);
    if (self)
        *self = (residual){self->module, args.body, projects ? args.projection : NULL, {args.relu}};
    /* Goes on after a failure, so that both modules end up owned or freed. */
    tarn_module *module = self ? &self->module : NULL;
    bool complete = tarn_nn_add_child(module, "body", args.body);
    if (projects)
        complete &= tarn_nn_add_child(module, "projection", args.projection);
    if (complete)
        return module;
    tarn_nn_free(module);
    return NULL;
}
