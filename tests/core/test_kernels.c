/* Every set of kernels this machine can run against the naive loops. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "core/kernels/kernels.h"
#include "core/memory.h"
#include "core/random_internal.h"
#include "core/threads.h"

/* ---- Arrays between guards. What lies behind an input is NaN, which shows if a result depends on
   it; what lies around an output must not change. */

enum { GUARD = 64 };

typedef struct array {
    int64_t size;
    tarn_real *values;
} array;

static uint64_t state;

/* From first to last, in no apparent order. */
static int64_t choose(int64_t first, int64_t last)
{
    return first + (int64_t)(tarn__random_at(state++, 0) % (uint64_t)(last - first + 1));
}

static bool is_guard(tarn_real value)
{
    return value != value;
}

static array new_array(int64_t size)
{
    tarn_real *block = tarn__block_alloc((size_t)(size + 2 * GUARD) * sizeof *block);
    cr_assert(block);
    for (int64_t i = 0; i < size + 2 * GUARD; i++)
        block[i] = (tarn_real)NAN;
    return (array){size, block + GUARD};
}

static void free_array(array a)
{
    free(a.values - GUARD);
}

/* Small integers: all products and sums of them are exact, in whichever order they are taken. */
static array integers(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-4, 4);
    return a;
}

static array fractions(int64_t size)
{
    array a = new_array(size);
    for (int64_t i = 0; i < size; i++)
        a.values[i] = (tarn_real)choose(-1000000, 1000000) / 999983;
    return a;
}

static array copy(array from)
{
    array a = new_array(from.size);
    memcpy(a.values, from.values, (size_t)from.size * sizeof *a.values);
    return a;
}

static bool guards_hold(array a)
{
    for (int64_t i = 0; i < GUARD; i++)
        if (!is_guard(a.values[-1 - i]) || !is_guard(a.values[a.size + i]))
            return false;
    return true;
}

static bool same(array a, array b)
{
    return memcmp(a.values, b.values, (size_t)a.size * sizeof *a.values) == 0;
}

/* The largest difference, relative to the largest element; NaN if there is one. */
static double difference(array a, array b)
{
    double largest = 1e-30, apart = 0;
    for (int64_t i = 0; i < a.size; i++) {
        double size = fabs((double)b.values[i]);
        double distance = fabs((double)a.values[i] - (double)b.values[i]);
        if (size > largest)
            largest = size;
        if (distance > apart || isnan(distance))
            apart = distance;
    }
    return apart / largest;
}

#ifdef TARN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 1e-5;
#endif

/* A workspace full of NaN, with a guard behind it. */
typedef struct workspace {
    size_t size;
    unsigned char *bytes;
} workspace;

enum { GUARD_BYTES = 8192, PATTERN = 0xFF };

static workspace new_workspace(size_t size)
{
    workspace w = {size, tarn__block_alloc(size + GUARD_BYTES)};
    cr_assert(w.bytes);
    memset(w.bytes, PATTERN, size + GUARD_BYTES);
    return w;
}

/* Frees it. False if something was written behind it. */
static bool close_workspace(workspace w)
{
    bool whole = true;
    for (size_t i = 0; i < GUARD_BYTES; i++)
        whole &= w.bytes[w.size + i] == PATTERN;
    free(w.bytes);
    return whole;
}

#define EACH_SET(set) for (const tarn__kernels *const *set = tarn__kernels_available(); *set; set++)

/* ---- Matrix product */

static void run_gemm(const tarn__kernels *set, tarn__gemm g, array c)
{
    workspace w = new_workspace(set->gemm_workspace(&g));
    g.c = c.values;
    set->gemm(&g, w.bytes);
    cr_assert(close_workspace(w), "%s: gemm writes behind its workspace", set->name);
}

