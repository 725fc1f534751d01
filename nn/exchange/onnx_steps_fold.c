/* Batch normalization in a graph, multiplied into the step before it. The steps that are written
   are a copy of the graph's, and so are the numbers that change. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/exchange/onnx_steps.h"
#include "nn/exchange/weights.h"

enum { X, WEIGHT, BIAS, INPUTS, GAMMA = 1, BETA, MEAN, VARIANCE };

static bool is_held_alone(const tarn__graph *g, int value)
{
    return value >= 0 && value < g->held && tarn__graph_readers(g, value) == 1;
}

/* Whether the step may do what the norm does: nothing else reads what it gives, or its weights. */
static bool can_take(const tarn__graph *g, const tarn__graph_step *s, const tarn__graph_step *norm)
{
    const bool weighs = s->op == &tarn__graph_conv2d || s->op == &tarn__graph_linear ||
                        s->op == &tarn__graph_conv_transpose2d;
    bool held = true;
    for (int i = GAMMA; i <= VARIANCE; i++)
        held &= norm->inputs[i] < g->held;
    const bool has_bias = s->input_count > BIAS && s->inputs[BIAS] >= 0;
    return weighs && held && !s->relu && s->max_pool == 0 && s->output == norm->inputs[X] &&
           tarn__graph_readers(g, s->output) == 1 && is_held_alone(g, s->inputs[WEIGHT]) &&
           is_held_alone(g, has_bias ? s->inputs[BIAS] : norm->inputs[BETA]);
}

/* The numbers of what is held, to be changed; NULL when memory runs out. */
static float *numbers_of(tarn__onnx_graph *g, int value)
{
    tarn_tensor *tensor = g->graph->values[value].tensor;
    float *numbers = malloc((size_t)tarn_size(tensor) * sizeof *numbers + 1);
    for (int64_t i = 0; numbers && i < tarn_size(tensor); i++)
        numbers[i] = (float)tarn_values(tensor)[i];
    return g->values[value].numbers = numbers;
}

/* What the norm multiplies by and adds. */
static void scale_and_shift(const tarn__onnx_graph *g, const tarn__graph_step *norm, float *scale,
                            float *shift)
{
    const tarn_real *of[INPUTS + 2];
    for (int i = GAMMA; i <= VARIANCE; i++)
        of[i] = tarn_values(g->graph->values[norm->inputs[i]].tensor);
    const int64_t outputs = tarn_size(g->graph->values[norm->inputs[GAMMA]].tensor);
    for (int64_t k = 0; k < outputs; k++) {
        const double by = (double)of[GAMMA][k] / sqrt((double)of[VARIANCE][k] + norm->a);
        scale[k] = (float)by;
        shift[k] = (float)((double)of[BETA][k] - by * (double)of[MEAN][k]);
    }
}

static void check(tarn__onnx_graph *g, const float *numbers, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            tarn__onnx_fail(g->o,
                            "the weights of \"%s\" (Graph), with the batch normalization in "
                            "them, are no finite numbers of float",
                            tarn__name_in(g->o->steps.model, &g->graph->module).text);
}

/* Step s gives what the norm did, with a bias in any case. inputs is room for its own. */
static void fold(tarn__onnx_graph *g, tarn__graph_step *s, const tarn__graph_step *norm,
                 int *inputs)
{
    const bool has_bias = s->input_count > BIAS && s->inputs[BIAS] >= 0;
    tarn_tensor *kernel = g->graph->values[s->inputs[WEIGHT]].tensor;
    const tarn_shape shape = tarn_shape_get(kernel);
    const int64_t outputs = tarn_size(g->graph->values[norm->inputs[GAMMA]].tensor);
    inputs[X] = s->inputs[X];
    inputs[WEIGHT] = s->inputs[WEIGHT];
    inputs[BIAS] = has_bias ? s->inputs[BIAS] : norm->inputs[BETA];
    float *weight = numbers_of(g, inputs[WEIGHT]), *bias = numbers_of(g, inputs[BIAS]),
          *both = malloc(2 * (size_t)outputs * sizeof *both + 1);
    if (weight && bias && both) {
        if (!has_bias)
            memset(bias, 0, (size_t)outputs * sizeof *bias);
        scale_and_shift(g, norm, both, both + outputs);
        const tarn__fold_shape how = {.count = tarn_size(kernel),
                                      .outputs = outputs,
                                      .inputs = shape.dim[3],
                                      .groups = s->groups,
                                      .transposed = s->op == &tarn__graph_conv_transpose2d};
        tarn__fold_numbers(&how, weight, bias, both, both + outputs);
        check(g, weight, how.count);
        check(g, bias, outputs);
    } else {
        g->o->graph.failed = true;
    }
    free(both);
    s->inputs = inputs;
    s->input_count = INPUTS;
    s->output = norm->output;
    s->relu = norm->relu;
}

void tarn__onnx_fold(tarn__onnx_graph *g)
{
    const tarn__graph *graph = g->graph;
    int kept = 0;
    for (int i = 0; i < graph->step_count; i++) {
        const tarn__graph_step *norm = &graph->steps[i];
        tarn__graph_step *before = NULL;
        for (int k = 0; norm->op == &tarn__graph_batch_norm2d && k < kept; k++)
            if (can_take(graph, &g->steps[k], norm))
                before = &g->steps[k];
        if (before)
            fold(g, before, norm, g->inputs + INPUTS * (before - g->steps));
        else
            g->steps[kept++] = *norm;
    }
    g->step_count = kept;
}
