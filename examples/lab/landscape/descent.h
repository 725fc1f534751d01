/* One optimizer on its way down one surface. */
#ifndef TARN_LAB_DESCENT_H
#define TARN_LAB_DESCENT_H

#include <stdbool.h>

#include "examples/lab/landscape/surfaces.h"
#include "examples/lab/lib/table.h"

typedef struct outcome {
    const char *optimizer;
    double lr;
    bool reached; /* a minimum, and stayed */
    long steps;   /* until then, or as many as it took */
    long below;   /* the first step with f below 0, -1 if there is none */
    point end;
    double f;
    long evaluations; /* in all, those that show that it stayed too */
} outcome;

/* What an optimizer is called where there are no batches. */
const char *name_of(const char *optimizer);

/* A number that has a gradient; the caller frees it. */
tarn_tensor *parameter(double value);

/* Takes steps at that rate until it has stayed at a minimum for 100 steps, or the steps are used
   up, or f is not finite. Writes the path (surface, optimizer, step, x, y, f) to a table, or to
   none. */
outcome descend(const surface *s, const char *name, double lr, long steps, table *path);

/* Whether a got to a minimum in fewer steps, or lower where neither got to one. */
bool is_better(const outcome *a, const outcome *b);

#endif
