/* Sums, means, maxima and minima over axes. */
#include "nn/exchange/import_internal.h"

/* The axes, from an attribute or an input; all if there are none, or nothing at all. */
static int axes_of(tarn__importer *c, int ndim, bool reduced[TARN_MAX_NDIM])
{
    int64_t axes[TARN_MAX_NDIM];
    const int count = tarn__import_list(c, "axes", 1, TARN_MAX_NDIM, axes);
    const bool nothing = tarn__import_int_of(c, "noop_with_empty_axes", 0);
    for (int i = 0; i < ndim; i++)
        reduced[i] = count <= 0 && !nothing;
    for (int i = 0; i < count && i < TARN_MAX_NDIM; i++) {
        const int axis = tarn__import_axis(c, axes[i], ndim);
        if (axis < 0)
            return -2;
        reduced[axis] = true;
    }
    return count;
}

/* The mean and the maximum of all pixels have operations, and layers, of their own. */
static const tarn__graph_op *op_of(tarn__bytes type, const tarn__import_value *x,
                                   const bool reduced[], bool keepdims)
{
    const bool pixels = x->shape.ndim == 4 && !reduced[0] && !reduced[1] && reduced[2] &&
                        reduced[3] &&
                        tarn__import_same_order(x->order, tarn__import_channels_last(4), 4);
    if (tarn__bytes_are(type, "ReduceMax"))
        return pixels && keepdims ? &tarn__graph_adaptive_max_pool2d : &tarn__graph_max;
    if (tarn__bytes_are(type, "ReduceMin"))
        return &tarn__graph_min;
    if (tarn__bytes_are(type, "ReduceSum"))
        return &tarn__graph_sum;
    return !pixels    ? &tarn__graph_mean
           : keepdims ? &tarn__graph_adaptive_avg_pool2d
                      : &tarn__graph_global_avg_pool2d;
}

bool tarn__import_reduce(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const bool keepdims = tarn__import_int_of(c, "keepdims", 1);
    const int ndim = x->shape.ndim;
    bool reduced[TARN_MAX_NDIM];
    if (axes_of(c, ndim, reduced) == -2)
        return false;
    tarn_shape shape = {.ndim = 0};
    tarn__import_order order = tarn__import_plain();
    int number[TARN_MAX_NDIM], places = 0;
    tarn_axes axes = {.count = 0};
    for (int i = 0; i < ndim; i++) {
        number[i] = shape.ndim;
        if (!reduced[i] || keepdims)
            shape.dim[shape.ndim++] = reduced[i] ? 1 : x->shape.dim[i];
    }
    const int operand = tarn__import_ordered(c, x, x->order);
    for (int i = 0; i < ndim; i++) {
        if (reduced[x->order.axis[i]])
            axes.axis[axes.count++] = i;
        if (!reduced[x->order.axis[i]] || keepdims)
            order.axis[places++] = (int8_t)number[x->order.axis[i]];
    }
    if (axes.count == 0)
        return tarn__import_identity(c);
    tarn__graph_step *step =
        tarn__import_emit(c, op_of(c->node->type, x, reduced, keepdims), 1, &operand);
    if (!step)
        return false;
    step->axes = axes;
    step->keepdims = keepdims;
    step->shape = tarn_shape(1, 1);
    return tarn__import_give(c, step->output, shape, order);
}
