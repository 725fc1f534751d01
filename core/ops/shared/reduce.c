#include "core/ops/shared/reduce.h"

#include <math.h>

#include "core/base/clones.h"
#include "core/base/pool.h"

/* Columns that are summed side by side, so that reading goes straight on. */
enum { COLUMNS = 1024 };

/* A long sum is taken in so many parts, which threads can share; in fewer of many columns, as the
   sums of all parts and columns, at most SUMS, lie on the stack. */
enum { PARTS = 16, SUMS = 4096 };

static int64_t place_of(const tarn__places *p, int64_t index)
{
    int64_t place = 0;
    for (int i = 0; i < p->ndim; i++) {
        const bool outermost = i == p->ndim - 1;
        place += (outermost ? index : index % p->dim[i]) * p->stride[i];
        index = outermost ? 0 : index / p->dim[i];
    }
    return place;
}

/* Rows that follow each other in x, beginning with number first of all and ending before end. */
typedef struct run {
    int64_t place, rows;
} run;

static run run_of(const tarn__reduce_plan *r, int64_t first, int64_t end)
{
    const int64_t outer = r->summed.ndim ? first / r->rows : 0;
    const int64_t row = first - outer * r->rows, left = end - first;
    return (run){place_of(&r->summed, outer) + row * r->inner,
                 r->rows - row < left ? r->rows - row : left};
}

static int64_t size_of(const tarn__reduce_plan *r)
{
    return r->kept.count * tarn__reduced_count(r) * r->inner;
}

/* ---- Forward */

/* Adds the squares of distances from mean to the sums of the columns of x. */
TARN__CLONES static void add_squares(int64_t rows, int64_t apart, int64_t width, const tarn_real *x,
                                     const double *mean, double *restrict sums)
{
    for (; rows > 0; rows--, x += apart)
        for (int64_t i = 0; i < width; i++) {
            const double distance = (double)x[i] - mean[i];
            sums[i] += distance * distance;
        }
}

/* The same of one column, whose elements follow each other. */
static double sum_of_row(int64_t count, const tarn_real *x, const double *mean)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    return mean ? kernels->sum_of_squares(count, x, *mean) : kernels->sum(count, x, 0);
}

/* The sums of some columns of the rows from first to end. */
static void sum_part(const tarn__reduce_plan *r, int64_t first, int64_t end, int64_t columns,
                     const tarn_real *x, const double *mean, double *sums)
{
    for (int64_t i = 0; i < columns; i++)
        sums[i] = 0;
    for (run t; first < end; first += t.rows) {
        t = run_of(r, first, end);
        if (r->inner == 1)
            *sums += sum_of_row(t.rows, x + t.place, mean);
        else if (mean)
            add_squares(t.rows, r->inner, columns, x + t.place, mean, sums);
        else
            tarn__kernels_in_use()->add_rows(t.rows, r->inner, columns, x + t.place, sums);
    }
}

static int parts_of(const tarn__reduce_plan *r)
{
    const int64_t columns = r->inner < COLUMNS ? r->inner : COLUMNS;
    const int parts = columns <= SUMS / PARTS ? PARTS : SUMS / COLUMNS;
    return tarn__reduced_count(r) * columns >= TARN__SHARE_MIN ? parts : 1;
}

/* What the threads share: the parts of one sum, the sums, or their gradients. */
typedef struct job {
    const tarn__reduce_plan *r;
    double factor;
    const tarn_real *x;
    tarn__means means;
    tarn_real *y;
    int64_t columns;    /* of one sum of several */
    const double *mean; /* around which their squares are summed */
    double *partial;
} job;

static void sum_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t rows = tarn__reduced_count(j->r), parts = parts_of(j->r);
    for (int64_t p = first; p < end; p++)
        sum_part(j->r, rows * p / parts, rows * (p + 1) / parts, j->columns, j->x, j->mean,
                 j->partial + p * j->columns);
}

static void sum_columns(const tarn__reduce_plan *r, int64_t columns, const tarn_real *x,
                        const double *mean, double *sums)
{
    const int64_t rows = tarn__reduced_count(r);
    const int parts = parts_of(r);
    /* Short sums are many. */
    if (parts == 1) {
        if (r->inner == 1 && r->summed.ndim == 0)
            *sums = sum_of_row(rows, x, mean);
        else
            sum_part(r, 0, rows, columns, x, mean, sums);
        return;
    }
    double partial[SUMS];
    tarn__share(parts, rows * columns, sum_parts,
                &(job){.r = r, .x = x, .mean = mean, .columns = columns, .partial = partial});
    for (int64_t i = 0; i < columns; i++) {
        sums[i] = 0;
        for (int p = 0; p < parts; p++)
            sums[i] += partial[p * columns + i];
    }
}

static void reduce_columns(const tarn__reduce_plan *r, double factor, int64_t columns,
                           const tarn_real *x, tarn__means means, tarn_real *y)
{
    double sums[COLUMNS], mean[COLUMNS];
    sum_columns(r, columns, x, NULL, sums);
    if (means.centre) {
        for (int64_t i = 0; i < columns; i++) {
            mean[i] = sums[i] / (double)tarn__reduced_count(r);
            means.centre[i] = (tarn_real)mean[i];
            means.rest[i] = isinf(mean[i]) ? 0 : (tarn_real)(mean[i] - means.centre[i]);
        }
        sum_columns(r, columns, x, mean, sums);
    }
    for (int64_t i = 0; i < columns; i++)
        y[i] = (tarn_real)(factor * sums[i]);
}

static tarn__means means_from(tarn__means m, int64_t first)
{
    return m.centre ? (tarn__means){m.centre + first, m.rest + first} : m;
}

