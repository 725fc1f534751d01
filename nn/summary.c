/*
 * Prints a module as a table, a line for each module below it:
 *
 *     Name  Layer            Output        Parameters
 *     0     Conv2d(1, 6, 5)  (1,24,24,6)          156
 *     1     ReLU()           (1,24,24,6)            0
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "nn/look.h"
#include "nn/module_internal.h"

typedef struct row {
    char name[128], layer[160], output[sizeof(tarn_shape_text)], parameters[32];
} row;

/* A module of the tree, and the shape of its output; ndim -1 if it has not run. */
typedef struct entry {
    const tarn_module *module;
    tarn_shape output;
} entry;

/* Either measures the columns or prints. */
typedef struct table {
    FILE *stream; /* NULL to measure */
    int name, layer, output, parameters;
    int count;
    entry *entries;
} table;

static void widen(int *width, const char *text)
{
    if ((int)strlen(text) > *width)
        *width = (int)strlen(text);
}

static void put_row(table *t, const row *r)
{
    if (t->stream) {
        fprintf(t->stream, "%-*s  %-*s  %-*s  %*s\n", t->name, r->name, t->layer, r->layer,
                t->output, r->output, t->parameters, r->parameters);
        return;
    }
    widen(&t->name, r->name);
    widen(&t->layer, r->layer);
    widen(&t->output, r->output);
    widen(&t->parameters, r->parameters);
}

static int64_t own_parameters(const tarn_module *module)
{
    int64_t count = 0;
    for (int i = 0; i < module->part_count; i++)
        count += tarn_size(module->parts[i].parameter);
    return count;
}

static bool has_children(const tarn_module *module)
{
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            return true;
    return false;
}

/* NULL if it is not of the tree: a module may run what is no child of it. */
static entry *find(const table *t, const tarn_module *module)
{
    for (int i = 0; i < t->count; i++)
        if (t->entries[i].module == module)
            return &t->entries[i];
    return NULL;
}

static void put_module(table *t, const tarn_module *module, const tarn__place *place)
{
    row r = {.name = ""};
    char numbers[100] = "";
    tarn__place_text(place, r.name, sizeof r.name);
    if (module->type->describe)
        module->type->describe(module, numbers, sizeof numbers);
    snprintf(r.layer, sizeof r.layer, "%.50s(%s)", module->type->name, numbers);
    const entry *e = find(t, module);
    if (e->output.ndim >= 0)
        strcpy(r.output, tarn_shape_to_text(e->output).text);
    else
        strcpy(r.output, "not run");
    tarn__count_to_text((double)own_parameters(module), r.parameters, sizeof r.parameters);
    put_row(t, &r);
}

/* Each module counts its own parameters, so that the column adds up to the total. The outermost
   has a row only if it would be missed. */
static void put_tree(table *t, const tarn_module *module, const tarn__place *place)
{
    if (place || own_parameters(module) > 0 || !has_children(module))
        put_module(t, module, place);
    for (int i = 0; i < module->part_count; i++) {
        tarn__place below = {place, module->parts[i].name};
        if (module->parts[i].child)
            put_tree(t, module->parts[i].child, &below);
    }
}

static void put_table(table *t, const tarn_module *module)
{
    row total = {.name = "Total"};
    tarn__count_to_text((double)tarn_nn_parameter_count(module), total.parameters,
                        sizeof total.parameters);
    put_row(t, &(row){"Name", "Layer", "Output", "Parameters"});
    put_tree(t, module, NULL);
    put_row(t, &total);
}

/* Makes an entry of the module and of all below; only counts them while there is no list. */
static void list_modules(table *t, const tarn_module *module)
{
    if (t->entries)
        t->entries[t->count] = (entry){module, {.ndim = -1}};
    t->count++;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            list_modules(t, module->parts[i].child);
}

/* False when memory runs out. */
static bool add_entries(table *t, const tarn_module *module)
{
    list_modules(t, module);
    t->entries = malloc((size_t)t->count * sizeof *t->entries);
    if (!t->entries)
        return tarn_set_error("nn_summary: out of memory for a list of %d modules", t->count);
    t->count = 0;
    list_modules(t, module);
    return true;
}

static void note_output(void *context, const tarn_module *module, const tarn_tensor *input,
                        const tarn_tensor *output)
{
    (void)input;
    entry *e = find(context, module);
    if (e)
        e->output = tarn_shape_get(output);
}

bool tarn_nn_summary(tarn_module *module, tarn_shape input, FILE *stream)
{
    table t = {.stream = NULL};
    if (!module || !stream)
        return false;
    if (!add_entries(&t, module))
        return tarn__told(false);
    tarn_tensor *x = tarn_zeros(input);
    const bool complete = tarn__nn_look(module, x, note_output, &t);
    tarn_free(x);
    put_table(&t, module);
    t.stream = stream;
    put_table(&t, module);
    free(t.entries);
    return tarn__told(complete);
}