/* The forms: bit 0 a is transposed, bit 1 b is transposed, bit 2 add. Rows of c have a gap. */
static void compare_gemm(int64_t m, int64_t n, int64_t k, int form)
{
    const int64_t gap = form % 3;
    tarn_set_threads(form % 8 == 7 ? 2 : 1);
    array a = integers(m * k), b = integers(k * n), c = integers(m * (n + gap));
    tarn__gemm g = {.m = m, .n = n, .k = k, .c_row = n + gap, .add = form & 4};
    g.a = a.values, g.a_row = form & 1 ? 1 : k, g.a_col = form & 1 ? m : 1;
    g.b = b.values, g.b_row = form & 2 ? 1 : n, g.b_col = form & 2 ? k : 1;
    array expected = copy(c);
    run_gemm(tarn__kernels_available()[0], g, expected);
    EACH_SET(set)
    {
        array result = copy(c);
        run_gemm(*set, g, result);
        cr_assert(same(result, expected), "%s: gemm of m %d, n %d, k %d in form %d", (*set)->name,
                  (int)m, (int)n, (int)k, form);
        cr_assert(guards_hold(result), "%s: gemm of m %d, n %d, k %d writes outside c",
                  (*set)->name, (int)m, (int)n, (int)k);
        free_array(result);
    }
    free_array(expected);
    free_array(a);
    free_array(b);
    free_array(c);
}

Test(kernels, gemm)
{
    static const int64_t sizes[] = {0, 1, 2, 5, 6, 7, 12, 13, 16, 17, 31, 64, 65, 130, 600};
    const int count = sizeof sizes / sizeof *sizes;
    int form = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            for (int k = 0; k < count; k++)
                if (sizes[i] * sizes[j] * sizes[k] <= 100000)
                    compare_gemm(sizes[i], sizes[j], sizes[k], form++ % 8);
    for (form = 0; form < 8; form++) {
        compare_gemm(65, 130, 600, form);
        compare_gemm(13, 17, 1100, form);
        compare_gemm(600, 65, 7, form);
    }
}

Test(kernels, gemm_is_the_same_on_any_number_of_threads)
{
    const int64_t m = 130, n = 137, k = 601;
    array a = fractions(m * k), b = fractions(k * n), c = fractions(m * n);
    const tarn__gemm g = {m, n, k, a.values, k, 1, b.values, n, 1, NULL, n, true};
    array expected = copy(c);
    run_gemm(tarn__kernels_available()[0], g, expected);
    EACH_SET(set)
    {
        array first = copy(c);
        tarn_set_threads(1);
        run_gemm(*set, g, first);
        cr_assert_leq(difference(first, expected), tolerance, "%s", (*set)->name);
        for (int threads = 2; threads <= 4; threads++) {
            array result = copy(c);
            tarn_set_threads(threads);
            run_gemm(*set, g, result);
            cr_assert(same(result, first), "%s: %d threads", (*set)->name, threads);
            free_array(result);
        }
        free_array(first);
    }
    free_array(expected);
    free_array(a);
    free_array(b);
    free_array(c);
}

/* ---- Convolution */

typedef struct convolution {
    tarn__conv2d s;
    array x, weight, bias, dy;   /* inputs; bias and dbias may be left out */
    array y, dx, dweight, dbias; /* results, and what is there before */
    bool with_bias, add, only_bias, only_weight;
} convolution;

