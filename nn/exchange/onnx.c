#include "nn/exchange/onnx.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/file.h"

static const char me[] = "nn_export_onnx";

/* The numbers of fields in onnx.proto, and of types in it. */
enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 7 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_S, ATTRIBUTE_INTS = 8 };
enum { ATTRIBUTE_TYPE = 20, TYPE_FLOAT = 1, TYPE_INT, TYPE_STRING, TYPE_INTS = 7 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE, TENSOR_NAME = 8, TENSOR_RAW, OF_FLOAT = 1, OF_INT64 = 7 };
enum { GRAPH_NODE = 1, GRAPH_NAME, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT };
enum { VALUE_NAME = 1, VALUE_TYPE, TYPE_TENSOR = 1, ELEMENT_TYPE = 1, SHAPE };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_NAME, IMPORT_DOMAIN = 1, IMPORT_VERSION };
enum { MODEL_IR = 1, MODEL_PRODUCER, MODEL_GRAPH = 7, MODEL_IMPORT };

/* ---- Nodes */

static void put_import(tarn__message *m, const char *domain, int version)
{
    tarn__message import = {.size = 0};
    tarn__put_text(&import, IMPORT_DOMAIN, domain);
    tarn__put_int(&import, IMPORT_VERSION, version);
    tarn__put_message(m, MODEL_IMPORT, &import);
}

/* Writes the domain of "com.example::Swish", if it has one, and returns "Swish". */
static const char *put_domain(tarn_onnx *o, tarn__message *node, const char *type)
{
    char domain[100], known[104];
    const char *colons = strstr(type, "::");
    if (!colons)
        return type;
    snprintf(domain, sizeof domain, "%.*s", (int)(colons - type), type);
    snprintf(known, sizeof known, " %s ", domain);
    if (!strstr(o->domains, known) && strlen(o->domains) + strlen(known) < sizeof o->domains) {
        strcat(o->domains, known);
        put_import(&o->imports, domain, 1);
    }
    tarn__put_text(node, NODE_DOMAIN, domain);
    return colons + 2;
}

void tarn_onnx_node(tarn_onnx *o, const char *type, const char *output, int input_count,
                    const char *const *inputs)
{
    tarn__message node = {.size = 0};
    for (int i = 0; i < input_count; i++)
        tarn__put_text(&node, NODE_INPUT, inputs[i]);
    tarn__put_text(&node, NODE_OUTPUT, output);
    tarn__put_text(&node, NODE_NAME, output);
    tarn__put_text(&node, NODE_TYPE, put_domain(o, &node, type));
    tarn__put_fields(&node, &o->attributes);
    tarn__put_message(&o->graph, GRAPH_NODE, &node);
}

static void put_attribute(tarn_onnx *o, tarn__message *attribute, const char *name, int type)
{
    tarn__put_text(attribute, ATTRIBUTE_NAME, name);
    tarn__put_int(attribute, ATTRIBUTE_TYPE, type);
    tarn__put_message(&o->attributes, NODE_ATTRIBUTE, attribute);
}

void tarn_onnx_float(tarn_onnx *o, const char *name, double value)
{
    tarn__message attribute = {.size = 0};
    tarn__put_float(&attribute, ATTRIBUTE_F, (float)value);
    put_attribute(o, &attribute, name, TYPE_FLOAT);
}

void tarn_onnx_int(tarn_onnx *o, const char *name, int64_t value)
{
    tarn__message attribute = {.size = 0};
    tarn__put_int(&attribute, ATTRIBUTE_I, value);
    put_attribute(o, &attribute, name, TYPE_INT);
}

void tarn_onnx_ints(tarn_onnx *o, const char *name, int count, const int64_t *values)
{
    tarn__message attribute = {.size = 0};
    for (int i = 0; i < count; i++)
        tarn__put_int(&attribute, ATTRIBUTE_INTS, values[i]);
    put_attribute(o, &attribute, name, TYPE_INTS);
}

void tarn_onnx_text(tarn_onnx *o, const char *name, const char *value)
{
    tarn__message attribute = {.size = 0};
    tarn__put_text(&attribute, ATTRIBUTE_S, value);
    put_attribute(o, &attribute, name, TYPE_STRING);
}

