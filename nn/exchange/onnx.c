#include "nn/exchange/onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/file.h"
#include "nn/exchange/weights.h"

static const char me[] = "nn_export_onnx";

/* The numbers of fields in onnx.proto. */
enum { GRAPH_NAME = 2, GRAPH_INPUT = 11, GRAPH_OUTPUT };
enum { VALUE_NAME = 1, VALUE_TYPE, TYPE_TENSOR = 1, ELEMENT_TYPE = 1, SHAPE, OF_FLOAT = 1 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_NAME, MODEL_IR = 1, MODEL_PRODUCER, MODEL_GRAPH = 7 };

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
    tarn__onnx_import(&model, "", TARN__ONNX_OPSET);
    tarn__put_fields(&model, &o->imports);
    tarn__put_message(&model, MODEL_GRAPH, &o->graph);
    bool done = false;
    tarn__replacement file;
    if (*o->wrong)
        tarn_set_error("%s: %s: %s", me, path, o->wrong);
    else if (model.failed)
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
    if (!tarn__steps_of(s, me, o->args->model, o->args->input, false) ||
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
