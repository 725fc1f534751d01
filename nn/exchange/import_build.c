/* The steps of an ONNX file as a module. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/graph_modules.h"
#include "nn/exchange/import_internal.h"
#include "nn/layer.h"

/* The graph's number of an operand: held tensors stand first. */
static int number_of(const tarn__importer *c, int operand)
{
    return operand == TARN__ONNX_NONE ? -1
           : operand >= 0             ? c->held_count + operand
                                      : TARN__ONNX_HELD - operand;
}

/* Leaves out the steps that nothing reads, as where a later one went another way. */
static bool drop_unread(tarn__importer *c, int output)
{
    bool *read = calloc((size_t)c->computed + 1, sizeof *read);
    int kept = 0;
    if (!read)
        return tarn_set_error("%s: out of memory for its graph", c->file.path);
    if (output >= 0)
        read[output] = true;
    for (int i = c->step_count - 1; i >= 0; i--)
        for (int k = 0; read[c->steps[i].output] && k < c->steps[i].input_count; k++)
            if (c->steps[i].inputs[k] >= 0)
                read[c->steps[i].inputs[k]] = true;
    for (int i = 0; i < c->step_count; i++) {
        if (read[c->steps[i].output])
            c->steps[kept++] = c->steps[i];
        else
            free(c->steps[i].inputs);
    }
    c->step_count = kept;
    free(read);
    return true;
}

/* The steps go over to the graph. */
static void take_steps(tarn__importer *c, tarn__graph *g)
{
    g->steps = c->steps;
    g->step_count = c->step_count;
    c->steps = NULL;
    c->step_count = 0;
    for (int i = 0; i < g->step_count; i++) {
        tarn__graph_step *step = &g->steps[i];
        for (int k = 0; k < step->input_count; k++)
            step->inputs[k] = number_of(c, step->inputs[k]);
        step->output = number_of(c, step->output);
    }
}

/* And the held tensors become parts of the module. */
static bool take_held(tarn__importer *c, tarn__graph *g)
{
    int constants = 0;
    for (int i = 0; i < c->held_count; i++) {
        tarn__import_held *held = &c->held[i];
        tarn_tensor *tensor = held->tensor;
        char name[300];
        const size_t size = held->name.size < sizeof name - 1 ? held->name.size : sizeof name - 1;
        g->values[i] = (tarn__graph_value){.tensor = tensor, .constant = size == 0};
        held->tensor = NULL;
        if (size == 0) {
            snprintf(name, sizeof name, "constants.%d", constants++);
        } else {
            memcpy(name, held->name.at, size);
            name[size] = '\0';
        }
        if (!tarn__graph_name(g, name, tensor, held->trained))
            return false;
    }
    return true;
}

static tarn__graph *graph_of(tarn__importer *c, int output)
{
    tarn__graph *g = tarn_nn_new(&tarn__nn_graph, sizeof *g);
    if (!g)
        return NULL;
    g->output = number_of(c, output);
    g->held = c->held_count;
    g->value_count = c->held_count + c->computed;
    take_steps(c, g);
    const bool room =
        tarn__graph_room(g) || tarn_set_error("%s: out of memory for its graph", c->file.path);
    if (room && take_held(c, g))
        return g;
    tarn_nn_free(&g->module);
    return NULL;
}

tarn_module *tarn__import_build(tarn__importer *c, int output)
{
    tarn__graph *g = drop_unread(c, output) ? graph_of(c, output) : NULL;
    tarn_module *module = g ? tarn__graph_to_modules(g) : NULL;
    const bool stays = g && !module && tarn__graph_fuse(g);
    if (stays)
        return &g->module;
    if (g && !module)
        tarn_set_error("%s: out of memory for its graph", c->file.path);
    tarn_nn_free(g ? &g->module : NULL);
    return module;
}
