/*
 * The elementary functions of every set of kernels against the C library in double.
 *
 * TARN_SCAN=1 build/tests/test_math --verbose takes every float instead of some, for a quarter of
 * an hour, and prints the largest error of each.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/logging.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

/* Kernels may read so far behind an array. */
enum { SLACK = TARN__SLACK / sizeof(tarn_real) };

typedef struct function {
    const char *name;
    double (*exact)(double x);
    size_t offset; /* in the table of kernels */
    bool times;    /* its kernel multiplies by the numbers of an array */
    double ulp;    /* bound of the error, in units in the last place... */
    double error;  /* ... or absolute */
} function;

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double x)
{
    const double e = exp(-fabs(x));
    return e / ((1 + e) * (1 + e));
}

static double tanh_slope(double x)
{
    return 4 * sigmoid_slope(2 * x);
}

static double elu(double x)
{
    return x > 0 ? x : expm1(x);
}

static double distribution(double x)
{
    return erfc(-x * 0.7071067811865476) / 2;
}

static double gelu(double x)
{
    return x < -40 ? -0.0 : x * distribution(x);
}

static double gelu_slope(double x)
{
    double density = exp(-x * x / 2) * 0.3989422804014327;
    return x < -40 ? -0.0 : x > 40 ? 1 : distribution(x) + x * density;
}

static double sine(double x)
{
    return sin(x);
}

static double cosine(double x)
{
    return cos(x);
}

#define FUNCTION(name, ...)                                                                        \
    {                                                                                              \
#name, name, offsetof(tarn__kernels, name), false, __VA_ARGS__                             \
    }
#define TIMES(name, ...)                                                                           \
    {                                                                                              \
#name, name, offsetof(tarn__kernels, times_##name), true, __VA_ARGS__                      \
    }

/* As core/kernels/math.h states them. */
static const function functions[] = {
    FUNCTION(exp, 1, 0),           FUNCTION(log, 1, 0),    FUNCTION(tanh, 2.5, 0),
    FUNCTION(sigmoid, 2.5, 0),     TIMES(sigmoid, 2.5, 0), TIMES(sigmoid_slope, 3, 0),
    TIMES(tanh_slope, 3, 0),       FUNCTION(elu, 2.5, 0),  FUNCTION(gelu, 5, 0),
    TIMES(gelu_slope, 0, 0x1p-22), FUNCTION(sine, 2, 0),   FUNCTION(cosine, 2, 0),
};
enum { FUNCTIONS = sizeof functions / sizeof *functions, SETS = 5, BLOCK = 4096 };

/* y = f(x) of at most BLOCK numbers, where y may be x. */
static void compute(const tarn__kernels *set, const function *f, int64_t n, const tarn_real *x,
                    tarn_real *y)
{
    const char *kernel = (const char *)set + f->offset;
    tarn_real one[BLOCK + SLACK];
    for (int64_t i = 0; i < n; i++)
        one[i] = 1;
    if (f->times)
        (*(tarn__times_kernel *const *)kernel)(n, one, x, y);
    else
        (*(tarn__map_kernel *const *)kernel)(n, x, y);
}

