/*
 * Orthogonal initialization (Saxe et al. 2014), see nn/init.h: count vectors of so many numbers
 * each, at first normal and one after the other in memory, are made orthonormal by Gram and
 * Schmidt:
 *
 *     v_k = v_k - sum over j < k of (v_j . v_k) v_j       twice
 *     v_k = v_k / |v_k|                                   which is R_kk, so positive
 *
 * The first time leaves of the other vectors what rounding left; the second time nothing but
 * rounding (Giraud et al. 2005).
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/op_internal.h"
#include "nn/init.h"
#include "nn/init_internal.h"
#include "nn/module.h"

enum { PIECE = 256, WAYS = 4 };

/* Four at a time, so that none waits for the one before. */
static double dot(const double *a, const double *b, int64_t n)
{
    double sum[WAYS] = {0};
    int64_t i = 0;
    for (; i + WAYS <= n; i += WAYS)
        for (int j = 0; j < WAYS; j++)
            sum[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* A vector and the k before it, and how much it has of each. */
typedef struct job {
    double *v;
    const double *vectors;
    int64_t k, numbers;
    double *share;
} job;

static void find_shares(const void *context, int64_t first, int64_t end)
{
    const job *s = context;
    for (int64_t j = first; j < end; j++)
        s->share[j] = dot(s->v, s->vectors + j * s->numbers, s->numbers);
}

static void subtract_shares(const void *context, int64_t first, int64_t end)
{
    const job *s = context;
    for (int64_t at = first; at < end; at += PIECE)
        for (int64_t j = 0; j < s->k; j++) {
            const double share = s->share[j], *vector = s->vectors + j * s->numbers;
            for (int64_t i = at; i < end && i < at + PIECE; i++)
                s->v[i] -= share * vector[i];
        }
}

static void remove_shares(const job *s)
{
    tarn__share(s->k, s->k * s->numbers, find_shares, s);
    tarn__share(s->numbers, s->k * s->numbers, subtract_shares, s);
}

static void make_orthonormal(double *vectors, int64_t count, int64_t numbers, double *share)
{
    for (int64_t k = 0; k < count; k++) {
        double *v = vectors + k * numbers;
        const job s = {v, vectors, k, numbers, share};
        remove_shares(&s);
        remove_shares(&s);
        const double length = sqrt(dot(v, v, numbers));
        for (int64_t i = 0; i < numbers; i++)
            v[i] /= length;
    }
}

typedef struct drawing {
    uint64_t state;
    double *to;
} drawing;

static void draw_normal(const void *context, int64_t first, int64_t end)
{
    const drawing *d = context;
    for (int64_t i = first; i < end; i++)
        d->to[i] = tarn__random_normal(d->state, i);
}

bool tarn_init_orthogonal(tarn_tensor *t, double gain)
{
    if (!tarn__has_fans("init_orthogonal", t, gain))
        return false;
    if (t->size == 0)
        return true;
    const int64_t columns = t->shape.dim[t->shape.ndim - 1], rows = t->size / columns;
    const bool wide = rows < columns;
    const int64_t count = wide ? rows : columns, numbers = wide ? columns : rows;
    double *vectors = malloc((size_t)(t->size + count) * sizeof *vectors);
    if (!vectors)
        return tarn_set_error("init_orthogonal: out of memory for a tensor of shape %s",
                              tarn_shape_to_text(t->shape).text);
    tarn__share(t->size, t->size, draw_normal,
                &(drawing){tarn__random_reserve(2 * t->size), vectors});
    make_orthonormal(vectors, count, numbers, vectors + t->size);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            const int64_t from = wide ? r * numbers + c : c * numbers + r;
            t->values[r * columns + c] = (tarn_real)(gain * vectors[from]);
        }
    free(vectors);
    return true;
}
