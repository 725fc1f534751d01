/*
 * Prints a module as a table, a line for each module below it:
 *
 *     Name  Layer            Output        Parameters
 *     0     Conv2d(1, 6, 5)  (1,24,24,6)          156
 *     1     ReLU()           (1,24,24,6)            0
 */
#include <string.h>

#include "core/base/random.h"
#include "core/internal.h"
#include "core/tape.h"
#include "nn/internal.h"

typedef struct row {
    char name[128], layer[160], output[sizeof(tarn_shape_text)], parameters[32];
} row;

/* Either measures the columns or prints. */
typedef struct table {
    FILE *stream; /* NULL to measure */
    int name, layer, output, parameters;
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

static void put_module(table *t, const tarn_module *module, const tarn__place *place)
{
    row r = {.name = ""};
    char numbers[100] = "";
    tarn__place_text(place, r.name, sizeof r.name);
    if (module->type->describe)
        module->type->describe(module, numbers, sizeof numbers);
    snprintf(r.layer, sizeof r.layer, "%.50s(%s)", module->type->name, numbers);
    if (module->output_shape.ndim >= 0)
        strcpy(r.output, tarn_shape_to_text(module->output_shape).text);
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

static void begin_evaluation(tarn_module *module)
{
    module->was_training = module->training;
    module->training = false;
    module->output_shape.ndim = -1;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            begin_evaluation(module->parts[i].child);
}

static void end_evaluation(tarn_module *module)
{
    module->training = module->was_training;
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            end_evaluation(module->parts[i].child);
}

/* Runs the module once, so that all in it know their output shapes. */
static bool run(tarn_module *module, tarn_shape input)
{
    tarn_tensor *x = tarn_zeros(input);
    tarn_tape *tape = x ? tarn_tape_begin_no_grad() : NULL;
    uint64_t random_state = tarn_random_state();
    begin_evaluation(module);
    tarn__nn_set_fusing(false);
    bool complete = tape && tarn_nn_forward(module, x);
    tarn__nn_set_fusing(true);
    end_evaluation(module);
    tarn_set_random_state(random_state);
    tarn_tape_end(tape);
    tarn_free(x);
    return complete;
}

bool tarn_nn_summary(tarn_module *module, tarn_shape input, FILE *stream)
{
    if (!module || !stream)
        return false;
    bool complete = run(module, input);
    table t = {.stream = NULL};
    put_table(&t, module);
    t.stream = stream;
    put_table(&t, module);
    return complete;
}
