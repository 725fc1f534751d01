#include "core/ops/shared/broadcast.h"

#include "core/base/error.h"

enum { LONGEST_PIECE = 8192 };

/* One dimension of the result, and how far its next element is in each of the tensors. */
typedef struct dimension {
    int64_t size, step[3];
} dimension;

/* Dimension number i counted from the last; 1 where the tensor has none. */
static int64_t dim_from_last(const tarn_tensor *t, int i)
{
    return t && i < t->shape.ndim ? t->shape.dim[t->shape.ndim - 1 - i] : 1;
}

/* Dimension i of the result, which is 1 unless a tensor has another; false if two differ. Adds it
   to the sizes of what was seen of each tensor. */
static bool dimension_of(const tarn_tensor *const t[3], int i, int64_t seen[3], dimension *d)
{
    d->size = 1;
    for (int k = 0; k < 3; k++) {
        const int64_t dim = dim_from_last(t[k], i);
        if (dim != 1 && d->size != 1 && dim != d->size)
            return false;
        d->size = dim == 1 ? d->size : dim;
        d->step[k] = dim == 1 ? 0 : seen[k];
        seen[k] *= dim;
    }
    return true;
}

static bool goes_on_evenly(const dimension *outer, const dimension *inner)
{
    for (int k = 0; k < 3; k++)
        if (outer->step[k] != inner->step[k] * inner->size)
            return false;
    return true;
}

/* The dimensions of the result from the last to the first, joined where all go on evenly. Returns
   their number, or -1 if the shapes do not fit. */
static int join(const tarn_tensor *const t[3], tarn_shape *result, dimension *out)
{
    int count = 0;
    int64_t seen[3] = {1, 1, 1};
    result->ndim = 0;
    for (int k = 0; k < 3; k++)
        if (t[k] && t[k]->shape.ndim > result->ndim)
            result->ndim = t[k]->shape.ndim;
    for (int i = 0; i < result->ndim; i++) {
        dimension d;
        if (!dimension_of(t, i, seen, &d))
            return -1;
        result->dim[result->ndim - 1 - i] = d.size;
        if (d.size == 1)
            continue;
        if (count && goes_on_evenly(&d, &out[count - 1]))
            out[count - 1].size *= d.size;
        else
            out[count++] = d;
    }
    return count;
}

/* Reports that shapes do not fit. */
static bool refuse(const char *op, const tarn_tensor *const t[3])
{
    const char *const expected = "cannot be broadcast: each pair of dimensions, from the last on, "
                                 "must be equal or hold a 1";
    const tarn_shape_text a = tarn_shape_to_text(t[0]->shape), b = tarn_shape_to_text(t[1]->shape);
    if (!t[2])
        return tarn_fail("%s: shapes %s and %s %s", op, a.text, b.text, expected);
    return tarn_fail("%s: shapes %s, %s and %s %s", op, tarn_shape_to_text(t[2]->shape).text,
                     a.text, b.text, expected);
}

bool tarn__pair_of_three(const char *op, const tarn_tensor *a, const tarn_tensor *b,
                         const tarn_tensor *c, tarn__pairing *p)
{
    const tarn_tensor *const tensors[3] = {a, b, c};
    dimension dims[TARN_MAX_NDIM + 1];
    *p = (tarn__pairing){
        .rows = 1, .row_size = 1, .pieces = 1, .a_step = 1, .b_step = 1, .c_step = 1};
    int count = join(tensors, &p->result, dims);
    if (count < 0)
        return refuse(op, tensors);
    /* tarn_op_result() refuses a result that is too large. */
    if (count == 0 || tarn_shape_size(p->result) < 0)
        return true;
    p->row_size = dims[0].size;
    p->pieces = (p->row_size + LONGEST_PIECE - 1) / LONGEST_PIECE;
    p->a_step = dims[0].step[0];
    p->b_step = dims[0].step[1];
    p->c_step = dims[0].step[2];
    for (int i = count - 1; i > 0; i--) {
        p->dim[p->ndim] = dims[i].size;
        p->a_stride[p->ndim] = dims[i].step[0];
        p->b_stride[p->ndim] = dims[i].step[1];
        p->c_stride[p->ndim] = dims[i].step[2];
        p->rows *= dims[i].size;
        p->ndim++;
    }
    return true;
}

bool tarn__pair(const char *op, const tarn_tensor *a, const tarn_tensor *b, tarn__pairing *p)
{
    return tarn__pair_of_three(op, a, b, NULL, p);
}

tarn__piece tarn__piece_of(const tarn__pairing *p, int64_t index)
{
    int64_t row = index / p->pieces, first = index % p->pieces * LONGEST_PIECE;
    int64_t rest = p->row_size - first;
    tarn__piece at = {.count = rest < LONGEST_PIECE ? rest : LONGEST_PIECE,
                      .a = first * p->a_step,
                      .b = first * p->b_step,
                      .c = first * p->c_step,
                      .result = row * p->row_size + first};
    for (int i = p->ndim - 1; i >= 0; i--) {
        at.a += row % p->dim[i] * p->a_stride[i];
        at.b += row % p->dim[i] * p->b_stride[i];
        at.c += row % p->dim[i] * p->c_stride[i];
        row /= p->dim[i];
    }
    return at;
}
