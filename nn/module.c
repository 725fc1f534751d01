#include "nn/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "core/life.h"
#include "core/op_internal.h"
#include "nn/module_internal.h"
#include "nn/safetensors.h"

void *tarn_nn_new(const tarn_module_type *type, size_t size)
{
    if (!type || !type->name || !(type->forward || type->forward_fused))
        return tarn_fail("nn_new: the type has no name or no forward function");
    if ((type->takes.relu || type->takes.max_pool > 0) && !type->forward_fused)
        return tarn_fail("nn_new: %s takes over what follows it, but has no forward_fused",
                         type->name);
    if (size < sizeof(tarn_module))
        return tarn_fail("nn_new: the size of %s is %zu, expects at least sizeof(tarn_module), %zu",
                         type->name, size, sizeof(tarn_module));
    tarn_module *module = calloc(1, size);
    if (!module) {
        tarn_set_error("nn_new: out of memory for a %s", type->name);
        return NULL;
    }
    *module = (tarn_module){.type = type, .training = true};
    return module;
}

static bool name_is_right(const tarn_module *module, const char *name)
{
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (!name || !*name || name[strspn(name, allowed)] || !strcmp(name, TARN__METADATA))
        return tarn_fail("nn_add: the name \"%s\" in a %s is empty or reserved, or has other "
                         "characters than letters, digits, _ and -",
                         name ? name : "", module->type->name);
    for (int i = 0; i < module->part_count; i++)
        if (!strcmp(module->parts[i].name, name))
            return tarn_fail("nn_add: a %s has a part named \"%s\" already", module->type->name,
                             name);
    return true;
}

/* Of the part everything but the name is given. */
static bool add_part(tarn_module *module, const char *name, tarn_module_part part)
{
    if (!module || !name_is_right(module, name))
        return false;
    size_t count = (size_t)module->part_count;
    tarn_module_part *parts = realloc(module->parts, (count + 1) * sizeof *parts);
    if (parts)
        module->parts = parts;
    part.name = parts ? strdup(name) : NULL;
    if (!part.name)
        return tarn_set_error("nn_add: out of memory for \"%s\"", name);
    parts[count] = part;
    module->part_count++;
    return true;
}

/* tensor is what the part holds, a parameter or a buffer. */
static bool add_tensor(const char *function, tarn_module *module, const char *name,
                       tarn_tensor *tensor, tarn_module_part part)
{
    if (!tarn__life_check(function, tensor))
        return false;
    if (tensor->lent)
        return tarn_fail("%s: the tensor for \"%s\" belongs to a module or a loader already",
                         function, name ? name : "");
    if (!tarn_requires_grad(tensor, part.parameter != NULL))
        return false;
    if (add_part(module, name, part)) {
        tensor->lent = true;
        return true;
    }
    tarn_free(tensor);
    return false;
}

bool tarn_nn_add_parameter(tarn_module *module, const char *name, tarn_tensor *tensor)
{
    return add_tensor("nn_add_parameter", module, name, tensor,
                      (tarn_module_part){.parameter = tensor});
}

bool tarn_nn_add_buffer(tarn_module *module, const char *name, tarn_tensor *tensor)
{
    return add_tensor("nn_add_buffer", module, name, tensor, (tarn_module_part){.buffer = tensor});
}

bool tarn_nn_add_child(tarn_module *module, const char *name, tarn_module *child)
{
    if (!child)
        return false;
    if (child->parent)
        return tarn_fail("nn_add_child: this %s belongs to a %s already", child->type->name,
                         child->parent->type->name);
    for (const tarn_module *above = module; above; above = above->parent)
        if (above == child)
            return tarn_fail("nn_add_child: a %s cannot hold itself", child->type->name);
    if (add_part(module, name, (tarn_module_part){.child = child})) {
        child->parent = module;
        return true;
    }
    tarn_nn_free(child);
    return false;
}

tarn_module *tarn_nn_child(const tarn_module *module, int i)
{
    for (int part = 0; module && i >= 0 && part < module->part_count; part++)
        if (module->parts[part].child && i-- == 0)
            return module->parts[part].child;
    return NULL;
}

/* The child whose name is that many letters. */
static tarn_module *child_named(const tarn_module *module, const char *name, size_t length)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        if (part->child && strlen(part->name) == length && !strncmp(part->name, name, length))
            return part->child;
    }
    return NULL;
}

tarn_module *tarn_nn_at(const tarn_module *module, const char *name)
{
    if (!module || !name)
        return NULL;
    if (!*name)
        return (tarn_module *)module;
    const size_t length = strcspn(name, ".");
    const tarn_module *child = child_named(module, name, length);
    const bool goes_on = name[length] && name[length + 1]; /* not for "2." */
    return name[length] && !goes_on ? NULL : tarn_nn_at(child, name + length + goes_on);
}

void tarn_nn_describe_numbers(const tarn_module *self, char *text, size_t size)
{
    if (!self || !text || size == 0)
        return;
    const tarn_module_numbers *numbers = &self->type->numbers;
    const char *args = (const char *)self + numbers->at;
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < numbers->list.count && used < size; i++) {
        const tarn_option *option = &numbers->list.options[i];
        const bool named = i >= numbers->mandatory;
        const double value = tarn_option_get(option, args);
        if (!named || value != option->value)
            used += (size_t)tarn__format(text + used, size - used, "%s%s%s%s%.10g",
                                         used ? ", " : "", named ? "." : "",
                                         named ? option->name : "", named ? " = " : "", value);
    }
}