/* ---- Constants */

/* Writes the lowest bytes of a number, the lowest first. */
static void put_little(uint8_t *at, uint64_t bits, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(bits >> 8 * i);
}

static void put_number(uint8_t *at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_little(at, bits, 4);
}

/* A tensor up to its numbers: where these are to be written. */
static uint8_t *begin_tensor(tarn__message *m, const char *name, tarn_shape shape, int type,
                             size_t bytes)
{
    for (int i = 0; i < shape.ndim; i++)
        tarn__put_int(m, TENSOR_DIMS, shape.dim[i]);
    tarn__put_int(m, TENSOR_TYPE, type);
    tarn__put_text(m, TENSOR_NAME, name);
    return tarn__put_bytes(m, TENSOR_RAW, bytes);
}

void tarn__onnx_permuted(tarn_onnx *o, const char *name, tarn_shape shape, const float *values,
                         tarn_shape from, tarn_axes axes)
{
    const int64_t count = tarn_shape_size(shape);
    tarn__message tensor = {.size = 0};
    uint8_t *to = begin_tensor(&tensor, name, shape, OF_FLOAT, (size_t)count * 4);
    int64_t step[TARN_MAX_NDIM], index[TARN_MAX_NDIM] = {0}, at = 0;
    for (int i = 0; i < axes.count; i++) {
        step[i] = 1;
        for (int k = axes.axis[i] + 1; k < from.ndim; k++)
            step[i] *= from.dim[k];
    }
    for (int64_t i = 0; to && i < count; i++) {
        put_number(to + 4 * i, values[at]);
        int k = axes.count - 1; /* the next index, as an odometer */
        for (; k >= 0 && ++index[k] == from.dim[axes.axis[k]]; k--) {
            at -= step[k] * (index[k] - 1);
            index[k] = 0;
        }
        at += k >= 0 ? step[k] : 0;
    }
    tarn__put_message(&o->graph, GRAPH_TENSOR, &tensor);
}

void tarn_onnx_tensor(tarn_onnx *o, const char *name, tarn_shape shape, const float *values)
{
    const int64_t count = tarn_shape_size(shape);
    tarn__message tensor = {.size = 0};
    uint8_t *to = begin_tensor(&tensor, name, shape, OF_FLOAT, (size_t)count * 4);
    for (int64_t i = 0; to && i < count; i++)
        put_number(to + 4 * i, values[i]);
    tarn__put_message(&o->graph, GRAPH_TENSOR, &tensor);
}

void tarn_onnx_tensor_of_ints(tarn_onnx *o, const char *name, int count, const int64_t *values)
{
    tarn__message tensor = {.size = 0};
    uint8_t *to = begin_tensor(&tensor, name, tarn_shape(count), OF_INT64, (size_t)count * 8);
    for (int i = 0; to && i < count; i++)
        put_little(to + 8 * i, (uint64_t)values[i], 8);
    tarn__put_message(&o->graph, GRAPH_TENSOR, &tensor);
}

/* ---- Names */

tarn__onnx_name tarn__onnx_module(const tarn_onnx *o, const tarn__step *step)
{
    tarn__onnx_name name;
    const tarn__module_name module = tarn__name_in(o->steps.model, step->module);
    int places = 0;
    for (int i = 0; i < o->steps.count; i++)
        places += o->steps.steps[i].module == step->module;
    const char *text = *module.text ? module.text : "network";
    if (places > 1)
        snprintf(name.text, sizeof name.text, "%s_%d", text, step->output);
    else
        snprintf(name.text, sizeof name.text, "%s", text);
    return name;
}

tarn__onnx_name tarn__onnx_value(const tarn_onnx *o, int value)
{
    tarn__onnx_name name = {""};
    if (value == o->steps.output && value > 0)
        snprintf(name.text, sizeof name.text, "%s", o->args->output_name);
    else if (value == 0)
        snprintf(name.text, sizeof name.text, "%s", o->args->input_name);
    else
        for (int i = 0; i < o->steps.count; i++)
            if (o->steps.steps[i].output == value)
                snprintf(name.text, sizeof name.text, "%.150s.output",
                         tarn__onnx_module(o, &o->steps.steps[i]).text);
    return name;
}

/* ---- The file */

