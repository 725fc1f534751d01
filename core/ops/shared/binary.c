#include "core/ops/shared/binary.h"

#include "core/base/pool.h"

/* ---- Short rows */

/* Where one operand is the same in neighbouring short rows, several are taken as a long one, with
   that operand as often in a buffer of so many elements. */
enum { BUFFER = 1024 };

typedef struct bundles {
    const tarn__pairing *p;
    int repeated;   /* the operand in the buffer: 0 or 1; -1: none, and each piece is one */
    int64_t rows;   /* in a bundle, of */
    int64_t of;     /* as many as there are neighbours */
    int64_t groups; /* that these make */
    int64_t count;  /* of all bundles */
} bundles;

typedef struct buffer {
    const tarn_real *from; /* what is repeated in it */
    tarn_real numbers[BUFFER];
} buffer;

/* Whether one operand is the same in all rows of the last dimension, and the other goes on. */
static bool is_repeated(int64_t stride, int64_t step, int64_t other_stride, int64_t other_step,
                        int64_t row_size)
{
    return stride == 0 && step == 1 && other_stride == row_size && other_step == 1;
}

static bundles bundles_of(const tarn__pairing *p)
{
    bundles u = {.p = p, .repeated = -1, .rows = 1, .of = 1, .groups = 1};
    const int last = p->ndim - 1;
    if (last >= 0 && p->rows > 0 && p->row_size > 0 && p->row_size <= BUFFER / 2) {
        const int64_t a = p->a_stride[last], b = p->b_stride[last];
        if (is_repeated(a, p->a_step, b, p->b_step, p->row_size))
            u.repeated = 0;
        else if (is_repeated(b, p->b_step, a, p->a_step, p->row_size))
            u.repeated = 1;
    }
    if (u.repeated >= 0) {
        u.of = p->dim[last];
        u.rows = BUFFER / p->row_size < u.of ? BUFFER / p->row_size : u.of;
        u.groups = (u.of + u.rows - 1) / u.rows;
    }
    u.count = p->rows * p->pieces / u.of * u.groups;
    return u;
}

static tarn__piece bundle_at(const bundles *u, int64_t index)
{
    const int64_t row = index % u->groups * u->rows, left = u->of - row;
    tarn__piece at = tarn__piece_of(u->p, index / u->groups * u->of + row);
    if (u->repeated >= 0)
        at.count = (left < u->rows ? left : u->rows) * u->p->row_size;
    return at;
}

/* What the loops read of an operand: its own elements, or the buffer's. */
static const tarn_real *operand(const bundles *u, int which, const tarn_real *from, buffer *b)
{
    if (which != u->repeated)
        return from;
    if (b->from != from)
        for (int64_t i = 0; i < u->rows * u->p->row_size; i++)
            b->numbers[i] = i < u->p->row_size ? from[i] : b->numbers[i - u->p->row_size];
    b->from = from;
    return b->numbers;
}

/* ---- Forward */

typedef struct forward_job {
    const bundles *bundles;
    tarn__binary_loop *loop;
    const tarn_real *a, *b;
    tarn_real *y;
} forward_job;

static void forward_bundles(const void *context, int64_t first, int64_t end)
{
    const forward_job *j = context;
    const bundles *u = j->bundles;
    buffer repeated = {.from = NULL};
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = bundle_at(u, k);
        j->loop(at.count, operand(u, 0, j->a + at.a, &repeated), u->p->a_step,
                operand(u, 1, j->b + at.b, &repeated), u->p->b_step, j->y + at.result);
    }
}

tarn_tensor *tarn__binary(const tarn_op *op, tarn_tensor *a, tarn_tensor *b,
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
    const bundles u = bundles_of(p);
    tarn__share(u.count, result->size, forward_bundles,
                &(forward_job){&u, loop, a->values, b->values, result->values});
    return result;
}

/* ---- Backward */

/* The gradient of input number which: written or added where its elements are met once each, else
   summed, each part of the bundles for itself. */
typedef struct gradient_job {
    const bundles *bundles;
    tarn__gradient_loop *loop;
    const tarn_real *a, *b, *dy;
    tarn__target dt;
    int which, parts;
    int64_t size; /* of the input */
    double *sums; /* of each part */
} gradient_job;

static void gradient_bundles(const void *context, int64_t first, int64_t end)
{
    const gradient_job *j = context;
    const bundles *u = j->bundles;
    buffer repeated = {.from = NULL};
    for (int64_t k = first; k < end; k++) {
        const tarn__piece at = bundle_at(u, k);
        j->loop(u->p, at.count, operand(u, 0, j->a + at.a, &repeated),
                operand(u, 1, j->b + at.b, &repeated), j->dy + at.result,
                (tarn__target){j->dt.values + at.result, j->dt.add});
    }
}

TARN__CLONES static void add_each(int64_t n, const tarn_real *passed, double *sums)
{
    for (int64_t i = 0; i < n; i++)
        sums[i] += passed[i];
}

