#include "nn/exchange/onnx_nodes.h"

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

tarn__onnx_name tarn__onnx_named(const tarn_onnx *o, const char *what)
{
    tarn__onnx_name name;
    snprintf(name.text, sizeof name.text, "%.150s.%s", tarn__onnx_module(o, o->step).text, what);
    return name;
}

/* A node of one or two inputs whose output is a value on the way. */
tarn__onnx_name tarn__onnx_on_the_way(tarn_onnx *o, const char *type, const char *a, const char *b)
{
    char number[16];
    snprintf(number, sizeof number, "%d", ++o->temporaries);
    const tarn__onnx_name name = tarn__onnx_named(o, number);
    tarn_onnx_node(o, type, name.text, b ? 2 : 1, (const char *[]){a, b});
    return name;
}

/* A number for a node of its own. */
tarn__onnx_name tarn__onnx_number(tarn_onnx *o, double number)
{
    char text[24];
    snprintf(text, sizeof text, "constant%d", ++o->constants);
    const tarn__onnx_name name = tarn__onnx_named(o, text);
    tarn_onnx_tensor(o, name.text, tarn_shape(), &(float){(float)number});
    return name;
}

tarn__onnx_name tarn__onnx_by(tarn_onnx *o, const char *type, const char *a, double number)
{
    return tarn__onnx_on_the_way(o, type, a, tarn__onnx_number(o, number).text);
}

/* The step's last node. */
void tarn__onnx_give(tarn_onnx *o, const char *type, const char *output, const char *a,
                     const char *b)
{
    tarn_onnx_node(o, type, output, b ? 2 : 1, (const char *[]){a, b});
}

tarn__onnx_name tarn__onnx_constant(tarn_onnx *o, const char *what, tarn_shape shape,
                                    const float *values)
{
    const tarn__onnx_name name = tarn__onnx_named(o, what);
    tarn_onnx_tensor(o, name.text, shape, values);
    return name;
}

tarn__onnx_name tarn__onnx_shape_of(tarn_onnx *o, const char *what, int count, const int64_t *dims)
{
    const tarn__onnx_name name = tarn__onnx_named(o, what);
    tarn_onnx_tensor_of_ints(o, name.text, count, dims);
    return name;
}

void tarn__onnx_pair(tarn_onnx *o, const char *attribute, const int values[2])
{
    tarn_onnx_ints(o, attribute, 2, (int64_t[]){values[0], values[1]});
}

void tarn__onnx_pads(tarn_onnx *o, const int64_t before[2], const int64_t after[2])
{
    tarn_onnx_ints(o, "pads", 4, (int64_t[]){before[0], before[1], after[0], after[1]});
}

tarn__onnx_name tarn__onnx_to_channels_last(tarn_onnx *o, const char *x)
{
    tarn_onnx_ints(o, "perm", 4, (int64_t[]){0, 2, 3, 1});
    return tarn__onnx_on_the_way(o, "Transpose", x, NULL);
}

void tarn__onnx_give_channels_first(tarn_onnx *o, const char *output, const char *x)
{
    tarn_onnx_ints(o, "perm", 4, (int64_t[]){0, 3, 1, 2});
    tarn__onnx_give(o, "Transpose", output, x, NULL);
}

tarn_shape tarn__onnx_in_of(const tarn_onnx *o, const tarn__step *step)
{
    return o->steps.shapes[step->input];
}

tarn_shape tarn__onnx_out_of(const tarn_onnx *o, const tarn__step *step)
{
    return o->steps.shapes[step->output];
}

/* The rows of a weight, in the order of the input where that is scrambled; a vector has no
   columns. */
tarn__onnx_name tarn__onnx_in_order(tarn_onnx *o, const tarn__step *step, const char *what,
                                    const float *values, int64_t rows, int64_t columns)
{
    const tarn_shape image = o->scrambled[step->input];
    const tarn_shape shape = columns > 0 ? tarn_shape(rows, columns) : tarn_shape(rows);
    if (image.ndim == 0)
        return tarn__onnx_constant(o, what, shape, values);
    const tarn__onnx_name name = tarn__onnx_named(o, what);
    const tarn_shape from =
        tarn_shape(image.dim[0], image.dim[1], image.dim[2], columns > 0 ? columns : 1);
    tarn__onnx_permuted(o, name.text, shape, values, from, tarn_axes(2, 0, 1, 3));
    return name;
}
