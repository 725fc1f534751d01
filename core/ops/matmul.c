/*
 * Matrix product, of two matrices or of two stacks of them, whose leading dimensions broadcast.
 *
 *     c = a b              (...,M,K) (...,K,N) -> (...,M,N)
 *     da = dc b^T          (M,N) (N,K)
 *     db = a^T dc          (K,M) (M,N)
 *
 * The gradient of a matrix that is repeated is the sum over its repetitions, in order. A stack
 * times one matrix is a product of two matrices, the rows of the first being those of the whole
 * stack.
 */
#include "core/ops/shared/matmul.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* What a product is of, and its gradients too. */
enum { A, B, C, OPERANDS };

typedef struct stacks {
    int64_t m, n, k;
    int64_t count[OPERANDS], size[OPERANDS]; /* matrices; elements of one */
    int ndim;                                /* of the leading dimensions, the last of them first */
    int64_t dim[TARN_MAX_NDIM];
    int64_t stride[OPERANDS][TARN_MAX_NDIM]; /* in matrices; 0 where they are repeated */
} stacks;

/* Dimension i counted from the last; 1 where the tensor has none. */
static int64_t dim_from_last(const tarn_tensor *t, int i)
{
    return i < t->shape.ndim ? t->shape.dim[t->shape.ndim - 1 - i] : 1;
}

/* False if the shapes do not fit. */
static bool find_shape(const tarn_tensor *a, const tarn_tensor *b, tarn_shape *c)
{
    const int ndim = a->shape.ndim > b->shape.ndim ? a->shape.ndim : b->shape.ndim;
    if (a->shape.ndim < 2 || b->shape.ndim < 2 || dim_from_last(a, 0) != dim_from_last(b, 1))
        return false;
    *c = (tarn_shape){.ndim = ndim};
    c->dim[ndim - 2] = dim_from_last(a, 1);
    c->dim[ndim - 1] = dim_from_last(b, 0);
    for (int i = 2; i < ndim; i++) {
        const int64_t in_a = dim_from_last(a, i), in_b = dim_from_last(b, i);
        if (in_a != in_b && in_a != 1 && in_b != 1)
            return false;
        c->dim[ndim - 1 - i] = in_a == 1 ? in_b : in_a;
    }
    return true;
}

static stacks stacks_of(const tarn_tensor *a, const tarn_tensor *b, const tarn_tensor *c)
{
    const tarn_tensor *const operands[OPERANDS] = {a, b, c};
    stacks s = {.m = dim_from_last(a, 1),
                .n = dim_from_last(b, 0),
                .k = dim_from_last(a, 0),
                .count = {1, 1, 1},
                .ndim = c->shape.ndim - 2};
    for (int i = 0; i < s.ndim; i++) {
        s.dim[i] = dim_from_last(c, i + 2);
        for (int o = 0; o < OPERANDS; o++) {
            const int64_t dim = dim_from_last(operands[o], i + 2);
            s.stride[o][i] = dim == 1 ? 0 : s.count[o];
            s.count[o] *= dim;
        }
    }
    if (s.count[B] == 1) {
        s.m *= s.count[A];
        s.count[A] = s.count[C] = 1;
    }
    s.size[A] = s.m * s.k;
    s.size[B] = s.k * s.n;
    s.size[C] = s.m * s.n;
    return s;
}

/* Moves the product that makes the first matrix of a result to the one that makes another, from the
   matrices of left and right that belong to it in its repetition number again. */
static void move(const stacks *s, int left, int right, int result, int64_t matrix, int64_t again,
                 tarn__gemm *g)
{
    int64_t in_left = 0, in_right = 0;
    g->c += matrix * s->size[result];
    g->add |= again > 0;
    for (int i = 0; i < s->ndim; i++) {
        int64_t *from = s->stride[result][i] ? &matrix : &again;
        const int64_t index = *from % s->dim[i];
        in_left += index * s->stride[left][i];
        in_right += index * s->stride[right][i];
        *from /= s->dim[i];
    }
    g->a += in_left * g->m * g->k;
    g->b += in_right * g->k * g->n;
}

/* Whether threads share the matrices of a result rather than each product, which one after the
   other would make them wait for each other. The result is the same. */
