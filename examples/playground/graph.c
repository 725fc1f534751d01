/* What the graph is, told to the page and shown as C. */
#include "examples/playground/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/playground/report.h"

/* The values of the network: what is given, then what is computed. */
enum { X, T, W1, B1, W2, B2, GIVEN, A = GIVEN, Z, H, C, Y, LOSS, ALL };
static const struct {
    const char *name, *operation;
    int inputs[2], rows, columns;
    double start[4];
} network[ALL] = {
    [X] = {"x", .rows = 1, .columns = 2, .start = {1, 2}},
    [T] = {"t", .rows = 1, .columns = 1, .start = {1}},
    [W1] = {"W1", .rows = 2, .columns = 2, .start = {0.5, -1, 0.25, 0.75}},
    [B1] = {"b1", .columns = 2, .start = {-1, 0.5}},
    [W2] = {"W2", .rows = 2, .columns = 1, .start = {2, -1}},
    [B2] = {"b2", .columns = 1, .start = {0.25}},
    [A] = {"a", .operation = "matmul", .inputs = {X, W1}, .rows = 1, .columns = 2},
    [Z] = {"z", .operation = "add", .inputs = {A, B1}, .rows = 1, .columns = 2},
    [H] = {"h", .operation = "sigmoid", .inputs = {Z, -1}, .rows = 1, .columns = 2},
    [C] = {"c", .operation = "matmul", .inputs = {H, W2}, .rows = 1, .columns = 1},
    [Y] = {"y", .operation = "add", .inputs = {C, B2}, .rows = 1, .columns = 1},
    [LOSS] = {"loss", .operation = "mse", .inputs = {Y, T}},
};

graph g;

static int place_of(int i)
{
    return g.is_network || i < g.given ? i : i - g.given + FORMULA_VARIABLES;
}

tarn_tensor *tensor_of(int i)
{
    return g.tensors[place_of(i)];
}

static tarn_tensor *result_of(int i)
{
    if (!g.is_network)
        return formula_compute(&g.f, place_of(i), g.tensors);
    tarn_tensor *a = g.tensors[g.values[i].inputs[0]];
    tarn_tensor *b = g.values[i].inputs[1] >= 0 ? g.tensors[g.values[i].inputs[1]] : NULL;
    switch (i) {
    case A:
    case C:
        return tarn_matmul(a, b);
    case Z:
    case Y:
        return tarn_add(a, b);
    case H:
        return tarn_sigmoid(a);
    default:
        return tarn_mse(a, b);
    }
}

tarn_tensor *compute(int i)
{
    return g.tensors[place_of(i)] = result_of(i);
}

/* ---- Making it */

static void forget(void)
{
    for (int i = 0; i < g.given; i++)
        tarn_free(tensor_of(i));
    memset(&g, 0, sizeof g);
}

static value *add_value(const char *name, int rows, int columns)
{
    value *v = g.values + g.count++;
    snprintf(v->name, sizeof v->name, "%s", name);
    *v = (value){
        .inputs = {-1, -1}, .rows = rows, .columns = columns, .at = g.numbers, .number = NAN};
    snprintf(v->name, sizeof v->name, "%s", name);
    v->size = (rows ? rows : 1) * (columns ? columns : 1);
    g.numbers += v->size;
    return v;
}

static tarn_shape shape_of(const value *v)
{
    return v->rows      ? tarn_shape(v->rows, v->columns)
           : v->columns ? tarn_shape(v->columns)
                        : tarn_shape();
}

bool is_data(int i)
{
    return g.is_network && (i == X || i == T);
}

static bool give(int i, const double *start)
{
    tarn_tensor *t = tarn_zeros(shape_of(g.values + i));
    for (int k = 0; t && k < g.values[i].size; k++)
        tarn_values(t)[k] = (tarn_real)(start ? start[k] : 1);
    g.tensors[place_of(i)] = tarn_requires_grad(t, !is_data(i));
    return t;
}

/* The network of ./run backprop, with its numbers. "" or what is wrong, here and below. */
const char *pg_network(void)
{
    report_begin();
    forget();
    g.is_network = true;
    g.given = GIVEN;
    bool ok = true;
    for (int i = 0; i < ALL; i++) {
        value *v = add_value(network[i].name, network[i].rows, network[i].columns);
        v->operation = network[i].operation;
        if (v->operation)
            memcpy(v->inputs, network[i].inputs, sizeof v->inputs);
        else
            ok = ok && give(i, network[i].start);
    }
    return report_text(ok);
}

static int value_of_place(const formula *f, int place)
{
    return place < FORMULA_VARIABLES ? place : place - FORMULA_VARIABLES + f->variables;
}

