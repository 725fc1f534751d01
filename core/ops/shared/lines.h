/* What gather and scatter_add share: an element of an axis for each place of a tensor. */
#ifndef TARN_CORE_OPS_SHARED_LINES_H
#define TARN_CORE_OPS_SHARED_LINES_H

#include "core/op_internal.h"

/* x is (outer, size, inner), the tensor of places (outer, count, inner). */
typedef struct tarn__lines {
    int64_t outer, size, count, inner;
    int32_t ids[]; /* one for each place */
} tarn__lines;

/* Which element of x belongs to place number k. */
static inline int64_t tarn__line_place(const tarn__lines *l, int64_t k)
{
    const int64_t matrix = l->count * l->inner;
    return (k / matrix * l->size + l->ids[k]) * l->inner + k % l->inner;
}

/* Whether there is an id for each place of a tensor as x, but with `count` elements along the axis,
   each at least 0 and below the size of the axis; false after a report. */
bool tarn__check_lines(const char *op, const tarn_tensor *x, int axis, int64_t count,
                       tarn_labels ids);

/* Saves them with the result. NULL when memory runs out. */
tarn__lines *tarn__save_lines(tarn_tensor *result, const tarn_tensor *x, int axis, int64_t count,
                              tarn_labels ids);

/* to[k] = from[place of k], or added; and to[place of k] += from[k]. */
void tarn__gather(const tarn__lines *l, const tarn_real *from, tarn_real *to, bool add);
void tarn__scatter(const tarn__lines *l, const tarn_real *from, tarn_real *to);

#endif
