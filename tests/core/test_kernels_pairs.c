/* Pairs of bfloat16 numbers, by the sets of kernels that multiply them: how they are packed, and
   the product of them, against plain loops. Where there is no such set nothing is compared. */
#include <float.h>
#include <string.h>

#include "core/kernels/pairs.h"
#include "tests/core/kernels_test.h"

#define EACH_SET_OF_PAIRS(set) EACH_SET(set) if ((*set)->pack_pairs)

#ifndef TARN_DOUBLE /* in which there are no pairs */

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* By the rule of core/base/precision.h: 8 significant bits, to nearest even. */
static float rounded(float x)
{
    int exponent;
    const double part = frexp((double)x, &exponent);
    if (isnan(x) || isinf(x))
        return x;
    if (fabsf(x) < FLT_MIN)
        return copysignf(0, x);
    const double near = ldexp(nearbyint(ldexp(part, 8)), exponent - 8);
    return fabs(near) > (double)FLT_MAX ? copysignf(INFINITY, x) : (float)near;
}

static float first_of(tarn_real pair)
{
    return from_bits(bits_of(pair) << 16);
}

static float second_of(tarn_real pair)
{
    return from_bits(bits_of(pair) & 0xffff0000);
}

static bool is_rounded(float found, float from)
{
    return isnan(from) ? isnan(found) : bits_of(found) == bits_of(rounded(from));
}

/* ---- Packing */

static array any_numbers(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = from_bits((uint32_t)tarn__random_at(state++, 0));
    return a;
}

static void pack_and_compare(const tarn__kernels *set, tarn__paired p, array from)
{
    array to = new_array(tarn__paired_size(p));
    set->pack_pairs(p, from.values, to.values);
    const int64_t pairs = tarn__pairs_of(p.length);
    for (int64_t i = 0; i < to.size; i++) {
        const int64_t outer = i / p.inner / pairs, pair = i / p.inner % pairs;
        const int64_t at = (outer * p.length + 2 * pair) * p.inner + i % p.inner;
        const bool alone = 2 * pair + 1 == p.length;
        cr_assert(is_rounded(first_of(to.values[i]), from.values[at]), "%s", set->name);
        cr_assert(is_rounded(second_of(to.values[i]), alone ? 0 : from.values[at + p.inner]), "%s",
                  set->name);
    }
    cr_assert(guards_hold(to), "%s", set->name);
    free_array(to);
}

Test(kernels_pairs, packing)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 64, 95, 200};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    array from = any_numbers(5 * 200 * 200);
    EACH_SET_OF_PAIRS(set)
    for (int threads = 1; threads <= 2; threads++)
        for (int i = 0; i < COUNT * COUNT; i++) {
            tarn_set_threads(threads);
            const tarn__paired p = {1 + i % 5, sizes[i / COUNT], sizes[i % COUNT]};
            pack_and_compare(*set, p, from);
        }
    free_array(from);
}

/* The last pixel or channel is all that may be read behind: what is beyond an odd number is 0. */
Test(kernels_pairs, packing_of_special_numbers)
{
    enum { COUNT = 24 };
    static const uint32_t bits[COUNT] = {0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff,
                                         0x807fffff, 0x00800000, 0x00808000, 0x00818000, 0x3f808000,
                                         0x3f818000, 0x3f808001, 0x7f7f0000, 0x7f7f7fff, 0x7f7f8000,
                                         0xff7fffff, 0x7f800000, 0xff800000, 0x7f800001, 0xff800001,
                                         0x7fc00000, 0x7fffffff, 0xffffffff, 0x40490fdb};
    array from = new_array(COUNT);
    for (int i = 0; i < COUNT; i++)
        from.values[i] = from_bits(bits[i]);
    EACH_SET_OF_PAIRS(set)
    for (int64_t length = 1; length <= COUNT; length++) {
        pack_and_compare(*set, (tarn__paired){1, length, 1}, from);
        pack_and_compare(*set, (tarn__paired){1, length, COUNT / length}, from);
    }
    free_array(from);
}

/* ---- Products */

static array rounded_copy(array from)
{
    array to = new_array(from.size);
    for (int64_t i = 0; i < from.size; i++)
        to.values[i] = rounded(from.values[i]);
    return to;
}

static array wide_integers(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-400, 400);
    return a;
}

static array run_gemm(const tarn__kernels *set, tarn__gemm g, array c)
{
    array result = copy(c);
    workspace w = new_workspace(set->gemm_workspace(&g));
    g.c = result.values;
    set->gemm(&g, w.bytes);
    cr_assert(close_workspace(w), "%s: writes behind its workspace", set->name);
    cr_assert(guards_hold(result), "%s: writes outside c", set->name);
    return result;
}

/* The product of a and b, both paired along k; neither, either or both are transposed. */
static array run_pairs(const tarn__kernels *set, tarn__gemm g, array c)
{
    const bool a_turned = g.a_col != 1, b_turned = g.b_col != 1;
    const int64_t pairs = tarn__pairs_of(g.k);
    const tarn__paired of_a = {a_turned ? 1 : g.m, g.k, a_turned ? g.m : 1};
    const tarn__paired of_b = {b_turned ? g.n : 1, g.k, b_turned ? 1 : g.n};
    array a = new_array(tarn__paired_size(of_a)), b = new_array(tarn__paired_size(of_b));
    set->pack_pairs(of_a, g.a, a.values);
    set->pack_pairs(of_b, g.b, b.values);
    g.a = a.values, g.a_row = a_turned ? 1 : pairs;
    g.b = b.values, g.b_col = b_turned ? pairs : 1;
    g.k = pairs, g.pairs = true;
    array result = run_gemm(set, g, c);
    free_array(a), free_array(b);
    return result;
}

