/* What the losses with labels share, cross_entropy and nll: which rows count, and how much. */
#ifndef TARN_CORE_OPS_SHARED_LABELS_H
#define TARN_CORE_OPS_SHARED_LABELS_H

#include "core/op_internal.h"
#include "core/ops/losses.h"

/* The arguments. */
typedef struct tarn__label_args {
    tarn_labels labels;
    const tarn_tensor *class_weights; /* or NULL */
    int ignore_label;
    tarn_reduction reduction;
} tarn__label_args;

/* False, after a report to the handler, if x, called what in the report, is not (N, classes), or an
   argument does not fit it. */
bool tarn__check_labels(const char *op, const char *what, const tarn_tensor *x,
                        const tarn__label_args *args);

/* Whether class weights are (classes), finite and at least 0; NULL is right. False after a report.
 */
bool tarn__check_class_weights(const char *op, const tarn_tensor *weights, int64_t classes);

/* What they say, kept for backward. */
typedef struct tarn__labelled {
    bool each;       /* the result is a loss for each row, (N); else a scalar */
    double divisor;  /* of the sum of losses: for the mean the weights of all labels, else 1 */
    double *weights; /* (classes) */
    int32_t *labels; /* (N); negative for a row that is left out */
} tarn__labelled;

/* So many bytes are needed, aligned for double, to copy the arguments to. */
size_t tarn__labelled_size(const tarn_tensor *x);
tarn__labelled tarn__keep_labels(void *memory, const tarn_tensor *x, const tarn__label_args *args);

#endif
