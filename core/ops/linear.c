/*
 * Fully connected layer, with ReLU at its end if asked for. x (N,in), weight (in,out), bias (out);
 * of more dimensions than two all but the last are N.
 *
 *     z = x weight + bias
 *     y = z, or with relu: 0 if z <= 0, else z      so NaN stays NaN
 *
 *     dz = dy, or with relu: 0 if y <= 0, else dy
 *     dx = dz weight^T
 *     dweight = x^T dz
 *     dbias = the sum of the rows of dz
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/matmul.h"

/* Columns that are summed at a time. */
enum { STRIPE = 64 };

/* N */
static int64_t rows_of(const tarn_tensor *x)
{
    int64_t rows = 1;
    for (int i = 0; i < x->shape.ndim - 1; i++)
        rows *= x->shape.dim[i];
    return rows;
}

/* dy is read in any case, so that the loop becomes vectors: the signs of y cannot be predicted. */
static void pass_relu(int64_t count, const tarn_real *y, const tarn_real *dy, tarn_real *dz)
{
    for (int64_t j = 0; j < count; j++) {
        const tarn_real d = dy[j];
        dz[j] = y[j] <= 0 ? 0 : d;
    }
}

/* Of some columns: dz into the place of its own, if there is one (else dy is dz), and dbias, if
   wanted, summed in double, row after row. */
static void stripe_backward(int64_t rows, int64_t columns, int64_t count, const tarn_real *y,
                            const tarn_real *dy, tarn_real *dz, tarn__target dbias)
{
    double sum[STRIPE] = {0};
    for (int64_t at = 0; at < rows * columns; at += columns) {
        if (dz)
            pass_relu(count, y + at, dy + at, dz + at);
        const tarn_real *row = (dz ? dz : dy) + at;
        for (int64_t j = 0; dbias.values && j < count; j++)
            sum[j] += (double)row[j];
    }
    if (dbias.values)
        for (int64_t j = 0; j < count; j++)
            dbias.values[j] = (tarn_real)((dbias.add ? (double)dbias.values[j] : 0) + sum[j]);
}

typedef struct job {
    int64_t rows, columns;
    const tarn_real *y, *dy;
    tarn_real *dz;
    tarn__target dbias;
} job;

static void stripes_backward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const int64_t at = k * STRIPE, left = j->columns - at;
        tarn__target part = {j->dbias.values ? j->dbias.values + at : NULL, j->dbias.add};
        stripe_backward(j->rows, j->columns, left < STRIPE ? left : STRIPE, j->y + at, j->dy + at,
                        j->dz ? j->dz + at : NULL, part);
    }
}

static void linear_backward(const tarn_node *node)
{
    const bool *relu = node->saved;
    tarn_tensor *x = node->inputs[0], *weight = node->inputs[1], *y = node->output;
    const int64_t n = rows_of(x), in = weight->shape.dim[0], out = weight->shape.dim[1];
    const tarn_real *dz = tarn_gradients(y);

    /* Gradients live longer than scratch memory, so they are asked for first, and are written in
       the order in which they are asked for. */
    tarn__target dx, dweight, dbias = {NULL, false};
    if (node->input_count == 3)
        dbias.values = tarn_op_gradient_to_write(node->inputs[2], &dbias.add);
    dx.values = tarn_op_gradient_to_write(x, &dx.add);
    dweight.values = tarn_op_gradient_to_write(weight, &dweight.add);

    tarn__arena_position mark = tarn__scratch_push();
    tarn_real *masked = NULL;
    if (*relu)
        masked = tarn__scratch_take((size_t)(n * out) * sizeof *masked);
    if (masked || !*relu) {
        if (masked || dbias.values)
            tarn__share((out + STRIPE - 1) / STRIPE, n * out, stripes_backward,
                        &(job){n, out, y->values, dz, masked, dbias});
        tarn__matmul_backward(n, out, in, x->values, weight->values, masked ? masked : dz, dx,
                              dweight);
    }
    tarn__scratch_pop(mark);
}

static const tarn_op linear = {"linear", linear_backward};
static const tarn_op with_relu = {"linear+relu", linear_backward};

/* False after reporting a mistake. */
static bool check(const tarn_linear_args *a)
{
    const tarn_shape x = a->x->shape, weight = a->weight->shape;
    if (x.ndim < 2)
        return tarn_fail("linear: input %s, expects (N,in) or (N,...,in)",
                         tarn_shape_to_text(x).text);
    if (weight.ndim != 2)
        return tarn_fail("linear: weight %s, expects (in,out)", tarn_shape_to_text(weight).text);
    if (x.dim[x.ndim - 1] != weight.dim[0])
        return tarn_fail("linear: input %s has %lld features, weight %s expects %lld",
                         tarn_shape_to_text(x).text, (long long)x.dim[x.ndim - 1],
                         tarn_shape_to_text(weight).text, (long long)weight.dim[0]);
    if (a->bias && !tarn_shape_equal(a->bias->shape, tarn_shape(weight.dim[1])))
        return tarn_fail("linear: bias %s, expects (%lld)", tarn_shape_to_text(a->bias->shape).text,
                         (long long)weight.dim[1]);
    return true;
}

tarn_tensor *tarn_linear_with(tarn_linear_args a)
{
    if (!a.x || !a.weight || !check(&a))
        return NULL;
    const int64_t n = rows_of(a.x), in = a.weight->shape.dim[0], out = a.weight->shape.dim[1];
    tarn_shape shape = a.x->shape;
    shape.dim[shape.ndim - 1] = out;
    tarn_tensor *y = tarn_op_result_of(a.relu ? &with_relu : &linear, shape, a.bias ? 3 : 2,
                                       (tarn_tensor *[]){a.x, a.weight, a.bias});
    bool *relu = y ? tarn_op_save(y, sizeof *relu) : NULL;
    if (!relu)
        return NULL;
    *relu = a.relu;
    tarn_op_operations(y, (double)y->size * (2 * (double)in + (a.bias != NULL) + a.relu));
    tarn__gemm g = tarn__product(n, out, in, a.x->values, a.weight->values, y->values);
    g.bias = a.bias ? a.bias->values : NULL;
    g.relu = a.relu;
    return tarn__multiply(&g) ? y : NULL;
}
