#include "examples/lab/train/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* "0 Conv2d" for "0.weight"; the kind alone for a parameter of the network itself. */
static char *name_of(const tarn_module *model, const char *parameter)
{
    char place[256];
    const char *dot = strrchr(parameter, '.');
    snprintf(place, sizeof place, "%.*s", dot ? (int)(dot - parameter) : 0, parameter);
    const tarn_module *module = tarn_nn_at(model, place);
    const char *kind = module ? module->type->name : "";
    const size_t size = strlen(place) + strlen(kind) + 2;
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s%s%s", place, *place ? " " : "", kind);
    return name;
}

/* Takes the name over. */
static int find(layers *l, char *name)
{
    for (int i = 0; i < l->count; i++)
        if (is(l->names[i], name)) {
            free(name);
            return i;
        }
    l->names[l->count] = name;
    return l->count++;
}

layers *layers_new(tarn_module *model)
{
    const tarn_params params = tarn_nn_parameters(model);
    check(params.count >= 0);
    layers *l = calloc(1, sizeof *l);
    if (l) {
        l->names = calloc((size_t)params.count + 1, sizeof *l->names);
        l->of = calloc((size_t)params.count + 1, sizeof *l->of);
    }
    for (int i = 0; i < params.count; i++) {
        char *name = l && l->names && l->of ? name_of(model, params.names[i]) : NULL;
        if (!name)
            die("out of memory for the names of %d parameters", params.count);
        l->of[i] = find(l, name);
        l->parameters++;
    }
    return l;
}

void layers_free(layers *l)
{
    if (!l)
        return;
    for (int i = 0; i < l->count; i++)
        free(l->names[i]);
    free(l->names);
    free(l->of);
    free(l);
}
