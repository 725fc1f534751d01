/* What the names in an ONNX graph mean: each value is given once, before it is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/onnx_file.h"

static int compare(tarn__bytes a, tarn__bytes b)
{
    const size_t common = a.size < b.size ? a.size : b.size;
    const int order = common > 0 ? memcmp(a.at, b.at, common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_sources(const void *a, const void *b)
{
    return compare(((const tarn__onnx_source *)a)->name, ((const tarn__onnx_source *)b)->name);
}

int tarn__onnx_find(const tarn__onnx_file *f, tarn__bytes name)
{
    int low = 0, high = f->value_count - 1;
    while (low <= high) {
        const int middle = low + (high - low) / 2, order = compare(name, f->values[middle].name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

static void add(tarn__onnx_file *f, tarn__bytes name, int port, int tensor, int node)
{
    if (name.size > 0)
        f->values[f->value_count++] = (tarn__onnx_source){name, port, tensor, node};
}

/* An initializer may stand among the inputs too: it is then what a caller may replace there. */
static bool is_default(const tarn__onnx_source *a, const tarn__onnx_source *b)
{
    return (a->port >= 0 && b->tensor >= 0) || (a->tensor >= 0 && b->port >= 0);
}

/* Sorts the values, and puts those that are the same together. */
static bool sort(tarn__onnx_file *f)
{
    qsort(f->values, (size_t)f->value_count, sizeof *f->values, compare_sources);
    int kept = 0;
    for (int i = 0; i < f->value_count; i++) {
        tarn__onnx_source *last = kept > 0 ? &f->values[kept - 1] : NULL;
        if (!last || compare_sources(last, &f->values[i]) != 0)
            f->values[kept++] = f->values[i];
        else if (is_default(last, &f->values[i]))
            last->tensor = last->tensor >= 0 ? last->tensor : f->values[i].tensor;
        else
            return tarn_set_error("%s: its graph gives the value \"%s\" twice, expects once",
                                  f->path, tarn__onnx_quote(last->name).text);
        if (kept > 0 && f->values[kept - 1].tensor >= 0)
            f->values[kept - 1].port = -1;
    }
    f->value_count = kept;
    return true;
}

static bool resolve(tarn__onnx_file *f, int node, int link)
{
    const tarn__bytes name = f->names[link];
    f->links[link] = name.size > 0 ? tarn__onnx_find(f, name) : -1;
    if (name.size == 0)
        return true;
    const tarn__onnx_node *reader = &f->nodes[node];
    if (f->links[link] < 0)
        return tarn_set_error("%s: node \"%s\" (%s) reads the value \"%s\", which nothing gives",
                              f->path, tarn__onnx_node_name(f, reader).text,
                              tarn__onnx_quote(reader->type).text, tarn__onnx_quote(name).text);
    return f->values[f->links[link]].node < node || link >= reader->outputs ||
           tarn_set_error("%s: node \"%s\" (%s) reads the value \"%s\", which is given by it or a "
                          "node behind it, expects nodes in order and without cycles",
                          f->path, tarn__onnx_node_name(f, reader).text,
                          tarn__onnx_quote(reader->type).text, tarn__onnx_quote(name).text);
}

bool tarn__onnx_link(tarn__onnx_file *f)
{
    f->value_count = 0;
    for (int i = 0; i < f->input_count; i++)
        add(f, f->inputs[i].name, i, -1, -1);
    for (int i = 0; i < f->tensor_count; i++)
        add(f, f->tensors[i].name, -1, i, -1);
    for (int i = 0; i < f->node_count; i++)
        for (int k = 0; k < f->nodes[i].output_count; k++)
            add(f, f->names[f->nodes[i].outputs + k], -1, -1, i);
    if (!sort(f))
        return false;
    for (int i = 0; i < f->node_count; i++) {
        const tarn__onnx_node *node = &f->nodes[i];
        for (int k = 0; k < node->input_count + node->output_count; k++)
            if (!resolve(f, i, node->inputs + k))
                return false;
    }
    return true;
}
