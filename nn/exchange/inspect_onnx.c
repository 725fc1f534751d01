/* What is in an ONNX file: initializers, what goes in and comes out, operators, who wrote it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "nn/exchange/import_internal.h"
#include "nn/exchange/inspect_internal.h"
#include "nn/exchange/onnx_numbers.h"

static const char *type_name(int type)
{
    const tarn__dtype known = tarn__onnx_dtype(type);
    return known == TARN__NO_DTYPE ? "?" : tarn__dtype_name(known);
}

/* "[N,1,28,28]", with ? for what is open. */
static void print_shape(tarn_shape shape, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, shape.ndim < 0 ? "[?" : "[");
    for (int i = 0; i < shape.ndim && used < size; i++)
        used += shape.dim[i] < 0 ? (size_t)snprintf(text + used, size - used, i ? ",?" : "?")
                                 : (size_t)snprintf(text + used, size - used, "%s%lld",
                                                    i ? "," : "", (long long)shape.dim[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

static double bytes_of(const tarn__onnx_tensor *t)
{
    const tarn__dtype type = tarn__onnx_dtype(t->type);
    return type == TARN__NO_DTYPE
               ? 0
               : (double)tarn_shape_size(t->shape) * (double)tarn__dtype_bytes(type);
}

static void put_tensors(const tarn__onnx_file *f, tarn__inspect_table *table)
{
    tarn__inspect_begin(table);
    for (int i = 0; i < f->tensor_count; i++) {
        const tarn__onnx_tensor *t = &f->tensors[i];
        tarn__inspect_row r;
        snprintf(r.name, sizeof r.name, "%s", tarn__onnx_quote(t->name).text);
        snprintf(r.type, sizeof r.type, "%s", type_name(t->type));
        print_shape(t->shape, r.shape, sizeof r.shape);
        tarn__count_to_text(bytes_of(t), r.bytes, sizeof r.bytes);
        tarn__inspect_put(table, &r);
    }
}

static void put_ports(const tarn__onnx_port *ports, int count, const char *what, FILE *stream)
{
    char shape[200];
    for (int i = 0; i < count; i++) {
        print_shape(ports[i].shape, shape, sizeof shape);
        fprintf(stream, "%s: %s  %s  %s\n", what, tarn__onnx_quote(ports[i].name).text,
                type_name(ports[i].type), shape);
    }
}

static int compare(const void *a, const void *b)
{
    const tarn__onnx_node *x = *(const tarn__onnx_node *const *)a,
                          *y = *(const tarn__onnx_node *const *)b;
    const size_t common = x->type.size < y->type.size ? x->type.size : y->type.size;
    const int order = memcmp(x->type.at, y->type.at, common);
    return order != 0 ? order : (x->type.size > y->type.size) - (x->type.size < y->type.size);
}

/* Each with how often it is there, and whether Tarn has it. */
static bool put_operators(const tarn__onnx_file *f, FILE *stream)
{
    const tarn__onnx_node **nodes = calloc((size_t)f->node_count + 1, sizeof *nodes);
    if (!nodes)
        return tarn_set_error("%s: out of memory for its %d nodes", f->path, f->node_count);
    for (int i = 0; i < f->node_count; i++)
        nodes[i] = &f->nodes[i];
    qsort(nodes, (size_t)f->node_count, sizeof *nodes, compare);
    fprintf(stream, "operators:");
    for (int i = 0, count; i < f->node_count; i += count) {
        count = 1;
        while (i + count < f->node_count && compare(&nodes[i], &nodes[i + count]) == 0)
            count++;
        fprintf(stream, "%s %s", i > 0 ? "," : "", tarn__onnx_quote(nodes[i]->type).text);
        if (count > 1)
            fprintf(stream, " (%d)", count);
        if (!tarn__import_operator_of(nodes[i]))
            fprintf(stream, " (which Tarn does not have)");
    }
    fprintf(stream, "\n");
    free(nodes);
    return true;
}

/* Who wrote the file, and what they say of it. */
static void put_metadata(const tarn__onnx_file *f, FILE *stream)
{
    tarn__fields fields = tarn__fields_of(f->model), parts;
    tarn__field x, part;
    fprintf(stream, "opset: %lld\n", (long long)f->opset);
    while (tarn__next_field(&fields, &x)) {
        if (x.number == MODEL_PRODUCER)
            fprintf(stream, "producer: %s\n", tarn__onnx_quote(x.bytes).text);
        if (x.number == MODEL_PRODUCER_VERSION)
            fprintf(stream, "version: %s\n", tarn__onnx_quote(x.bytes).text);
        if (x.number != MODEL_METADATA)
            continue;
        parts = tarn__fields_of(x.bytes);
        tarn__bytes key = {.size = 0}, value = key;
        while (tarn__next_field(&parts, &part)) {
            key = part.number == ENTRY_KEY ? part.bytes : key;
            value = part.number == ENTRY_VALUE ? part.bytes : value;
        }
        fprintf(stream, "%s: %s\n", tarn__onnx_quote(key).text, tarn__onnx_quote(value).text);
    }
}

static bool print(const tarn__onnx_file *f, FILE *stream)
{
    tarn__inspect_table table = {.stream = NULL};
    char bytes[32];
    double sum = 0;
    for (int i = 0; i < f->tensor_count; i++)
        sum += bytes_of(&f->tensors[i]);
    put_tensors(f, &table);
    table.stream = stream;
    put_tensors(f, &table);
    tarn__count_to_text(sum, bytes, sizeof bytes);
    fprintf(stream, "%d tensors, %s bytes\n", f->tensor_count, bytes);
    put_ports(f->inputs, f->input_count, "input", stream);
    put_ports(f->outputs, f->output_count, "output", stream);
    put_metadata(f, stream);
    return put_operators(f, stream);
}

bool tarn__inspect_onnx(const char *path, FILE *stream)
{
    tarn__onnx_file file;
    const bool shown = tarn__onnx_open(&file, path) && print(&file, stream);
    tarn__onnx_close(&file);
    return shown;
}