/* The graph's input or output: floats, N of a shape that is (C,H,W) for an image. */
static void put_value(tarn_onnx *o, int field, const char *name, tarn_shape sample)
{
    static const int channels_first[] = {2, 0, 1};
    tarn__message shape = {.size = 0}, type = shape, holder = shape, value = shape, n = shape;
    tarn__put_text(&n, DIM_NAME, "N");
    tarn__put_message(&shape, SHAPE_DIM, &n);
    for (int i = 0; i < sample.ndim; i++) {
        tarn__message dim = {.size = 0};
        tarn__put_int(&dim, DIM_VALUE, sample.dim[sample.ndim == 3 ? channels_first[i] : i]);
        tarn__put_message(&shape, SHAPE_DIM, &dim);
    }
    tarn__put_int(&type, ELEMENT_TYPE, OF_FLOAT);
    tarn__put_message(&type, SHAPE, &shape);
    tarn__put_message(&holder, TYPE_TENSOR, &type);
    tarn__put_text(&value, VALUE_NAME, name);
    tarn__put_message(&value, VALUE_TYPE, &holder);
    tarn__put_message(&o->graph, field, &value);
}

static void put_graph(tarn_onnx *o)
{
    const tarn__steps *s = &o->steps;
    tarn__put_text(&o->graph, GRAPH_NAME, "network");
    put_value(o, GRAPH_INPUT, o->args->input_name, s->shapes[0]);
    for (int i = 0; i < s->count; i++)
        tarn__onnx_write(o, &s->steps[i]);
    if (s->output == 0)
        tarn_onnx_node(o, "Identity", o->args->output_name, 1,
                       (const char *[]){o->args->input_name});
    put_value(o, GRAPH_OUTPUT, o->args->output_name, s->shapes[s->output]);
}

static bool write_file(tarn_onnx *o)
{
    const char *path = o->args->path;
    tarn__message model = {.size = 0};
    tarn__put_int(&model, MODEL_IR, TARN__ONNX_IR);
    tarn__put_text(&model, MODEL_PRODUCER, "Tarn");
    put_import(&model, "", TARN__ONNX_OPSET);
    tarn__put_fields(&model, &o->imports);
    tarn__put_message(&model, MODEL_GRAPH, &o->graph);
    bool done = false;
    tarn__replacement file;
    if (model.failed)
        tarn_set_error("%s: %s: out of memory", me, path);
    else if (model.size > INT32_MAX)
        tarn_set_error("%s: %s: the file would have %zu bytes, ONNX allows %d", me, path,
                       model.size, INT32_MAX);
    else
        done = tarn__replace_begin(&file, path) &&
               tarn__replace_write(&file, model.bytes, model.size) && tarn__replace_commit(&file);
    tarn__message_free(&model);
    return done;
}

static bool export(tarn_onnx *o)
{
    tarn__steps *s = &o->steps;
    if (!tarn__steps_of(s, me, o->args->model, o->args->input) ||
        (o->args->fold && !tarn__steps_fold(s, me)) || !tarn__steps_check(s, me, tarn__onnx_can, o))
        return false;
    o->scrambled = calloc((size_t)s->value_count, sizeof *o->scrambled);
    if (!o->scrambled)
        return tarn_set_error("%s: out of memory for %d values", me, s->value_count);
    put_graph(o);
    return write_file(o);
}

bool tarn_nn_export_onnx_with(tarn_nn_export_onnx_args args)
{
    if (!args.model)
        return tarn_fail_null("nn_export_onnx: the model");
    if (!args.path)
        return tarn_fail("%s: the path is NULL", me);
    const char *in = args.input_name, *out = args.output_name;
    if (!in || !out || !*in || !*out || strlen(in) > 100 || strlen(out) > 100 ||
        strcmp(in, out) == 0)
        return tarn_fail("%s: input_name and output_name are to be two different names of 1 to 100 "
                         "bytes",
                         me);
    tarn_onnx o = {.args = &args};
    const bool done = export(&o);
    tarn__message_free(&o.graph);
    tarn__message_free(&o.attributes);
    tarn__message_free(&o.imports);
    tarn__steps_free(&o.steps);
    free(o.scrambled);
    return tarn__told(done);
}
