#ifndef TARN_TESTS_SUPPORT_LARGER_H
#define TARN_TESTS_SUPPORT_LARGER_H

#include <math.h>

/* The larger of both, and NaN if one is NaN, which fmax() would drop: so that a largest difference
   fails `difference <= tolerance` where there is a NaN. */
static inline double larger(double a, double b)
{
    return isnan(a) || a >= b ? a : b;
}

#endif