/* Any formula of variables, which are 1 at first. What was there stays where it cannot be read. */
const char *pg_formula(const char *text)
{
    report_begin();
    formula f;
    const char *wrong = formula_read(&f, text, NULL);
    if (!wrong && f.count - FORMULA_VARIABLES + f.variables > MOST / 2)
        wrong = "it is too long to be drawn: at most 32 numbers and operations";
    if (wrong) {
        report(wrong);
        return report_text(false);
    }
    forget();
    g.f = f;
    g.given = f.variables;
    bool ok = true;
    for (int i = 0; i < f.variables; i++) {
        add_value(f.names[i], 0, 0);
        ok = ok && give(i, NULL);
    }
    for (int i = FORMULA_VARIABLES; i < f.count; i++) {
        const formula_operation o = formula_operation_of(&f, i);
        char name[16];
        value *v = add_value(formula_name(&f, i, name), 0, 0);
        v->operation = o.name;
        v->number = o.with_number ? f.steps[i].number : NAN;
        v->inputs[0] = o.inputs > 0 ? value_of_place(&f, f.steps[i].a) : -1;
        v->inputs[1] = o.inputs > 1 ? value_of_place(&f, f.steps[i].b) : -1;
    }
    return report_text(ok);
}

static char *text;
static size_t text_size;

/* [{"name", "operation" or null, "inputs": [], "rows", "columns", "at", "size", "number" or null,
   "trained"}] */
const char *pg_graph(void)
{
    free(text);
    FILE *to = open_memstream(&text, &text_size);
    fputc('[', to);
    for (int i = 0; i < g.count; i++) {
        const value *v = g.values + i;
        fprintf(to, "%s{\"name\":\"%s\",\"operation\":", i ? "," : "", v->name);
        fprintf(to, v->operation ? "\"%s\"" : "null", v->operation);
        fputs(",\"inputs\":[", to);
        for (int k = 0; k < 2 && v->inputs[k] >= 0; k++)
            fprintf(to, "%s%d", k ? "," : "", v->inputs[k]);
        fprintf(to, "],\"rows\":%d,\"columns\":%d,\"at\":%d,\"size\":%d,\"trained\":%s,\"number\":",
                v->rows, v->columns, v->at, v->size, is_data(i) ? "false" : "true");
        fprintf(to, !v->operation || isnan(v->number) ? "null}" : "%.17g}", v->number);
    }
    fputc(']', to);
    fclose(to);
    return text;
}

/* Sets a number of what is given. */
void pg_set(int i, int element, double number)
{
    tarn_values(tensor_of(i))[element] = (tarn_real)number;
}

/* ---- Show me the C */

static void print_given(FILE *to, int i)
{
    const value *v = g.values + i;
    fprintf(to, "    tarn_tensor *%s = ", v->name);
    fputs(is_data(i) ? "tarn_from_array(" : "tarn_requires_grad(tarn_from_array(", to);
    if (v->rows)
        fprintf(to, "tarn_shape(%d, %d)", v->rows, v->columns);
    else if (v->columns)
        fprintf(to, "tarn_shape(%d)", v->columns);
    else
        fputs("tarn_shape()", to);
    fputs(", (const tarn_real[]){", to);
    for (int k = 0; k < v->size; k++)
        fprintf(to, "%s%.15g", k ? ", " : "", (double)tarn_values(tensor_of(i))[k]);
    fputs(is_data(i) ? "});\n" : "}), true);\n", to);
}

static void print_result(FILE *to, int i)
{
    const value *v = g.values + i;
    fprintf(to, "    tarn_tensor *%s = ", v->name);
    if (!g.is_network)
        formula_print_step(&g.f, place_of(i), to);
    else if (v->inputs[1] >= 0)
        fprintf(to, "tarn_%s(%s, %s)", v->operation, g.values[v->inputs[0]].name,
                g.values[v->inputs[1]].name);
    else
        fprintf(to, "tarn_%s(%s)", v->operation, g.values[v->inputs[0]].name);
    fputs(";\n", to);
}

/* The body of main(). */
const char *pg_program(void)
{
    free(text);
    FILE *to = open_memstream(&text, &text_size);
    for (int i = 0; i < g.given; i++)
        print_given(to, i);
    fputs("    tarn_tape *tape = tarn_tape_begin();\n\n", to);
    for (int i = g.given; i < g.count; i++)
        print_result(to, i);
    fprintf(to, "    tarn_backward(%s);\n\n", g.values[g.count - 1].name);
    for (int i = 0; i < g.count; i++)
        fprintf(to, "    print(\"%s\", %s);\n", g.values[i].name, g.values[i].name);
    fputs("    tarn_tape_end(tape);\n", to);
    for (int i = 0; i < g.given; i++)
        fprintf(to, "    tarn_free(%s);\n", g.values[i].name);
    fclose(to);
    return text;
}
