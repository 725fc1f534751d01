/* ReLU, and maxima of windows side by side, in the pass of what gives their input: as a Sequential
   does it, with the same numbers. */
#include <stdlib.h>

#include "nn/exchange/graph.h"

/* Of each value how many steps read it, and the last that does. */
typedef struct use {
    int readers;
    tarn__graph_step *reader;
} use;

/* Square windows that neither overlap nor leave gaps, nor reach beyond the image. */
static bool is_side_by_side(const tarn__graph_step *s)
{
    return s->padding == 0 && s->padding_w == 0 && s->kernel == s->kernel_w &&
           s->stride == s->kernel && s->stride_w == s->kernel && s->dilation == 1 &&
           s->dilation_w == 1 && !s->ceil_mode && s->kernel <= TARN_CONV2D_MOST_POOL;
}

/* Whether the step can do what the next one does; it does it from then on. */
static bool take(tarn__graph_step *s, const tarn__graph_step *next)
{
    const bool convolves = s->op == &tarn__graph_conv2d;
    const bool can =
        convolves || s->op == &tarn__graph_linear || s->op == &tarn__graph_batch_norm2d;
    if (can && next->op == &tarn__graph_relu && !s->relu)
        return s->relu = true;
    if (!convolves || next->op != &tarn__graph_max_pool2d || s->max_pool > 0 ||
        !is_side_by_side(next))
        return false;
    s->max_pool = next->kernel;
    return true;
}

static void count_uses(tarn__graph *g, use *uses)
{
    uses[g->output].readers++;
    for (int i = 0; i < g->step_count; i++)
        for (int k = 0; k < g->steps[i].input_count; k++)
            if (g->steps[i].inputs[k] >= 0) {
                uses[g->steps[i].inputs[k]].readers++;
                uses[g->steps[i].inputs[k]].reader = &g->steps[i];
            }
}

/* Values that are no more, of steps that are done in others, leave no gap. */
static bool number(tarn__graph *g)
{
    int *numbers = calloc((size_t)g->value_count + 1, sizeof *numbers);
    if (!numbers)
        return false;
    for (int i = 0; i <= g->held; i++)
        numbers[i] = i;
    for (int i = 0; i < g->step_count; i++) {
        tarn__graph_step *s = &g->steps[i];
        for (int k = 0; k < s->input_count; k++)
            s->inputs[k] = s->inputs[k] >= 0 ? numbers[s->inputs[k]] : -1;
        numbers[s->output] = g->held + 1 + i;
        s->output = g->held + 1 + i;
    }
    g->output = numbers[g->output];
    g->value_count = g->held + 1 + g->step_count;
    free(numbers);
    return true;
}

bool tarn__graph_fuse(tarn__graph *g)
{
    use *uses = calloc((size_t)g->value_count + 1, sizeof *uses);
    int kept = 0;
    if (!uses)
        return false;
    count_uses(g, uses);
    for (int i = 0; i < g->step_count; i++) {
        tarn__graph_step *s = &g->steps[i];
        const use *u = &uses[s->output];
        while (s->op && u->readers == 1 && u->reader && take(s, u->reader)) {
            s->output = u->reader->output;
            u->reader->op = NULL; /* it is done */
            u = &uses[s->output];
        }
    }
    for (int i = 0; i < g->step_count; i++) {
        if (g->steps[i].op)
            g->steps[kept++] = g->steps[i];
        else
            free(g->steps[i].inputs);
    }
    g->step_count = kept;
    free(uses);
    return number(g);
}
