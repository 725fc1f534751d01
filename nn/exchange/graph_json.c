#include "nn/exchange/graph_json.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/tensor_internal.h"
#include "nn/exchange/graph_members.h"
#include "nn/layer.h"
#include "nn/reader.h"

/* ---- To JSON */

static json_t *step_to_json(const tarn__graph_step *step)
{
    const tarn__graph_kind *k = tarn__graph_kind_of(step->op, NULL);
    json_t *object = json_pack("{s:s}", "op", step->op->name), *inputs = json_array();
    for (int i = 0; i < step->input_count; i++)
        json_array_append_new(inputs, json_integer(step->inputs[i]));
    json_object_set_new(object, "in", inputs);
    for (int i = 0; i < TARN__GRAPH_MEMBERS; i++) {
        json_t *value = tarn__graph_has(k, &tarn__graph_members[i])
                            ? tarn__graph_member_to_json(&tarn__graph_members[i], step)
                            : NULL;
        if (value)
            json_object_set_new(object, tarn__graph_members[i].name, value);
    }
    return object;
}

/* The part that the tensor is, its name with those above it being written; NULL if it is none. */
static const tarn_module_part *find(const tarn_module *module, const tarn_tensor *tensor,
                                    char *name, size_t size)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i], *below;
        const size_t used =
            (size_t)snprintf(name, size, "%s%s", part->name, part->child ? "." : "");
        if (part->parameter == tensor || part->buffer == tensor)
            return part;
        if (part->child && used < size &&
            (below = find(part->child, tensor, name + used, size - used)))
            return below;
    }
    return NULL;
}

static json_t *held_to_json(const tarn_module *module, const tarn_tensor *tensor)
{
    char name[2000] = "";
    const tarn_module_part *part = find(module, tensor, name, sizeof name);
    const tarn_shape shape = tarn_shape_get(tensor);
    json_t *object = json_pack("{s:s}", "name", name);
    json_object_set_new(object, "shape", tarn__graph_list(shape.ndim, shape.dim));
    if (part && part->parameter)
        json_object_set_new(object, "trained", json_true());
    return object;
}

void tarn__graph_to_json(const tarn_module *module, json_t *object)
{
    const tarn__graph *g = (const tarn__graph *)module;
    json_t *held = json_array(), *steps = json_array();
    for (int i = 0; i < g->held; i++)
        json_array_append_new(held, held_to_json(module, g->values[i].tensor));
    for (int i = 0; i < g->step_count; i++)
        json_array_append_new(steps, step_to_json(&g->steps[i]));
    json_object_set_new(object, "held", held);
    json_object_set_new(object, "steps", steps);
    json_object_set_new(object, "output", json_integer(g->output));
}

bool tarn__graph_difference(json_t **a, json_t **b)
{
    static const char *const lists[] = {"held", "steps"};
    for (int i = 0; i < 2; i++) {
        json_t *of_a = json_object_get(*a, lists[i]), *of_b = json_object_get(*b, lists[i]);
        for (size_t k = 0; k < json_array_size(of_a) || k < json_array_size(of_b); k++)
            if (!json_equal(json_array_get(of_a, k), json_array_get(of_b, k))) {
                *a = json_array_get(of_a, k);
                *b = json_array_get(of_b, k);
                return true;
            }
    }
    return false;
}

/* ---- From JSON */

static TARN_PRINTF(2, 3) bool fail(tarn__graph_wrong *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what->text, sizeof what->text, format, arguments);
    va_end(arguments);
    return false;
}

/* A step that is being read, for messages. */
typedef struct place {
    const tarn__graph_step *step;
    int number;
    tarn__graph_wrong *what;
} place;

static bool fail_member(const place *p, const tarn__graph_member *m)
{
    static const char *const expected[] = {
        [TARN__GRAPH_BOOL] = "true or false",    [TARN__GRAPH_NUMBER] = "a number",
        [TARN__GRAPH_WIDE] = "a whole number",   [TARN__GRAPH_INT] = "a whole number",
        [TARN__GRAPH_SHAPE] = "a list of sizes", [TARN__GRAPH_AXES] = "a list of axes"};
    return fail(p->what, "its step %d (%s): %s is not %s in its range", p->number,
                p->step->op->name, m->name, expected[m->type]);
}

static bool read_members(const place *p, const tarn__graph_kind *k, json_t *object,
                         tarn__graph_step *step)
{
    size_t known = 2; /* op and in */
    for (int i = 0; i < TARN__GRAPH_MEMBERS; i++) {
        json_t *value = json_object_get(object, tarn__graph_members[i].name);
        if (!tarn__graph_has(k, &tarn__graph_members[i]))
            continue;
        known += value != NULL;
        if (!tarn__graph_member_from_json(&tarn__graph_members[i], value, step))
            return fail_member(p, &tarn__graph_members[i]);
    }
    return json_object_size(object) == known ||
           fail(p->what, "its step %d (%s) says more than the operation needs, %s", p->number,
                step->op->name, *k->members ? k->members : "nothing");
}