static int64_t blocks_of(const tarn__reduce_plan *r)
{
    return (r->inner + COLUMNS - 1) / COLUMNS;
}

static void reduce_blocks(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__reduce_plan *r = j->r;
    for (int64_t k = first; k < end; k++) {
        const int64_t o = k / blocks_of(r), column = k % blocks_of(r) * COLUMNS;
        const int64_t left = r->inner - column, to = o * r->inner + column;
        reduce_columns(r, j->factor, left < COLUMNS ? left : COLUMNS,
                       j->x + place_of(&r->kept, o) + column, means_from(j->means, to), j->y + to);
    }
}

void tarn__reduce(const tarn__reduce_plan *r, double factor, const tarn_real *x, tarn__means means,
                  tarn_real *y)
{
    const job j = {.r = r, .factor = factor, .x = x, .means = means, .y = y};
    const int64_t count = r->kept.count * blocks_of(r);
    /* Threads share the results, or, where these are few and the sums long, the parts of each. */
    if (parts_of(r) == 1 || count >= PARTS)
        tarn__share(count, size_of(r), reduce_blocks, &j);
    else
        reduce_blocks(&j, 0, count);
}

/* ---- Backward */

/* Rows of elements, each with the dy and the mean of its column (step 1), or one row with the same
   for all (step 0). Nothing overlaps: saying so saves the code that would ask. */
static inline __attribute__((always_inline)) void write_steps(int64_t rows, int64_t width, int step,
                                                              tarn_real by, const tarn_real *x,
                                                              tarn__means m, const tarn_real *dy,
                                                              bool add, tarn_real *restrict dx)
{
    for (int64_t at = 0; at < rows * width; at += width)
        if (m.centre && add)
            for (int64_t i = 0; i < width; i++)
                dx[at + i] +=
                    by * dy[i * step] * ((x[at + i] - m.centre[i * step]) - m.rest[i * step]);
        else if (m.centre)
            for (int64_t i = 0; i < width; i++)
                dx[at + i] =
                    by * dy[i * step] * ((x[at + i] - m.centre[i * step]) - m.rest[i * step]);
        else if (add)
            for (int64_t i = 0; i < width; i++)
                dx[at + i] += by * dy[i * step];
        else
            for (int64_t i = 0; i < width; i++)
                dx[at + i] = by * dy[i * step];
}

TARN__CLONES static void write_rows(int64_t rows, int64_t width, tarn_real by, const tarn_real *x,
                                    tarn__means m, const tarn_real *dy, bool add, tarn_real *dx)
{
    if (width == 1)
        write_steps(1, rows, 0, by, x, m, dy, add, dx);
    else
        write_steps(rows, width, 1, by, x, m, dy, add, dx);
}

/* Some of the rows behind one dy, or inner of them. */
static void write_part(const tarn__reduce_plan *r, int64_t first, int64_t end, tarn_real by,
                       const tarn_real *x, tarn__means m, const tarn_real *dy, tarn__target dx)
{
    for (run t; first < end; first += t.rows) {
        t = run_of(r, first, end);
        write_rows(t.rows, r->inner, by, m.centre ? x + t.place : NULL, m, dy, dx.add,
                   dx.values + t.place);
    }
}

typedef struct backward_job {
    const tarn__reduce_plan *r;
    tarn_real factor;
    const tarn_real *x, *dy;
    tarn__means means;
    tarn__target dx;
    int parts; /* that each result's rows are written in */
} backward_job;

static void write_parts(const void *context, int64_t first, int64_t end)
{
    const backward_job *j = context;
    const int64_t rows = tarn__reduced_count(j->r);
    for (int64_t k = first; k < end; k++) {
        const int64_t o = k / j->parts, p = k % j->parts;
        const int64_t place = place_of(&j->r->kept, o), from = o * j->r->inner;
        write_part(j->r, rows * p / j->parts, rows * (p + 1) / j->parts, j->factor,
                   j->x ? j->x + place : NULL, means_from(j->means, from), j->dy + from,
                   (tarn__target){j->dx.values + place, j->dx.add});
    }
}

void tarn__reduce_backward(const tarn__reduce_plan *r, double factor, const tarn_real *x,
                           tarn__means means, const tarn_real *dy, tarn__target dx)
{
    if (r->inner == 0)
        return; /* of which there could be very many rows */
    const bool few = size_of(r) >= TARN__SHARE_MIN && r->kept.count < PARTS;
    const backward_job j = {r, (tarn_real)factor, x, dy, means, dx, few ? PARTS : 1};
    tarn__share(r->kept.count * j.parts, size_of(r), write_parts, &j);
}

/* ---- Sum, mean */

typedef struct scaled_sum {
    tarn__reduce_plan r;
    double factor;
} scaled_sum;

tarn_tensor *tarn__scaled_sum(const tarn_op *op, tarn_tensor *x, tarn_shape shape,
                              tarn__reduce_plan r, double factor)
{
    tarn_tensor *result = tarn_op_result(op, shape, x);
    scaled_sum *s = result ? tarn_op_save(result, sizeof *s) : NULL;
    if (!s)
        return NULL;
    *s = (scaled_sum){r, factor};
    tarn__reduce(&r, factor, x->values, (tarn__means){NULL, NULL}, result->values);
    return result;
}

void tarn__scaled_sum_backward(const tarn_node *node)
{
    const scaled_sum *s = node->saved;
    tarn__target dx;
    dx.values = tarn_op_gradient_to_write(node->inputs[0], &dx.add);
    if (dx.values)
        tarn__reduce_backward(&s->r, s->factor, NULL, (tarn__means){NULL, NULL},
                              tarn_gradients(node->output), dx);
}
