/*
 * The walk goes from the input to the output. A value that one step reads goes into that step's
 * layer. One that two steps read is where a residual connection begins: both ways from there must
 * lead to the same sum, where it ends.
 */
#include "nn/exchange/graph_modules.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 32 }; /* of residual connections in each other */

typedef struct layers {
    tarn_module **modules;
    int count, room;
} layers;

static void free_layers(layers *l)
{
    for (int i = 0; i < l->count; i++)
        tarn_nn_free(l->modules[i]);
    free(l->modules);
    *l = (layers){.count = 0};
}

/* Takes the module over. */
static bool append(layers *l, tarn_module *module)
{
    if (module && l->count == l->room) {
        const int room = 2 * l->room + 8;
        tarn_module **larger = realloc(l->modules, (size_t)room * sizeof *larger);
        if (!larger) {
            tarn_nn_free(module);
            return false;
        }
        l->modules = larger;
        l->room = room;
    }
    if (module)
        l->modules[l->count++] = module;
    return module;
}

/* ---- Layers */

static bool is_computed(const tarn__graph *g, int value)
{
    return value >= g->held;
}

/* A sum of two computed values, where a residual connection may end. */
static bool is_join(const tarn__graph *g, const tarn__graph_step *s)
{
    return s->op == &tarn__graph_add && is_computed(g, s->inputs[0]) &&
           is_computed(g, s->inputs[1]);
}

/* Gives the module the numbers of the step's other inputs, which nothing else reads: it would no
   longer be the same parameter. */
static bool fill(const tarn__graph *g, const tarn__graph_step *s, const tarn_module *module)
{
    int part = 0;
    for (int i = 1; i < s->input_count; i++) {
        if (s->inputs[i] < 0)
            continue;
        if (is_computed(g, s->inputs[i]) || g->values[s->inputs[i]].constant ||
            tarn__graph_readers(g, s->inputs[i]) != 1 || part == module->part_count)
            return false;
        const tarn_module_part *p = &module->parts[part++];
        tarn_tensor *to = p->parameter ? p->parameter : p->buffer;
        tarn_tensor *from = g->values[s->inputs[i]].tensor;
        if (!to || !tarn_shape_equal(tarn_shape_get(to), tarn_shape_get(from)))
            return false;
        memcpy(tarn_values(to), tarn_values(from), (size_t)tarn_size(to) * sizeof(tarn_real));
    }
    return part == module->part_count;
}

/* The step as a layer; NULL if it is none. */
static tarn_module *layer_of(const tarn__graph *g, const tarn__graph_step *s)
{
    enum { MOST_INPUTS = 5 };
    tarn_tensor *x[MOST_INPUTS] = {NULL};
    if (s->input_count > MOST_INPUTS)
        return NULL;
    for (int i = 1; i < s->input_count; i++) {
        if (is_computed(g, s->inputs[i]))
            return NULL;
        x[i] = s->inputs[i] >= 0 ? g->values[s->inputs[i]].tensor : NULL;
    }
    tarn_module *module = s->op->module(s, x);
    if (!module || fill(g, s, module))
        return module;
    tarn_nn_free(module);
    return NULL;
}

/* (N,H,W,C) to (N,1,1,C) to (N,C) has a layer of its own. */
static bool append_layer(layers *l, const tarn__graph *g, const tarn__graph_step *s)
{
    tarn_module *module = layer_of(g, s);
    const tarn__graph_step *before = s > g->steps ? s - 1 : NULL;
    const bool mean = before && before->op == &tarn__graph_adaptive_avg_pool2d;
    const bool pooled = before && s->op == &tarn__graph_flatten && l->count > 0 &&
                        (mean || before->op == &tarn__graph_adaptive_max_pool2d) &&
                        before->output == s->inputs[0] && before->shape.dim[0] == 1 &&
                        before->shape.dim[1] == 1;
    if (!module || !pooled)
        return append(l, module);
    tarn_nn_free(module);
    tarn_nn_free(l->modules[--l->count]);
    return append(l, mean ? tarn_nn_global_avg_pool2d() : tarn_nn_global_max_pool2d());
}

/* ---- The walk */

/* The first step from number `from` on that reads the value; NULL if there is none. */
static const tarn__graph_step *reader(const tarn__graph *g, int value, int from)
{
    for (int i = from; i < g->step_count; i++)
        for (int k = 0; k < g->steps[i].input_count; k++)
            if (g->steps[i].inputs[k] == value)
                return &g->steps[i];
    return NULL;
}

static tarn_module *sequential_of(layers *l)
{
    tarn_module *module = tarn_nn_sequential_of(l->count, l->modules);
    l->count = 0; /* they are taken over */
    free_layers(l);
    return module;
}

static bool follow(const tarn__graph *g, int value, layers *l, int depth,
                   const tarn__graph_step **join);

/* One way from a fork, which begins with that step. */
static bool follow_way(const tarn__graph *g, const tarn__graph_step *s, int value, layers *l,
                       int depth, const tarn__graph_step **join)
{
    *join = s;
    if (is_join(g, s))
        return true;
    return s->inputs[0] == value && append_layer(l, g, s) && follow(g, s->output, l, depth, join) &&
           *join;
}

/* What two steps read: the way of more layers is the body, and one of none the input itself. */
static bool append_residual(const tarn__graph *g, int value, layers *l, int depth, int *end)
{
    const tarn__graph_step *first = reader(g, value, 0),
                           *second = reader(g, value, (int)(first - g->steps) + 1), *joins[2];
    layers ways[2] = {{.count = 0}, {.count = 0}};
    const bool joined = second && depth < MOST_DEPTH &&
                        follow_way(g, first, value, &ways[0], depth + 1, &joins[0]) &&
                        follow_way(g, second, value, &ways[1], depth + 1, &joins[1]) &&
                        joins[0] == joins[1] && ways[0].count + ways[1].count > 0;
    if (!joined) {
        free_layers(&ways[0]);
        free_layers(&ways[1]);
        return false;
    }
    *end = joins[0]->output;
    const int body = ways[0].count < ways[1].count;
    const bool projects = ways[!body].count > 0;
    tarn_module *inside = sequential_of(&ways[body]);
    tarn_module *projection = projects ? sequential_of(&ways[!body]) : TARN_NN_IDENTITY;
    return append(l, tarn_nn_residual(inside, .projection = projection));
}

/* Goes on to the end of the graph, *join then being NULL, or to a sum. */
static bool follow(const tarn__graph *g, int value, layers *l, int depth,
                   const tarn__graph_step **join)
{
    *join = NULL;
    for (;;) {
        const int readers = tarn__graph_readers(g, value);
        const tarn__graph_step *s = reader(g, value, 0);
        if (value == g->output)
            return readers == 1;
        if (readers == 2) {
            if (!append_residual(g, value, l, depth, &value))
                return false;
            continue;
        }
        if (readers != 1)
            return false;
        if (is_join(g, s)) {
            *join = s;
            return true;
        }
        if (s->inputs[0] != value || !append_layer(l, g, s))
            return false;
        value = s->output;
    }
}

tarn_module *tarn__graph_to_modules(const tarn__graph *g)
{
    layers all = {.count = 0};
    const tarn__graph_step *join;
    if (follow(g, g->held, &all, 0, &join) && !join)
        return sequential_of(&all);
    free_layers(&all);
    return NULL;
}
