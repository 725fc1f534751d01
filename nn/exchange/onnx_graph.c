/* Nodes and constants of a graph that is being written, see nn/exchange/export.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nn/exchange/onnx.h"

/* The numbers of fields in onnx.proto, and of types in it. */
enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 7 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_S, ATTRIBUTE_INTS = 8 };
enum { ATTRIBUTE_TYPE = 20, TYPE_FLOAT = 1, TYPE_INT, TYPE_STRING, TYPE_INTS = 7 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE, TENSOR_NAME = 8, TENSOR_RAW, OF_FLOAT = 1, OF_INT64 = 7 };
enum { GRAPH_NODE = 1, GRAPH_TENSOR = 5 };
enum { IMPORT_DOMAIN = 1, IMPORT_VERSION, MODEL_IMPORT = 8 };

/* ---- Nodes */

void tarn__onnx_import(tarn__message *m, const char *domain, int version)
{
    tarn__message import = {.size = 0};
    tarn__put_text(&import, IMPORT_DOMAIN, domain);
    tarn__put_int(&import, IMPORT_VERSION, version);
    tarn__put_message(m, MODEL_IMPORT, &import);
}

void tarn__onnx_fail(tarn_onnx *o, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!*o->wrong)
        vsnprintf(o->wrong, sizeof o->wrong, format, arguments);
    va_end(arguments);
}

/* Writes the domain of "com.example::Swish", if it has one, and returns "Swish". */
static const char *put_domain(tarn_onnx *o, tarn__message *node, const char *type)
{
    char domain[100], known[104];
    const char *colons = strstr(type, "::");
    if (!colons)
        return type;
    if ((size_t)(colons - type) >= sizeof domain)
        tarn__onnx_fail(o, "the domain of \"%.120s...\" is longer than %zu bytes", type,
                        sizeof domain - 1);
    snprintf(domain, sizeof domain, "%.*s", (int)(colons - type), type);
    snprintf(known, sizeof known, " %s ", domain);
    if (!strstr(o->domains, known)) {
        if (strlen(o->domains) + strlen(known) >= sizeof o->domains)
            tarn__onnx_fail(o,
                            "the names of its domains, up to \"%s\", are together longer than "
                            "%zu bytes",
                            domain, sizeof o->domains - 1);
        else
            strcat(o->domains, known);
        tarn__onnx_import(&o->imports, domain, 1);
    }
    tarn__put_text(node, NODE_DOMAIN, domain);
    return colons + 2;
}

/* Whether there is a graph to write to, and all that is to be written; a count below 0 is none. */
static bool is_given(tarn_onnx *o, const char *what, const char *name, int64_t count,
                     const void *list)
{
    const bool given = name && count >= 0 && (list || count == 0);
    if (o && !given)
        tarn__onnx_fail(o, "%s gets a NULL or a wrong count", what);
    return o && given;
}

void tarn_onnx_node(tarn_onnx *o, const char *type, const char *output, int input_count,
                    const char *const *inputs)
{
    bool given = is_given(o, "onnx_node", output ? type : NULL, input_count, inputs);
    for (int i = 0; given && i < input_count; i++)
        given = is_given(o, "onnx_node", inputs[i], 0, NULL);
    if (!given)
        return;
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
    if (!is_given(o, "onnx_float", name, 0, NULL))
        return;
    tarn__message attribute = {.size = 0};
    tarn__put_float(&attribute, ATTRIBUTE_F, (float)value);
    put_attribute(o, &attribute, name, TYPE_FLOAT);
}

void tarn_onnx_int(tarn_onnx *o, const char *name, int64_t value)
{
    if (!is_given(o, "onnx_int", name, 0, NULL))
        return;
    tarn__message attribute = {.size = 0};
    tarn__put_int(&attribute, ATTRIBUTE_I, value);
    put_attribute(o, &attribute, name, TYPE_INT);
}

void tarn_onnx_ints(tarn_onnx *o, const char *name, int count, const int64_t *values)
{
    if (!is_given(o, "onnx_ints", name, count, values))
        return;
    tarn__message attribute = {.size = 0};
    for (int i = 0; i < count; i++)
        tarn__put_int(&attribute, ATTRIBUTE_INTS, values[i]);
    put_attribute(o, &attribute, name, TYPE_INTS);
}

void tarn_onnx_text(tarn_onnx *o, const char *name, const char *value)
{
    if (!is_given(o, "onnx_text", name, 1, value))
        return;
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
    if (!is_given(o, "onnx_tensor", name, count, values))
        return;
    tarn__message tensor = {.size = 0};
    uint8_t *to = begin_tensor(&tensor, name, shape, OF_FLOAT, (size_t)count * 4);
    for (int64_t i = 0; to && i < count; i++)
        put_number(to + 4 * i, values[i]);
    tarn__put_message(&o->graph, GRAPH_TENSOR, &tensor);
}

void tarn_onnx_tensor_of_ints(tarn_onnx *o, const char *name, int count, const int64_t *values)
{
    if (!is_given(o, "onnx_tensor_of_ints", name, count, values))
        return;
    tarn__message tensor = {.size = 0};
    uint8_t *to = begin_tensor(&tensor, name, tarn_shape(count), OF_INT64, (size_t)count * 8);
    for (int i = 0; to && i < count; i++)
        put_little(to + 8 * i, (uint64_t)values[i], 8);
    tarn__put_message(&o->graph, GRAPH_TENSOR, &tensor);
}
