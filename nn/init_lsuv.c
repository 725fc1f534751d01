/*
 * Layer-sequential unit variance (Mishkin, Matas 2016, "All you need is a good init"), from data:
 *
 *     every weight is made orthonormal
 *     layer by layer, in the order of forward:
 *         weight /= sqrt(variance of its output)    until that is 1, to the tolerance
 *
 * A layer's output depends on those before it, which are settled then. What is no weight of a
 * matrix or a kernel is left alone, biases too: the variance is around the mean.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/tensor_internal.h"
#include "nn/init.h"
#include "nn/look.h"

/* The module's own weight, if it is a matrix or a kernel; else NULL. */
static tarn_tensor *weight_of(const tarn_module *module)
{
    for (int i = 0; i < module->part_count; i++) {
        tarn_tensor *t = module->parts[i].parameter;
        if (t && strcmp(module->parts[i].name, "weight") == 0 && t->shape.ndim >= 2)
            return t;
    }
    return NULL;
}

static int count_layers(const tarn_module *module)
{
    int count = weight_of(module) != NULL;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            count += count_layers(module->parts[i].child);
    return count;
}

/* What is looked for while the network runs: the layers, in the order in which they end, each once;
   or the variance of the output of one of them. */
typedef struct search {
    const tarn_module **layers;
    int count;
    const tarn_module *layer; /* NULL: all are noted */
    double variance;
} search;

static double variance_of(const tarn_tensor *t)
{
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < t->size; i++)
        mean += (double)t->values[i] / (double)t->size;
    for (int64_t i = 0; i < t->size; i++) {
        const double d = (double)t->values[i] - mean;
        sum += d * d;
    }
    return sum / (double)t->size;
}

static void see(void *context, const tarn_module *module, const tarn_tensor *input,
                const tarn_tensor *output)
{
    search *s = context;
    (void)input;
    if (s->layer == module && output)
        s->variance = variance_of(output);
    bool known = s->layer || !weight_of(module);
    for (int i = 0; !known && i < s->count; i++)
        known = s->layers[i] == module;
    if (!known)
        s->layers[s->count++] = module;
}

/* Scales the weight of a layer; false where its output has no variance to go by. */
static bool settle(tarn_module *model, tarn_tensor *images, search *s,
                   const tarn_nn_lsuv_args *options)
{
    tarn_tensor *weight = weight_of(s->layer);
    for (int k = 0; k < options->iterations; k++) {
        s->variance = NAN;
        if (!tarn__nn_look(model, images, see, s))
            return false;
        if (!(s->variance > 0 && isfinite(s->variance)))
            return tarn_fail(
                "nn_lsuv: the output of a %s has a variance of %g, expects one above 0",
                s->layer->type->name, s->variance);
        if (fabs(s->variance - 1) <= options->tolerance)
            return true;
        for (int64_t i = 0; i < weight->size; i++)
            weight->values[i] = (tarn_real)((double)weight->values[i] / sqrt(s->variance));
    }
    return true;
}

static bool options_are_right(const tarn_nn_lsuv_args *o)
{
    if (o->iterations < 1)
        return tarn_fail("nn_lsuv: iterations is %d, expects at least 1", o->iterations);
    return (o->tolerance >= 0 && isfinite(o->tolerance)) ||
           tarn_fail("nn_lsuv: tolerance is %g, expects a finite number of at least 0",
                     o->tolerance);
}

int tarn_nn_lsuv_with(tarn_nn_lsuv_args args)
{
    if (!args.model || !args.images || !options_are_right(&args))
        return 0;
    search s = {.layers = calloc((size_t)count_layers(args.model) + 1, sizeof *s.layers)};
    if (!s.layers)
        tarn_set_error("nn_lsuv: out of memory for a list of layers");
    bool right = s.layers && tarn__nn_look(args.model, args.images, see, &s);
    for (int i = 0; right && args.orthogonal && i < s.count; i++)
        right = tarn_init_orthogonal(weight_of(s.layers[i]), 1);
    for (int i = 0; right && i < s.count; i++) {
        s.layer = s.layers[i];
        right = settle(args.model, args.images, &s, &args);
    }
    free(s.layers);
    return right ? s.count : 0;
}
