/*
 * The walk goes from the input to the output. A value that one step reads goes into that step's
 * layer. One that several steps read is where ways part: all must lead to the same sum, where a
 * residual connection ends, or to the same concatenation, which reads nothing else.
 */
#include "nn/exchange/graph_modules.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 32, MOST_WAYS = 32 }; /* ways in each other, and beside each other */

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

/* Where ways may end: a sum of two computed values, or several behind each other. */
static bool is_join(const tarn__graph *g, const tarn__graph_step *s)
{
    const bool sum = s->op == &tarn__graph_add, concat = s->op == &tarn__graph_concat && s->is_last;
    for (int i = 0; i < s->input_count; i++)
        if (!is_computed(g, s->inputs[i]))
            return false;
    return (sum || concat) && s->input_count >= 2;
}

/* Gives the module the numbers of the step's other inputs. */
static bool fill(const tarn__graph *g, const tarn__graph_step *s, const tarn_module *module)
{
    int part = 0;
    for (int i = 1; i < s->input_count; i++) {
        if (s->inputs[i] < 0)
            continue;
        if (part == module->part_count)
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

tarn_module *tarn__graph_layer(const tarn__graph *g, const tarn__graph_step *s)
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

/* Whether nothing else reads the step's numbers: in a layer they are no longer the same parameter.
 */
static bool owns_numbers(const tarn__graph *g, const tarn__graph_step *s)
{
    for (int i = 1; i < s->input_count; i++)
        if (s->inputs[i] >= 0 &&
            (is_computed(g, s->inputs[i]) || g->values[s->inputs[i]].constant ||
             tarn__graph_readers(g, s->inputs[i]) != 1))
            return false;
    return true;
}

/* (N,H,W,C) to (N,1,1,C) to (N,C) has a layer of its own. */
static bool append_layer(layers *l, const tarn__graph *g, const tarn__graph_step *s)
{
    tarn_module *module = owns_numbers(g, s) ? tarn__graph_layer(g, s) : NULL;
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

/* Where a way ends: the step that puts ways together, and which value it reads of this one. */
typedef struct way_end {
    const tarn__graph_step *join; /* NULL: the end of the graph */
    int value;
} way_end;

static bool follow(const tarn__graph *g, int value, layers *l, int depth, way_end *end);

/* One way from a fork, which begins with that step. */
static bool follow_way(const tarn__graph *g, const tarn__graph_step *s, int value, layers *l,
                       int depth, way_end *end)
{
    *end = (way_end){s, value};
    if (is_join(g, s))
        return true;
    return s->inputs[0] == value && append_layer(l, g, s) && follow(g, s->output, l, depth, end) &&
           end->join;
}

/* Ways that begin with the same value, in the order in which the first of their steps stand. */
typedef struct ways {
    layers layers[MOST_WAYS];
    way_end ends[MOST_WAYS];
    int count;
} ways;

/* The way as one module; nothing where it has no layers. */
static tarn_module *module_of_way(layers *way)
{
    return way->count > 0 ? sequential_of(way) : TARN_NN_IDENTITY;
}

/* Of a sum the way of more layers is the body. Of a concatenation the ways are in its order. */
static tarn_module *join_of(ways *w, const tarn__graph_step *join, const int *order)
{
    layers *first = &w->layers[order[0]], *second = &w->layers[order[1]];
    if (join->op == &tarn__graph_add && first->count + second->count > 0) {
        layers *body = first->count < second->count ? second : first;
        tarn_module *inside = sequential_of(body);
        return tarn_nn_residual(inside,
                                .projection = module_of_way(body == first ? second : first));
    }
    if (join->op == &tarn__graph_add)
        return NULL;
    tarn_module *modules[MOST_WAYS];
    for (int i = 0; i < join->input_count; i++)
        modules[i] = module_of_way(&w->layers[order[i]]);
    return tarn_nn_concat_of(join->input_count, modules);
}

/* Finds a step that puts together nothing but some of these ways, and which those are. */
static const tarn__graph_step *find_join(const ways *w, int order[MOST_WAYS])
{
    for (int first = 0; first < w->count; first++) {
        const tarn__graph_step *join = w->ends[first].join;
        int found = 0;
        for (int i = 0; i < join->input_count && found == i && i < MOST_WAYS; i++)
            for (int k = 0; k < w->count && found == i; k++)
                if (w->ends[k].join == join && w->ends[k].value == join->inputs[i])
                    order[found++] = k;
        if (found == join->input_count)
            return join;
    }
    return NULL;
}

/* Puts these ways together: the first of them goes on with the module that they become. */
static bool join_ways(ways *w, const tarn__graph_step *join, const int *order)
{
    int kept = order[0];
    tarn_module *module = join_of(w, join, order);
    for (int i = 1; i < join->input_count; i++)
        kept = order[i] < kept ? order[i] : kept;
    int count = 0;
    for (int k = 0; k < w->count; k++) {
        const bool stays = k == kept || w->ends[k].join != join;
        if (!stays)
            free_layers(&w->layers[k]);
        if (!stays || count++ == k)
            continue;
        w->layers[count - 1] = w->layers[k];
        w->ends[count - 1] = w->ends[k];
        w->layers[k] = (layers){.count = 0};
    }
    w->count = count;
    w->ends[kept] = (way_end){NULL, join->output};
    return append(&w->layers[kept], module);
}

static bool open_ways(const tarn__graph *g, int value, ways *w, int depth)
{
    int from = 0;
    for (int i = tarn__graph_readers(g, value); i > 0; i--) {
        const tarn__graph_step *s = reader(g, value, from);
        const int at = w->count;
        if (!s || at == MOST_WAYS || depth == MOST_DEPTH)
            return false;
        w->count++;
        if (!follow_way(g, s, value, &w->layers[at], depth + 1, &w->ends[at]))
            return false;
        from = (int)(s - g->steps) + 1;
    }
    return true;
}

/* What several steps read, up to where all ways are one again, whose value goes on. */
static bool append_ways(const tarn__graph *g, int *value, layers *l, int depth)
{
    ways w = {.count = 0};
    bool joined = open_ways(g, *value, &w, depth);
    while (joined && w.count > 1) {
        int order[MOST_WAYS];
        const tarn__graph_step *join = find_join(&w, order);
        joined = join && join_ways(&w, join, order);
        if (!joined)
            break;
        *value = join->output;
        for (int k = 0; w.count > 1 && joined && k < w.count; k++)
            joined =
                w.ends[k].join ||
                (follow(g, w.ends[k].value, &w.layers[k], depth + 1, &w.ends[k]) && w.ends[k].join);
    }
    for (int i = 0; joined && i < w.layers[0].count; i++) {
        joined = append(l, w.layers[0].modules[i]);
        w.layers[0].modules[i] = NULL;
    }
    for (int i = 0; i < MOST_WAYS; i++)
        free_layers(&w.layers[i]);
    return joined;
}

/* Goes on to the end of the graph, or to where ways are put together. */
static bool follow(const tarn__graph *g, int value, layers *l, int depth, way_end *end)
{
    for (;;) {
        const int readers = tarn__graph_readers(g, value);
        const tarn__graph_step *s = reader(g, value, 0);
        *end = (way_end){NULL, value};
        if (value == g->output)
            return readers == 1;
        if (readers > 1) {
            if (!append_ways(g, &value, l, depth))
                return false;
            continue;
        }
        if (readers != 1)
            return false;
        if (is_join(g, s)) {
            end->join = s;
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
    way_end end;
    if (follow(g, g->held, &all, 0, &end) && !end.join)
        return sequential_of(&all);
    free_layers(&all);
    return NULL;
}
