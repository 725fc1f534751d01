#include "nn/exchange/onnx_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/input.h"
#include "nn/exchange/onnx_numbers.h"
#include "nn/reader.h"

tarn__onnx_text tarn__onnx_quote(tarn__bytes bytes)
{
    enum { MOST = 60 };
    char plain[MOST + 1];
    tarn__onnx_text quoted;
    const size_t size = bytes.size < MOST ? bytes.size : MOST;
    snprintf(plain, sizeof plain, "%.*s", (int)size, size > 0 ? (const char *)bytes.at : "");
    snprintf(quoted.text, sizeof quoted.text, "%.79s", tarn__quote(plain).text);
    return quoted;
}

tarn__onnx_text tarn__onnx_node_name(const tarn__onnx_file *file, const tarn__onnx_node *node)
{
    const bool named = node->name.size > 0 || node->output_count == 0;
    return tarn__onnx_quote(named ? node->name : file->names[node->outputs]);
}

bool tarn__onnx_damaged(const tarn__onnx_file *f, const char *what)
{
    return tarn_set_error("%s: is no ONNX file that can be read: %s", f->path, what);
}

bool tarn__onnx_tensor_fails(const tarn__onnx_file *f, const tarn__onnx_tensor *t, const char *what)
{
    return tarn_set_error("%s: tensor \"%s\" %s", f->path, tarn__onnx_quote(t->name).text, what);
}

/* Whether a message has been read to its end. */
static bool whole(const tarn__onnx_file *f, const tarn__fields *fields)
{
    return !*fields->broken || tarn__onnx_damaged(f, fields->broken);
}

/* ---- Messages below the graph */

/* False if that is one too many, or none. */
static bool add_dimension(tarn_shape *shape, uint64_t dim)
{
    if (shape->ndim == TARN_MAX_NDIM || dim > INT64_MAX)
        return false;
    shape->dim[shape->ndim++] = (int64_t)dim;
    return true;
}

bool tarn__onnx_parse_tensor(const tarn__onnx_file *f, tarn__bytes message,
                             tarn__onnx_tensor *tensor)
{
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    *tensor = (tarn__onnx_tensor){.message = message};
    bool right = true;
    while (right && tarn__next_field(&fields, &x)) {
        tarn__bytes packed = x.bytes;
        if (x.number == TENSOR_DIMS && x.wire == TARN__LENGTH)
            while (right && tarn__next_varint(&packed, &x.value))
                right = add_dimension(&tensor->shape, x.value);
        else if (x.number == TENSOR_DIMS)
            right = add_dimension(&tensor->shape, x.value);
        else if (x.number == TENSOR_TYPE)
            tensor->type = (int)(x.value & 0xffff);
        else if (x.number == TENSOR_NAME)
            tensor->name = x.bytes;
    }
    if (!right || tarn_shape_size(tensor->shape) < 0) {
        char what[200];
        snprintf(what, sizeof what,
                 "the shape of tensor \"%s\" has more than 8 dimensions, or too large ones",
                 tarn__onnx_quote(tensor->name).text);
        return tarn__onnx_damaged(f, what);
    }
    return whole(f, &fields);
}

/* The size of a dimension, -1 where it has only a name or nothing. */
static bool read_dimension(const tarn__onnx_file *f, tarn__bytes message, tarn_shape *shape)
{
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    int64_t size = -1;
    while (tarn__next_field(&fields, &x))
        if (x.number == DIM_VALUE && x.wire == TARN__VARINT)
            size = x.value <= INT_MAX ? (int64_t)x.value : -1;
    if (shape->ndim == TARN_MAX_NDIM)
        return tarn__onnx_damaged(f, "an input or output has more than 8 dimensions");
    shape->dim[shape->ndim++] = size > 0 ? size : -1;
    return whole(f, &fields);
}

