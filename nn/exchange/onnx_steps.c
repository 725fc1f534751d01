/* A graph as nodes. */
#include "nn/exchange/onnx_steps.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* Runs it, to see the shapes. */
static bool find_shapes(tarn__onnx_graph *g, tarn_shape sample)
{
    enum { SAMPLES = 3 };
    tarn_module *module = (tarn_module *)&g->graph->module;
    tarn_shape batch = {.ndim = sample.ndim + 1, .dim = {SAMPLES}};
    memcpy(batch.dim + 1, sample.dim, (size_t)sample.ndim * sizeof *sample.dim);
    bool *modes = tarn__nn_modes(module);
    if (!modes)
        return false;
    tarn_tensor *x = tarn_zeros(batch);
    tarn_nn_train(module, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const bool complete = x && tape && tarn_nn_forward(module, x);
    for (int i = 0; complete && i < g->graph->value_count; i++)
        g->values[i].shape = tarn_shape_get(g->graph->now[i]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn__nn_set_modes(module, modes);
    return complete;
}

static void write_all(tarn__onnx_graph *g)
{
    const tarn__graph *graph = g->graph;
    struct tarn__onnx_there *x = &g->values[graph->held];
    x->order = x->shape.ndim == 4 ? TARN__ONNX_FIRST : TARN__ONNX_PLAIN;
    x->there[x->order] = true;
    memcpy(g->steps, graph->steps, (size_t)graph->step_count * sizeof *g->steps);
    if (g->o->args->fold)
        tarn__onnx_fold(g);
    for (int i = 0; i < g->step_count && !*g->o->wrong; i++) {
        g->step = &g->steps[i];
        tarn__onnx_write_step(g);
    }
    const tarn__onnx_name last = tarn__onnx_output(g);
    if (strcmp(last.text, g->output) != 0)
        tarn__onnx_give(g->o, "Identity", g->output, last.text, NULL);
}

void tarn__onnx_write_graph(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn__graph *graph = (const tarn__graph *)step->module;
    const size_t count = (size_t)graph->step_count, values = (size_t)graph->value_count;
    tarn__onnx_graph g = {.o = o,
                          .graph = graph,
                          .steps = malloc(count * sizeof *g.steps + 1),
                          .step_count = graph->step_count,
                          .inputs = malloc(3 * count * sizeof *g.inputs + 1),
                          .input = x,
                          .output = y,
                          .held = tarn__nn_list(o->steps.model, true),
                          .values = calloc(values, sizeof *g.values)};
    g.step = g.steps;
    if (g.values && g.steps && g.inputs && g.held.tensors &&
        find_shapes(&g, tarn__onnx_in_of(o, step)))
        write_all(&g);
    else
        o->graph.failed = true;
    for (size_t i = 0; g.values && i < values; i++)
        free(g.values[i].numbers);
    free(g.values);
    free(g.steps);
    free(g.inputs);
    free(g.held.tensors);
}
