/* The values of a graph: their names, and their orders. */
#include "nn/exchange/onnx_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int axes_of[TARN__ONNX_ORDERS][4] = {{0, 1, 2, 3}, {0, 3, 1, 2}, {3, 2, 0, 1}};

int64_t tarn__onnx_axis(tarn__onnx_order order, int axis)
{
    int place = 0;
    while (order != TARN__ONNX_PLAIN && axes_of[order][place] != axis)
        place++;
    return order == TARN__ONNX_PLAIN ? axis : place;
}

static int value_of(const tarn__onnx_graph *g, int i)
{
    return i < g->step->input_count ? g->step->inputs[i] : -1;
}

bool tarn__onnx_is_left_out(const tarn__onnx_graph *g, int i)
{
    return value_of(g, i) < 0;
}

tarn_shape tarn__onnx_shape_in(const tarn__onnx_graph *g, int i)
{
    return g->values[value_of(g, i)].shape;
}

tarn_shape tarn__onnx_shape_out(const tarn__onnx_graph *g)
{
    return g->values[g->step->output].shape;
}

tarn__onnx_order tarn__onnx_order_of(const tarn__onnx_graph *g, int i)
{
    const int value = value_of(g, i);
    return value >= g->graph->held ? g->values[value].order : TARN__ONNX_PLAIN;
}

tarn__onnx_order tarn__onnx_common_order(const tarn__onnx_graph *g)
{
    tarn__onnx_order order = TARN__ONNX_PLAIN;
    for (int i = 0; i < g->step->input_count; i++)
        if (tarn__onnx_order_of(g, i) == TARN__ONNX_FIRST)
            order = TARN__ONNX_FIRST;
    return order;
}

/* ---- Names */

/* The order in which the graph's output goes on. */
static tarn__onnx_order wanted(const tarn__onnx_graph *g)
{
    return g->values[g->graph->output].shape.ndim == 4 ? TARN__ONNX_FIRST : TARN__ONNX_PLAIN;
}

/* No name of a held tensor has a colon. */
static tarn__onnx_name name_of(const tarn__onnx_graph *g, int value, tarn__onnx_order order)
{
    static const char *const endings[] = {":plain", ":first", ":kernel"};
    const struct tarn__onnx_there *v = &g->values[value];
    const char *ending = order == v->order ? "" : endings[order];
    tarn__onnx_name name;
    char number[32];
    const bool is_output = value == g->graph->output && order == wanted(g);
    if (order == v->order && (value == g->graph->held || (value > g->graph->held && is_output))) {
        snprintf(name.text, sizeof name.text, "%s", value > g->graph->held ? g->output : g->input);
        return name;
    }
    for (int i = 0; i < g->held.count && value < g->graph->held; i++)
        if (g->held.tensors[i] == g->graph->values[value].tensor) {
            const bool taken = !strcmp(g->held.names[i], g->o->args->input_name) ||
                               !strcmp(g->held.names[i], g->o->args->output_name);
            snprintf(name.text, sizeof name.text, "%.170s%s%s", g->held.names[i], ending,
                     taken ? ":" : "");
            return name;
        }
    snprintf(number, sizeof number, "value:%d%s", value, ending);
    return tarn__onnx_named(g->o, number);
}

tarn__onnx_name tarn__onnx_gives(tarn__onnx_graph *g, tarn__onnx_order order)
{
    struct tarn__onnx_there *v = &g->values[g->step->output];
    v->order = order;
    v->there[order] = true;
    return name_of(g, g->step->output, order);
}

tarn__onnx_name tarn__onnx_inner(const tarn__onnx_graph *g, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "value:%d:%s", g->step->output, what);
    return tarn__onnx_named(g->o, name);
}

tarn__onnx_name tarn__onnx_ints_of(tarn__onnx_graph *g, const char *what, int count,
                                   const int64_t *numbers)
{
    const tarn__onnx_name name = tarn__onnx_inner(g, what);
    tarn_onnx_tensor_of_ints(g->o, name.text, count, numbers);
    return name;
}

/* ---- Values in another order */

