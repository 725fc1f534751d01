/* From an ONNX file to a module: nn/exchange/import_internal.h says how. */
#include "nn/exchange/import_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "core/base/random.h"
#include "nn/exchange/import.h"
#include "nn/exchange/onnx_numbers.h"
#include "nn/reader.h"

/* ---- What is to be converted */

/* Marks the nodes that lead to the output: the others do not matter. */
static bool *find_live(const tarn__onnx_file *f, int output)
{
    bool *live = calloc((size_t)f->node_count + 1, sizeof *live);
    if (!live) {
        tarn_set_error("%s: out of memory for a graph of %d nodes", f->path, f->node_count);
        return NULL;
    }
    if (f->values[output].node >= 0)
        live[f->values[output].node] = true;
    for (int i = f->node_count - 1; i >= 0; i--)
        for (int k = 0; live[i] && k < f->nodes[i].input_count; k++) {
            const int link = f->links[f->nodes[i].inputs + k];
            if (link >= 0 && f->values[link].node >= 0)
                live[f->values[link].node] = true;
        }
    return live;
}

static bool is_same(const tarn__onnx_node *a, const tarn__onnx_node *b)
{
    return a->type.size == b->type.size && a->domain.size == b->domain.size &&
           !memcmp(a->type.at, b->type.at, a->type.size) &&
           (a->domain.size == 0 || !memcmp(a->domain.at, b->domain.at, a->domain.size));
}

/* Whether no node before it is of the same operator. */
static bool is_first(const tarn__onnx_file *f, const bool *live, int node)
{
    for (int i = 0; i < node; i++)
        if (live[i] && is_same(&f->nodes[i], &f->nodes[node]))
            return false;
    return true;
}

/* Names all operators that Tarn does not have, each with the first node of it. */
static bool check_operators(const tarn__onnx_file *f, const bool *live)
{
    char list[800] = "", name[220];
    size_t used = 0;
    for (int i = 0; i < f->node_count && used + sizeof name < sizeof list; i++) {
        const tarn__onnx_node *node = &f->nodes[i];
        if (!live[i] || tarn__import_operator_of(node) || !is_first(f, live, i))
            continue;
        snprintf(name, sizeof name, "%.60s%s%.60s (node \"%.60s\")",
                 tarn__onnx_quote(node->domain).text, node->domain.size > 0 ? "::" : "",
                 tarn__onnx_quote(node->type).text, tarn__onnx_node_name(f, node).text);
        used = tarn__add_name(list, sizeof list, used, name);
    }
    return used == 0 ||
           tarn_set_error("%s: has operators that Tarn does not have: %s", f->path, list);
}

/* Attributes that are not known would change what is computed. */
static bool check_attributes(const tarn__importer *c, const char *known)
{
    tarn__fields fields = tarn__fields_of(c->node->message), parts;
    tarn__field x, part;
    while (tarn__next_field(&fields, &x)) {
        char name[64] = " ? ";
        parts = tarn__fields_of(x.bytes);
        while (x.number == NODE_ATTRIBUTE && tarn__next_field(&parts, &part))
            if (part.number == ATTRIBUTE_NAME && part.bytes.size < sizeof name - 3)
                snprintf(name, sizeof name, " %.*s ", (int)part.bytes.size,
                         (const char *)part.bytes.at);
        if (*parts.broken)
            return tarn__onnx_damaged(&c->file, parts.broken);
        if (x.number == NODE_ATTRIBUTE && !strstr(known, name))
            return tarn__import_fail(c, "has an attribute \"%s\" that Tarn does not know",
                                     tarn__quote(name).text);
    }
    return true;
}

/* Whether all inputs are there that the operator must have, and no more than it knows. */
static bool check_inputs(const tarn__importer *c, const tarn__import_operator *operator)
{
    for (int i = 0; i < operator->least; i++)
        if (!tarn__import_in(c, i))
            return tarn__import_fail(c, "has no input %d", i);
    for (int i = 0; i < c->node->input_count; i++) {
        const tarn__import_value *v = tarn__import_in(c, i);
        if (v && i >= operator->most)
            return tarn__import_fail(c, "has %d inputs, expects at most %d",
                                     c->node->input_count, operator->most);
        if (v && v->operand == TARN__ONNX_NONE && !v->constant && !v->whole)
            return tarn__import_fail(c, "reads \"%s\", a second output that Tarn does not compute",
                                     tarn__onnx_quote(c->file.values[v->index].name).text);
    }
    return true;
}

static bool convert_node(tarn__importer *c)
{
    const tarn__import_operator *operator= tarn__import_operator_of(c->node);
    c->op = operator->op;
    if (!check_attributes(c, operator->attributes) || !check_inputs(c, operator))
        return false;
    return (tarn__import_fold(c) || (!c->failed && operator->convert(c))) && !c->failed;
}

/* ---- Together */

