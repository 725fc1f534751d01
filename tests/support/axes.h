/* Lists of axes in golden files: "set axes 2", "set axis_0 0", "set axis_1 -1". */
#ifndef TARN_TESTS_SUPPORT_AXES_H
#define TARN_TESTS_SUPPORT_AXES_H

#include <stdio.h>

#include "tests/support/golden.h"

/* The list of a case; no axes where it has none. */
static inline tarn_axes golden_axes(const golden_case *c)
{
    int list[TARN_MAX_NDIM], count = (int)golden_number(c, "axes", 0);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "axis_%d", i);
        list[i] = (int)golden_number(c, name, TARN_MAX_NDIM);
    }
    return tarn_axes_of(count, list);
}

#endif
