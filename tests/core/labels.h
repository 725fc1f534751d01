/* The labels of a golden case: numbers label0, label1, ... */
#ifndef TARN_TESTS_CORE_LABELS_H
#define TARN_TESTS_CORE_LABELS_H

#include <stdio.h>

#include "tests/support/golden.h"

enum { MOST_LABELS = 16 };

/* For as many rows as x has; ids holds them. */
static inline tarn_labels golden_labels(const golden_case *c, const tarn_tensor *x,
                                        int32_t ids[MOST_LABELS])
{
    const int64_t count = x ? tarn_dim(x, 0) : 0;
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "label%d", i);
        ids[i] = (int32_t)golden_number(c, name, -1);
    }
    return tarn_labels(count, ids);
}

#endif