static int sets(void)
{
    int count = 0;
    while (tarn__kernels_available()[count])
        count++;
    return count;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* From one float to the next, near x. */
static double unit(double x)
{
    return fabs(x) < FLT_MIN ? 0x1p-149 : ldexp(1, ilogb(x) - 23);
}

/* The error as a part of what the function may have; infinite where it is NaN or infinite and the
   exact value, rounded, is not the same. */
static double part(const function *f, tarn_real result, double exact)
{
    if (isnan(exact) || isnan(result))
        return isnan(exact) && isnan(result) ? 0 : INFINITY;
    if (isinf((tarn_real)exact) || isinf(result))
        return result == (tarn_real)exact ? 0 : INFINITY;
    return fabs((double)result - exact) / (f->error > 0 ? f->error : f->ulp * unit(exact));
}

typedef struct largest {
    double part;
    float x;
} largest;

/* Every stride-th float of a block, by every set. */
static void scan_block(const function *f, uint64_t block, uint64_t stride, largest worst[SETS])
{
    tarn_real x[BLOCK + SLACK], y[BLOCK];
    double exact[BLOCK];
    int count = 0;
    for (uint64_t i = 0; i < BLOCK; i++) {
        uint64_t bits = (block * BLOCK + i) * stride;
        if (bits > UINT32_MAX)
            break;
        x[count++] = (tarn_real)float_of((uint32_t)bits);
    }
    for (int i = 0; i < count; i++)
        exact[i] = f->exact(x[i]);
    for (int s = 0; tarn__kernels_available()[s]; s++) {
        compute(tarn__kernels_available()[s], f, count, x, y);
        for (int i = 0; i < count; i++) {
            double found = part(f, y[i], exact[i]);
            if (found > worst[s].part)
                worst[s] = (largest){found, (float)x[i]};
        }
    }
}

static void scan(const function *f)
{
    const uint64_t stride = getenv("TARN_SCAN") ? 1 : 4099;
    const uint64_t blocks = (UINT32_MAX / stride + BLOCK) / BLOCK;
    largest worst[SETS] = {0};
#pragma omp parallel
    {
        largest mine[SETS] = {0};
#pragma omp for schedule(dynamic, 16)
        for (uint64_t block = 0; block < blocks; block++)
            scan_block(f, block, stride, mine);
#pragma omp critical
        for (int s = 0; s < SETS; s++)
            worst[s] = mine[s].part > worst[s].part ? mine[s] : worst[s];
    }
    for (int s = 0; s < sets(); s++) {
        const char *set = tarn__kernels_available()[s]->name;
        cr_log_info("%s, %s: largest error %.3f of %g, at %a", f->name, set, worst[s].part,
                    f->error > 0 ? f->error : f->ulp, (double)worst[s].x);
        cr_expect_leq(worst[s].part, 1, "%s, %s: the error at %a is %g times the bound", f->name,
                      set, (double)worst[s].x, worst[s].part);
    }
}

Test(math, errors, .timeout = 36000)
{
    for (int i = 0; i < FUNCTIONS; i++)
        scan(&functions[i]);
}

/* ---- Points where functions are likely to go wrong */

static bool same_bits(tarn_real a, tarn_real b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

/* Where results are exact, or rounded as the C library does, zeros' signs included. */
static void expect(const char *name, double x, double y)
{
    for (int i = 0; i < FUNCTIONS; i++) {
        if (strcmp(functions[i].name, name) != 0)
            continue;
        for (int s = 0; s < sets(); s++) {
            const tarn_real in[1 + SLACK] = {(tarn_real)x};
            tarn_real result;
            compute(tarn__kernels_available()[s], &functions[i], 1, in, &result);
            cr_expect(same_bits(result, (tarn_real)y), "%s, %s: of %g is %g, expects %g", name,
                      tarn__kernels_available()[s]->name, x, (double)result, y);
        }
    }
}

Test(math, special_points)
{
    for (int i = 0; i < FUNCTIONS; i++)
        expect(functions[i].name, NAN, NAN);

    expect("exp", 0, 1);
    expect("exp", -0.0, 1);
    expect("exp", INFINITY, INFINITY);
    expect("exp", -INFINITY, 0);
    expect("exp", -1e30, 0);

    expect("log", 0, -INFINITY);
    expect("log", -0.0, -INFINITY);
    expect("log", 1, 0);
    expect("log", -1, NAN);
    expect("log", -1e-42, NAN);
    expect("log", -INFINITY, NAN);
    expect("log", INFINITY, INFINITY);

    expect("tanh", 0, 0);
    expect("tanh", -0.0, -0.0);
    expect("tanh", 0x1p-149, 0x1p-149);
    expect("tanh", INFINITY, 1);
    expect("tanh", -INFINITY, -1);

    expect("sigmoid", 0, 0.5);
    expect("sigmoid", -0.0, 0.5);
    expect("sigmoid", INFINITY, 1);
    expect("sigmoid", -INFINITY, 0);

    expect("sigmoid_slope", 0, 0.25);
    expect("sigmoid_slope", INFINITY, 0);
    expect("sigmoid_slope", -INFINITY, 0);

    expect("tanh_slope", 0, 1);
    expect("tanh_slope", -0.0, 1);
    expect("tanh_slope", INFINITY, 0);
    expect("tanh_slope", -INFINITY, 0);

    expect("elu", 0, 0);
    expect("elu", -0.0, -0.0);
    expect("elu", -0x1p-149, -0x1p-149);
    expect("elu", INFINITY, INFINITY);
    expect("elu", -INFINITY, -1);

    expect("gelu", 0, 0);
    expect("gelu", -0.0, -0.0);
    expect("gelu", INFINITY, INFINITY);
    expect("gelu", -INFINITY, -0.0);
    expect("gelu", 1e30, 1e30);
    expect("gelu", -1e30, -0.0);

    expect("gelu_slope", 0, 0.5);
    expect("gelu_slope", -0.0, 0.5);
    expect("gelu_slope", INFINITY, 1);
    expect("gelu_slope", -INFINITY, -0.0);

    expect("sine", 0, 0);
    expect("sine", -0.0, -0.0);
    expect("sine", 0x1p-149, 0x1p-149);
    expect("sine", INFINITY, NAN);
    expect("sine", -INFINITY, NAN);
    expect("sine", 1e30, sin((tarn_real)1e30));
    expect("cosine", 0, 1);
    expect("cosine", INFINITY, NAN);
    expect("cosine", -INFINITY, NAN);
}

#ifndef TARN_DOUBLE
Test(math, overflow_and_underflow)
{
    expect("exp", 89, INFINITY);
    expect("exp", (double)nextafterf(88.72284f, 89), INFINITY);
    expect("exp", -104, 0);
    expect("exp", -103.5, 0x1p-149);
    expect("log", 0x1p-149, log(0x1p-149));
    expect("log", (double)FLT_MAX, log((double)FLT_MAX));
    expect("sigmoid", -104, 0);
    expect("sigmoid", -103.5, 0x1p-149);
}

/* Every float around the ends of the range of exp, around the roots of log, tanh and gelu, and
   where pieces end. */
Test(math, around_the_edges)
{
    static const float edges[] = {88.72284f, -87.33655f, -103.97208f, 1,      0x1p-126f, 10,
                                  14.5f,     15,         5.875f,      7.875f, 15.75f};
    for (size_t e = 0; e < sizeof edges / sizeof *edges; e++) {
        uint32_t bits;
        memcpy(&bits, &edges[e], sizeof bits);
        for (int sign = 0; sign < 2; sign++)
            for (int i = 0; i < FUNCTIONS; i++) {
                largest worst[SETS] = {0};
                uint64_t block = (bits ^ (uint32_t)sign << 31) / BLOCK;
                for (uint64_t near = block - 1; near <= block + 1; near++)
                    scan_block(&functions[i], near, 1, worst);
                for (int s = 0; s < sets(); s++)
                    cr_expect_leq(worst[s].part, 1, "%s, %s: error %g times the bound at %a",
                                  functions[i].name, tarn__kernels_available()[s]->name,
                                  worst[s].part, (double)worst[s].x);
            }
    }
}
#endif

/* ---- Arrays */

Test(math, results_do_not_depend_on_the_place)
{
    enum { MOST = 70, GUARD = 99 };
    for (int i = 0; i < FUNCTIONS; i++)
        for (int s = 0; s < sets(); s++) {
            const tarn__kernels *set = tarn__kernels_available()[s];
            tarn_real x[MOST + SLACK] = {0}, each[MOST];
            for (int j = 0; j < MOST; j++) {
                x[j] = (tarn_real)(j * 0.37 - 9.1);
                compute(set, &functions[i], 1, &x[j], &each[j]);
            }
            for (int n = 0; n <= MOST; n++) {
                tarn_real y[MOST + SLACK];
                memcpy(y, x, sizeof x);
                y[n] = GUARD;
                compute(set, &functions[i], n, y, y);
                cr_expect_eq(y[n], GUARD);
                for (int j = 0; j < n; j++)
                    cr_expect(same_bits(y[j], each[j]), "%s, %s: element %d of %d",
                              functions[i].name, set->name, j, n);
            }
        }
}

/* Element by element with the other array, wherever the result goes. */
Test(math, products_with_an_array)
{
    enum { MOST = 70 };
    for (int i = 0; i < FUNCTIONS; i++)
        for (int s = 0; s < sets() && functions[i].times; s++) {
            const tarn__kernels *set = tarn__kernels_available()[s];
            tarn__times_kernel *kernel =
                *(tarn__times_kernel *const *)((const char *)set + functions[i].offset);
            tarn_real x[MOST + SLACK] = {0}, by[MOST + SLACK] = {0}, f[MOST], y[MOST];
            for (int j = 0; j < MOST; j++) {
                x[j] = (tarn_real)(j * 0.37 - 9.1);
                by[j] = (tarn_real)ldexp(j % 3 ? -1 : 1, j % 7); /* so that products are exact */
            }
            compute(set, &functions[i], MOST, x, f);
            kernel(MOST, by, x, y);
            kernel(MOST, by, x, x);
            for (int j = 0; j < MOST; j++)
                cr_expect(y[j] == by[j] * f[j] && x[j] == y[j], "%s, %s: element %d",
                          functions[i].name, set->name, j);
        }
}

/* ---- Powers */

/* Those that the exact value, or C's pow() where it is exact, decides on. */
static void check_power(double x, double p)
{
    const tarn_real in[1 + SLACK] = {(tarn_real)x};
    const double exact = pow(in[0], (tarn_real)p);
    const function f = {.ulp = 1};
    for (int s = 0; s < sets(); s++) {
        tarn_real y;
        tarn__kernels_available()[s]->power(1, in, (tarn_real)p, &y);
        cr_expect(part(&f, y, exact) <= 1 && (exact != 0 || !signbit(y) == !signbit(exact)),
                  "%s: %a^%g is %a, expects %a", tarn__kernels_available()[s]->name, (double)in[0],
                  p, (double)y, exact);
    }
}

Test(math, power)
{
    const double exponents[] = {1,   -1, 2,      -2,  3,   -3,  0.5,   -0.5,     1.7,     -1.7,
                                1.5, 7,  -0.001, 100, 101, -99, 1e-20, 16777217, 0x1p100, -0x1p100};
    const double points[] = {0, 1, 0x1p-149, 0x1p-126, 0.5, 2, 1.41421356, FLT_MAX, INFINITY, 3};
    for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++) {
        for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
            check_power(points[i], exponents[k]);
            check_power(-points[i], exponents[k]);
        }
        check_power(NAN, exponents[k]);
        for (uint32_t bits = 0; bits < 0x7f800000; bits += 9999991)
            check_power(float_of(bits), exponents[k]);
    }
}

