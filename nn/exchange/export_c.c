/* C files of networks: their parts in order, from the list of steps to the last line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "nn/exchange/c_float.h"
#include "nn/exchange/c_int8.h"
#include "nn/exchange/c_names.h"
#include "nn/exchange/weights.h"
#include "nn/layer.h"

static const char me[] = "nn_export_c";

/* The functions of nn/exchange/parts/, in the order in which files have them. */
static const struct {
    const char *name, *text;
} parts[] = {
#include "c_parts.inc"
};

/* ---- The file */

/* "28 x 28 x 6" */
static tarn__c_label size_text(tarn_shape shape)
{
    tarn__c_label label = {"1"};
    size_t used = 0;
    for (int i = 0; i < shape.ndim && used < sizeof label.text; i++)
        used += (size_t)snprintf(label.text + used, sizeof label.text - used, "%s%lld",
                                 i > 0 ? " x " : "", (long long)shape.dim[i]);
    return label;
}

/* "Conv2d(1, 6, 5)" */
typedef struct layer_label {
    char text[104];
} layer_label;

static layer_label layer_text(const tarn_module *module)
{
    layer_label label;
    char numbers[80] = "";
    if (module->type->describe)
        module->type->describe(module, numbers, sizeof numbers);
    snprintf(label.text, sizeof label.text, "%.20s(%s)", module->type->name, numbers);
    return label;
}

static void write_head(tarn__c_writer *w)
{
    const tarn__steps *s = &w->steps;
    tarn__c_print(w,
                  "/*\n"
                  " * A neural network as plain C99, written by Tarn.\n"
                  " *\n"
                  " *     void %s(const float *image, float *scores);\n"
                  " *\n"
                  " *     image   %s numbers, row by row, pixel by pixel, channel by channel\n"
                  " *     scores  %s numbers\n"
                  " *\n"
                  " * It has %lld bytes of constants and works in a buffer of %lld bytes.\n"
                  " * Its layers, what each gives, and what it is called in the network:\n"
                  " *\n",
                  w->args->name, size_text(s->shapes[0]).text, size_text(s->shapes[s->output]).text,
                  (long long)w->sizes.constants, (long long)w->sizes.work);
    for (int i = 0; i < s->count; i++)
        tarn__c_print(w, " *     %-24s %-16s %-36s %s\n", tarn__c_label_of(w, &s->steps[i]).text,
                      size_text(s->shapes[s->steps[i].output]).text,
                      layer_text(s->steps[i].module).text,
                      tarn__name_in(s->model, s->steps[i].module).text);
    tarn__c_print(w, " */\n\n");
}

static bool uses(const tarn__c_writer *w, const char *part)
{
    for (int i = 0; i < w->steps.count; i++) {
        const tarn__c_kind *kind = w->kind_of(w, &w->steps.steps[i]);
        for (int k = 0; k < 4 && kind->parts[k]; k++)
            if (strcmp(kind->parts[k], part) == 0)
                return true;
    }
    if (w->scales && (strcmp(part, "int8/stdint") == 0 || strcmp(part, "int8/quantize") == 0))
        return true;
    return w->steps.output == 0 && strcmp(part, "float/copy") == 0;
}

static void write_parts(tarn__c_writer *w)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (uses(w, parts[i].name)) {
            fputs(parts[i].text, w->args->stream);
            fputs("\n", w->args->stream);
        }
}

static void write_data(tarn__c_writer *w)
{
    for (int i = 0; i < w->steps.count; i++) {
        const tarn__step *step = &w->steps.steps[i];
        const tarn__c_kind *kind = w->kind_of(w, step);
        if (!kind->data)
            continue;
        tarn__c_print(w, "/* Module %s */\n", tarn__name_in(w->steps.model, step->module).text);
        kind->data(w, step);
        tarn__c_print(w, "\n");
    }
}

static void write_function(tarn__c_writer *w)
{
    const tarn__steps *s = &w->steps;
    if (w->plan.size > 0)
        tarn__c_print(w, "static %s work[%lld];\n", w->scales ? "int8_t" : "float",
                      (long long)w->plan.size);
    if (w->tail.size > 0)
        tarn__c_print(w, "static float tail[%lld];\n", (long long)w->tail.size);
    tarn__c_print(w,
                  "\nvoid %s(const float *image, float *scores);\n\n"
                  "void %s(const float *image, float *scores)\n{\n",
                  w->args->name, w->args->name);
    if (w->scales)
        tarn__c_print(w, "    quantize(%lld, %s, %d, image, work);\n",
                      (long long)tarn__c_size_of(w, 0), tarn__c_float((double)w->scales->step).text,
                      w->scales->zero);
    for (int i = 0; i < s->count; i++) {
        w->kind_of(w, &s->steps[i])->call(w, &s->steps[i]);
        tarn__c_print(w, "\n");
    }
    if (s->output == 0)
        tarn__c_print(w, "    copy(%lld, image, scores);\n", (long long)tarn__c_size_of(w, 0));
    tarn__c_print(w, "}\n");
}

/* The head tells how large the constants are, so they are counted before. */
static void write_file(tarn__c_writer *w)
{
    w->quiet = true;
    write_data(w);
    w->quiet = false;
    const int64_t bytes = w->scales ? 1 : (int64_t)sizeof(float);
    w->sizes = (tarn_nn_c_sizes){w->constants,
                                 w->plan.size * bytes + w->tail.size * (int64_t)sizeof(float)};
    write_head(w);
    write_parts(w);
    write_data(w);
    write_function(w);
}

/* ---- What is written */

static bool can(const void *context, const tarn__step *step)
{
    const tarn__c_writer *w = context;
    return w->kind_of(w, step);
}

static bool in_place(const void *context, const tarn__step *step)
{
    const tarn__c_writer *w = context;
    return w->kind_of(w, step)->in_place;
}

