/*
 * The order of the elements along one axis. Not an operation: nothing is recorded, and there is no
 * gradient; tarn_gather() takes the elements themselves.
 */
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/op_internal.h"
#include "core/ops/places.h"
#include "core/ops/shared/rows.h"

typedef struct entry {
    tarn_real value;
    int32_t index;
} entry;

/* NaN counts as largest; equals keep their order. */
static int compare(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    const bool a_nan = a->value != a->value, b_nan = b->value != b->value;
    const int smaller =
        a_nan != b_nan ? b_nan - a_nan : (a->value < b->value) - (a->value > b->value);
    return smaller ? -smaller : (a->index > b->index) - (a->index < b->index);
}

static int compare_descending(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    const entry x = {a->value, b->index}, y = {b->value, a->index};
    return -compare(&x, &y);
}

typedef int comparison(const void *left, const void *right);

/* Puts the first `count` of n entries in front, in order, and keeps those in front while it goes
   through the others: quick where few are asked for. */
static void select_first(entry *entries, int64_t n, int64_t count, comparison *before)
{
    qsort(entries, (size_t)count, sizeof *entries, before);
    for (int64_t i = count; i < n; i++) {
        const entry next = entries[i];
        int64_t at = count;
        while (at > 0 && before(&next, &entries[at - 1]) < 0)
            at--;
        for (int64_t k = count - 1; k > at; k--)
            entries[k] = entries[k - 1];
        if (at < count)
            entries[at] = next;
    }
}

enum { FEW = 16 };

static bool check(const tarn_argsort_axis_args *a, int axis, int64_t *count)
{
    const int64_t size = a->x->shape.dim[axis];
    const tarn_shape_text shape = tarn_shape_to_text(a->x->shape);
    if (!tarn__usable("argsort_axis", "the input", a->x))
        return false;
    if (size > INT32_MAX)
        return tarn_fail("argsort_axis: axis %d of input %s is longer than 2^31 - 1", axis,
                         shape.text);
    *count = a->count == TARN_WHOLE_AXIS ? size : a->count;
    if (*count < 0 || *count > size)
        return tarn_fail("argsort_axis: the first %lld along axis %d of input %s, expects 0 to "
                         "%lld",
                         (long long)*count, axis, shape.text, (long long)size);
    if (!a->indices)
        return tarn_fail("argsort_axis: the array for the indices of input %s is NULL", shape.text);
    return true;
}

bool tarn_argsort_axis_with(tarn_argsort_axis_args a)
{
    int64_t count = 0;
    const int axis = a.x ? tarn__axis("argsort_axis", a.x, a.axis) : -1;
    if (axis < 0 || !check(&a, axis, &count))
        return false;
    const tarn_shape *shape = &a.x->shape;
    const int64_t size = shape->dim[axis], outer = tarn__size_between(shape, 0, axis),
                  inner = tarn__size_between(shape, axis + 1, shape->ndim);
    if (count == 0 || outer * inner == 0)
        return true;
    entry *entries = tarn__block_alloc((size_t)size * sizeof *entries);
    if (!entries)
        return false;
    comparison *before = a.descending ? compare_descending : compare;
    for (int64_t line = 0; line < outer * inner; line++) {
        const int64_t o = line / inner, i = line % inner;
        const tarn_real *x = a.x->values + o * size * inner + i;
        for (int64_t k = 0; k < size; k++)
            entries[k] = (entry){x[k * inner], (int32_t)k};
        if (count <= FEW)
            select_first(entries, size, count, before);
        else
            qsort(entries, (size_t)size, sizeof *entries, before);
        for (int64_t k = 0; k < count; k++)
            a.indices[(o * count + k) * inner + i] = entries[k].index;
    }
    tarn__block_free(entries);
    return true;
}