/* The running statistics are written to, and so are buffers of the graph's. */
static bool check_input(const place *p, const tarn__graph *g, int i)
{
    const int value = p->step->inputs[i];
    if (p->step->op != &tarn__graph_batch_norm2d || i < 3)
        return true;
    return (value < g->held && !g->values[value].tensor->requires_grad) ||
           fail(p->what,
                "its step %d (batch_norm2d) has value %d for running statistics, expects "
                "a buffer",
                p->number, value);
}

static bool read_inputs(const place *p, const tarn__graph_kind *k, const tarn__graph *g,
                        json_t *array, tarn__graph_step *step)
{
    const size_t count = json_array_size(array);
    const int before = g->held + p->number; /* the last value that there is */
    if (count < (size_t)k->least || count > (size_t)k->most)
        return fail(p->what, "its step %d (%s) reads %zu values, expects %s%d", p->number,
                    step->op->name, count, k->least < k->most ? "at least " : "", k->least);
    step->inputs = malloc(count * sizeof *step->inputs + 1);
    if (!step->inputs)
        return fail(p->what, "out of memory");
    step->input_count = (int)count;
    for (int i = 0; i < step->input_count; i++) {
        json_t *value = json_array_get(array, (size_t)i);
        const bool optional = i >= k->least && k->most != TARN__GRAPH_MANY;
        if (!tarn__graph_is_whole(value, optional ? -1 : 0, before))
            return fail(p->what,
                        "its step %d (%s) reads something else than one of the values before it, "
                        "0 to %d",
                        p->number, step->op->name, before);
        step->inputs[i] = (int)json_integer_value(value);
        if (!check_input(p, g, i))
            return false;
    }
    return true;
}

static bool read_step(tarn__graph *g, json_t *object, tarn__graph_wrong *what)
{
    const char *name = json_string_value(json_object_get(object, "op"));
    const tarn__graph_kind *k = tarn__graph_kind_of(NULL, name ? name : "");
    const int number = g->step_count;
    if (!k)
        return fail(what, "its step %d is \"%.100s\", which is no operation", number,
                    tarn__quote(name ? name : "").text);
    tarn__graph_step *step = &g->steps[g->step_count++];
    step->op = k->op;
    step->output = g->held + 1 + number;
    const place p = {step, number, what};
    return read_inputs(&p, k, g, json_object_get(object, "in"), step) &&
           read_members(&p, k, object, step);
}

/* A tensor that is held, zeros so far. */
static bool read_held(tarn__graph *g, int i, json_t *object, tarn__graph_wrong *what)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    json_t *trained = json_object_get(object, "trained");
    tarn_shape shape = {.ndim = 0};
    if (!name ||
        !tarn__graph_read_list(json_object_get(object, "shape"), 0, INT_MAX, &shape.ndim,
                               shape.dim) ||
        (trained && !json_is_true(trained)))
        return fail(what, "its tensor %d has no name, or no shape of whole sizes", i);
    tarn_tensor *tensor = tarn_zeros(shape);
    if (tensor && tarn__graph_put(g, name, tensor, trained)) {
        g->values[i].tensor = tensor;
        return true;
    }
    return fail(what, "%.250s", tarn__error_unread());
}

static bool read_graph(tarn__graph *g, json_t *object, tarn__graph_wrong *what)
{
    json_t *held = json_object_get(object, "held"), *steps = json_object_get(object, "steps");
    json_t *output = json_object_get(object, "output");
    const int count = (int)json_array_size(steps);
    g->held = (int)json_array_size(held);
    g->value_count = g->held + 1 + count;
    g->steps = calloc((size_t)count + 1, sizeof *g->steps);
    for (int i = 0; i < count; i++) {
        const int inputs =
            (int)json_array_size(json_object_get(json_array_get(steps, (size_t)i), "in"));
        g->most_inputs = inputs > g->most_inputs ? inputs : g->most_inputs;
    }
    if (!g->steps || !tarn__graph_room(g))
        return fail(what, "out of memory");
    for (int i = 0; i < g->held; i++)
        if (!read_held(g, i, json_array_get(held, (size_t)i), what))
            return false;
    for (int i = 0; i < count; i++)
        if (!read_step(g, json_array_get(steps, (size_t)i), what))
            return false;
    g->output = (int)json_integer_value(output);
    return tarn__graph_is_whole(output, 0, g->value_count - 1) ||
           fail(what, "it gives none of its values, 0 to %d", g->value_count - 1);
}

tarn_module *tarn__graph_from_json(json_t *object, int *left, tarn__graph_wrong *what)
{
    json_t *held = json_object_get(object, "held"), *steps = json_object_get(object, "steps");
    if (!json_is_array(held) || !json_is_array(steps) || json_array_size(steps) > INT_MAX / 4 ||
        json_array_size(held) > (size_t)*left) {
        fail(what, "it has no list of what it holds, or of steps, or one that is too long");
        return NULL;
    }
    *left -= (int)json_array_size(held);
    tarn__graph *g = tarn_nn_new(&tarn__nn_graph, sizeof *g);
    if (!g)
        fail(what, "out of memory");
    else if (read_graph(g, object, what))
        return &g->module;
    tarn_nn_free(g ? &g->module : NULL);
    return NULL;
}
