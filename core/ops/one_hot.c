/*
 * Class ids as rows of zeros with a 1 at the class.
 *
 *     y[n, i] = 1 if i = ids[n], else 0
 */
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops/places.h"

static const tarn_op one_hot = {"one_hot", NULL};

tarn_tensor *tarn_one_hot(tarn_labels labels, int classes)
{
    if (labels.count < 0 || (labels.count > 0 && !labels.ids) || classes < 0)
        return tarn_fail("one_hot: %lld labels%s and %d classes, expects an array of 0 or more, "
                         "and 0 or more",
                         (long long)labels.count, labels.ids ? "" : " at NULL", classes);
    for (int64_t n = 0; n < labels.count; n++)
        if (labels.ids[n] < 0 || labels.ids[n] >= classes)
            return tarn_fail("one_hot: label %d at row %lld, expects 0 to %d", (int)labels.ids[n],
                             (long long)n, classes - 1);
    tarn_tensor *y = tarn_op_result_of(&one_hot, tarn_shape(labels.count, classes), 0, NULL);
    for (int64_t i = 0; y && i < y->size; i++)
        y->values[i] = 0;
    for (int64_t n = 0; y && n < labels.count; n++)
        y->values[n * classes + labels.ids[n]] = 1;
    return y;
}
