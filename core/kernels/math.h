/* clang-format off */
/*
 * Elementary functions of a vector. In float they are computed here, from polynomials that were
 * fitted by Remez' exchange algorithm; the double build, which exists to check gradients, asks the
 * C library for each lane.
 *
 *     e^x = 2^n e^r                        n = round(x / ln 2), r = x - n ln 2, |r| <= ln 2 / 2
 *     e^r - 1 = r + r^2 Q(r)
 *     ln x = n ln 2 + ln(1 + f)            x = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt 2
 *     ln(1 + f) = f - f^2 / 2 + f^3 L(f)
 *     tanh |x| = -m / (2 + m)              m = e^(-2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1),
 *                                          which keeps its precision near 0
 *     sigmoid x = 1 / (1 + e^-x)           for x >= 0; e^x / (1 + e^x) below: e is at most 1
 *     its slope e^-|x| / (1 + e^-|x|)^2; that of tanh, 4 times as much at 2 x
 *     elu x = x for x > 0; e^x - 1     below, as in tanh
 *     t P(-t) = v V(v) e^(-t^2 / 2)        P the normal distribution, v = t / (3/2 + t)
 *
 * Errors against the exact value, in units in the last place (ulp) of the float nearest to it,
 * denormal results included; the largest over all 2^32 floats and every instruction set, and
 * tests/core/test_math.c holds them:
 *
 *     exp 1, log 1, tanh 2.5, sigmoid 2.5, their slopes 3, elu 2.5, gelu 5; gelu_slope 2^-22, absolute
 *
 * Infinities, NaN, zeros of either sign, overflow and underflow give what the C library gives; gelu
 * and its slope at an infinity give their limits. Where an instruction set has no fused
 * multiply-add the last bit may differ from one that has.
 */
/* clang-format on */
#ifndef TARN_CORE_KERNELS_MATH_H
#define TARN_CORE_KERNELS_MATH_H

#include "core/kernels/vector.h"

#ifdef TARN_DOUBLE

#include <math.h>

#define OF_EACH_LANE(name, value)                                                                  \
    ALWAYS_INLINE vector vector_##name(vector v)                                                   \
    {                                                                                              \
        for (int i = 0; i < LANES; i++) {                                                          \
            const double x = v[i];                                                                 \
            v[i] = value;                                                                          \
        }                                                                                          \
        return v;                                                                                  \
    }

#define DISTRIBUTION(x) (erfc(-(x)*0.7071067811865476) / 2)
#define DENSITY(x) (exp(-(x) * (x) / 2) * 0.3989422804014327)

OF_EACH_LANE(exp, exp(x))
OF_EACH_LANE(log, log(x))
OF_EACH_LANE(tanh, tanh(x))
OF_EACH_LANE(sigmoid, 1 / (1 + exp(-x)))
OF_EACH_LANE(sigmoid_slope, exp(-fabs(x)) / pow(1 + exp(-fabs(x)), 2))
OF_EACH_LANE(tanh_slope, 4 * exp(-2 * fabs(x)) / pow(1 + exp(-2 * fabs(x)), 2))
OF_EACH_LANE(elu, x > 0 ? x : expm1(x))
OF_EACH_LANE(gelu, x < -40 ? -0.0 : x * DISTRIBUTION(x))
OF_EACH_LANE(gelu_slope, x<-40 ? -0.0 : x> 40 ? 1 : DISTRIBUTION(x) + x * DENSITY(x))

#else

#include <stdint.h>

/* The bits of a vector, unsigned, so that those of a NaN, whose n means nothing, may wrap around.
 */
typedef uint32_t bits __attribute__((vector_size(VECTOR_BYTES)));

static const uint32_t sign_bit = 0x80000000;

ALWAYS_INLINE vector magnitude(vector x)
{
    return (vector)((bits)x & ~sign_bit);
}

ALWAYS_INLINE vector minus_magnitude(vector x)
{
    return (vector)((bits)x | sign_bit);
}

/* The magnitude of one with the sign of the other. */
ALWAYS_INLINE vector with_sign(vector x, vector sign)
{
    return (vector)(((bits)x & ~sign_bit) | ((bits)sign & sign_bit));
}

/* Adding it leaves no bits behind the point: it rounds to a whole number, which then stands in the
   low bits. */
