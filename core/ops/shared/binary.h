/*
 * What add, sub, mul, div, maximum and minimum share: NumPy's broadcasting. Each of them gives the
 * formulas for one element, forward(), gradient_of_a() and gradient_of_b(); TARN__BINARY_LOOPS
 * compiles the loops here with these formulas in place.
 */
#ifndef TARN_CORE_OPS_SHARED_BINARY_H
#define TARN_CORE_OPS_SHARED_BINARY_H

#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/broadcast.h"

typedef tarn_real tarn__pair_function(tarn_real a, tarn_real b);
typedef tarn_real tarn__pair_gradient(tarn_real a, tarn_real b, tarn_real dy);

/* Loops over a piece: for the result, and for what it passes to the gradient of an input. */
typedef void tarn__binary_loop(int64_t n, const tarn_real *a, int64_t a_step, const tarn_real *b,
                               int64_t b_step, tarn_real *y);
typedef void tarn__gradient_loop(const tarn__pairing *p, int64_t n, const tarn_real *a,
                                 const tarn_real *b, const tarn_real *dy, tarn__target dt);

/* The result of the operation, by such loops over all pieces; and the gradient of input number
   which. Where that is repeated, its gradient is summed in double: there may be millions of terms.
 */
tarn_tensor *tarn__binary(const tarn_op *op, tarn_tensor *a, tarn_tensor *b,
                          tarn__binary_loop *loop);
void tarn__binary_gradient(const tarn_node *node, int which, tarn__gradient_loop *loop);

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

TARN__INLINE void tarn__binary_gradient_steps(tarn__pair_gradient *f, int64_t n, const tarn_real *a,
                                              int64_t a_step, const tarn_real *b, int64_t b_step,
                                              const tarn_real *dy, tarn__target dt)
{
    tarn_real *to = dt.values;
    if (dt.add)
        for (int64_t i = 0; i < n; i++)
            to[i] += f(a[i * a_step], b[i * b_step], dy[i]);
    else
        for (int64_t i = 0; i < n; i++)
            to[i] = f(a[i * a_step], b[i * b_step], dy[i]);
}

/* Steps of 1 are written out, so that they become vectors. */
TARN__INLINE void tarn__binary_gradient_piece(tarn__pair_gradient *f, const tarn__pairing *p,
                                              int64_t n, const tarn_real *a, const tarn_real *b,
                                              const tarn_real *dy, tarn__target dt)
{
    if (p->a_step == 1 && p->b_step == 1)
        tarn__binary_gradient_steps(f, n, a, 1, b, 1, dy, dt);
    else
        tarn__binary_gradient_steps(f, n, a, p->a_step, b, p->b_step, dy, dt);
}

#define TARN__BINARY_GRADIENT_LOOPS(input)                                                         \
    TARN__CLONES static void loop_of_##input(const tarn__pairing *p, int64_t n,                    \
                                             const tarn_real *a, const tarn_real *b,               \
                                             const tarn_real *dy, tarn__target dt)                 \
    {                                                                                              \
        tarn__binary_gradient_piece(gradient_of_##input, p, n, a, b, dy, dt);                      \
    }

#define TARN__BINARY_LOOPS                                                                         \
    TARN__CLONES static void forward_loop(int64_t n, const tarn_real *a, int64_t a_step,           \
                                          const tarn_real *b, int64_t b_step, tarn_real *y)        \
    {                                                                                              \
        tarn__binary_piece(forward, n, a, a_step, b, b_step, y);                                   \
    }                                                                                              \
    TARN__BINARY_GRADIENT_LOOPS(a)                                                                 \
    TARN__BINARY_GRADIENT_LOOPS(b)                                                                 \
    static void backward(const tarn_node *node)                                                    \
    {                                                                                              \
        tarn__binary_gradient(node, 0, loop_of_a);                                                 \
        tarn__binary_gradient(node, 1, loop_of_b);                                                 \
    }

#endif
