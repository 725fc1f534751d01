/*
 * Comparisons, order, and what picks elements; the rules of core/ops.h hold here too. Axis -1 is
 * the last. A library that was built with -Dextras=false has none of them.
 */
#ifndef TARN_CORE_OPS_PLACES_H
#define TARN_CORE_OPS_PLACES_H

#include "core/base/options.h"
#include "core/tape.h"

TARN_API_BEGIN

/* ---- Masks: 1 where it is so, else 0, with broadcasting and without a gradient, as conditions of
   tarn_where(). NaN is unequal to all, itself too, so that tarn_ne(x, x) is where x is NaN. With a
   number: tarn_gt(x, tarn_number(0.5)). */
tarn_tensor *tarn_gt(tarn_tensor *a, tarn_tensor *b); /* a > b */
tarn_tensor *tarn_ge(tarn_tensor *a, tarn_tensor *b); /* a >= b */
tarn_tensor *tarn_lt(tarn_tensor *a, tarn_tensor *b); /* a < b */
tarn_tensor *tarn_le(tarn_tensor *a, tarn_tensor *b); /* a <= b */
tarn_tensor *tarn_eq(tarn_tensor *a, tarn_tensor *b); /* a = b */
tarn_tensor *tarn_ne(tarn_tensor *a, tarn_tensor *b); /* a != b */

/* (count, classes): 1 at the label of each row, else 0. A label outside of 0 to classes - 1 is a
   mistake. */
tarn_tensor *tarn_one_hot(tarn_labels labels, int classes);

/* ---- Order. */

/* Writes where along the axis the smallest element is, the next one, and so on, or the largest
   first if descending; equals keep their order, and NaN counts as largest. The first count of each
   line, row-major in the shape of x with count along the axis, go into an array of the caller's.
   Needs no tape. False after reporting a mistake, if x is NULL, or, with tarn_error() set, when
   memory runs out. The five largest of each row, with their gradient:

       int32_t places[5 * N];
       tarn_argsort_axis(x, -1, places, .descending = true, .count = 5);
       tarn_gather(x, -1, tarn_labels(5 * N, places)) */
enum { TARN_WHOLE_AXIS = -1 };
#define TARN_ARGSORT_OPTIONS(OPTION)                                                               \
    OPTION(bool, descending, false)                                                                \
    OPTION(int64_t, count, TARN_WHOLE_AXIS)
typedef struct tarn_argsort_axis_args {
    const tarn_tensor *x;
    int axis;
    int32_t *indices;
    TARN_OPTIONS(TARN_ARGSORT_OPTIONS)
} tarn_argsort_axis_args;
bool tarn_argsort_axis_with(tarn_argsort_axis_args args);
#define tarn_argsort_axis(x_, axis_, ...)                                                          \
    TARN_CALL(tarn_argsort_axis_with, tarn_argsort_axis_args, TARN_ARGSORT_OPTIONS, .x = (x_),     \
              .axis = (axis_), .indices = __VA_ARGS__)

/* ---- Picking. Ids are not needed after the call; one outside of the axis is a mistake, and the
   gradients of an element that is taken several times add up. */

/* y[.., k, ..] = x[.., ids[.., k, ..], ..]: an id for each element of the result, row-major in its
   shape, which is that of x but for the axis. There must be as many for each line along the axis.
   The logit of each label: tarn_gather(logits, 1, labels), (N, 1). */
tarn_tensor *tarn_gather(tarn_tensor *x, int axis, tarn_labels ids);

/* x, and each element of the source added to one of it: y[.., ids[.., k, ..], ..] += source[.., k,
   ..]. The source has the shape of x but for the axis, and an id for each element. */
tarn_tensor *tarn_scatter_add(tarn_tensor *x, int axis, tarn_labels ids, tarn_tensor *source);

/* The lower, upper triangle of each matrix (...,rows,columns), a copy: elements with column - row
   <=
   (>=) diagonal, 0 elsewhere. */
tarn_tensor *tarn_tril(tarn_tensor *x, int diagonal);
tarn_tensor *tarn_triu(tarn_tensor *x, int diagonal);

TARN_API_END

#endif