static const float to_whole = 0x1.8p23f;

/* The smaller and the larger of a bound and x; NaN stays. 2^n of a normal number. x 2^n, rounded
   once. n is whole, from -300 to 300. With AVX-512 each is one instruction, which the compilers do
   not find. */
#ifdef __AVX512F__

ALWAYS_INLINE vector at_most(float bound, vector x)
{
    return (vector)_mm512_min_ps(_mm512_set1_ps(bound), (__m512)x);
}

ALWAYS_INLINE vector at_least(float bound, vector x)
{
    return (vector)_mm512_max_ps(_mm512_set1_ps(bound), (__m512)x);
}

ALWAYS_INLINE vector scaled(vector x, vector n)
{
    return (vector)_mm512_scalef_ps((__m512)x, (__m512)n);
}

ALWAYS_INLINE vector power_of_two(vector n)
{
    return scaled(broadcast(1), n);
}

#else

ALWAYS_INLINE vector at_most(float bound, vector x)
{
    return choose(x > bound, broadcast(bound), x);
}

ALWAYS_INLINE vector at_least(float bound, vector x)
{
    return choose(x < bound, broadcast(bound), x);
}

ALWAYS_INLINE vector power_of_two(vector n)
{
    return (vector)(((bits)(n + to_whole) << 23) + (bits)broadcast(1));
}

/* In halves, so that results may be denormal or infinite. */
ALWAYS_INLINE vector scaled(vector x, vector n)
{
    const vector half = (n * 0.5f + to_whole) - to_whole;
    return x * power_of_two(half) * power_of_two(n - half);
}

#endif