/* Several sums at once, so that additions need not wait for each other. */
TARN__CLONES static double sum_of(int64_t n, const tarn_real *passed)
{
    enum { WAYS = 16 };
    double sums[WAYS] = {0}, total = 0;
    int64_t i = 0;
    for (; i + WAYS <= n; i += WAYS)
        for (int w = 0; w < WAYS; w++)
            sums[w] += passed[i + w];
    for (; i < n; i++)
        total += passed[i];
    for (int w = 0; w < WAYS; w++)
        total += sums[w];
    return total;
}

/* Sums of a bundle's rows, which stand for one row of the input, until they are added to that. */
typedef struct wide_sums {
    double *to; /* NULL: none */
    double numbers[BUFFER];
} wide_sums;

static void settle(const bundles *u, wide_sums *w)
{
    const int64_t size = u->p->row_size, count = w->to ? u->rows * size : 0;
    for (int64_t i = 0; i < count; i += size)
        for (int64_t c = 0; c < size; c++)
            w->to[c] += w->numbers[i + c];
    w->to = NULL;
}

/* Where elements of a bundle go: side by side to sums of their own, all to one, or, of the operand
   that is repeated, to wide sums. */
static void add_passed(const gradient_job *j, int64_t n, const tarn_real *passed, double *to,
                       wide_sums *w)
{
    const bundles *u = j->bundles;
    const int64_t step = j->which == 0 ? u->p->a_step : u->p->b_step;
    if (step == 0)
        *to += sum_of(n, passed);
    else if (j->which != u->repeated)
        add_each(n, passed, to);
    else {
        if (w->to != to) {
            settle(u, w);
            *w = (wide_sums){.to = to};
        }
        add_each(n, passed, w->numbers);
    }
}

static void sum_bundle(const gradient_job *j, int64_t index, buffer *repeated, double *sums,
                       wide_sums *w)
{
    const bundles *u = j->bundles;
    const tarn__pairing *p = u->p;
    const tarn__piece at = bundle_at(u, index);
    const int64_t t_step = j->which == 0 ? p->a_step : p->b_step;
    for (int64_t i = 0; i < at.count; i += BUFFER) {
        const int64_t n = at.count - i < BUFFER ? at.count - i : BUFFER;
        tarn_real passed[BUFFER];
        j->loop(p, n, operand(u, 0, j->a + at.a, repeated) + i * p->a_step,
                operand(u, 1, j->b + at.b, repeated) + i * p->b_step, j->dy + at.result + i,
                (tarn__target){passed, false});
        add_passed(j, n, passed, sums + (j->which == 0 ? at.a : at.b) + i * t_step, w);
    }
}

static void sum_parts(const void *context, int64_t first, int64_t end)
{
    const gradient_job *j = context;
    const int64_t count = j->bundles->count;
    buffer repeated = {.from = NULL};
    for (int64_t k = first; k < end; k++) {
        double *sums = j->sums + k * j->size;
        wide_sums w = {.to = NULL};
        for (int64_t i = 0; i < j->size; i++)
            sums[i] = 0;
        for (int64_t i = count * k / j->parts; i < count * (k + 1) / j->parts; i++)
            sum_bundle(j, i, &repeated, sums, &w);
        settle(j->bundles, &w);
    }
}

/* For an input that is repeated: several bundles add to the same elements, so threads share the
   parts, if sums for each do not take much memory. */
static void sum(gradient_job *j, int64_t elements, tarn_real *dt)
{
    enum { PARTS = 16 };
    j->parts = j->size <= elements / (4 * PARTS) ? PARTS : 1;
    tarn__arena_position mark = tarn__scratch_push();
    j->sums = tarn__scratch_take((size_t)(j->size * j->parts) * sizeof *j->sums);
    if (j->sums) {
        tarn__share(j->parts, elements, sum_parts, j);
        for (int64_t i = 0; i < j->size; i++) {
            double total = 0;
            for (int k = 0; k < j->parts; k++)
                total += j->sums[k * j->size + i];
            dt[i] += (tarn_real)total;
        }
    }
    tarn__scratch_pop(mark);
}

void tarn__binary_gradient(const tarn_node *node, int which, tarn__gradient_loop *loop)
{
    tarn_tensor *t = node->inputs[which];
    const bundles u = bundles_of(node->saved);
    const int64_t elements = node->output->size;
    gradient_job j = {.bundles = &u,
                      .loop = loop,
                      .a = node->inputs[0]->values,
                      .b = node->inputs[1]->values,
                      .dy = tarn_gradients(node->output),
                      .which = which,
                      .size = t->size};
    if (t->size != elements) {
        tarn_real *sums = tarn_op_gradient(t);
        if (sums)
            sum(&j, elements, sums);
        return;
    }
    j.dt.values = tarn_op_gradient_to_write(t, &j.dt.add);
    if (j.dt.values)
        tarn__share(u.count, elements, gradient_bundles, &j);
}
