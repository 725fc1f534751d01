#include "nn/exchange/steps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "nn/exchange/steps_graph.h"
#include "nn/exchange/weights.h"
#include "nn/layer.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* So that a value shows that it has as many rows as the input. */
enum { SAMPLES = 3 };

/* ---- Recording */

typedef struct recorder {
    tarn__steps *s;
    const char *who;
    const tarn_tensor **tensors; /* of each value */
    bool failed;
} recorder;

/* Makes room for one more element in a list of so many; lists grow where a power of two is full. */
static bool make_room(recorder *r, void *list, int count, size_t size)
{
    void *old;
    memcpy(&old, list, sizeof old);
    if (count & (count - 1))
        return true;
    void *larger = realloc(old, (count > 0 ? 2 * (size_t)count : 1) * size);
    if (!larger) {
        r->failed = true;
        return tarn_set_error("%s: out of memory for a list of the network's steps", r->who);
    }
    memcpy(list, &larger, sizeof larger);
    return true;
}

static int value_of(const recorder *r, const tarn_tensor *tensor)
{
    for (int i = r->s->value_count - 1; i >= 0; i--)
        if (r->tensors[i] == tensor)
            return i;
    return -1;
}

static int last_value_of(const tarn__steps *s, const tarn_module *module)
{
    for (int i = s->run_count - 1; i >= 0; i--)
        if (s->runs[i].module == module)
            return s->runs[i].value;
    return -1;
}

static tarn_shape shape_of_sample(const tarn_tensor *tensor)
{
    tarn_shape shape = tarn_shape_get(tensor);
    if (shape.ndim > 0)
        memmove(shape.dim, shape.dim + 1, (size_t)--shape.ndim * sizeof *shape.dim);
    return shape;
}

/* One on the way has no tensor. -1 with the recorder failed when memory runs out. */
static int add_value(recorder *r, const tarn_tensor *tensor, tarn_shape shape)
{
    tarn__steps *s = r->s;
    if (!make_room(r, &s->shapes, s->value_count, sizeof *s->shapes) ||
        !make_room(r, &r->tensors, s->value_count, sizeof *r->tensors))
        return -1;
    s->shapes[s->value_count] = shape;
    r->tensors[s->value_count] = tensor;
    return s->value_count++;
}

/* Appends a step to the list. Gives its value, -1 with the recorder failed when memory runs out. */
static int append_step(recorder *r, tarn__step step, const tarn_tensor *output, tarn_shape shape)
{
    tarn__steps *s = r->s;
    if (!make_room(r, &s->steps, s->count, sizeof *s->steps))
        return -1;
    step.output = add_value(r, output, shape);
    s->steps[s->count++] = step;
    return step.output;
}

/* The result of the module's first so many children, of which all but the last have been put
   together. */
static tarn_shape shape_of_some(const tarn__steps *s, const tarn_module *module, int count)
{
    tarn_shape shape = s->shapes[last_value_of(s, module->parts[0].child)];
    if (module->type == &tarn__nn_concat && shape.ndim > 0)
        for (int i = 1; i < count; i++)
            shape.dim[shape.ndim - 1] +=
                s->shapes[last_value_of(s, module->parts[i].child)].dim[shape.ndim - 1];
    return shape;
}

/* Two values at a time: a chain of steps for a Concat or a Sum of many. */
static int add_joining_steps(recorder *r, const tarn_module *module, const tarn_tensor *output)
{
    tarn__steps *s = r->s;
    const int count = module->part_count;
    tarn__step step = {.module = module, .input = last_value_of(s, module->parts[0].child)};
    for (int i = 1; i < count && !r->failed; i++) {
        step.other = last_value_of(s, module->parts[i].child);
        step.input =
            append_step(r, step, i < count - 1 ? NULL : output, shape_of_some(s, module, i + 1));
    }
    return step.input;
}

static int add_step(recorder *r, const tarn_module *module, int input, const tarn_tensor *output)
{
    tarn__steps *s = r->s;
    tarn__step step = {.module = module, .input = input, .other = -1};
    if (tarn_dim(output, 0) != SAMPLES) {
        r->failed = true;
        tarn_set_error("%s: \"%s\", a %s, gives %s of %d samples, expects as many rows", r->who,
                       tarn__name_in(s->model, module).text, module->type->name,
                       tarn_shape_to_text(tarn_shape_get(output)).text, SAMPLES);
        return -1;
    }
    if (module->type == &tarn__nn_concat || module->type == &tarn__nn_sum)
        return add_joining_steps(r, module, output);
    if (module->type == &tarn__nn_residual) {
        const bool projects = module->part_count > 1;
        step.input = last_value_of(s, module->parts[0].child);
        step.other = projects ? last_value_of(s, module->parts[1].child) : input;
    }
    return append_step(r, step, output, shape_of_sample(output));
}

