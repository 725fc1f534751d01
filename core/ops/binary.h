/*
 * What add, sub, mul, div, maximum and minimum share: NumPy's broadcasting. Each of them gives the
 * formulas for one element, forward(), gradient_of_a() and gradient_of_b(); TARN__BINARY_LOOPS
 * compiles the loops here with these formulas in place.
 */
#ifndef TARN_CORE_OPS_BINARY_H
#define TARN_CORE_OPS_BINARY_H

#include "core/internal.h"
#include "core/ops.h"
#include "core/parallel.h"

/* How the elements of two tensors pair up: as rows of row_size elements, in which a and b each go
   on by one element or stay on one. Dimensions that go on evenly in both are one dimension here.
   Of three tensors, with c, the same. */
typedef struct tarn__pairing {
    tarn_shape result;
    int64_t rows, row_size;
    int64_t pieces; /* that each row is cut into, so that threads can share a long one */
    int64_t a_step, b_step, c_step; /* within a row: 1 or 0 */
    int ndim;                       /* of the dimensions that count the rows, outermost first */
    int64_t dim[TARN_MAX_NDIM];
    int64_t a_stride[TARN_MAX_NDIM], b_stride[TARN_MAX_NDIM], c_stride[TARN_MAX_NDIM];
} tarn__pairing;

/* False, after a report to the handler, if the shapes cannot be broadcast. */
bool tarn__pair(const char *op, const tarn_tensor *a, const tarn_tensor *b, tarn__pairing *p);
bool tarn__pair_of_three(const char *op, const tarn_tensor *a, const tarn_tensor *b,
                         const tarn_tensor *c, tarn__pairing *p);

/* One piece of a row: count elements from the given places in a, b, c and the result on. */
typedef struct tarn__piece {
    int64_t count, a, b, c, result;
} tarn__piece;
tarn__piece tarn__piece_of(const tarn__pairing *p, int64_t index);

typedef tarn_real tarn__pair_function(tarn_real a, tarn_real b);
typedef tarn_real tarn__pair_gradient(tarn_real a, tarn_real b, tarn_real dy);

#define TARN__INLINE static inline __attribute__((always_inline))

TARN__INLINE void tarn__binary_piece(tarn__pair_function *f, int64_t n, const tarn_real *a,
                                     int64_t a_step, const tarn_real *b, int64_t b_step,
                                     tarn_real *y)
{
    if (a_step == 1 && b_step == 1)
        for (int64_t i = 0; i < n; i++)
            y[i] = f(a[i], b[i]);
    else if (a_step == 1)
        for (int64_t i = 0; i < n; i++)
            y[i] = f(a[i], *b);
    else
        for (int64_t i = 0; i < n; i++)
            y[i] = f(*a, b[i * b_step]);
}

typedef void tarn__binary_loop(int64_t n, const tarn_real *a, int64_t a_step, const tarn_real *b,
                               int64_t b_step, tarn_real *y);

