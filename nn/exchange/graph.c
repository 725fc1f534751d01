#include "nn/exchange/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/tensor_internal.h"
#include "nn/layer.h"

/* ---- Running */

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    tarn__graph *self = (tarn__graph *)module;
    const tarn__graph_run how = {module->training, tarn_ndim(x) > 0 ? tarn_dim(x, 0) : 1};
    for (int i = 0; i < self->held; i++)
        self->now[i] = self->values[i].tensor;
    self->now[self->held] = x;
    for (int i = 0; i < self->step_count; i++) {
        const tarn__graph_step *step = &self->steps[i];
        for (int k = 0; k < self->most_inputs; k++) {
            const int value = k < step->input_count ? step->inputs[k] : -1;
            self->reads[k] = value >= 0 ? self->now[value] : NULL;
        }
        tarn_tensor *y = step->op->run(step, self->reads, &how);
        if (!y)
            return NULL;
        self->now[step->output] = y;
    }
    return self->now[self->output];
}

static void free_graph(tarn_module *module)
{
    tarn__graph *self = (tarn__graph *)module;
    for (int i = 0; i < self->step_count; i++)
        free(self->steps[i].inputs);
    free(self->values);
    free(self->steps);
    free(self->now);
    free(self->reads);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    snprintf(text, size, "%d steps", ((const tarn__graph *)module)->step_count);
}

const tarn_module_type tarn__nn_graph = {
    .name = "Graph", .forward = forward, .describe = describe, .free = free_graph};

bool tarn__graph_room(tarn__graph *self)
{
    for (int i = 0; i < self->step_count; i++)
        if (self->steps[i].input_count > self->most_inputs)
            self->most_inputs = self->steps[i].input_count;
    self->values = calloc((size_t)self->held + 1, sizeof *self->values);
    self->now = calloc((size_t)self->value_count + 1, sizeof *self->now);
    self->reads = calloc((size_t)self->most_inputs + 1, sizeof *self->reads);
    return self->values && self->now && self->reads;
}

int tarn__graph_readers(const tarn__graph *self, int value)
{
    int count = value == self->output;
    for (int i = 0; i < self->step_count; i++)
        for (int k = 0; k < self->steps[i].input_count; k++)
            count += self->steps[i].inputs[k] == value;
    return count;
}

/* ---- Names */

/* Bytes of a name, and parts that are below each other, as functions call themselves for each. */
enum { NAME = 80, MOST_LEVELS = 16 };

/* A part of a graph holds tensors and other parts, so that names have their dots. */
static tarn_tensor *no_forward(tarn_module *module, tarn_tensor *x)
{
    (void)x;
    return tarn_fail("nn_forward: a %s of a graph computes nothing itself", module->type->name);
}

static const tarn_module_type part_type = {.name = "Part", .forward = no_forward};

static tarn_module_part *part_called(tarn_module *module, const char *name)
{
    for (int i = 0; i < module->part_count; i++)
        if (!strcmp(module->parts[i].name, name))
            return &module->parts[i];
    return NULL;
}

/* The name, cut short, with what no name has replaced, different from all others there. */
static void make_name(tarn_module *module, const char *from, size_t length, bool is_part,
                      char name[NAME])
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    enum { MOST = 64 };
    const bool plain = length > 0 && from[0] != '_'; /* such as a reserved one */
    size_t used = 0;
    if (!plain)
        name[used++] = 'x';
    for (size_t i = 0; i < length && i < MOST; i++)
        name[used++] = strchr(allowed, from[i]) ? from[i] : '_';
    name[used] = '\0';
    for (int number = 2;; number++) {
        const tarn_module_part *there = part_called(module, name);
        if (!there || (is_part && there->child))
            return;
        snprintf(name + used, NAME - used, "_%d", number);
    }
}

/* The part of that name, new if there is none; NULL when memory runs out. */
static tarn_module *enter(tarn_module *module, const char *name)
{
    const tarn_module_part *there = part_called(module, name);
    if (there && there->child)
        return there->child;
    tarn_module *child = tarn_nn_new(&part_type, sizeof *child);
    return tarn_nn_add_child(module, name, child) ? child : NULL;
}

static bool add(tarn_module *module, const char *name, tarn_tensor *tensor, bool trained)
{
    return trained ? tarn_nn_add_parameter(module, name, tensor)
                   : tarn_nn_add_buffer(module, name, tensor);
}

bool tarn__graph_name(tarn__graph *self, const char *from, tarn_tensor *tensor, bool trained)
{
    tarn_module *module = &self->module;
    char name[NAME];
    const char *dot;
    for (int level = 0; module && level < MOST_LEVELS && (dot = strchr(from, '.')); level++) {
        if (dot > from) {
            make_name(module, from, (size_t)(dot - from), true, name);
            module = enter(module, name);
        }
        from = dot + 1;
    }
    if (!module) {
        tarn_free(tensor);
        return false;
    }
    make_name(module, from, strlen(from), false, name);
    return add(module, name, tensor, trained);
}

bool tarn__graph_put(tarn__graph *self, const char *from, tarn_tensor *tensor, bool trained)
{
    tarn_module *module = &self->module;
    char name[NAME];
    const char *dot;
    for (int level = 0; module && level < MOST_LEVELS && (dot = strchr(from, '.')); level++) {
        snprintf(name, sizeof name, "%.*s", dot - from < NAME ? (int)(dot - from) : NAME, from);
        module = enter(module, name);
        from = dot + 1;
    }
    if (!module) {
        tarn_free(tensor);
        return false;
    }
    return add(module, from, tensor, trained);
}
