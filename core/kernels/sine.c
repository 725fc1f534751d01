/*
 * Sine and cosine of an array, in radians. In float they are computed here; the double build asks
 * the C library.
 *
 *     x = k pi/2 + r                       k = round(2 x / pi), |r| <= pi/4
 *     sin x = sin r, cos r, -sin r, -cos r for k mod 4 = 0, 1, 2, 3; cos x is the next of these
 *     sin r = r + r^3 S(r^2), cos r = 1 - r^2 / 2 + r^4 C(r^2)
 *
 * Near a multiple of pi/2 little of x is left in r: pi/2 is subtracted in parts, the first of so
 * few bits that what it leaves is exact. Where k has more than 20 bits that is not enough, and the
 * C library is asked. The error is below 2 units in the last place; NaN for infinities.
 */
#include <math.h>

#include "core/kernels/isa.h"
#include "core/kernels/math.h"

#ifdef TARN_DOUBLE

void ISA(sine)(int64_t n, const tarn_real *x, tarn_real *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = sin(x[i]);
}

void ISA(cosine)(int64_t n, const tarn_real *x, tarn_real *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = cos(x[i]);
}

#else

#if defined __FMA__
#include <immintrin.h>
#elif defined __ARM_FEATURE_FMA
#include <arm_neon.h>
#endif

static const float farthest = 0x1p19f;

/* The r of numbers that are near, and their k, which adding shift rounds: it has no bits behind the
   point. */
#if defined __FMA__ || defined __ARM_FEATURE_FMA

/* a - n p, rounded once: for certain, where a compiler may fuse the two or not. */
ALWAYS_INLINE vector less_product(vector a, vector n, float p)
{
#if defined __AVX512F__
    return (vector)_mm512_fnmadd_ps((__m512)n, _mm512_set1_ps(p), (__m512)a);
#elif defined __FMA__
    return (vector)_mm256_fnmadd_ps((__m256)n, _mm256_set1_ps(p), (__m256)a);
#else
    return (vector)vfmsq_f32((float32x4_t)a, (float32x4_t)n, vdupq_n_f32(p));
#endif
}

ALWAYS_INLINE vector reduced(vector x, vector *k)
{
    const float shift = 0x1.8p23f;
    const vector n = (x * 0.636619772f + shift) - shift;
    *k = n;
    x = less_product(x, n, 0x1.921fb4p0f);
    return less_product(less_product(x, n, 0x1.4442d0p-24f), n, 0x1.846988p-48f);
}

#else

/* A product that is rounded takes double, for half of the lanes at a time. */
typedef double wide __attribute__((vector_size(VECTOR_BYTES)));
typedef float narrow
    __attribute__((vector_size(VECTOR_BYTES / 2), aligned(sizeof(float)), may_alias));

ALWAYS_INLINE vector reduced(vector x, vector *k)
{
    const double shift = 0x1.8p52;
    vector r;
    const narrow *from = (const narrow *)&x;
    narrow *rest = (narrow *)&r, *count = (narrow *)k;
    UNROLLED_FOR (int h = 0; h < 2; h++) {
        const wide v = __builtin_convertvector(from[h], wide);
        const wide n = (v * 0.63661977236758134 + shift) - shift;
        rest[h] =
            __builtin_convertvector((v - n * 0x1.921fb544p0) - n * 0x1.0b4611a626331p-34, narrow);
        count[h] = __builtin_convertvector(n, narrow);
    }
    return r;
}

#endif

/* sin(x + quarters pi/2) */
ALWAYS_INLINE vector sine_of(vector x, uint32_t quarters)
{
    static const float s[] = {-0.16666654611f, 0.0083321608736f, -0.00019515295891f};
    static const float c[] = {0.04166664568298827f, -0.001388731625493765f, 2.443315711809948e-5f};
    vector k;
    const vector r = reduced(choose(magnitude(x) < farthest, x, broadcast(0)), &k), rr = r * r;
    const vector sine = with_sign(r + r * rr * polynomial(2, s, rr), r);
    const vector cosine = 1 - (rr * 0.5f - rr * rr * polynomial(2, c, rr));
    const bits quarter = (bits)(k + 0x1.8p23f) + quarters; /* k in its low bits */
    const vector size = choose((lanes)(quarter & 1) == 1, cosine, sine);
    return (vector)((bits)size ^ ((quarter & 2) << 30));
}

ALWAYS_INLINE void sines(int64_t n, const float *x, uint32_t quarters, float *y)
{
    lanes near = lanes_of(-1);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        near &= magnitude(load(x + i)) < farthest;
        store(y + i, sine_of(load(x + i), quarters));
    }
    if (i < n) {
        const vector rest = load_first(x + i, (int)(n - i));
        near &= magnitude(rest) < farthest;
        store_part(y + i, sine_of(rest, quarters), (int)(n - i));
    }
    lane all = -1;
    for (int v = 0; v < LANES; v++)
        all &= near[v];
    for (i = 0; !all && i < n; i++)
        if (!(fabsf(x[i]) < farthest))
            y[i] = quarters ? cosf(x[i]) : sinf(x[i]);
}

void ISA(sine)(int64_t n, const tarn_real *x, tarn_real *y)
{
    sines(n, x, 0, y);
}

void ISA(cosine)(int64_t n, const tarn_real *x, tarn_real *y)
{
    sines(n, x, 1, y);
}

#endif
