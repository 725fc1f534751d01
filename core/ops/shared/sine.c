#include "core/ops/shared/sine.h"

#include <math.h>

#include "core/base/clones.h"

#ifdef TARN_DOUBLE

void tarn__sine(int64_t n, const tarn_real *x, int quarters, tarn_real *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = quarters == 0 ? sin(x[i]) : quarters == 1 ? cos(x[i]) : -sin(x[i]);
}

#else

/* In double, of which float needs half the digits: x = k pi / 2 + r, |r| <= pi / 4, and then the
   series of r up to 2e-9. k is rounded by adding 3/2 2^52, which leaves no bits behind the point;
   pi / 2 is subtracted in two parts, the first of so few bits that its product with k is exact. */
static inline double sine_of(double x, int quarters)
{
    const double shift = 0x1.8p52, k = (x * 0.63661977236758134 + shift) - shift;
    const double r = (x - k * 0x1.921fb544p0) - k * 0x1.0b4611a626331p-34, s = r * r;
    const double sine = r + r * s * (-1 / 6.0 + s * (1 / 120.0 + s * (-1 / 5040.0 + s / 362880.0)));
    const double cosine =
        1 + s * (-1 / 2.0 + s * (1 / 24.0 + s * (-1 / 720.0 + s * (1 / 40320.0 - s / 3628800.0))));
    const int quarter = (int)k + quarters;
    const double value = quarter & 1 ? cosine : sine;
    return quarter & 2 ? -value : value;
}

/* So that k is a whole number of less than 20 bits. */
static inline bool is_near(float x)
{
    return fabsf(x) < 0x1p19f;
}

TARN__CLONES static bool near_ones(int64_t n, const float *x, int quarters, float *y)
{
    int all = 1;
    for (int64_t i = 0; i < n; i++) {
        const bool near = is_near(x[i]);
        all &= near;
        y[i] = (float)sine_of(near ? (double)x[i] : 0, quarters);
    }
    return all;
}

void tarn__sine(int64_t n, const tarn_real *x, int quarters, tarn_real *y)
{
    if (near_ones(n, x, quarters, y))
        return;
    for (int64_t i = 0; i < n; i++)
        if (!is_near(x[i]))
            y[i] = quarters == 0 ? sinf(x[i]) : quarters == 1 ? cosf(x[i]) : -sinf(x[i]);
}

#endif
