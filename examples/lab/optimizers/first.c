/*
 * The first ten steps of each optimizer: the loss of each batch, and how long each step is, as the
 * root of the mean square of what it added to a weight, divided by the rate. An optimizer that
 * gives each weight a step of the rate, whatever its gradient, has 1.
 *
 * Here bias correction shows. The averages of Adam, RMSprop and others begin at 0. RMSprop, which
 * does not correct that, divides its first step by sqrt(0.01) of the gradient, which makes it ten
 * times as long as later ones; so does Adam without the correction in the end, sqrt(0.001) against
 * 0.1: its first step is 3.2 times as long, and the next ones longer still. With the correction it
 * is 1 from the first. (The rate falls over the whole run, and hardly in ten steps.)
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/optimizers/settings.h"

enum { FIRST = 10 };

static void watch(const tarn_optim_change *changes, int count, void *context)
{
    double *length = context, weights = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        weights += (double)tarn_size(changes[i].parameter);
        squares += changes[i].update_norm * changes[i].update_norm;
    }
    *length = sqrt(squares / weights);
}

/* The name in the table, and what optimizer_new() takes. */
static void take_steps(const lessons *l, table *to, const char *dataset, const char *name,
                       const char *text, double lr)
{
    static training t; /* no leak where the program ends with a sentence */
    double length = 0;
    lesson_begin(&t, l, text, lr, FIRST * 100);
    check(tarn_optim_watch(t.optimizer, watch, &length));
    for (long step = 1; step <= FIRST && training_step(&t); step++)
        table_row(to, "%s,%s,%ld,%.6g,%.6g", dataset, name, step, t.last.loss,
                  length / tarn_optim_lr(t.optimizer));
    training_free(&t);
}

void first_steps(const settings *s, const lessons *l)
{
    table *to = table_in(s->folder, "optimizers_first.csv", "dataset,optimizer,step,loss,length");
    for (int i = 0; i < s->count; i++) {
        const char *name = s->optimizers[i];
        const double lr = s->factor * optimizer_rate(name);
        take_steps(l, to, s->digits.dataset, name, name, lr);
        if (is(name, "adam"))
            take_steps(l, to, s->digits.dataset, "adam-uncorrected", "adam:bias_correction=false",
                       lr);
    }
    table_end(to);
}