/* The type of a port: of a tensor, its elements and shape. Else nothing is known. */
static bool read_type(const tarn__onnx_file *f, tarn__bytes message, tarn__onnx_port *port)
{
    tarn__fields fields = tarn__fields_of(message), dims;
    tarn__field x, dim;
    bool right = true;
    while (right && tarn__next_field(&fields, &x)) {
        if (x.number == ELEMENT_TYPE && x.wire == TARN__VARINT)
            port->type = (int)(x.value & 0xffff);
        if (x.number != SHAPE || x.wire != TARN__LENGTH)
            continue;
        port->shape.ndim = 0;
        dims = tarn__fields_of(x.bytes);
        while (right && tarn__next_field(&dims, &dim))
            right = dim.number != SHAPE_DIM || read_dimension(f, dim.bytes, &port->shape);
        right = right && whole(f, &dims);
    }
    return right && whole(f, &fields);
}

static bool read_port(const tarn__onnx_file *f, tarn__bytes message, tarn__onnx_port *port)
{
    tarn__fields fields = tarn__fields_of(message), types;
    tarn__field x, type;
    bool right = true;
    *port = (tarn__onnx_port){.shape.ndim = -1};
    while (right && tarn__next_field(&fields, &x)) {
        if (x.number == VALUE_NAME)
            port->name = x.bytes;
        if (x.number != VALUE_TYPE)
            continue;
        types = tarn__fields_of(x.bytes);
        while (right && tarn__next_field(&types, &type))
            right = type.number != TYPE_TENSOR || read_type(f, type.bytes, port);
        right = right && whole(f, &types);
    }
    return right && whole(f, &fields);
}

/* A node, whose values are the next names. */
static bool read_node(tarn__onnx_file *f, tarn__bytes message, tarn__onnx_node *node)
{
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    *node = (tarn__onnx_node){.message = message, .inputs = f->link_count};
    for (int pass = NODE_INPUT; pass <= NODE_OUTPUT; pass++) {
        fields = tarn__fields_of(message);
        while (tarn__next_field(&fields, &x)) {
            if (x.number == pass)
                f->names[f->link_count++] = x.bytes;
            else if (x.number == NODE_NAME)
                node->name = x.bytes;
            else if (x.number == NODE_TYPE)
                node->type = x.bytes;
            else if (x.number == NODE_DOMAIN)
                node->domain = x.bytes;
        }
        if (pass == NODE_INPUT) {
            node->input_count = f->link_count - node->inputs;
            node->outputs = f->link_count;
        }
    }
    node->output_count = f->link_count - node->outputs;
    if (node->output_count == 0 || node->type.size == 0)
        return tarn__onnx_damaged(f, "a node has no operator or no output");
    return whole(f, &fields);
}

/* ---- The graph and the model */

typedef struct counts {
    int64_t nodes, tensors, inputs, outputs, links;
} counts;

/* Of the graph's messages; -1 nodes, with the error set, if it has too many, or damaged ones. */
static bool count(const tarn__onnx_file *f, counts *c)
{
    tarn__fields fields = tarn__fields_of(f->graph), links;
    tarn__field x, link;
    bool right = true;
    while (right && tarn__next_field(&fields, &x)) {
        c->nodes += x.number == GRAPH_NODE;
        c->tensors += x.number == GRAPH_TENSOR;
        c->inputs += x.number == GRAPH_INPUT;
        c->outputs += x.number == GRAPH_OUTPUT;
        if (x.number == GRAPH_SPARSE)
            return tarn__onnx_damaged(f, "it has sparse initializers, which Tarn does not read");
        if (x.number != GRAPH_NODE)
            continue;
        links = tarn__fields_of(x.bytes);
        while (tarn__next_field(&links, &link))
            c->links += link.number == NODE_INPUT || link.number == NODE_OUTPUT;
        right = whole(f, &links);
    }
    if (!right || !whole(f, &fields))
        return false;
    return (c->nodes <= TARN__ONNX_MOST && c->tensors <= TARN__ONNX_MOST &&
            c->inputs <= 2 * TARN__ONNX_MOST && c->outputs <= TARN__ONNX_MOST &&
            c->links <= INT_MAX) ||
           tarn_set_error("%s: has %lld nodes and %lld initializers, expects at most %d of each",
                          f->path, (long long)c->nodes, (long long)c->tensors, TARN__ONNX_MOST);
}

