#include "core/ops/shared/labels.h"

#include <float.h>
#include <math.h>

#include "core/base/error.h"
#include "core/ops/shared/loss.h"

bool tarn__check_class_weights(const char *op, const tarn_tensor *weights, int64_t classes)
{
    if (!weights)
        return true;
    if (!tarn_shape_equal(weights->shape, tarn_shape(classes)))
        return tarn_fail("%s: class weights %s, expects (%lld)", op,
                         tarn_shape_to_text(weights->shape).text, (long long)classes);
    if (!tarn__usable(op, "class_weights", weights))
        return false;
    for (int64_t i = 0; i < classes; i++) {
        const double weight = weights->values[i];
        if (!(weight >= 0 && weight <= DBL_MAX))
            return tarn_fail("%s: the weight of class %lld is %g, expects 0 or more and finite", op,
                             (long long)i, weight);
    }
    return true;
}

bool tarn__check_labels(const char *op, const char *what, const tarn_tensor *x,
                        const tarn__label_args *a)
{
    const tarn_shape shape = x->shape;
    if (shape.ndim != 2)
        return tarn_fail("%s: %s %s, expects (N,classes)", op, what,
                         tarn_shape_to_text(shape).text);
    if (a->labels.count != shape.dim[0])
        return tarn_fail("%s: %lld labels for %s %s, expects %lld", op, (long long)a->labels.count,
                         what, tarn_shape_to_text(shape).text, (long long)shape.dim[0]);
    if (!a->labels.ids && a->labels.count > 0)
        return tarn_fail("%s: the ids of %lld labels are NULL", op, (long long)a->labels.count);
    const int left_out = a->ignore_label;
    for (int64_t n = 0; n < a->labels.count; n++) {
        const int32_t label = a->labels.ids[n];
        if ((label < 0 || label >= shape.dim[1]) && label != left_out)
            return tarn_fail("%s: label %d at row %lld, expects 0 to %lld, or %d to ignore the row",
                             op, (int)label, (long long)n, (long long)shape.dim[1] - 1, left_out);
    }
    return tarn__check_class_weights(op, a->class_weights, shape.dim[1]) &&
           tarn__check_reduction(op, a->reduction);
}

size_t tarn__labelled_size(const tarn_tensor *x)
{
    const size_t rows = (size_t)x->shape.dim[0], classes = (size_t)x->shape.dim[1];
    return classes * sizeof(double) + (rows + 1) / 2 * 2 * sizeof(int32_t);
}

tarn__labelled tarn__keep_labels(void *memory, const tarn_tensor *x, const tarn__label_args *a)
{
    const int64_t rows = x->shape.dim[0], classes = x->shape.dim[1];
    tarn__labelled kept = {.each = a->reduction == TARN_NONE, .weights = memory};
    kept.labels = (int32_t *)(kept.weights + classes);
    for (int64_t i = 0; i < classes; i++)
        kept.weights[i] = a->class_weights ? (double)a->class_weights->values[i] : 1;
    const int left_out = a->ignore_label;
    double total = 0;
    for (int64_t n = 0; n < rows; n++) {
        const int32_t label = a->labels.ids[n];
        kept.labels[n] = label == left_out ? -1 : label;
        total += label == left_out ? 0 : kept.weights[label];
    }
    /* The mean of nothing is NaN, even where label smoothing leaves a loss. */
    kept.divisor = a->reduction != TARN_MEAN ? 1 : total > 0 ? total : NAN;
    return kept;
}
