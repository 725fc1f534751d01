#include "nn/metrics.h"

#include <math.h>

#include "core/base/error.h"
#include "nn/metrics_internal.h"
#include "nn/module.h"

int64_t tarn__guess(const tarn_real *row, int64_t classes)
{
    int64_t best = 0;
    for (int64_t i = 1; i < classes && !isnan(row[best]); i++)
        if (row[i] > row[best] || isnan(row[i]))
            best = i;
    return best;
}

bool tarn__check_guesses(const char *name, const tarn_tensor *logits, tarn_labels labels)
{
    if (!logits)
        return tarn_fail_null("metrics: the tensor of logits");
    if (!tarn_values(logits))
        return false;
    if (!labels.ids && labels.count > 0)
        return tarn_fail("%s: the ids of %lld labels are NULL", name, (long long)labels.count);
    if (tarn_ndim(logits) != 2 || tarn_dim(logits, 0) != labels.count)
        return tarn_fail("%s: logits are %s, expects (%lld,classes) for %lld labels", name,
                         tarn_shape_to_text(tarn_shape_get(logits)).text, (long long)labels.count,
                         (long long)labels.count);
    const int64_t classes = tarn_dim(logits, 1);
    for (int64_t i = 0; i < labels.count; i++)
        if (labels.ids[i] < 0 || labels.ids[i] >= classes)
            return tarn_fail("%s: label %d at %lld, expects 0 or more and below %lld", name,
                             (int)labels.ids[i], (long long)i, (long long)classes);
    return true;
}

static int count_correct(const tarn_tensor *logits, tarn_labels labels)
{
    const int64_t classes = tarn_dim(logits, 1);
    int correct = 0;
    for (int64_t i = 0; i < labels.count; i++)
        correct += tarn__guess(tarn_values(logits) + i * classes, classes) == labels.ids[i];
    return correct;
}

int tarn_count_correct(const tarn_tensor *logits, tarn_labels labels)
{
    if (!tarn__check_guesses("count_correct", logits, labels))
        return 0;
    return count_correct(logits, labels);
}

double tarn_accuracy(const tarn_tensor *logits, tarn_labels labels)
{
    if (!tarn__check_guesses("accuracy", logits, labels))
        return NAN;
    return (double)count_correct(logits, labels) / (double)labels.count;
}

/* How many classes are above one. */
static int64_t rank(const tarn_real *row, int64_t classes, int64_t of)
{
    const tarn_real value = row[of];
    int64_t above = 0;
    for (int64_t i = 0; i < classes; i++) {
        const bool equal = row[i] == value || (isnan(row[i]) && isnan(value));
        above += equal ? i < of : row[i] > value || (isnan(row[i]) && !isnan(value));
    }
    return above;
}

int tarn_count_top_k(const tarn_tensor *logits, tarn_labels labels, int k)
{
    if (!tarn__check_guesses("count_top_k", logits, labels))
        return 0;
    const int64_t classes = tarn_dim(logits, 1);
    if (k < 1 || k > classes) {
        tarn_fail("count_top_k: k is %d, expects 1 to %lld, the number of classes", k,
                  (long long)classes);
        return 0;
    }
    int right = 0;
    for (int64_t i = 0; i < labels.count; i++)
        right += rank(tarn_values(logits) + i * classes, classes, labels.ids[i]) < k;
    return right;
}

void tarn_running_mean_add(tarn_running_mean *mean, double value, double weight)
{
    if (!(weight >= 0 && isfinite(weight)))
        tarn_fail("running_mean_add: weight is %g, expects 0 or more and finite", weight);
    else if (mean && weight > 0) {
        mean->sum += weight * value;
        mean->weight += weight;
    }
}

double tarn_running_mean_get(const tarn_running_mean *mean)
{
    return mean ? mean->sum / mean->weight : NAN;
}