static bool is_shared(const stacks *s, int result, const tarn__gemm *g)
{
    const int64_t work = g->m * g->n * g->k, call = 2048; /* in multiplications */
    return (work + call) * s->count[C] >= TARN__GEMM_PARALLEL_MIN &&
           (work < TARN__GEMM_PARALLEL_MIN || s->count[result] >= 2 * tarn__workers());
}

typedef struct job {
    const stacks *s;
    int left, right, result;
    const tarn__gemm *g;
    char *workspace;
    size_t part; /* bytes of it for each thread */
} job;

static void multiply_matrices(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    char *own = j->workspace + (size_t)tarn__worker() * j->part;
    const int64_t repetitions = j->s->count[C] / j->s->count[j->result];
    for (int64_t i = first; i < end; i++)
        for (int64_t again = 0; again < repetitions; again++) {
            tarn__gemm one = *j->g;
            move(j->s, j->left, j->right, j->result, i, again, &one);
            tarn__kernels_in_use()->gemm(&one, own);
        }
}

/* All matrices of one operand from the other two; g is the product that makes the first. */
static bool multiply(const stacks *s, int result, const tarn__gemm *g)
{
    if (s->count[C] == 1)
        return tarn__multiply(g);
    const int left = result == A ? C : A, right = result == B ? C : B;
    tarn__arena_position mark = tarn__scratch_push();
    tarn__gemm product = *g;
    size_t bytes = 0;
    char *workspace = NULL;
    if (tarn__round_operands(&product, s->count[left], s->count[right])) {
        bytes = tarn__kernels_in_use()->gemm_workspace(&product);
        workspace = tarn__scratch_take(bytes);
    }
    const bool shared = is_shared(s, result, &product);
    const job j = {.s = s,
                   .left = left,
                   .right = right,
                   .result = result,
                   .g = &product,
                   .workspace = workspace,
                   .part = shared ? bytes / (size_t)tarn__workers() : 0};
    if (workspace && shared)
        tarn__share(s->count[result], TARN__SHARE_MIN, multiply_matrices, &j);
    else if (workspace)
        multiply_matrices(&j, 0, s->count[result]);
    tarn__scratch_pop(mark);
    return workspace;
}

static void matmul_backward(const tarn_node *node)
{
    tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const tarn_real *dc = tarn_gradients(node->output);
    if (node->output->size == 0) { /* from however many matrices */
        tarn_op_gradient(a);
        tarn_op_gradient(b);
        return;
    }
    const stacks s = stacks_of(a, b, node->output);
    tarn__target da, db;
    da.values = tarn_op_gradient_to_write(a, &da.add);
    db.values = tarn_op_gradient_to_write(b, &db.add);
    if (da.values) {
        const tarn__gemm g = tarn__product_of_a(s.m, s.n, s.k, dc, b->values, da);
        multiply(&s, A, &g);
    }
    if (db.values) {
        const tarn__gemm g = tarn__product_of_b(s.m, s.n, s.k, a->values, dc, db);
        multiply(&s, B, &g);
    }
}

static const tarn_op matmul = {"matmul", matmul_backward};

tarn_tensor *tarn_matmul(tarn_tensor *a, tarn_tensor *b)
{
    if (!a || !b)
        return NULL;
    tarn_shape shape;
    if (!find_shape(a, b, &shape))
        return tarn_fail("matmul: inputs %s and %s, expects %s", tarn_shape_to_text(a->shape).text,
                         tarn_shape_to_text(b->shape).text,
                         a->shape.ndim > 2 || b->shape.ndim > 2
                             ? "(...,M,K) and (...,K,N), and leading dimensions that broadcast"
                             : "(M,K) and (K,N)");
    tarn_tensor *c = tarn_op_result(&matmul, shape, a, b);
    tarn_op_operations(c, 2 * (double)tarn_size(c) * (double)a->shape.dim[a->shape.ndim - 1]);
    if (!c || c->size == 0)
        return c;
    const stacks s = stacks_of(a, b, c);
    const tarn__gemm g = tarn__product(s.m, s.n, s.k, a->values, b->values, c->values);
    return multiply(&s, C, &g) ? c : NULL;
}