const tarn__nn_onlooker *tarn__nn_onlooker_now(void)
{
    const tarn_tape *tape = tarn__tape_innermost();
    return tape ? tape->onlooker : NULL;
}

tarn_tensor *tarn__nn_forward_fused(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    if (!module || !x)
        return NULL;
    const tarn_module_type *type = module->type;
    tarn_tensor *output =
        type->forward_fused ? type->forward_fused(module, x, after) : type->forward(module, x);
    const tarn__nn_onlooker *onlooker = tarn__nn_onlooker_now();
    if (onlooker)
        onlooker->note(onlooker->context, module, x, output);
    return output;
}

tarn_tensor *tarn_nn_forward(tarn_module *module, tarn_tensor *x)
{
    return tarn__nn_forward_fused(module, x, (tarn_epilogue){0});
}

void tarn_nn_train(tarn_module *module, bool training)
{
    if (!module)
        return;
    module->training = training;
    for (int i = 0; i < module->part_count; i++)
        tarn_nn_train(module->parts[i].child, training);
}

void tarn_nn_freeze(tarn_module *module, bool frozen)
{
    if (!module)
        return;
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        tarn_nn_freeze(part->child, frozen);
        if (!part->parameter)
            continue;
        tarn_requires_grad(part->parameter, !frozen);
        if (frozen)
            tarn__forget_gradient(part->parameter);
    }
}

size_t tarn__place_text(const tarn__place *place, char *text, size_t size)
{
    if (!place)
        return 0;
    size_t above = tarn__place_text(place->above, text, size);
    size_t used = above < size ? above : size;
    return above + (size_t)snprintf(text ? text + used : NULL, size - used, "%s%s",
                                    place->above ? "." : "", place->name);
}

/* The list as far as it is filled, whether buffers belong to it, and the bytes of the names as far
 * as they are written. */
typedef struct collector {
    tarn_params list;
    bool with_buffers;
    char *text;
    size_t text_size, text_used;
} collector;

/* Appends the tensors of a module; only counts them and their bytes while there is no list. */
static void collect(const tarn_module *module, const tarn__place *above, collector *c)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        tarn__place place = {above, part->name};
        if (part->child) {
            collect(part->child, &place, c);
            continue;
        }
        if (part->buffer && !c->with_buffers)
            continue;
        char *name = c->text ? c->text + c->text_used : NULL;
        size_t space = c->text ? c->text_size - c->text_used : 0;
        c->text_used += tarn__place_text(&place, name, space) + 1;
        if (c->text) {
            c->list.tensors[c->list.count] = part->buffer ? part->buffer : part->parameter;
            c->list.names[c->list.count] = name;
        }
        c->list.count++;
    }
}

tarn_params tarn__nn_list(const tarn_module *module, bool with_buffers)
{
    collector count = {.with_buffers = with_buffers}, filled = {.with_buffers = with_buffers};
    collect(module, NULL, &count);
    size_t n = (size_t)count.list.count;
    /* The tensors, the names, and the characters of the names behind each other. */
    size_t tensor_bytes = n * sizeof *filled.list.tensors, name_bytes = n * sizeof(char *);
    char *block = malloc(tensor_bytes + name_bytes + count.text_used + 1);
    if (!block) {
        tarn_set_error("nn_parameters: out of memory for a list of %zu", n);
        return (tarn_params){.count = -1};
    }
    filled.list.tensors = (tarn_tensor **)(void *)block;
    filled.list.names = (const char **)(void *)(block + tensor_bytes);
    filled.text = block + tensor_bytes + name_bytes;
    filled.text_size = count.text_used;
    collect(module, NULL, &filled);
    return filled.list;
}

static tarn_params list_of(tarn_module *module, bool with_buffers)
{
    if (!module)
        return (tarn_params){.count = -1};
    tarn_params list = tarn__nn_list(module, with_buffers);
    if (list.tensors) {
        free(module->list.tensors);
        module->list = list;
    }
    return list;
}

tarn_params tarn_nn_parameters(tarn_module *module)
{
    return list_of(module, false);
}

tarn_params tarn_nn_tensors(tarn_module *module)
{
    return list_of(module, true);
}

int64_t tarn_nn_parameter_count(const tarn_module *module)
{
    int64_t count = 0;
    for (int i = 0; module && i < module->part_count; i++)
        count +=
            tarn_size(module->parts[i].parameter) + tarn_nn_parameter_count(module->parts[i].child);
    return count;
}

/* Frees the module and all below, whoever the parent is. */
static void free_tree(tarn_module *module)
{
    if (module->type->free)
        module->type->free(module);
    for (int i = 0; i < module->part_count; i++) {
        if (module->parts[i].child)
            free_tree(module->parts[i].child);
        tarn__free_lent(module->parts[i].parameter);
        tarn__free_lent(module->parts[i].buffer);
        free(module->parts[i].name);
    }
    free(module->parts);
    free(module->list.tensors);
    free(module->info);
    free(module);
}

void tarn_nn_free(tarn_module *module)
{
    if (module && module->parent)
        tarn_fail("nn_free: this %s belongs to a %s, which frees it", module->type->name,
                  module->parent->type->name);
    else if (module)
        free_tree(module);
}