TARN__INLINE tarn_tensor *tarn__binary(const tarn_op *op, tarn_tensor *a, tarn_tensor *b,
                                       tarn__binary_loop *loop)
{
    tarn__pairing pairing;
    if (!a || !b || !tarn__pair(op->name, a, b, &pairing))
        return NULL;
    tarn_tensor *result = tarn_op_result(op, pairing.result, a, b);
    tarn__pairing *p = result ? tarn_op_save(result, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = pairing;
#pragma omp parallel for schedule(static) if (result->size >= TARN__PARALLEL_MIN)
    for (int64_t k = 0; k < p->rows * p->pieces; k++) {
        tarn__piece at = tarn__piece_of(p, k);
        loop(at.count, a->values + at.a, p->a_step, b->values + at.b, p->b_step,
             result->values + at.result);
    }
    return result;
}

/* Adds f to the gradient of an input, each of whose elements is met once. */
TARN__INLINE void tarn__binary_gradient_piece(tarn__pair_gradient *f, const tarn__pairing *p,
                                              int64_t n, const tarn_real *a, const tarn_real *b,
                                              const tarn_real *dy, tarn_real *dt)
{
    for (int64_t i = 0; i < n; i++)
        dt[i] += f(a[i * p->a_step], b[i * p->b_step], dy[i]);
}

/* The same for one that is repeated, and has step t_step in a row. Sums are in double: they may
   have millions of terms. */
TARN__INLINE void tarn__binary_sum_piece(tarn__pair_gradient *f, const tarn__pairing *p, int64_t n,
                                         const tarn_real *a, const tarn_real *b,
                                         const tarn_real *dy, double *sums, int64_t t_step)
{
    for (int64_t i = 0; i < n; i++)
        sums[i * t_step] += f(a[i * p->a_step], b[i * p->b_step], dy[i]);
}

/* For an input that is repeated: several rows add to the same elements, so they are taken in order,
   by one thread. */
TARN__INLINE void tarn__binary_sum(const tarn_node *node, int which, tarn__pair_gradient *f,
                                   tarn_real *dt)
{
    const tarn__pairing *p = node->saved;
    const tarn_tensor *a = node->inputs[0], *b = node->inputs[1], *t = node->inputs[which];
    const tarn_real *dy = tarn_gradients(node->output);
    tarn__arena_position mark = tarn__scratch_push();
    double *sums = tarn__scratch_take((size_t)t->size * sizeof *sums);
    for (int64_t i = 0; sums && i < t->size; i++)
        sums[i] = 0;
    for (int64_t k = 0; sums && k < p->rows * p->pieces; k++) {
        tarn__piece at = tarn__piece_of(p, k);
        tarn__binary_sum_piece(f, p, at.count, a->values + at.a, b->values + at.b, dy + at.result,
                               sums + (which == 0 ? at.a : at.b),
                               which == 0 ? p->a_step : p->b_step);
    }
    for (int64_t i = 0; sums && i < t->size; i++)
        dt[i] += (tarn_real)sums[i];
    tarn__scratch_pop(mark);
}

typedef void tarn__gradient_loop(const tarn__pairing *p, int64_t n, const tarn_real *a,
                                 const tarn_real *b, const tarn_real *dy, tarn_real *dt);

TARN__INLINE void tarn__binary_gradient(const tarn_node *node, int which, tarn__pair_gradient *f,
                                        tarn__gradient_loop *loop)
{
    const tarn__pairing *p = node->saved;
    const tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dt = tarn_op_gradient(node->inputs[which]);
    if (!dt)
        return;
    if (node->inputs[which]->size != node->output->size) {
        tarn__binary_sum(node, which, f, dt);
        return;
    }
#pragma omp parallel for schedule(static) if (node->output->size >= TARN__PARALLEL_MIN)
    for (int64_t k = 0; k < p->rows * p->pieces; k++) {
        tarn__piece at = tarn__piece_of(p, k);
        loop(p, at.count, a->values + at.a, b->values + at.b, dy + at.result, dt + at.result);
    }
}

/* The loops over a piece, and backward. They are functions, since the body of an OpenMP loop does
   not see which formula it was given: it would call the formula for each element. */
#define TARN__BINARY_LOOPS                                                                         \
    static void forward_loop(int64_t n, const tarn_real *a, int64_t a_step, const tarn_real *b,    \
                             int64_t b_step, tarn_real *y)                                         \
    {                                                                                              \
        tarn__binary_piece(forward, n, a, a_step, b, b_step, y);                                   \
    }                                                                                              \
    static void loop_of_a(const tarn__pairing *p, int64_t n, const tarn_real *a,                   \
                          const tarn_real *b, const tarn_real *dy, tarn_real *dt)                  \
    {                                                                                              \
        tarn__binary_gradient_piece(gradient_of_a, p, n, a, b, dy, dt);                            \
    }                                                                                              \
    static void loop_of_b(const tarn__pairing *p, int64_t n, const tarn_real *a,                   \
                          const tarn_real *b, const tarn_real *dy, tarn_real *dt)                  \
    {                                                                                              \
        tarn__binary_gradient_piece(gradient_of_b, p, n, a, b, dy, dt);                            \
    }                                                                                              \
    static void backward(const tarn_node *node)                                                    \
    {                                                                                              \
        tarn__binary_gradient(node, 0, gradient_of_a, loop_of_a);                                  \
        tarn__binary_gradient(node, 1, gradient_of_b, loop_of_b);                                  \
    }

#endif