static bool make_room(tarn__onnx_file *f, const counts *c)
{
    f->nodes = calloc((size_t)c->nodes + 1, sizeof *f->nodes);
    f->tensors = calloc((size_t)c->tensors + 1, sizeof *f->tensors);
    f->inputs = calloc((size_t)c->inputs + 1, sizeof *f->inputs);
    f->outputs = calloc((size_t)c->outputs + 1, sizeof *f->outputs);
    f->names = calloc((size_t)c->links + 1, sizeof *f->names);
    f->links = calloc((size_t)c->links + 1, sizeof *f->links);
    f->values = calloc((size_t)(c->links + c->tensors + c->inputs) + 1, sizeof *f->values);
    return (f->nodes && f->tensors && f->inputs && f->outputs && f->names && f->links &&
            f->values) ||
           tarn_set_error("%s: out of memory for a graph of %lld nodes", f->path,
                          (long long)c->nodes);
}

static bool read_graph(tarn__onnx_file *f)
{
    counts c = {.nodes = 0};
    if (!count(f, &c) || !make_room(f, &c))
        return false;
    tarn__fields fields = tarn__fields_of(f->graph);
    tarn__field x;
    bool right = true;
    while (right && tarn__next_field(&fields, &x)) {
        if (x.number == GRAPH_NODE)
            right = read_node(f, x.bytes, &f->nodes[f->node_count++]);
        else if (x.number == GRAPH_TENSOR)
            right = tarn__onnx_parse_tensor(f, x.bytes, &f->tensors[f->tensor_count++]);
        else if (x.number == GRAPH_INPUT)
            right = read_port(f, x.bytes, &f->inputs[f->input_count++]);
        else if (x.number == GRAPH_OUTPUT)
            right = read_port(f, x.bytes, &f->outputs[f->output_count++]);
    }
    return right;
}

/* The version of the operators without a domain, ONNX's own. */
static bool read_import(tarn__onnx_file *f, tarn__bytes message)
{
    tarn__fields fields = tarn__fields_of(message);
    tarn__field x;
    tarn__bytes domain = {.size = 0};
    int64_t version = 0;
    while (tarn__next_field(&fields, &x)) {
        if (x.number == IMPORT_DOMAIN)
            domain = x.bytes;
        else if (x.number == IMPORT_VERSION)
            version = (int64_t)x.value;
    }
    if (domain.size == 0 || tarn__bytes_are(domain, "ai.onnx"))
        f->opset = version;
    return whole(f, &fields);
}

static bool read_model(tarn__onnx_file *f)
{
    tarn__fields fields = tarn__fields_of(f->model);
    tarn__field x;
    bool right = true;
    while (right && tarn__next_field(&fields, &x)) {
        if (x.number == MODEL_GRAPH && x.wire == TARN__LENGTH)
            f->graph = x.bytes;
        else if (x.number == MODEL_IMPORT)
            right = read_import(f, x.bytes);
        else if (x.number == MODEL_PRODUCER)
            f->own = tarn__bytes_are(x.bytes, "Tarn");
    }
    if (!right || !whole(f, &fields))
        return false;
    if (!f->graph.at)
        return tarn__onnx_damaged(f, "it has no graph");
    return read_graph(f);
}

bool tarn__onnx_open(tarn__onnx_file *f, const char *path)
{
    tarn__input input;
    *f = (tarn__onnx_file){.path = path};
    if (!tarn__input_open(&input, path))
        return false;
    f->bytes = tarn__input_load(&input, 0);
    f->size = input.size;
    f->model = (tarn__bytes){f->bytes, (size_t)input.size};
    tarn__input_close(&input);
    return f->bytes && read_model(f);
}

void tarn__onnx_close(tarn__onnx_file *f)
{
    free(f->bytes);
    free(f->nodes);
    free(f->tensors);
    free(f->inputs);
    free(f->outputs);
    free(f->names);
    free(f->links);
    free(f->values);
    free(f->beside);
}
