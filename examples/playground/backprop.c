/*
 * The room Backprop: the graph of graph.h forward and backward, operation by operation, with the
 * gradients of all its numbers and their numeric derivatives. Called from JavaScript, by the names
 * below, and built in double, as examples/backprop.c is, so that numeric derivatives are good.
 */
#include <math.h>
#include <string.h>

#include <tarn.h>

#include "examples/playground/graph.h"
#include "examples/playground/report.h"

static struct {
    double values[MOST], numeric[MOST], gradients[MOST + 1][MOST];
} told;

typedef struct push {
    int value, element;
    double by;
} push;

static const push nothing = {.value = -1};

/* The nodes of the results go to nodes, if it is not NULL. False after an error. */
static bool forward(tarn_tape *tape, push p, const tarn_node **nodes)
{
    for (int i = g.given; i < g.count; i++) {
        tarn_tensor *result = compute(i);
        if (!result)
            return false;
        if (i == p.value)
            tarn_values(result)[p.element] += (tarn_real)p.by;
        if (nodes)
            nodes[i] = tarn_tape_last(tape);
    }
    return true;
}

/* The result, with one number moved by so much. NaN after an error. */
static double result_at(push p)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_real *moved =
        p.value >= 0 && p.value < g.given ? tarn_values(tensor_of(p.value)) + p.element : NULL;
    const tarn_real before = moved ? *moved : 0;
    if (moved)
        *moved += (tarn_real)p.by;
    const double result = forward(tape, p, NULL) ? (double)tarn_item(tensor_of(g.count - 1)) : NAN;
    if (moved)
        *moved = before;
    tarn_tape_end(tape);
    return result;
}

/* The gradients that there are by now of the values that backward has reached; NaN elsewhere. */
static void note_gradients(double *to, const bool *reached)
{
    for (int i = 0; i < g.count; i++) {
        const value *v = g.values + i;
        const tarn_real *gradients = reached[i] ? tarn_gradients(tensor_of(i)) : NULL;
        for (int k = 0; k < v->size; k++)
            to[v->at + k] = gradients ? (double)gradients[k] : NAN;
    }
}

/* What tarn_backward() does, with a look at all gradients after each operation. */
static bool backward(const tarn_node *const *nodes)
{
    bool reached[MOST] = {0};
    reached[g.count - 1] = true;
    tarn_real *seed = tarn_op_gradient(tensor_of(g.count - 1));
    if (seed)
        *seed = 1;
    note_gradients(told.gradients[0], reached);
    for (int i = g.count - 1, done = 0; i >= g.given; i--) {
        if (nodes[i]->op->backward && reached[i] && tarn_gradients(nodes[i]->output))
            nodes[i]->op->backward(nodes[i]);
        for (int k = 0; k < 2 && g.values[i].inputs[k] >= 0; k++)
            reached[g.values[i].inputs[k]] = true;
        note_gradients(told.gradients[++done], reached);
    }
    return !report_any();
}

/* Runs forward and backward. The numbers of all values, as many as there may be (64); the numeric
   derivatives of the result by each; and 65 times the gradients, after each operation backward from
   none on, NaN where there is none. NULL after an error, which pg_problem() tells. */
const double *pg_run(void)
{
    report_begin();
    const tarn_node *nodes[MOST];
    for (int i = 0; i < g.given; i++)
        tarn_zero_grad(tensor_of(i));
    tarn_tape *tape = tarn_tape_begin();
    bool ok = forward(tape, nothing, nodes);
    for (int i = 0; ok && i < g.count; i++)
        for (int k = 0; k < g.values[i].size; k++)
            told.values[g.values[i].at + k] = (double)tarn_values(tensor_of(i))[k];
    ok = ok && backward(nodes);
    tarn_tape_end(tape);
    const double step = 1e-5;
    for (int i = 0; ok && i < g.count; i++)
        for (int k = 0; k < g.values[i].size; k++)
            told.numeric[g.values[i].at + k] =
                (result_at((push){i, k, step}) - result_at((push){i, k, -step})) / (2 * step);
    return ok ? told.values : NULL;
}

/* Whether tarn_backward() itself gives the gradients that pg_run() found, to the bit. */
bool pg_agrees(void)
{
    report_begin();
    double whole[MOST];
    bool all[MOST];
    memset(all, true, sizeof all);
    for (int i = 0; i < g.given; i++)
        tarn_zero_grad(tensor_of(i));
    tarn_tape *tape = tarn_tape_begin();
    const bool ok = forward(tape, nothing, NULL) && tarn_backward(tensor_of(g.count - 1));
    note_gradients(whole, all);
    tarn_tape_end(tape);
    const double *found = told.gradients[g.count - g.given];
    for (int i = 0; i < g.numbers; i++)
        if (whole[i] != found[i] && !(isnan(whole[i]) && isnan(found[i])))
            return false;
    return ok;
}

/* The result at count values of one number of what is given, from low to high. */
void pg_curve(int i, int element, double low, double high, int count, double *results)
{
    report_begin();
    const double now = (double)tarn_values(tensor_of(i))[element];
    for (int k = 0; k < count; k++)
        results[k] = result_at((push){i, element, low + (high - low) * k / (count - 1) - now});
}

const char *pg_problem(void)
{
    return report_text(false);
}
