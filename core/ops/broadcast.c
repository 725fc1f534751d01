/* Pairs the elements of two tensors by NumPy's rules; see core/ops/binary.h. */
#include "core/error.h"
#include "core/ops/binary.h"

enum { LONGEST_PIECE = 8192 };

/* One dimension of the result, and how far its next element is in a and in b. */
typedef struct dimension {
    int64_t size, a, b;
} dimension;

/* Dimension number i counted from the last; 1 where the tensor has none. */
static int64_t dim_from_last(const tarn_tensor *t, int i)
{
    return i < t->shape.ndim ? t->shape.dim[t->shape.ndim - 1 - i] : 1;
}

/* The dimensions of the result from the last to the first, joined where both go on evenly.
   Returns their number, or -1 if the shapes do not fit. */
static int join(const tarn_tensor *a, const tarn_tensor *b, tarn_shape *result, dimension *out)
{
    int count = 0;
    int64_t a_size = 1, b_size = 1;
    result->ndim = a->shape.ndim > b->shape.ndim ? a->shape.ndim : b->shape.ndim;
    for (int i = 0; i < result->ndim; i++) {
        int64_t in_a = dim_from_last(a, i), in_b = dim_from_last(b, i);
        if (in_a != in_b && in_a != 1 && in_b != 1)
            return -1;
        dimension d = {in_a == 1 ? in_b : in_a, in_a == 1 ? 0 : a_size, in_b == 1 ? 0 : b_size};
        result->dim[result->ndim - 1 - i] = d.size;
        a_size *= in_a;
        b_size *= in_b;
        dimension *inner = count ? &out[count - 1] : NULL;
        if (d.size == 1)
            continue;
        if (inner && d.a == inner->a * inner->size && d.b == inner->b * inner->size)
            inner->size *= d.size;
        else
            out[count++] = d;
    }
    return count;
}

bool tarn__pair(const char *op, const tarn_tensor *a, const tarn_tensor *b, tarn__pairing *p)
{
    dimension dims[TARN_MAX_NDIM + 1];
    *p = (tarn__pairing){.rows = 1, .row_size = 1, .pieces = 1, .a_step = 1, .b_step = 1};
    int count = join(a, b, &p->result, dims);
    if (count < 0)
        return tarn_fail("%s: shapes %s and %s cannot be broadcast: each pair of dimensions, from "
                         "the last on, must be equal or hold a 1",
                         op, tarn_shape_to_text(a->shape).text, tarn_shape_to_text(b->shape).text);
    if (count == 0)
        return true;
    p->row_size = dims[0].size;
    p->pieces = (p->row_size + LONGEST_PIECE - 1) / LONGEST_PIECE;
    p->a_step = dims[0].a;
    p->b_step = dims[0].b;
    for (int i = count - 1; i > 0; i--) {
        p->dim[p->ndim] = dims[i].size;
        p->a_stride[p->ndim] = dims[i].a;
        p->b_stride[p->ndim] = dims[i].b;
        p->rows *= dims[i].size;
        p->ndim++;
    }
    return true;
}

tarn__piece tarn__piece_of(const tarn__pairing *p, int64_t index)
{
    int64_t row = index / p->pieces, first = index % p->pieces * LONGEST_PIECE;
    int64_t rest = p->row_size - first;
    tarn__piece at = {.count = rest < LONGEST_PIECE ? rest : LONGEST_PIECE,
                      .a = first * p->a_step,
                      .b = first * p->b_step,
                      .result = row * p->row_size + first};
    for (int i = p->ndim - 1; i >= 0; i--) {
        at.a += row % p->dim[i] * p->a_stride[i];
        at.b += row % p->dim[i] * p->b_stride[i];
        row /= p->dim[i];
    }
    return at;
}
