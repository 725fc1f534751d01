#include <math.h>

#include "core/error.h"
#include "nn/nn.h"

static int64_t index_of_largest(const tarn_real *row, int64_t size)
{
    int64_t best = 0;
    for (int64_t i = 1; i < size && !isnan(row[best]); i++)
        if (row[i] > row[best] || isnan(row[i]))
            best = i;
    return best;
}

int tarn_count_correct(const tarn_tensor *logits, tarn_labels labels)
{
    if (!logits)
        return 0;
    if (!labels.ids && labels.count > 0) {
        tarn_fail("count_correct: the ids of %lld labels are NULL", (long long)labels.count);
        return 0;
    }
    if (tarn_ndim(logits) != 2 || tarn_dim(logits, 0) != labels.count) {
        tarn_fail("count_correct: logits are %s, expects (%lld,classes) for %lld labels",
                  tarn_shape_to_text(tarn_shape_get(logits)).text, (long long)labels.count,
                  (long long)labels.count);
        return 0;
    }
    int64_t classes = tarn_dim(logits, 1);
    const tarn_real *values = tarn_values(logits);
    int correct = 0;
    for (int64_t i = 0; i < labels.count; i++) {
        int32_t label = labels.ids[i];
        if (label < 0 || label >= classes) {
            tarn_fail("count_correct: label %d at %lld, expects 0 or more and below %lld", label,
                      (long long)i, (long long)classes);
            return 0;
        }
        correct += index_of_largest(values + i * classes, classes) == label;
    }
    return correct;
}
