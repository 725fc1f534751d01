/* How steps of a Graph are written in C, in float, that go through arrays along their axes. */
#include <stdio.h>
#include <string.h>

#include "nn/exchange/c_axes.h"
#include "nn/exchange/c_float.h"
#include "nn/exchange/steps_graph.h"

/* ---- Operands */

/* Where operand 0 or 1 is. */
static tarn__c_label operand(const tarn__c_writer *w, const tarn__step *step, int i)
{
    if (step->op->constant != i)
        return tarn__c_place_of(w, i == 1 && step->other >= 0 ? step->other : step->input);
    tarn__c_label label = tarn__c_label_of(w, step);
    strcat(label.text, "_weight");
    return label;
}

static void constant_data(tarn__c_writer *w, const tarn__step *step)
{
    if (step->op->constant >= 0)
        tarn__c_floats(w, step, "weight", step->weight, step->weight_count, 1);
}

/* From 0 on. */
static int axis_of(int axis, tarn_shape shape)
{
    return axis < 0 ? axis + shape.ndim : axis;
}

/* ---- Element by element of two */

/* Those of the result, and of operands that are repeated to be as large. */
static tarn__c_axes axes_of_pair(const tarn__steps_op *op, int count)
{
    const int ndim = op->output.ndim;
    tarn__c_axes l = {0};
    for (int i = 0; i < count; i++)
        tarn__c_add_axis(&l, op->output.dim[i], tarn__c_step_of(op->first, i, ndim),
                         tarn__c_step_of(op->second, i, ndim));
    return l;
}

static void pair_data(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__c_axes l = axes_of_pair(step->op, step->op->output.ndim);
    constant_data(w, step);
    tarn__c_put_axes(w, step, "", &l);
}

static void pair_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__c_label a = operand(w, step, 0), b = operand(w, step, 1);
    tarn__c_print(w, "    %s(&%s, %s, %s, %s);", w->kind_of(w, step)->function,
                  tarn__c_label_of(w, step).text, a.text, b.text,
                  tarn__c_place_of(w, step->output).text);
}

/* ---- Arrays in another order, and parts of them */

/* What is picked out of x, and where that begins. */
static tarn__c_axes picked(const tarn__steps_op *op, int64_t *first)
{
    const tarn__graph_step *g = op->step;
    const tarn_shape x = op->first, y = op->output;
    tarn__c_axes l = {0};
    *first = 0;
    for (int i = 0; i < y.ndim; i++) {
        const bool permutes = g->op == &tarn__graph_permute;
        const int axis = permutes ? axis_of(g->axes.axis[i], x) : i;
        tarn__c_add_axis(&l, y.dim[i], tarn__c_count_of(x, axis + 1, x.ndim), 0);
    }
    if (g->op == &tarn__graph_slice) {
        const int axis = axis_of(g->axis, x);
        const int64_t from = g->from < 0 ? g->from + x.dim[axis] : g->from;
        *first = (from > 0 ? from : 0) * tarn__c_count_of(x, axis + 1, x.ndim);
    }
    return l;
}

static void picked_data(tarn__c_writer *w, const tarn__step *step)
{
    int64_t first;
    const tarn__c_axes l = picked(step->op, &first);
    tarn__c_put_axes(w, step, "", &l);
}

static void picked_call(tarn__c_writer *w, const tarn__step *step)
{
    int64_t first;
    picked(step->op, &first);
    tarn__c_print(w, "    pick(&%s, %s + %lld, %s);", tarn__c_label_of(w, step).text,
                  operand(w, step, 0).text, (long long)first,
                  tarn__c_place_of(w, step->output).text);
}

static void concat_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__steps_op *op = step->op;
    const tarn_shape y = op->output;
    const int axis = axis_of(op->step->axis, y);
    const long long inner = tarn__c_count_of(y, axis + 1, y.ndim);
    tarn__c_print(w, "    concat(%lld, %lld, %lld, %s, %s, %s);",
                  (long long)tarn__c_count_of(y, 0, axis), (long long)op->first.dim[axis] * inner,
                  (long long)op->second.dim[axis] * inner, operand(w, step, 1).text,
                  operand(w, step, 0).text, tarn__c_place_of(w, step->output).text);
}

/* Where x is in what is padded. */
static void pad_data(tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape x = step->op->first, y = step->op->output;
    tarn__c_axes l = {0};
    for (int i = 0; i < x.ndim; i++)
        tarn__c_add_axis(&l, x.dim[i], tarn__c_count_of(y, i + 1, y.ndim), 0);
    tarn__c_put_axes(w, step, "", &l);
}