/* c[0] + c[1] x + ... */
ALWAYS_INLINE vector polynomial(int degree, const float *c, vector x)
{
    vector sum = broadcast(c[degree]);
    UNROLLED_FOR (int i = degree - 1; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* n, and r = upper + lower, of x. ln 2 is subtracted in two parts, the first of so few bits that
   its product with n is exact. */
typedef struct split {
    vector n, upper, lower;
} split;

ALWAYS_INLINE split reduced_exponent(vector x)
{
    const vector n = (x * 1.442695041f + to_whole) - to_whole;
    return (split){n, x - n * 0.693359375f, n * 2.12194440e-4f};
}

/* Q(r) */
ALWAYS_INLINE vector quotient(vector r)
{
    static const float q[] = {0.5000000063f, 0.1666654205f, 0.04166627906f, 0.008366710638f,
                              0.001394667159f};
    return polynomial(4, q, r);
}

/* e^r - 1. Rounding r, the sum, costs a quarter of the last place. */
ALWAYS_INLINE vector reduced_expm1(split of)
{
    const vector r = of.upper + of.lower;
    return of.upper + (r * r * quotient(r) + of.lower);
}

/* e^r. Where a product need not be rounded before it is added to, little is lost beside the 1. gcc
   fuses the two only when it optimizes. */
ALWAYS_INLINE vector reduced_exp(split of)
{
#if defined __OPTIMIZE__ && (defined __FMA__ || defined __ARM_FEATURE_FMA)
    const vector r = of.upper + of.lower;
    return 1 + r * (1 + r * quotient(r));
#else
    return 1 + reduced_expm1(of);
#endif
}

/* e^x, for -120 <= x <= 89. Results may be denormal or infinite. */
ALWAYS_INLINE vector exp_within(vector x)
{
    const split of = reduced_exponent(x);
    return scaled(reduced_exp(of), of.n);
}

/* Beyond these bounds e^x is infinite or 0. */
ALWAYS_INLINE vector vector_exp(vector x)
{
    return exp_within(at_least(-104, at_most(89, x)));
}

ALWAYS_INLINE vector vector_log(vector x)
{
    static const float l[] = {0.333333126f,   -0.250000096f,  0.2000211865f,
                              -0.1666799588f, 0.1421955252f,  -0.1240558849f,
                              0.1188816074f,  -0.1167565414f, 0.06746646875f};
    const uint32_t sqrt_half = 0x3F3504F3;
    const lanes small = x < 0x1p-126f;
    const bits scaled = (bits)choose(small, x * 0x1p23f, x);
    const lanes exponent = (lanes)(scaled - sqrt_half) >> 23;
    const vector f = (vector)(scaled - ((bits)exponent << 23)) - 1;
    const vector n =
        __builtin_convertvector(exponent, vector) - choose(small, broadcast(23), broadcast(0));
    const vector ff = f * f;
    const vector rest = f * ff * polynomial(8, l, f) - n * 2.12194440e-4f - ff * 0.5f;
    const vector result = f + rest + n * 0.693359375f;

    const vector outside = choose(x < 0, broadcast(__builtin_nanf("")), x);
    const vector special = choose(x == 0, broadcast(-__builtin_inff()), outside);
    return choose((x > 0) & (x < __builtin_inff()), result, special);
}

/* From 10 on the nearest float is 1. Where e^-2t is the smaller, 1 - 2 e^-2t / (1 + e^-2t) is the
   same with less error. */
ALWAYS_INLINE vector vector_tanh(vector x)
{
    const vector t = magnitude(x);
    const lanes far = t > 0.55f;
    const split of = reduced_exponent(at_least(-20, -2 * t));
    const vector r = reduced_expm1(of), scale = power_of_two(of.n);
    const vector e = scale * r + scale, m = scale * r + (scale - 1);
    const vector y = choose(far, broadcast(1), broadcast(0)) - choose(far, 2 * e, m) / (2 + m);
    return with_sign(y, x);
}

ALWAYS_INLINE vector vector_sigmoid(vector x)
{
    const vector e = exp_within(at_least(-104, minus_magnitude(x)));
    return choose(x < 0, e, broadcast(1)) / (1 + e);
}

/* (1 + e)^2, rounded once or nearly so. */
ALWAYS_INLINE vector square_of_sum(vector e)
{
    return 1 + e * (2 + e);
}

ALWAYS_INLINE vector vector_sigmoid_slope(vector x)
{
    const vector e = exp_within(at_least(-104, minus_magnitude(x)));
    return e / square_of_sum(e);
}

ALWAYS_INLINE vector vector_tanh_slope(vector x)
{
    const vector e = exp_within(at_least(-104, minus_magnitude(x + x))), twice = e + e;
    return (twice + twice) / square_of_sum(e);
}

/* From -20 on the nearest float is -1. */
ALWAYS_INLINE vector vector_elu(vector x)
{
    const split of = reduced_exponent(at_least(-20, at_most(0, x)));
    const vector r = reduced_expm1(of), scale = power_of_two(of.n);
    const vector below = scale * r + (scale - 1);
    return choose(x > 0, x, with_sign(below, x));
}

/* e^(-t^2 / 2) for 0 <= t <= 15. The square is taken of the upper 12 bits, which is exact: the
   error of a rounded square would be multiplied by t^2. */
ALWAYS_INLINE vector bell(vector t)
{
    const vector upper = (vector)((bits)t & 0xFFFFF000);
    split of = reduced_exponent(upper * upper * -0.5f);
    of.lower += (t - upper) * (t + upper) * -0.5f;
    return scaled(reduced_exp(of), of.n);
}

/* V(v) */
ALWAYS_INLINE vector tail_ratio(vector v)
{
    static const float c[] = {0.75f,           -0.1476200778f, -0.2015139126f, -0.08403006767f,
                              -0.00708922843f, 0.1167046677f,  -0.3121339863f, 0.9820900604f,
                              -1.688566233f,   1.850334363f,   -1.154211746f,  0.294988137f};
    return polynomial(11, c, v);
}

/* x P(x) = max(x, 0) - |x| P(-|x|). Beyond 15 the subtrahend is 0. The maximum is chosen by the
   sign bit: clang makes an instruction of x < 0 that takes 0 for -0. */
ALWAYS_INLINE vector vector_gelu(vector x)
{
    const vector t = at_most(15, magnitude(x));
    const vector v = t / (1.5f + t);
    return choose((lanes)x < 0, broadcast(-0.0f), x) - v * tail_ratio(v) * bell(t);
}

/* P(x) + x p(x), p the density: the values at x and -x sum to 1. */
ALWAYS_INLINE vector vector_gelu_slope(vector x)
{
    const vector t = at_most(15, magnitude(x));
    const vector w = 1 / (1.5f + t);
    const vector below = (w * tail_ratio(t * w) - t * 0.3989422804f) * bell(t);
    return choose(x < 0, below, 1 - below);
}

#endif

#endif
