#include "examples/lab/tune/forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/options.h"

enum { TREES = 100, LEAST = 3 /* samples in a box */ };

/* ---- Variances */

static double volume(const forest_box *b, int axes)
{
    double product = 1;
    for (int j = 0; j < axes; j++)
        product *= b->high[j] - b->low[j];
    return product;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* a_j(x), all axes but j being averaged away. */
static double average_at(const forest_box *boxes, int count, int axes, int j, double x)
{
    double sum = 0;
    for (int b = 0; b < count; b++)
        if (boxes[b].low[j] <= x && boxes[b].high[j] > x)
            sum += volume(&boxes[b], axes) / (boxes[b].high[j] - boxes[b].low[j]) * boxes[b].y;
    return sum;
}

/* V_j: between two neighbouring ends of boxes the average is constant. */
static double variance_along(const forest_box *boxes, int count, int axes, int j, double mean,
                             double *ends)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        ends[i] = boxes[i].low[j];
    qsort(ends, (size_t)count, sizeof *ends, compare);
    for (int i = 0; i < count; i++) {
        const double length = (i + 1 < count ? ends[i + 1] : 1) - ends[i];
        if (length > 0) {
            const double from_mean = average_at(boxes, count, axes, j, ends[i]) - mean;
            sum += length * from_mean * from_mean;
        }
    }
    return sum;
}

double forest_variances(const forest_box *boxes, int count, int axes, double variances[FOREST_AXES])
{
    double mean = 0, sum = 0;
    double *ends = malloc((size_t)count * sizeof *ends);
    if (!ends)
        die("out of memory for a tree of %d boxes", count);
    for (int b = 0; b < count; b++)
        mean += volume(&boxes[b], axes) * boxes[b].y;
    for (int b = 0; b < count; b++)
        sum += volume(&boxes[b], axes) * (boxes[b].y - mean) * (boxes[b].y - mean);
    for (int j = 0; j < axes; j++)
        variances[j] = variance_along(boxes, count, axes, j, mean, ends);
    free(ends);
    return sum;
}

/* ---- A tree */

typedef struct point {
    double x, y;
} point;

typedef struct tree {
    const forest_samples *samples;
    point *sorted; /* room for all samples */
    forest_box *boxes;
    int count;
} tree;

typedef struct cut {
    int axis; /* -1: none */
    double at, gain;
} cut;

static int compare_points(const void *a, const void *b)
{
    return compare(&((const point *)a)->x, &((const point *)b)->x);
}

/* Halfway; between two choices, where one ends. */
static double between(double a, double b, int choices)
{
    const double middle = (a + b) / 2;
    return choices ? round(middle * choices) / choices : middle;
}

/* The best cut along an axis. With n samples of the sum s on one side, what is left of the sum of
   squares falls as s^2 / n of both sides grows. */
static void try_axis(tree *t, const int *chosen, int count, int axis, cut *best)
{
    const forest_samples *s = t->samples;
    double left = 0, total = 0;
    for (int i = 0; i < count; i++) {
        t->sorted[i] = (point){s->x[chosen[i] * s->axes + axis], s->y[chosen[i]]};
        total += t->sorted[i].y;
    }
    qsort(t->sorted, (size_t)count, sizeof *t->sorted, compare_points);
    for (int n = 1; n < count; n++) {
        const double right = total - (left += t->sorted[n - 1].y);
        const double gain = left * left / n + right * right / (count - n) - total * total / count;
        if (n >= LEAST && count - n >= LEAST && t->sorted[n - 1].x < t->sorted[n].x &&
            gain > best->gain)
            *best =
                (cut){axis, between(t->sorted[n - 1].x, t->sorted[n].x, s->choices[axis]), gain};
    }
}

/* Cuts a box with these samples, which are put in another order, until none is worth it. */
static void grow(tree *t, forest_box box, int *chosen, int count)
{
    const forest_samples *s = t->samples;
    cut best = {-1, 0, 1e-12};
    for (int axis = 0; axis < s->axes; axis++)
        try_axis(t, chosen, count, axis, &best);
    if (best.axis < 0) {
        box.y = 0;
        for (int i = 0; i < count; i++)
            box.y += s->y[chosen[i]] / count;
        t->boxes[t->count++] = box;
        return;
    }
    int left = 0;
    for (int i = 0; i < count; i++)
        if (s->x[chosen[i] * s->axes + best.axis] < best.at) {
            const int other = chosen[left];
            chosen[left++] = chosen[i];
            chosen[i] = other;
        }
    forest_box low = box, high = box;
    low.high[best.axis] = high.low[best.axis] = best.at;
    grow(t, low, chosen, left);
    grow(t, high, chosen + left, count - left);
}

/* ---- The forest */

static void draw_samples(int *chosen, int count)
{
    tarn_tensor *drawn = tarn_rand(tarn_shape(count));
    check(drawn);
    for (int i = 0; i < count; i++)
        chosen[i] = (int)((double)tarn_values(drawn)[i] * count);
    tarn_free(drawn);
}

static void add_effects(importance *sum, const tree *t)
{
    for (int j = 0; j < t->samples->axes; j++)
        for (int i = 0; i < FOREST_STEPS; i++)
            sum->effect[j][i] +=
                average_at(t->boxes, t->count, t->samples->axes, j, (i + 0.5) / FOREST_STEPS);
}

static void add_tree(importance *sum, tree *t, int *chosen)
{
    const forest_samples *s = t->samples;
    double variances[FOREST_AXES];
    forest_box whole = {.y = 0};
    for (int j = 0; j < s->axes; j++)
        whole.high[j] = 1;
    draw_samples(chosen, s->count);
    t->count = 0;
    grow(t, whole, chosen, s->count);
    const double variance = forest_variances(t->boxes, t->count, s->axes, variances);
    if (!(variance > 0))
        return;
    sum->trees++;
    add_effects(sum, t);
    for (int j = 0; j < s->axes; j++) {
        const double part = variances[j] / variance;
        sum->mean[j] += part;
        sum->deviation[j] += part * part;
    }
}

importance forest_importance(const forest_samples *s, uint64_t seed)
{
    importance result = {.together = 0};
    const size_t count = (size_t)s->count;
    tree t = {s, calloc(count, sizeof(point)), calloc(count, sizeof(forest_box)), 0};
    int *chosen = calloc(count, sizeof *chosen);
    if (!t.sorted || !t.boxes || !chosen)
        die("out of memory for a forest of %d samples", s->count);
    tarn_seed(seed);
    for (int i = 0; i < TREES; i++)
        add_tree(&result, &t, chosen);
    for (int j = 0; j < s->axes && result.trees > 0; j++) {
        const double mean = result.mean[j] / result.trees;
        const double square = result.deviation[j] / result.trees;
        result.mean[j] = mean;
        result.deviation[j] = sqrt(fmax(0, square - mean * mean));
        result.together += mean;
        for (int i = 0; i < FOREST_STEPS; i++)
            result.effect[j][i] /= result.trees;
    }
    result.together = result.trees > 0 ? fmax(0, 1 - result.together) : 0;
    free(chosen);
    free(t.boxes);
    free(t.sorted);
    return result;
}
