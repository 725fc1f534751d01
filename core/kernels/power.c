/*
 * Powers of an array by one number. In float they are computed here in double, so that the errors
 * of logarithm and exponential stay below half of a float's last place, which is then rounded once;
 * the double build asks the C library.
 *
 *     |x|^p = 2^t              t = p log2 |x| = n + r, n = round(t), |r| <= 1/2
 *     log2 |x| = e + ln(1 + f) / ln 2,   |x| = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt 2
 *     ln(1 + f) = 2 (s + s^3 / 3 + s^5 / 5 ...),   s = f / (2 + f), |s| < 0.172: to s^13, 2e-12
 *     2^r = 1 + r ln 2 + (r ln 2)^2 / 2! ...                                  to the 10th, 1e-12
 *
 * For x below 0 the result is NaN unless p is whole, and of its sign if p is odd. Zeros and
 * infinities give what C's pow() gives.
 */
#include <math.h>

#include "core/kernels/isa.h"
#include "core/kernels/wide.h"

#ifdef TARN_DOUBLE

void ISA(power)(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = pow(x[i], p);
}

#else

typedef uint64_t wide_bits __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t wide_lanes __attribute__((vector_size(VECTOR_BYTES)));

/* A number of this size has no digits behind the point, and a whole number added to it stands in
   its low bits. */
static const double whole = 0x1.8p52;

ALWAYS_INLINE wide choose_wide(wide_lanes where, double a, wide b)
{
    return (wide)(((wide_lanes)(a - (wide){0}) & where) | ((wide_lanes)b & ~where));
}

ALWAYS_INLINE wide series(int degree, const double *c, wide x)
{
    wide sum = c[degree] - (wide){0};
    UNROLLED_FOR (int i = degree - 1; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* log2 of numbers above 0, of which every float is a normal double. */
ALWAYS_INLINE wide log2_of(wide x)
{
    static const double c[] = {2.8853900817779268,  0.96179669392597557, 0.57707801635558534,
                               0.41219858311113239, 0.32059889797532522, 0.26230818925253882,
                               0.22195308321368669};
    const uint64_t sqrt_half = 0x3FE6A09E667F3BCD, one = 0x3FF0000000000000;
    /* Shifted and moved up, so that no bits but the exponent's, never negative, are shifted in. */
    const wide_bits exponent = ((wide_bits)x + (one - sqrt_half)) >> 52;
    const wide m = (wide)((wide_bits)x - ((exponent - 1023) << 52));
    const wide e = (wide)(exponent + (uint64_t)0x4338000000000000) - (whole + 1023);
    const wide s = (m - 1) / (m + 1);
    return e + s * series(6, c, s * s);
}

/* 2^t; beyond these bounds it is 0 or infinite as a float. NaN stays. */
ALWAYS_INLINE wide exp2_of(wide t)
{
    static const double c[] = {1,
                               0.69314718055994529,
                               0.24022650695910069,
                               0.055504108664821576,
                               0.0096181291076284769,
                               0.0013333558146428441,
                               0.00015403530393381606,
                               1.5252733804059838e-05,
                               1.3215486790144305e-06,
                               1.0178086009239696e-07,
                               7.0549116208011209e-09};
    t = choose_wide(t > 200, 200, choose_wide(t < -200, -200, t));
    const wide shifted = t + whole, r = t - (shifted - whole);
    const wide_bits scale = ((wide_bits)shifted << 52) + (uint64_t)0x3FF0000000000000;
    return series(10, c, r) * (wide)scale;
}

/* p, and what is not asked of each element. */
typedef struct exponent {
    double p;
    bool whole, odd;
} exponent;

/* Of 0 and of infinity one is 0, the other infinite. */
ALWAYS_INLINE vector power_of_vector(vector x, exponent of)
{
    const lanes sign = (lanes)x & lanes_of(INT32_MIN);
    vector size = (vector)((lanes)x & lanes_of(INT32_MAX)), y;
    const float *from = (const float *)&size;
    float *to = (float *)&y;
    UNROLLED_FOR (int h = 0; h < LANES; h += WIDE)
        store_narrow(to + h, narrowed(exp2_of(log2_of(widened(load_narrow(from + h))) * of.p)));
    const vector infinity = broadcast(__builtin_inff()), zero = broadcast(0);
    y = choose(size == 0, of.p > 0 ? zero : infinity, y);
    y = choose(size == infinity, of.p > 0 ? infinity : zero, y);
    y = choose(size != size, x, y);
    if (of.odd)
        return (vector)((lanes)y | sign);
    if (!of.whole)
        y = choose((x < 0) & (size != infinity), broadcast(__builtin_nanf("")), y);
    return y;
}

void ISA(power)(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y)
{
    const double size = fabs((double)p);
    const exponent of = {p, size == floor(size), fmod(size, 2) == 1};
    for (; n > 0; n -= LANES, x += LANES, y += LANES)
        store_first(y, power_of_vector(load(x), of), (int)smaller(n, LANES));
}

#endif