static void note(void *context, const tarn_module *module, const tarn_tensor *input,
                 const tarn_tensor *output)
{
    recorder *r = context;
    if (!output || r->failed)
        return;
    int value = value_of(r, output);
    if (value < 0)
        value = add_step(r, module, value_of(r, input), output);
    if (!r->failed && make_room(r, &r->s->runs, r->s->run_count, sizeof *r->s->runs))
        r->s->runs[r->s->run_count++] = (struct tarn__run){module, value};
}

/* ---- The list */

void tarn__steps_free(tarn__steps *steps)
{
    for (int i = 0; i < steps->count; i++) {
        free(steps->steps[i].weight);
        free(steps->steps[i].bias);
    }
    free(steps->steps);
    free(steps->shapes);
    free(steps->runs);
    tarn__steps_close(steps);
    *steps = (tarn__steps){.count = 0};
}

/* Drops the steps that do not lead to the output, such as those within a module of one's own that
   went on with what they gave. */
static bool prune(recorder *r)
{
    tarn__steps *s = r->s;
    bool *read = calloc((size_t)s->value_count, sizeof *read);
    if (!read)
        return tarn_set_error("%s: out of memory for the network's values", r->who);
    read[s->output] = true;
    for (int i = s->count - 1; i >= 0; i--) {
        const tarn__step *step = &s->steps[i];
        if (!read[step->output])
            continue;
        if (step->input < 0) /* may come of all that was before */
            memset(read, true, (size_t)step->output);
        else
            read[step->input] = true;
        if (step->other >= 0)
            read[step->other] = true;
    }
    int kept = 0;
    for (int i = 0; i < s->count; i++)
        if (read[s->steps[i].output])
            s->steps[kept++] = s->steps[i];
    s->count = kept;
    free(read);
    return true;
}

static bool record(recorder *r, tarn_shape input)
{
    tarn_shape batch = {.ndim = input.ndim + 1, .dim = {SAMPLES}};
    if (input.ndim < 0 || batch.ndim > TARN_MAX_NDIM)
        return tarn_fail("%s: the input's shape has %d dimensions, expects 0 to %d", r->who,
                         input.ndim, TARN_MAX_NDIM - 1);
    memcpy(batch.dim + 1, input.dim, (size_t)input.ndim * sizeof *input.dim);
    tarn_tensor *x = tarn_zeros(batch);
    const bool complete = x && add_value(r, x, shape_of_sample(x)) == 0 &&
                          tarn__nn_look((tarn_module *)r->s->model, x, note, r) && !r->failed;
    tarn_free(x);
    if (complete)
        r->s->output = r->s->runs[r->s->run_count - 1].value;
    return complete && prune(r);
}

bool tarn__steps_of(tarn__steps *steps, const char *who, tarn_module *model, tarn_shape input,
                    bool opens)
{
    *steps = (tarn__steps){.model = model};
    recorder r = {.s = steps, .who = who};
    const bool complete = record(&r, input) && (!opens || tarn__steps_open(steps, who)) &&
                          tarn__steps_take_weights(steps, who);
    free(r.tensors);
    return complete;
}

/* Whose forward computed what the module reads: it called it, or containers of the library that
   hand on what they get. */
static const tarn_module *caller_of(const tarn_module *module)
{
    bool hands_on = true;
    while (hands_on && module->parent) {
        module = module->parent;
        hands_on = module->type == &tarn__nn_sequential || module->type == &tarn__nn_recompute ||
                   tarn__steps_joins(module->type);
    }
    return module;
}

bool tarn__steps_check(const tarn__steps *steps, const char *who, tarn__steps_can *can,
                       const void *context)
{
    char unknown[600] = "", name[256];
    size_t used = 0;
    for (int i = 0; i < steps->count; i++) {
        const tarn__step *step = &steps->steps[i];
        const bool known =
            step->input >= 0 && (!tarn__steps_joins(step->module->type) || step->other >= 0);
        if (known && can(context, step))
            continue;
        const tarn_module *module = known ? step->module : caller_of(step->module);
        snprintf(name, sizeof name, "\"%s\" (%.60s)", tarn__name_in(steps->model, module).text,
                 module->type->name);
        if (!strstr(unknown, name))
            used = tarn__add_name(unknown, sizeof unknown, used, name);
    }
    return used == 0 ||
           tarn_set_error("%s: what these modules compute cannot be expressed: %s", who, unknown);
}