/* Runs all three with copies of the results, which it returns in place. */
static void run_convolution(const tarn__kernels *set, convolution *v)
{
    v->y = copy(v->y), v->dx = copy(v->dx);
    v->dweight = copy(v->dweight), v->dbias = copy(v->dbias);
    const tarn__target dx = {v->dx.values, v->add};
    const tarn__target dweight = {v->only_bias ? NULL : v->dweight.values, v->add};
    const tarn__target dbias = {v->only_weight ? NULL : v->dbias.values, v->add};

    workspace w = new_workspace(set->conv2d_forward_workspace(&v->s));
    set->conv2d_forward(&v->s, v->x.values, v->weight.values, v->with_bias ? v->bias.values : NULL,
                        v->y.values, w.bytes);
    cr_assert(close_workspace(w), "%s: forward writes behind its workspace", set->name);

    w = new_workspace(set->conv2d_gradient_workspace(&v->s));
    set->conv2d_input_gradient(&v->s, v->dy.values, v->weight.values, dx, w.bytes);
    cr_assert(close_workspace(w), "%s: input gradient writes behind its workspace", set->name);

    w = new_workspace(set->conv2d_gradient_workspace(&v->s));
    set->conv2d_weight_gradient(&v->s, v->x.values, v->dy.values, dweight, dbias, w.bytes);
    cr_assert(close_workspace(w), "%s: weight gradient writes behind its workspace", set->name);
}

static void free_results(convolution *v)
{
    free_array(v->y);
    free_array(v->dx);
    free_array(v->dweight);
    free_array(v->dbias);
}

static bool results_guarded(const convolution *v)
{
    return guards_hold(v->y) && guards_hold(v->dx) && guards_hold(v->dweight) &&
           guards_hold(v->dbias);
}

static bool results_same(const convolution *a, const convolution *b)
{
    return same(a->y, b->y) && same(a->dx, b->dx) && same(a->dweight, b->dweight) &&
           same(a->dbias, b->dbias);
}

static int64_t extent(int64_t input, int64_t kernel, const tarn__conv2d *s)
{
    int64_t room = input + 2 * s->padding - s->dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / s->stride + 1;
}

/* False if the kernel does not fit, or if the naive loops would take long. */
static bool complete(tarn__conv2d *s)
{
    s->oh = extent(s->h, s->kh, s);
    s->ow = extent(s->w, s->kw, s);
    int64_t products = s->n * s->oh * s->ow * s->o * s->kh * s->kw * (s->c / s->groups);
    return s->oh > 0 && s->ow > 0 && products <= 300000;
}

static convolution new_convolution(tarn__conv2d s, array (*numbers)(int64_t size))
{
    const int64_t y = s.n * s.oh * s.ow * s.o, x = s.n * s.h * s.w * s.c;
    const int64_t weight = s.kh * s.kw * (s.c / s.groups) * s.o;
    return (convolution){.s = s,
                         .x = numbers(x),
                         .weight = numbers(weight),
                         .bias = numbers(s.o),
                         .dy = numbers(y),
                         .y = numbers(y),
                         .dx = numbers(x),
                         .dweight = numbers(weight),
                         .dbias = numbers(s.o)};
}

static void free_convolution(convolution *v)
{
    free_results(v);
    free_array(v->x);
    free_array(v->weight);
    free_array(v->bias);
    free_array(v->dy);
}

static void compare_convolution(tarn__conv2d s, int form)
{
    convolution v = new_convolution(s, integers);
    tarn_set_threads(form % 16 == 7 ? 2 : 1);
    v.with_bias = form & 1;
    v.add = form & 2;
    v.only_bias = form % 5 == 3;
    v.only_weight = form % 7 == 4;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        run_convolution(*set, &result);
        cr_assert(results_same(&result, &expected) && results_guarded(&result),
                  "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), stride %d, padding %d, dilation %d, "
                  "groups %d, form %d: %s",
                  (*set)->name, (int)s.n, (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw,
                  (int)(s.c / s.groups), (int)s.o, (int)s.stride, (int)s.padding, (int)s.dilation,
                  (int)s.groups, form,
                  !results_guarded(&result)             ? "writes outside"
                  : !same(result.y, expected.y)         ? "value"
                  : !same(result.dx, expected.dx)       ? "input gradient"
                  : !same(result.dbias, expected.dbias) ? "bias gradient"
                                                        : "weight gradient");
        free_results(&result);
    }
    free_results(&expected);
    free_convolution(&v);
}

