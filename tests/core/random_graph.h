/* What test_random_graphs.c draws a graph from: inputs, and tensors of the graph that fit. */
#ifndef TARN_TESTS_CORE_RANDOM_GRAPH_H
#define TARN_TESTS_CORE_RANDOM_GRAPH_H

#include <math.h>

#include <tarn.h>

enum { GRAPHS = 2000, MOST_STEPS = 8, MOST_TENSORS = 64, MOST_ELEMENTS = 36, ANY_RANK = -1 };

/* Where an operation is smooth, and how large its input may be. */
typedef enum domain { ANY, POSITIVE, NONZERO } domain;

typedef struct step {
    uint64_t random; /* where drawing begins */
    const char *name;
} step;

typedef struct graph {
    int number;
    uint64_t random; /* of what is drawn again each time: operations, shapes, arguments */
    uint64_t values; /* of the values of inputs, drawn once */
    bool planning;
    bool refused; /* while planning: an input is too large or lies outside of the domain */
    int step_count;
    step steps[MOST_STEPS];
    int input_count; /* and how many of them this run has met */
    int inputs_met;
    tarn_tensor *inputs[MOST_TENSORS];
    bool constant[MOST_TENSORS]; /* that needs no gradient */
    int count;                   /* of inputs and results, in the order of this run */
    tarn_tensor *tensors[MOST_TENSORS];
    bool used[MOST_TENSORS];
} graph;

/* ---- Drawing */

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* 0 to count - 1 */
static int draw(graph *g, int count)
{
    return (int)(next_random(&g->random) % (uint64_t)count);
}

static double draw_value(graph *g, domain d)
{
    double u = (double)(next_random(&g->values) >> 11) * 0x1p-53;
    if (d == ANY)
        return 3 * u - 1.5;
    double size = 0.5 + 1.5 * u;
    return d == NONZERO && next_random(&g->values) & 1 ? -size : size;
}

static bool lies_in(domain d, const tarn_tensor *t)
{
    for (int64_t i = 0; i < tarn_size(t); i++) {
        double value = (double)tarn_values(t)[i];
        if (!(fabs(value) < 30) || (d == POSITIVE && value < 0.2) ||
            (d == NONZERO && fabs(value) < 0.2))
            return false;
    }
    return true;
}

static tarn_tensor *met(graph *g, tarn_tensor *t)
{
    if (!t || g->count == MOST_TENSORS)
        return NULL;
    g->used[g->count] = false;
    return g->tensors[g->count++] = t;
}

/* An input of the graph. One in eight needs no gradient. */
static tarn_tensor *input(graph *g, tarn_shape shape, domain d)
{
    const bool constant = draw(g, 8) == 0 && g->inputs_met > 0;
    if (!g->planning)
        return met(g, g->inputs[g->inputs_met++]);
    const int64_t size = tarn_shape_size(shape);
    g->refused |= size < 1 || size > MOST_ELEMENTS || g->input_count == MOST_TENSORS;
    if (g->refused)
        return NULL;
    tarn_tensor *t = tarn_requires_grad(tarn_zeros(shape), !constant);
    for (int64_t i = 0; i < size; i++)
        tarn_values(t)[i] = draw_value(g, d);
    g->inputs_met++;
    g->constant[g->input_count] = constant;
    return met(g, g->inputs[g->input_count++] = t);
}

static tarn_shape draw_shape(graph *g, int ndim)
{
    int64_t dims[TARN_MAX_NDIM];
    const int count = ndim == ANY_RANK ? draw(g, 5) : ndim;
    for (int i = 0; i < count; i++)
        dims[i] = 1 + draw(g, count > 3 ? 3 : 4);
    return tarn_shape_of(count, dims);
}

typedef bool fitting(const tarn_tensor *t, const tarn_tensor *to);

/* One of the tensors so far that fits, from a place drawn; NULL if none does. */
static tarn_tensor *existing(graph *g, domain d, fitting *fits, const tarn_tensor *to)
{
    const int start = g->count ? draw(g, g->count) : 0;
    for (int k = 0; k < g->count; k++) {
        const int i = (start + k) % g->count;
        if (!fits(g->tensors[i], to))
            continue;
        g->used[i] = true;
        g->refused |= g->planning && !lies_in(d, g->tensors[i]);
        return g->refused ? NULL : g->tensors[i];
    }
    return NULL;
}

static bool always(const tarn_tensor *t, const tarn_tensor *to)
{
    (void)to;
    return t;
}

static bool same_rank(const tarn_tensor *t, const tarn_tensor *to)
{
    return tarn_ndim(t) == tarn_ndim(to);
}

static bool same_shape(const tarn_tensor *t, const tarn_tensor *to)
{
    return tarn_shape_equal(tarn_shape_get(t), tarn_shape_get(to));
}

static bool broadcasts(const tarn_tensor *t, const tarn_tensor *to)
{
    for (int i = 1; i <= tarn_ndim(t) && i <= tarn_ndim(to); i++) {
        const int64_t a = tarn_dim(t, -i), b = tarn_dim(to, -i);
        if (a != b && a != 1 && b != 1)
            return false;
    }
    return true;
}

/* An input of an operation: a tensor of the graph, or in one of three cases a new one. */
static tarn_tensor *pick(graph *g, int ndim, domain d)
{
    const bool new_one = draw(g, 3) == 0;
    const tarn_shape shape = draw_shape(g, ndim);
    if (!new_one) {
        tarn_tensor *like = tarn_zeros(shape);
        tarn_tensor *t = existing(g, d, ndim == ANY_RANK ? always : same_rank, like);
        tarn_free(like);
        if (t || g->refused)
            return t;
    }
    return input(g, shape, d);
}

/* The second input of an operation, of the same shape as the first. */
static tarn_tensor *same_as(graph *g, tarn_tensor *a, domain d)
{
    if (!a || draw(g, 2))
        return a ? existing(g, d, same_shape, a) : NULL;
    return input(g, tarn_shape_get(a), d);
}

/* Or of one that broadcasts with it. */
static tarn_tensor *broadcasting(graph *g, tarn_tensor *a, domain d)
{
    if (!a || draw(g, 2))
        return a ? existing(g, d, broadcasts, a) : NULL;
    tarn_shape shape = tarn_shape_get(a);
    const int drop = draw(g, shape.ndim + 1);
    for (int i = drop; i < shape.ndim; i++)
        shape.dim[i - drop] = draw(g, 3) ? shape.dim[i] : 1;
    shape.ndim -= drop;
    return input(g, shape, d);
}

static int any_axis(graph *g, const tarn_tensor *x)
{
    const int ndim = tarn_ndim(x);
    return ndim ? draw(g, 2 * ndim) - ndim : 0;
}

#endif
