/*
 * Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"): momentum,
 * made nearly orthogonal, so that all directions of a matrix move by about as much.
 *
 *     v = momentum v + g
 *     u = g + momentum v                    Nesterov's momentum; without it, u = v
 *     x = u / (|u| + 1e-7)                  |u|^2 is the sum of the squares
 *     x = (a + b x x^T + c (x x^T)^2) x     ns_steps times; a = 3.4445, b = -4.7750, c = 2.0315
 *     w -= lr sqrt(max(1, out / in)) x      with match_rms  w -= lr 0.2 sqrt(max(in, out)) x
 *
 * If u = U S V^T, then x = U p(S) V^T, and five times p(s) = a s + b s^3 + c s^5 takes singular
 * values from 0.01 to 1 to somewhere between 0.68 and 1.14 (Newton-Schulz, with a, b, c chosen to
 * lift small ones fast rather than to reach 1). Of x x^T and x^T x, the smaller is used: it is the
 * same polynomial from the other side.
 *
 * Matrices are (in, out), and so are convolution kernels, (kh kw in, out) numbers; in PyTorch,
 * where they are (out, in), the factor reads rows / columns. Biases and other vectors have no
 * directions to make equal, and move by Adam. The authors leave the first and the last layer of a
 * network to Adam as well; here they are matrices like others, unless another optimizer gets them.
 *
 * Defaults lr 2e-2, momentum 0.95, and Adam's lr 3e-4, betas 0.9 and 0.95, eps 1e-10, as the
 * authors' code. It has the EMA form of the momentum since; the length of u does not matter but
 * beside 1e-7. It iterates in bfloat16, this in the type of the weights. Its weight decay is
 * decoupled. PyTorch's, for matrices alone, is the later code with lr 1e-3, weight_decay 0.1 and
 * max(|u|, 1e-7). An x that is nearly orthogonal has the root mean square 1 / sqrt(max(in, out)),
 * and AdamW's steps over the rate have about 0.2: hence match_rms (Liu et al. 2025).
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/pool.h"
#include "core/base/threads.h"
#include "core/op_internal.h"
#include "core/ops/shared/matmul.h"
#include "optim/adam.h"
#include "optim/optim_internal.h"
#include "optim/rule_internal.h"

typedef struct muon {
    tarn_optim base;
    double adam_scale; /* Adam's rate by that of matrices */
    int threads;       /* that the workspace is for */
    /* Scratch memory, enough for the largest matrix, in one block from next on. */
    tarn_real *next, *square, *factor;
    void *workspace;
} muon;

/* ---- Matrices */

typedef struct matrix {
    int64_t rows, columns, size;
    int64_t smaller; /* of rows and columns */
} matrix;

static bool is_matrix(const tarn_tensor *t)
{
    return tarn_ndim(t) >= 2 && tarn_size(t) > 0;
}

static matrix matrix_of(const tarn_tensor *t)
{
    const int64_t columns = tarn_dim(t, tarn_ndim(t) - 1), rows = tarn_size(t) / columns;
    return (matrix){rows, columns, rows * columns, rows < columns ? rows : columns};
}

/* x x^T or x^T x */
static tarn__gemm product_with_itself(const matrix *m, const tarn_real *x, tarn_real *to)
{
    const tarn__target square = {to, false};
    return m->rows <= m->columns
               ? tarn__product_of_a(m->rows, m->columns, m->rows, x, x, square)
               : tarn__product_of_b(m->rows, m->columns, m->columns, x, x, square);
}

static tarn__gemm product_of_square(const matrix *m, const tarn_real *square, tarn_real *to)
{
    return tarn__product(m->smaller, m->smaller, m->smaller, square, square, to);
}

/* factor x or x factor */
static tarn__gemm product_with_factor(const matrix *m, const tarn_real *factor, const tarn_real *x,
                                      tarn_real *to)
{
    return m->rows <= m->columns ? tarn__product(m->rows, m->columns, m->rows, factor, x, to)
                                 : tarn__product(m->rows, m->columns, m->columns, x, factor, to);
}

/* ---- The step */

TARN__CLONES static void add_momentum(const tarn_optim_piece *piece)
{
    const tarn_optim_muon_args *o = piece->args;
    const tarn_real momentum = (tarn_real)o->momentum;
    const tarn_real of_g = o->nesterov, of_v = o->nesterov ? momentum : 1;
    tarn_real *restrict v = piece->state[0], *restrict u = piece->state[1];
    const tarn_real *restrict g = piece->gradients;
    for (int64_t i = 0; i < piece->count; i++) {
        v[i] = momentum * v[i] + g[i];
        u[i] = of_g * g[i] + of_v * v[i];
    }
}

/* Vectors move by Adam, and decay by its rate. */
static void muon_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_muon_args *o = piece->args;
    const bool by_adam = !is_matrix(piece->param->tensor);
    tarn_optim_piece own = *piece;
    if (by_adam)
        own.lr *= ((const muon *)base)->adam_scale;
    tarn__optim_shrink(base, &own);
    if (by_adam)
        tarn__adam_update(&(tarn__adam_numbers){.beta1 = o->adam_beta1,
                                                .beta2 = o->adam_beta2,
                                                .eps = o->adam_eps,
                                                .bias_correction = true},
                          &own);
    else
        add_momentum(&own);
}

/* x *= scale */
typedef struct scaling {
    tarn_real *x;
    double scale;
} scaling;