static tarn__conv2d random_sizes(void)
{
    static const int64_t channels[] = {1, 2, 3, 4, 5, 6, 8, 13, 16, 17, 31, 33, 35, 64, 70};
    const int64_t last = sizeof channels / sizeof *channels - 1;
    tarn__conv2d s = {.n = choose(0, 10) % 4, .h = choose(1, 9), .w = choose(1, 20)};
    s.groups = choose(0, 2) ? 1 : choose(2, 4);
    s.c = s.groups * channels[choose(0, s.groups == 1 ? last : 8)];
    s.o = s.groups * channels[choose(0, s.groups == 1 ? last : 8)];
    s.kh = choose(1, 5);
    s.kw = choose(0, 1) ? s.kh : choose(1, 5);
    s.stride = choose(0, 1) ? 1 : choose(2, 4);
    s.dilation = choose(0, 2) ? 1 : choose(2, 3);
    s.padding = choose(0, 2) ? choose(0, 2) : choose(3, 7);
    return s;
}

Test(kernels, conv2d)
{
    int compared = 0;
    while (compared < 1200) {
        tarn__conv2d s = random_sizes();
        if (complete(&s))
            compare_convolution(s, compared++);
    }
}

Test(kernels, conv2d_without_channels)
{
    tarn__conv2d no_input = {.n = 2,
                             .h = 4,
                             .w = 4,
                             .c = 0,
                             .kh = 3,
                             .kw = 3,
                             .o = 5,
                             .stride = 1,
                             .dilation = 1,
                             .groups = 1};
    tarn__conv2d no_output = no_input;
    no_output.c = 5;
    no_output.o = 0;
    cr_assert(complete(&no_input) && complete(&no_output));
    for (int form = 0; form < 4; form++) {
        compare_convolution(no_input, form);
        compare_convolution(no_output, form);
    }
}

Test(kernels, conv2d_is_the_same_on_any_number_of_threads)
{
    tarn__conv2d s = {.n = 11,
                      .h = 9,
                      .w = 10,
                      .c = 6,
                      .kh = 3,
                      .kw = 3,
                      .o = 18,
                      .stride = 1,
                      .padding = 1,
                      .dilation = 1,
                      .groups = 2};
    for (int round = 0; round < 2; round++) {
        s.groups = 2 - round;
        s.n = round ? 3 : 11;
        complete(&s);
        convolution v = new_convolution(s, fractions);
        v.with_bias = v.add = true;
        convolution expected = v;
        run_convolution(tarn__kernels_available()[0], &expected);
        EACH_SET(set)
        {
            convolution first = v;
            tarn_set_threads(1);
            run_convolution(*set, &first);
            cr_assert_leq(difference(first.y, expected.y), tolerance, "%s", (*set)->name);
            cr_assert_leq(difference(first.dx, expected.dx), tolerance, "%s", (*set)->name);
            cr_assert_leq(difference(first.dweight, expected.dweight), tolerance, "%s",
                          (*set)->name);
            cr_assert_leq(difference(first.dbias, expected.dbias), tolerance, "%s", (*set)->name);
            for (int threads = 2; threads <= 4; threads++) {
                convolution result = v;
                tarn_set_threads(threads);
                run_convolution(*set, &result);
                cr_assert(results_same(&result, &first), "%s: %d threads", (*set)->name, threads);
                cr_assert(results_guarded(&result), "%s: %d threads", (*set)->name, threads);
                free_results(&result);
            }
            free_results(&first);
        }
        free_results(&expected);
        free_convolution(&v);
    }
}

/* ---- The choice */

Test(kernels, sets)
{
    const tarn__kernels *const *sets = tarn__kernels_available();
    cr_assert_str_eq(sets[0]->name, "naive");
    cr_assert_str_eq(sets[1]->name, "baseline");
    cr_assert(tarn__kernels_in_use());
}

Test(kernels, environment_chooses)
{
    setenv("TARN_SIMD", "naive", 1);
    cr_assert_str_eq(tarn__kernels_in_use()->name, "naive");
}