/* In C a vector lies in memory as the image that it was. */
static void drop_flatten(tarn__steps *s)
{
    for (int i = 0; i < s->count;) {
        const tarn__step step = s->steps[i];
        if (step.module->type != &tarn__nn_flatten) {
            i++;
            continue;
        }
        memmove(&s->steps[i], &s->steps[i + 1], (size_t)(--s->count - i) * sizeof step);
        for (int k = 0; k < s->count; k++) {
            tarn__step *reader = &s->steps[k];
            reader->input = reader->input == step.output ? step.input : reader->input;
            reader->other = reader->other == step.output ? step.input : reader->other;
        }
        s->output = s->output == step.output ? step.input : s->output;
    }
}

/* Scales are of what modules give, and a Graph is one. */
static bool has_no_graph(const tarn__steps *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->steps[i].module->type == &tarn__nn_graph)
            return tarn_set_error("%s: \"%s\" is a Graph, which can be written as TARN_C_FLOAT "
                                  "only",
                                  me, tarn__name_in(s->model, s->steps[i].module).text);
    return true;
}

/* The files count in int. */
static bool sizes_fit(const tarn__steps *s)
{
    for (int v = 0; v < s->value_count; v++)
        if (tarn_shape_size(s->shapes[v]) > INT32_MAX / (int)sizeof(float))
            return tarn_set_error("%s: the network has a value of %s, expects less than 2^29 "
                                  "numbers",
                                  me, tarn_shape_to_text(s->shapes[v]).text);
    return true;
}

/* A plan for the values that are float, or for those that are not. The image is not in one, unless
   it is to be in int8; the scores are where the caller wants them. */
static bool make_plan(tarn__c_writer *w, bool floats, tarn__plan *plan)
{
    const tarn__steps *s = &w->steps;
    int64_t *sizes = calloc((size_t)s->value_count, sizeof *sizes);
    if (!sizes)
        return tarn_set_error("%s: out of memory for the sizes of %d values", me, s->value_count);
    for (int i = 0; i < s->count; i++) {
        const int value = s->steps[i].output;
        if (value != s->output && tarn__c_is_float(w, value) == floats)
            sizes[value] = tarn__c_size_of(w, value);
    }
    if (!floats)
        sizes[0] = tarn__c_size_of(w, 0);
    const bool done = tarn__plan_of(plan, s, sizes, in_place, w);
    free(sizes);
    return done;
}

static bool make_plans(tarn__c_writer *w)
{
    if (!w->scales)
        return make_plan(w, true, &w->plan);
    return make_plan(w, false, &w->plan) && make_plan(w, true, &w->tail);
}

/* Whether the file has something else of the function's name: a part, a step's constants, or the
   buffers. */
static bool is_taken(const tarn__c_writer *w, const char *name)
{
    bool taken = strcmp(name, "work") == 0 || strcmp(name, "tail") == 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        taken |= uses(w, parts[i].name) && tarn__c_is_called(parts[i].text, name);
    for (int i = 0; i < w->steps.count; i++) {
        const tarn__c_label label = tarn__c_label_of(w, &w->steps.steps[i]);
        const size_t length = strlen(label.text);
        taken |= strncmp(name, label.text, length) == 0 && (!name[length] || name[length] == '_');
    }
    return taken;
}

static bool export(tarn__c_writer *w)
{
    tarn__steps *s = &w->steps;
    const bool floats = w->args->type == TARN_C_FLOAT;
    if (!tarn__steps_of(s, me, w->args->model, w->args->input, floats) ||
        !(floats || has_no_graph(s)) || !tarn__steps_fold(s, me))
        return false;
    drop_flatten(s);
    if ((!floats && !tarn__c_int8_begin(w)) || !tarn__steps_check(s, me, can, w) || !sizes_fit(s) ||
        !make_plans(w))
        return false;
    if (is_taken(w, w->args->name))
        return tarn_fail(
            "%s: the function is to be called \"%s\", which the file has for something "
            "else",
            me, w->args->name);
    write_file(w);
    if (w->failed)
        return false;
    if (w->args->sizes)
        *w->args->sizes = w->sizes;
    return (fflush(w->args->stream) == 0 && !ferror(w->args->stream)) ||
           tarn_set_error("%s: cannot write: %s", me, strerror(errno));
}

bool tarn_nn_export_c_with(tarn_nn_export_c_args args)
{
    if (!args.model)
        return tarn_fail_null("nn_export_c: the model");
    if (!args.stream)
        return tarn_fail("%s: the stream is NULL", me);
    if (!tarn__c_is_identifier(args.name))
        return tarn_fail("%s: the function is to be called \"%s\", expects a name of C with less "
                         "than 64 letters, the first not _",
                         me, args.name ? args.name : "");
    if (tarn__c_is_reserved(args.name))
        return tarn_fail("%s: the function is to be called \"%s\", which C has for something else",
                         me, args.name);
    if (args.type != TARN_C_FLOAT && args.type != TARN_C_INT8)
        return tarn_fail("%s: the type is %d, expects TARN_C_FLOAT or TARN_C_INT8", me,
                         (int)args.type);
    if ((args.type == TARN_C_INT8) != (args.calibration != NULL))
        return tarn_fail("%s: TARN_C_INT8 goes with samples as .calibration, expects both or none",
                         me);
    tarn__c_writer w = {.args = &args,
                        .kind_of =
                            args.type == TARN_C_INT8 ? tarn__c_int8_kind : tarn__c_float_kind};
    const bool done = export(&w);
    tarn__plan_free(&w.plan);
    tarn__plan_free(&w.tail);
    tarn__c_int8_end(&w);
    tarn__steps_free(&w.steps);
    return tarn__told(done);
}