static tarn__gemm product(int64_t m, int64_t n, int64_t k, int form)
{
    return (tarn__gemm){.m = m,
                        .n = n,
                        .k = k,
                        .a_row = form & 1 ? 1 : k,
                        .a_col = form & 1 ? m : 1,
                        .b_row = form & 2 ? 1 : n,
                        .b_col = form & 2 ? k : 1,
                        .c_row = n,
                        .add = form & 4,
                        .relu = form & 8};
}

static void compare(int64_t m, int64_t n, int64_t k, int form)
{
    array a = wide_integers(m * k), b = wide_integers(k * n), c = wide_integers(m * n);
    array near_a = rounded_copy(a), near_b = rounded_copy(b), bias = wide_integers(n);
    tarn__gemm g = product(m, n, k, form);
    g.bias = form & 16 && !g.add ? bias.values : NULL;
    g.a = near_a.values, g.b = near_b.values;
    array expected = run_gemm(tarn__kernels_available()[0], g, c);
    g.a = a.values, g.b = b.values;
    EACH_SET_OF_PAIRS(set)
    for (int threads = 1; threads <= 3; threads++) {
        tarn_set_threads(threads);
        array found = run_pairs(*set, g, c);
        cr_assert(same(found, expected), "%s: m %d, n %d, k %d in form %d", (*set)->name, (int)m,
                  (int)n, (int)k, form);
        free_array(found);
    }
    const array all[] = {a, b, c, near_a, near_b, bias, expected};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free_array(all[i]);
}

Test(kernels_pairs, gemm)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 6, 7, 16, 17, 33, 65};
    enum { COUNT = sizeof sizes / sizeof *sizes, FORMS = 32 };
    for (int i = 0; i < COUNT * COUNT * COUNT; i++)
        compare(sizes[i / COUNT / COUNT], sizes[i / COUNT % COUNT], sizes[i % COUNT], i % FORMS);
    for (int form = 0; form < FORMS; form++)
        compare(140, 130, 101, form);
}

/* Of k numbers each, step numbers apart in b: of each pair the second product is added first; or,
   by AMX, the first and the second products of 16 pairs are added up apart, and then both sums. */
static float documented_sum(const tarn__kernels *set, int64_t k, const tarn_real *a,
                            const tarn_real *b, int64_t step)
{
    const int64_t together = strcmp(set->name, "amx") == 0 ? 32 : 2;
    float sum = 0;
    for (int64_t from = 0; from < k; from += together) {
        float of[2] = {0, 0};
        for (int64_t i = from; i < k && i < from + together; i++)
            of[i % 2] += rounded(a[i]) * rounded(b[i * step]);
        sum = together == 2 ? sum + of[1] + of[0] : sum + (of[0] + of[1]);
    }
    return sum;
}

/* Over more blocks of k than one, to the bits of a plain loop. */
Test(kernels_pairs, sums_in_the_order_that_is_documented)
{
    enum { M = 21, N = 70, K = 2602 };
    array a = fractions(M * K), b = fractions(K * N), c = new_array(M * N);
    tarn__gemm g = product(M, N, K, 0);
    g.a = a.values, g.b = b.values;
    EACH_SET_OF_PAIRS(set)
    {
        array found = run_pairs(*set, g, c);
        for (int64_t i = 0; i < M * N; i++) {
            const float sum = documented_sum(*set, K, a.values + i / N * K, b.values + i % N, N);
            cr_assert_eq(bits_of(found.values[i]), bits_of(sum), "%s", (*set)->name);
        }
        free_array(found);
    }
    free_array(a), free_array(b), free_array(c);
}

/* A row each of NaN, infinity, a denormal number, one that becomes infinite; with as many other
   numbers as fill no pair, of which the last is beside nothing. */
Test(kernels_pairs, special_numbers_stay_in_their_place)
{
    enum { M = 5, K = 3, N = 18 };
    const tarn_real in_a[M * K] = {
        1, 2, (tarn_real)NAN, 1, 2, (tarn_real)INFINITY, 0, 0, 1e-39f, 0, 0, FLT_MAX, 1, 2, 3};
    const double expected[M] = {NAN, INFINITY, 0, INFINITY, 6};
    array a = new_array(M * K), b = new_array(K * N), c = new_array(M * N);
    memcpy(a.values, in_a, sizeof in_a);
    for (int i = 0; i < K * N; i++)
        b.values[i] = 1;
    tarn__gemm g = product(M, N, K, 0);
    g.a = a.values, g.b = b.values;
    EACH_SET_OF_PAIRS(set)
    {
        array found = run_pairs(*set, g, c);
        for (int i = 0; i < M * N; i++) {
            const double value = (double)found.values[i], wanted = expected[i / N];
            cr_assert(isnan(wanted) ? isnan(value) : value == wanted, "%s: %g", (*set)->name,
                      value);
        }
        free_array(found);
    }
    free_array(a), free_array(b), free_array(c);
}

#else

Test(kernels_pairs, none_in_double)
{
    EACH_SET_OF_PAIRS(set)
    cr_assert_fail("%s", (*set)->name);
}

#endif