static void pad_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape y = step->op->output;
    const tarn__c_label to = tarn__c_place_of(w, step->output);
    long long first = 0;
    for (int i = 0; i < y.ndim; i++)
        first += step->op->step->shape.dim[i] * tarn__c_count_of(y, i + 1, y.ndim);
    tarn__c_print(w, "    fill(%lld, %s, %s);\n", (long long)tarn__c_size_of(w, step->output),
                  tarn__c_number(step->op->step->a).text, to.text);
    tarn__c_print(w, "    put(&%s, %s, %s + %lld);", tarn__c_label_of(w, step).text,
                  operand(w, step, 0).text, to.text, first);
}

/* ---- Sums and products */

static bool is_reduced(const tarn__steps_op *op, int axis)
{
    bool reduced = false;
    for (int i = 0; i < op->step->axes.count; i++)
        reduced |= axis_of(op->step->axes.axis[i], op->first) == axis;
    return reduced;
}

static tarn__c_axes reduced_axes(const tarn__steps_op *op, bool reduced)
{
    const tarn_shape x = op->first;
    tarn__c_axes l = {0};
    for (int i = 0; i < x.ndim; i++)
        if (is_reduced(op, i) == reduced)
            tarn__c_add_axis(&l, x.dim[i], tarn__c_count_of(x, i + 1, x.ndim), 0);
    return l;
}

static void reduce_data(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__c_axes kept = reduced_axes(step->op, false), over = reduced_axes(step->op, true);
    tarn__c_put_axes(w, step, "", &kept);
    tarn__c_put_axes(w, step, "_over", &over);
}

static void extreme_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[140];
    const tarn__c_label label = tarn__c_label_of(w, step);
    snprintf(arguments, sizeof arguments, "&%s, &%s_over, ", label.text, label.text);
    tarn__c_call(w, step, arguments);
}

static void reduce_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const tarn__steps_op *op = step->op;
    const tarn__c_label label = tarn__c_label_of(w, step);
    const double count = (double)tarn__c_count_of(op->first, 0, op->first.ndim) /
                         (double)tarn__c_size_of(w, step->output);
    snprintf(arguments, sizeof arguments, "&%s, &%s_over, %s, ", label.text, label.text,
             tarn__c_float(op->step->op == &tarn__graph_mean ? count : 1).text);
    tarn__c_call(w, step, arguments);
}

/* The stacks' axes, whose last two are the matrices'. */
static void matmul_data(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__c_axes l = axes_of_pair(step->op, step->op->output.ndim - 2);
    constant_data(w, step);
    tarn__c_put_axes(w, step, "", &l);
}

static void matmul_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__steps_op *op = step->op;
    const tarn_shape y = op->output;
    const tarn__c_label a = operand(w, step, 0), b = operand(w, step, 1);
    tarn__c_print(w, "    matmul(&%s, %lld, %lld, %lld, %s, %s, %s);",
                  tarn__c_label_of(w, step).text, (long long)y.dim[y.ndim - 2],
                  (long long)op->first.dim[op->first.ndim - 1], (long long)y.dim[y.ndim - 1],
                  a.text, b.text, tarn__c_place_of(w, step->output).text);
}

/* ---- The table */

#define PAIR(op, name)                                                                             \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, #name, {"float/axes", "float/" #name}, pair_data, pair_call, true                \
        }                                                                                          \
    }
#define REDUCE(op)                                                                                 \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, "reduce", {"float/axes", "float/reduce"}, reduce_data, reduce_call, false        \
        }                                                                                          \
    }
#define EXTREME(op, name)                                                                          \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, #name, {"float/axes", "float/" #name}, reduce_data, extreme_call, false          \
        }                                                                                          \
    }
#define PICK(op)                                                                                   \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, "pick", {"float/axes", "float/pick"}, picked_data, picked_call, false            \
        }                                                                                          \
    }

static const tarn__c_op_kind kinds[] = {
    PAIR(add, add_each),
    PAIR(sub, sub_each),
    PAIR(mul, mul_each),
    PAIR(div, div_each),
    PAIR(maximum, larger_each),
    PAIR(minimum, smaller_each),
    {&tarn__graph_matmul,
     {NULL, "matmul", {"float/axes", "float/matmul"}, matmul_data, matmul_call, false}},
    REDUCE(sum),
    REDUCE(mean),
    EXTREME(max, largest),
    EXTREME(min, smallest),
    PICK(permute),
    PICK(slice),
    {&tarn__graph_concat, {NULL, "concat", {"float/concat"}, constant_data, concat_call, false}},
    {&tarn__graph_pad,
     {NULL,
      "put",
      {"float/math", "float/axes", "float/fill", "float/put"},
      pad_data,
      pad_call,
      false}},
};

const tarn__c_kind *tarn__c_float_array_kind(const tarn__step *step)
{
    const tarn__graph_step *g = step->op->step;
    if (g->op == &tarn__graph_pad && g->mode != TARN_PAD_CONSTANT)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].op == g->op)
            return &kinds[i].kind;
    return NULL;
}