/* ---- Sums */

/* In double: of lengths that fill no vector, too. */
Test(math, sums)
{
    enum { MOST = 300 };
    const tarn_real base = (tarn_real)7.25;
    tarn_real x[MOST + SLACK], weights[MOST + SLACK];
    for (int i = 0; i < MOST; i++) {
        x[i] = (tarn_real)sin(i) * 1000;
        weights[i] = (tarn_real)cos(3 * i);
    }
    for (int n = 0; n <= MOST; n++) {
        double sum = 0, squares = 0, dot = 0;
        for (int i = 0; i < n; i++) {
            sum += (double)x[i] - (double)base;
            squares += (x[i] - 7.25) * (x[i] - 7.25);
            dot += (x[i] - base) * weights[i]; /* products of tarn_real */
        }
        for (int s = 0; s < sets(); s++) {
            const tarn__kernels *set = tarn__kernels_available()[s];
            cr_expect_float_eq(set->sum(n, x, base), sum, 1e-9, "%s, %d", set->name, n);
            cr_expect_float_eq(set->sum_of_squares(n, x, 7.25), squares, 1e-14 * MOST * squares,
                               "%s, %d", set->name, n);
            cr_expect_float_eq(set->dot(n, x, base, weights), dot, 1e-9, "%s, %d", set->name, n);
        }
    }
}

/* Of columns, of which some fill no vector and some rows no group; added to what is there. */
Test(math, sums_of_columns)
{
    enum { WIDTH = 37, APART = WIDTH + 3, ROWS = 21 };
    tarn_real x[ROWS * APART + SLACK];
    for (int i = 0; i < ROWS * APART; i++)
        x[i] = (tarn_real)sin(i) * 1000;
    for (int rows = 0; rows <= ROWS; rows++)
        for (int width = 0; width <= WIDTH; width++)
            for (int s = 0; s < sets(); s++) {
                const tarn__kernels *set = tarn__kernels_available()[s];
                double sums[WIDTH + 1];
                for (int i = 0; i <= WIDTH; i++)
                    sums[i] = 0.25 * i;
                set->add_rows(rows, APART, width, x, sums);
                for (int i = 0; i <= WIDTH; i++) {
                    double sum = 0.25 * i;
                    for (int r = 0; r < rows && i < width; r++)
                        sum += x[r * APART + i];
                    cr_expect_float_eq(sums[i], sum, 1e-9, "%s: column %d of %d, %d rows",
                                       set->name, i, width, rows);
                }
            }
}
