/* How steps of a Graph are written in C, in float, that take one array element by element. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/exchange/c_float.h"
#include "nn/exchange/steps_graph.h"

/* Whether its numbers are there already, as soon as it is known where they lie. */
static bool is_in_place(const tarn__c_writer *w, const tarn__step *step)
{
    return w->plan.at && strcmp(tarn__c_place_of(w, step->input).text,
                                tarn__c_place_of(w, step->output).text) == 0;
}

static void copy_call(tarn__c_writer *w, const tarn__step *step)
{
    if (!is_in_place(w, step))
        tarn__c_print(w, "    copy(%lld, %s, %s);", (long long)tarn__c_size_of(w, step->output),
                      tarn__c_place_of(w, step->input).text,
                      tarn__c_place_of(w, step->output).text);
}

static void each_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[40];
    snprintf(arguments, sizeof arguments, "%lld, ", (long long)tarn__c_size_of(w, step->output));
    tarn__c_call(w, step, arguments);
}

static void number_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[120];
    const tarn__graph_step *g = step->op->step;
    const bool two = g->op == &tarn__graph_clamp;
    snprintf(arguments, sizeof arguments, "%lld, %s, %s%s",
             (long long)tarn__c_size_of(w, step->output), tarn__c_number(g->a).text,
             two ? tarn__c_number(g->b).text : "", two ? ", " : "");
    tarn__c_call(w, step, arguments);
}

/* ---- The table */

#define EACH(op, name)                                                                             \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, #name, {"float/math", "float/" #name}, NULL, each_call, true                     \
        }                                                                                          \
    }
#define NUMBER(op, name)                                                                           \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, #name, {"float/math", "float/" #name}, NULL, number_call, true                   \
        }                                                                                          \
    }
/* In C the numbers stay where they are. */
#define COPY(op)                                                                                   \
    {                                                                                              \
        &tarn__graph_##op,                                                                         \
        {                                                                                          \
            NULL, "copy", {"float/copy"}, NULL, copy_call, true                                    \
        }                                                                                          \
    }

static const tarn__c_op_kind kinds[] = {
    COPY(reshape),         COPY(flatten),       COPY(dropout),       NUMBER(scale, scale),
    NUMBER(clamp, clamp),  NUMBER(pow, power),  EACH(exp, exp_each), EACH(log, log_each),
    EACH(sqrt, sqrt_each), EACH(erf, erf_each), EACH(neg, negate),   EACH(abs, absolute),
};

static const tarn__c_kind nothing = {NULL, "copy", {NULL}, NULL, copy_call, true};

const tarn__c_kind *tarn__c_float_graph_kind(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn__graph_step *g = step->op->step;
    if (isnan(g->a) || isnan(g->b))
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].op == g->op)
            return kinds[i].kind.call == copy_call && is_in_place(w, step) ? &nothing
                                                                           : &kinds[i].kind;
    return tarn__c_float_array_kind(step);
}