/* The shape with ones before it. */
static tarn_shape widened(tarn_shape shape)
{
    tarn_shape wide = {.ndim = 4, .dim = {1, 1, 1, 1}};
    for (int i = 0; i < shape.ndim; i++)
        wide.dim[4 - shape.ndim + i] = shape.dim[i];
    return wide;
}

/* Writes what is held. */
static void write_held(tarn__onnx_graph *g, int value, tarn__onnx_order order)
{
    tarn_tensor *tensor = g->graph->values[value].tensor;
    const float *folded = g->values[value].numbers;
    const int64_t count = tarn_size(tensor);
    tarn_shape shape = tarn_shape_get(tensor);
    float *numbers = malloc((size_t)count * sizeof *numbers + 1);
    for (int64_t i = 0; numbers && i < count; i++)
        numbers[i] = folded ? folded[i] : (float)tarn_values(tensor)[i];
    g->o->graph.failed = g->o->graph.failed || !numbers;
    const tarn__onnx_name name = name_of(g, value, order);
    if (numbers && order == TARN__ONNX_PLAIN) {
        tarn_onnx_tensor(g->o, name.text, shape, numbers);
    } else if (numbers) {
        const int *axes = axes_of[order];
        const tarn_shape from = widened(shape);
        const tarn_shape to =
            tarn_shape(from.dim[axes[0]], from.dim[axes[1]], from.dim[axes[2]], from.dim[axes[3]]);
        tarn__onnx_permuted(g->o, name.text, to, numbers, from,
                            tarn_axes(axes[0], axes[1], axes[2], axes[3]));
    }
    free(numbers);
}

static void transpose(tarn__onnx_graph *g, const int *axes, const char *x, const char *y)
{
    tarn_onnx_ints(g->o, "perm", 4, (int64_t[]){axes[0], axes[1], axes[2], axes[3]});
    tarn__onnx_give(g->o, "Transpose", y, x, NULL);
}

static tarn__onnx_name in_order(tarn__onnx_graph *g, int value, tarn__onnx_order order);

/* Writes the nodes that bring a computed value into the order. */
static void write_order(tarn__onnx_graph *g, int value, tarn__onnx_order order)
{
    static const int back[] = {0, 2, 3, 1};
    const struct tarn__onnx_there *v = &g->values[value];
    const tarn__onnx_name to = name_of(g, value, order);
    if (order == TARN__ONNX_PLAIN) { /* from FIRST: nothing is given as KERNEL */
        transpose(g, back, name_of(g, value, TARN__ONNX_FIRST).text, to.text);
        return;
    }
    tarn__onnx_name from = in_order(g, value, TARN__ONNX_PLAIN);
    if (v->shape.ndim < 4) {
        char what[64];
        snprintf(what, sizeof what, "wide:%d", value);
        from = tarn__onnx_on_the_way(
            g->o, "Unsqueeze", from.text,
            tarn__onnx_ints_of(g, what, 4 - v->shape.ndim, (int64_t[]){0, 1, 2, 3}).text);
    }
    transpose(g, axes_of[order], from.text, to.text);
}

static tarn__onnx_name in_order(tarn__onnx_graph *g, int value, tarn__onnx_order order)
{
    struct tarn__onnx_there *v = &g->values[value];
    const bool held = value < g->graph->held;
    if (held && !v->there[TARN__ONNX_PLAIN] && !v->there[TARN__ONNX_FIRST] &&
        !v->there[TARN__ONNX_KERNEL])
        v->order = order;
    if (!v->there[order]) {
        v->there[order] = true;
        if (held)
            write_held(g, value, order);
        else
            write_order(g, value, order);
    }
    return name_of(g, value, order);
}

tarn__onnx_name tarn__onnx_output(tarn__onnx_graph *g)
{
    return in_order(g, g->graph->output, wanted(g));
}

tarn__onnx_name tarn__onnx_read(tarn__onnx_graph *g, int i, tarn__onnx_order order)
{
    return in_order(g, value_of(g, i), order);
}

void tarn__onnx_cannot(tarn__onnx_graph *g)
{
    tarn__onnx_fail(g->o, "what \"%s\" (Graph) computes cannot be expressed: %s of %s",
                    tarn__name_in(g->o->steps.model, g->o->step->module).text, g->step->op->name,
                    tarn_shape_to_text(tarn__onnx_shape_in(g, 0)).text);
}