static void scale_elements(const void *context, int64_t first, int64_t end)
{
    const scaling *s = context;
    for (int64_t i = first; i < end; i++)
        s->x[i] = (tarn_real)((double)s->x[i] * s->scale);
}

/* factor = b square + c factor */
typedef struct mixing {
    tarn_real b, c;
    const tarn_real *square;
    tarn_real *factor;
} mixing;

static void mix_elements(const void *context, int64_t first, int64_t end)
{
    const mixing *m = context;
    const tarn_real b = m->b, c = m->c;
    for (int64_t i = first; i < end; i++)
        m->factor[i] = b * m->square[i] + c * m->factor[i];
}

/* In one thread, so that their number does not show. */
static void normalize(tarn_real *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    tarn__share(count, count, scale_elements, &(scaling){x, 1 / (sqrt(sum) + 1e-7)});
}

/* Makes x nearly orthogonal. The result stands in x or in self->next; returns where. */
static const tarn_real *orthogonalize(const muon *self, const matrix *m, int steps, tarn_real *x)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn_real a = (tarn_real)3.4445, b = (tarn_real)-4.7750, c = (tarn_real)2.0315;
    tarn_real *next = self->next, *square = self->square, *factor = self->factor;
    const int64_t count = m->smaller * m->smaller;
    normalize(x, m->size);
    for (int step = 0; step < steps; step++) {
        const tarn__gemm first = product_with_itself(m, x, square);
        kernels->gemm(&first, self->workspace);
        const tarn__gemm second = product_of_square(m, square, factor);
        kernels->gemm(&second, self->workspace);
        tarn__share(count, count, mix_elements, &(mixing){b, c, square, factor});
        for (int64_t i = 0; i < m->smaller; i++)
            factor[i * m->smaller + i] += a;
        const tarn__gemm third = product_with_factor(m, factor, x, next);
        kernels->gemm(&third, self->workspace);
        tarn_real *old = x;
        x = next;
        next = old;
    }
    return x;
}

static double scale_of(const matrix *m, bool match_rms)
{
    const double in = (double)m->rows, out = (double)m->columns;
    return match_rms ? 0.2 * sqrt(fmax(in, out)) : sqrt(fmax(1, out / in));
}

static void muon_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    const muon *self = (const muon *)base;
    if (!is_matrix(whole->param->tensor))
        return;
    const matrix m = matrix_of(whole->param->tensor);
    const int threads = tarn_threads();
    if (threads > self->threads)
        tarn_set_threads(self->threads);
    const tarn_optim_muon_args *o = whole->args;
    const tarn_real *x = orthogonalize(self, &m, o->ns_steps, whole->state[1]);
    tarn_set_threads(threads);

    tarn__optim_descend(whole->weights, x, m.size, whole->lr * scale_of(&m, o->match_rms));
}

/* ---- Making one */

static void muon_free(tarn_optim *base)
{
    tarn__block_free(((muon *)base)->next);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t workspace_size(const matrix *m)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__gemm first = product_with_itself(m, NULL, NULL);
    const tarn__gemm second = product_of_square(m, NULL, NULL);
    const tarn__gemm third = product_with_factor(m, NULL, NULL, NULL);
    return larger(kernels->gemm_workspace(&first),
                  larger(kernels->gemm_workspace(&second), kernels->gemm_workspace(&third)));
}

/* Room for so many bytes, and what may be read behind them. */
static size_t padded(size_t bytes)
{
    return (bytes + TARN__SLACK + TARN__ALIGNMENT - 1) / TARN__ALIGNMENT * TARN__ALIGNMENT;
}

/* Room for the products of the largest matrix. */
static bool muon_prepare(tarn_optim *base)
{
    muon *self = (muon *)base;
    size_t next = 0, square = 0, workspace = 0;
    for (int p = 0; p < self->base.param_count; p++) {
        if (!is_matrix(self->base.params[p].tensor))
            continue;
        const matrix m = matrix_of(self->base.params[p].tensor);
        next = larger(next, padded((size_t)m.size * sizeof(tarn_real)));
        square = larger(square, padded((size_t)(m.smaller * m.smaller) * sizeof(tarn_real)));
        workspace = larger(workspace, padded(workspace_size(&m)));
    }
    char *scratch = tarn__block_alloc(next + 2 * square + workspace);
    if (!scratch)
        return false;
    tarn__block_free(self->next);
    self->next = (tarn_real *)scratch;
    self->square = (tarn_real *)(scratch + next);
    self->factor = (tarn_real *)(scratch + next + square);
    self->workspace = scratch + next + 2 * square;
    self->threads = tarn__workers();
    return true;
}

TARN__OPTIM_RULE(muon, TARN_OPTIM_MUON_OPTIONS, muon_update, .finish = muon_finish,
                 .prepare = muon_prepare, .free = muon_free, .decays = true);

tarn_optim *tarn_optim_muon_with(tarn_optim_muon_args args)
{
    if (!tarn_optim_check(&tarn__optim_muon, &args))
        return NULL;
    if (args.lr == 0) /* Adam's rate keeps its ratio to this one */
        return tarn_fail("optim_muon: lr is 0, expects a number above 0");
    muon *self = tarn_optim_new(&tarn__optim_muon, sizeof *self, 2, TARN__OPTIM_DECOUPLED_OF(args));
    if (!self)
        return NULL;
    self->base.decoupled = true;
    self->adam_scale = args.adam_lr / args.lr;
    return &self->base;
}
