#include "examples/lab/landscape/descent.h"

#include <math.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"

enum { STAY = 100 };

const char *name_of(const char *optimizer)
{
    return is(optimizer, "sgd") ? "gd" : optimizer;
}

tarn_tensor *parameter(double value)
{
    tarn_tensor *p = tarn_requires_grad(tarn_full(tarn_shape(), value), true);
    check(p);
    return p;
}

static double distance(point a, point b)
{
    return hypot(a.x - b.x, a.y - b.y);
}

static bool near_a_minimum(const surface *s, point p)
{
    for (int i = 0; i < s->minima_count; i++)
        if (distance(p, s->minima[i]) <= 1e-3)
            return true;
    return false;
}

/* Of a long path the table gets the steps that show: in the plane, or on an axis of steps. */
static void add_to_path(table *path, const surface *s, const outcome *o)
{
    static outcome last;
    const double visible = distance(s->low, s->high) / 400;
    if (o->steps > 0 && distance(o->end, last.end) < visible &&
        (double)o->steps < 1.02 * (double)last.steps)
        return;
    table_row(path, "%s,%s,%ld,%.6g,%.6g,%.6g", s->name, name_of(o->optimizer), o->steps, o->end.x,
              o->end.y, o->f);
    last = *o;
}

outcome descend(const surface *s, const char *name, double lr, long steps, table *path)
{
    tarn_tensor *x = parameter(s->start.x), *y = parameter(s->start.y);
    tarn_optim *optimizer = optimizer_new(name, tarn_params_of(x, y), lr);
    outcome now = {.optimizer = name, .lr = lr, .below = -1}, arrival = now;
    for (bool done = false; !done; now.steps++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *f = s->f(x, y);

        now.end = (point){(double)tarn_item(x), (double)tarn_item(y)};
        now.f = (double)tarn_item(f);
        if (now.below < 0 && now.f < 0)
            now.below = now.steps;
        now.reached = near_a_minimum(s, now.end);
        if (!now.reached || !arrival.reached)
            arrival = now;
        done = !isfinite(now.f) || now.steps >= (now.reached ? arrival.steps + STAY : steps);
        if (path && isfinite(now.f))
            add_to_path(path, s, &now);

        tarn_optim_zero_grad(optimizer);
        check(tarn_backward(f));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    tarn_free(x);
    tarn_free(y);
    arrival.evaluations = now.steps;
    return arrival;
}

bool is_better(const outcome *a, const outcome *b)
{
    if (a->reached || b->reached)
        return a->reached && (!b->reached || a->steps < b->steps);
    return a->f < b->f || (isfinite(a->f) && !isfinite(b->f));
}
