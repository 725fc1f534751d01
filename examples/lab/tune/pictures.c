#include "examples/lab/tune/pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/tune/records.h"
#include "examples/lab/tune/report.h"

static const double MISSING = -0.1;

/* Where a trial's line meets an axis: below it where the optimizer has no such option. */
static double height_of(const search *s, const trial *t, int a)
{
    return *cell_of(s, t, a) ? place_of(&s->space->axes[a], t->places[a]) : MISSING;
}

/* The last axis: the error, 1 - accuracy, on a logarithmic scale, the least on top. */
typedef struct errors {
    double least, most;
} errors;

static double error_of(const trial *t)
{
    return fmax(1 - t->outcome.accuracy, 1e-4);
}

static errors errors_of(const search *s)
{
    errors e = {1, 0};
    for (int i = 0; i < s->count; i++) {
        e.least = fmin(e.least, error_of(&s->trials[i]));
        e.most = fmax(e.most, error_of(&s->trials[i]));
    }
    if (e.least == e.most)
        e = (errors){e.least / 2, fmin(1, 2 * e.most)};
    return e;
}

static double error_height(errors e, double error)
{
    return log(e.most / error) / log(e.most / e.least);
}

/* Lines from axis to axis, those of the best trial last, above the others. */
static void write_lines(const search *s, errors e, const char *folder)
{
    const int axes = s->space->count;
    table *t = table_in(folder, "tune_lines.csv", "trial,axis,from,to,result");
    trial **list = ranked(s);
    for (int i = s->count - 1; i >= 0; i--) {
        const double result = error_height(e, error_of(list[i]));
        for (int a = 0; a < axes; a++)
            table_row(t, "%d,%d,%.6f,%.6f,%.6f", list[i]->number, a + 1, height_of(s, list[i], a),
                      a + 1 < axes ? height_of(s, list[i], a + 1) : result, result);
    }
    free(list);
    table_end(t);
}

static bool is_missing_somewhere(const search *s, int a)
{
    for (int i = 0; i < s->count; i++)
        if (!*cell_of(s, &s->trials[i], a))
            return true;
    return false;
}

/* A value as it stands beside an axis: two digits say where one is. */
static value mark_of(const axis *a, double place)
{
    value v = axis_value(a, place);
    if (!a->whole && (a->scale == SCALE_LOG || a->scale == SCALE_LINEAR))
        snprintf(v.text, sizeof v.text, "%.2g", strtod(v.text, NULL));
    return v;
}

/* What stands beside the axes: a range has its ends and two numbers between them. */
static void write_marks(const search *s, errors e, const char *folder)
{
    enum { MARKS = 4 };
    static const double percents[] = {0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100};
    table *t = table_in(folder, "tune_axes.csv", "axis,name,height,label,first");
    for (int a = 0; a < s->space->count; a++) {
        const axis *along = &s->space->axes[a];
        const int count = along->scale == SCALE_CHOICES ? along->count : MARKS;
        for (int i = 0; i < count; i++) {
            const double place =
                along->scale == SCALE_CHOICES ? (i + 0.5) / count : i / (count - 1.0);
            table_row(t, "%d,%s,%.6f,%s,%d", a + 1, along->name, place, mark_of(along, place).text,
                      i == 0);
        }
        if (is_missing_somewhere(s, a))
            table_row(t, "%d,%s,%.6f,none,0", a + 1, along->name, MISSING);
    }
    table_row(t, "%d,error (%%),1,,1", s->space->count + 1);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        if (percents[i] / 100 >= e.least && percents[i] / 100 <= e.most)
            table_row(t, "%d,error (%%),%.6f,%g,0", s->space->count + 1,
                      error_height(e, percents[i] / 100), percents[i]);
    table_end(t);
}

static void write_importance(const search *s, const importance *m, const char *folder)
{
    table *shares = table_in(folder, "tune_importance.csv", "hyperparameter,importance,deviation");
    table *effects = table_in(folder, "tune_effects.csv", "axis,height,accuracy,choices");
    for (int a = 0; a < s->space->count && m->trees > 0; a++) {
        const int choices = s->space->axes[a].count;
        const int count = choices > 0 ? choices : FOREST_STEPS;
        table_row(shares, "%s,%.4f,%.4f", s->space->axes[a].name, m->mean[a], m->deviation[a]);
        for (int i = 0; i < count; i++) {
            const double height = (i + 0.5) / count;
            table_row(effects, "%d,%.6f,%.6f,%d", a + 1, height,
                      m->effect[a][(int)(height * FOREST_STEPS)], choices);
        }
    }
    if (m->trees > 0)
        table_row(shares, "together,%.4f,", m->together);
    table_end(effects);
    table_end(shares);
}

void draw_search(const search *s, const importance *m, const char *folder)
{
    const errors e = errors_of(s);
    write_lines(s, e, folder);
    write_marks(s, e, folder);
    write_importance(s, m, folder);
    draw_plots("tune", folder,
               (drawing[]){{"tune", "each trial, and the best so far"},
                           {"tune_parallel", "each trial as a line through its settings"},
                           {0}});
    if (m->trees > 0)
        draw_plots("tune_importance", folder,
                   (drawing[]){{"tune_importance", "the effect of each setting by itself"}, {0}});
}