static bool make_values(tarn__importer *c)
{
    const tarn__onnx_file *f = &c->file;
    c->values = calloc((size_t)f->value_count + 1, sizeof *c->values);
    c->constants = calloc((size_t)f->node_count + 1, sizeof *c->constants);
    if (!c->values || !c->constants)
        return tarn_set_error("%s: out of memory for %d values", f->path, f->value_count);
    for (int i = 0; i < f->value_count; i++) {
        tarn__import_value *v = &c->values[i];
        *v = (tarn__import_value){.index = i,
                                  .seen.operand = TARN__ONNX_NONE,
                                  .operand = TARN__ONNX_NONE,
                                  .order = tarn__import_plain()};
        if (f->values[i].tensor >= 0) {
            v->constant = &f->tensors[f->values[i].tensor];
            v->shape = v->constant->shape;
            v->trained = v->named = tarn_shape_size(v->shape) > 1;
        }
    }
    return true;
}

static void count_readers(tarn__importer *c, const bool *live, int output)
{
    const tarn__onnx_file *f = &c->file;
    c->values[output].readers++;
    for (int i = 0; i < f->node_count; i++)
        for (int k = 0; live[i] && k < f->nodes[i].input_count; k++) {
            const int link = f->links[f->nodes[i].inputs + k];
            if (link >= 0)
                c->values[link].readers++;
        }
}

static int convert_all(tarn__importer *c, const bool *live, int output)
{
    count_readers(c, live, output);
    for (int i = 0; i < c->file.node_count; i++) {
        c->node = &c->file.nodes[i];
        if (live[i] && !convert_node(c))
            return TARN__ONNX_FAILED;
    }
    return tarn__import_end(c, output);
}

/* The operand of the network's output. */
static int convert(tarn__importer *c, tarn_shape sample)
{
    const tarn__onnx_file *f = &c->file;
    enum { OLDEST = 7, MOST_VALUES = 4 * TARN__ONNX_MOST };
    bool right = tarn__onnx_link(&c->file);
    if (right && f->output_count != 1)
        right = tarn_set_error("%s: has %d outputs, expects 1", f->path, f->output_count);
    if (right && f->opset < OLDEST)
        right = tarn_set_error("%s: is of opset %lld of ONNX, expects at least %d", f->path,
                               (long long)f->opset, OLDEST);
    if (right && f->value_count > MOST_VALUES)
        right = tarn_set_error("%s: has %d values, expects at most %d", f->path, f->value_count,
                               MOST_VALUES);
    const int output = right ? tarn__onnx_find(f, f->outputs[0].name) : -1;
    if (right && output < 0)
        right = tarn_set_error("%s: nothing gives its output \"%s\"", f->path,
                               tarn__onnx_quote(f->outputs[0].name).text);
    bool *live = right ? find_live(f, output) : NULL;
    int operand = TARN__ONNX_FAILED;
    if (live && check_operators(f, live) && make_values(c) && tarn__import_begin(c, sample))
        operand = convert_all(c, live, output);
    free(live);
    return operand;
}

static void close_import(tarn__importer *c)
{
    for (int i = 0; c->values && i < c->file.value_count; i++)
        free(c->values[i].whole);
    for (int i = 0; i < c->held_count; i++)
        tarn_free(c->held[i].tensor);
    for (int i = 0; i < c->step_count; i++)
        free(c->steps[i].inputs);
    free(c->values);
    free(c->constants);
    free(c->held);
    free(c->steps);
    tarn__onnx_close(&c->file);
}

/* What the network takes, as far as it is known, for those who export it. */
static bool describe(const tarn__importer *c, tarn_module *module)
{
    for (int i = 0; i < c->file.value_count; i++) {
        const tarn__import_value *v = &c->values[i];
        if (c->file.values[i].port < 0 || v->shape.ndim < 1)
            continue;
        tarn_shape sample = {.ndim = v->shape.ndim - 1};
        for (int k = 0; k < sample.ndim; k++) {
            sample.dim[k] = v->shape.dim[v->order.axis[k + 1]];
            if (sample.dim[k] < 0)
                return true;
        }
        return tarn_nn_describe(module, .input = sample);
    }
    return true;
}

tarn_module *tarn_nn_from_onnx_with(tarn_nn_from_onnx_args args)
{
    if (!args.path)
        return tarn_fail("nn_from_onnx: the path is NULL");
    tarn__importer c = {.batch = TARN__ONNX_ANY};
    const uint64_t random = tarn_random_state();
    const bool before = tarn__catch_mistakes(true);
    const bool opened = tarn__onnx_open(&c.file, args.path);
    const int output = opened ? convert(&c, args.input) : TARN__ONNX_FAILED;
    tarn_module *module = output != TARN__ONNX_FAILED ? tarn__import_build(&c, output) : NULL;
    if (module && !describe(&c, module)) {
        tarn_nn_free(module);
        module = NULL;
    }
    tarn__catch_mistakes(before);
    tarn_set_random_state(random);
    close_import(&c);
    return module;
}
