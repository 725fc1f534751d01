/* What goes into a network from an ONNX file, and comes out of it. */
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/import_internal.h"

/* What the file leaves open of the input, as the caller says it: a sample's shape in Tarn's
   order. */
static bool complete_shape(const tarn__onnx_file *f, tarn_shape sample, tarn__import_order order,
                           tarn_shape *shape)
{
    if (sample.ndim < 0 && shape->ndim >= 0)
        return true;
    if (sample.ndim < 0)
        return tarn_set_error("%s: does not say which shape its input has, expects .input",
                              f->path);
    tarn_shape given = {.ndim = sample.ndim + 1, .dim = {TARN__ONNX_ANY}};
    for (int i = 1; i < given.ndim; i++)
        given.dim[order.axis[i]] = sample.dim[i - 1];
    bool same = shape->ndim < 0 || shape->ndim == given.ndim;
    for (int i = 1; same && i < shape->ndim; i++)
        same = shape->dim[i] == TARN__ONNX_ANY || shape->dim[i] == given.dim[i];
    if (!same)
        return tarn_set_error("%s: .input is %s, but its input is (N,C,H,W) %s, -1 being open",
                              f->path, tarn__import_shape_text(sample).text,
                              tarn__import_shape_text(*shape).text);
    given.dim[0] = shape->ndim > 0 ? shape->dim[0] : TARN__ONNX_ANY;
    *shape = given;
    return true;
}

/* Whether the node is a Transpose with that perm. */
static bool transposes(tarn__importer *c, int node, const int64_t perm[4])
{
    int64_t list[4];
    if (node < 0 || !tarn__bytes_are(c->file.nodes[node].type, "Transpose"))
        return false;
    c->node = &c->file.nodes[node];
    return tarn__import_ints_of(c, "perm", 4, list) == 4 && !memcmp(list, perm, sizeof list);
}

static bool is_one_of(const tarn__onnx_node *node, const char *a, const char *b)
{
    return tarn__bytes_are(node->type, a) || tarn__bytes_are(node->type, b);
}

/* An image at the graph's ends is (N,C,H,W), unless the file makes that of it, as Keras does,
   behind casts or not. In Tarn's own files it always is, also where a network begins with what
   looks like it, as a softmax over rows. */
static tarn__import_order order_of_input(tarn__importer *c, int input, int ndim)
{
    static const int64_t to_channels_first[] = {0, 3, 1, 2};
    for (int i = 0; i < c->file.node_count && ndim == 4 && !c->file.own; i++) {
        const tarn__onnx_node *node = &c->file.nodes[i];
        if (node->input_count < 1 || c->file.links[node->inputs] != input)
            continue;
        if (transposes(c, i, to_channels_first))
            return tarn__import_plain();
        input = is_one_of(node, "Cast", "Identity") ? c->file.links[node->outputs] : input;
    }
    return ndim == 4 ? tarn__import_channels_last(4) : tarn__import_plain();
}

static tarn__import_order order_of_output(tarn__importer *c, int output, int ndim)
{
    static const int64_t to_channels_last[] = {0, 2, 3, 1};
    const bool made = !c->file.own && transposes(c, c->file.values[output].node, to_channels_last);
    const bool plain = ndim != 4 || made;
    return plain ? tarn__import_plain() : tarn__import_channels_last(4);
}

/* The one input of the graph. */
bool tarn__import_begin(tarn__importer *c, tarn_shape sample)
{
    const tarn__onnx_file *f = &c->file;
    int count = 0, input = -1;
    for (int i = 0; i < f->value_count; i++)
        if (f->values[i].port >= 0) {
            input = i;
            count++;
        }
    if (count != 1)
        return tarn_set_error("%s: has %d inputs, expects 1", f->path, count);
    tarn__import_value *v = &c->values[input];
    const tarn__onnx_port *port = &f->inputs[f->values[input].port];
    const tarn__dtype type = tarn__onnx_dtype(port->type);
    v->shape = port->shape;
    if (type == TARN__NO_DTYPE || type == TARN__BOOL)
        return tarn_set_error("%s: its input holds no numbers", f->path);
    const tarn__import_order order =
        order_of_input(c, input, v->shape.ndim >= 0 ? v->shape.ndim : sample.ndim + 1);
    if (!complete_shape(f, sample, order, &v->shape))
        return false;
    v->ids = tarn__dtype_kind(type) != 'f';
    v->operand = c->computed++;
    v->order = order;
    c->batch = v->shape.ndim > 0 ? v->shape.dim[0] : 1;
    if (v->shape.ndim > 0)
        v->shape.dim[0] = TARN__ONNX_BATCH;
    return true;
}

/* The operand that the network gives: images in Tarn's order. */
int tarn__import_end(tarn__importer *c, int output)
{
    tarn__import_value *v = &c->values[output];
    if (v->operand == TARN__ONNX_NONE) {
        tarn_set_error("%s: its output does not depend on its input", c->file.path);
        return TARN__ONNX_FAILED;
    }
    return tarn__import_ordered(c, v, order_of_output(c, output, v->shape.ndim));
}
