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

/* The forms: bit 0 a is transposed, bit 1 b is transposed, bit 2 add, bit 3 ReLU; without add, bias
   at bit 4. Rows of c have a gap. */
static void compare_gemm(int64_t m, int64_t n, int64_t k, int form)
{
    const int64_t gap = form % 3;
    tarn_set_threads(form % 8 == 7 ? 2 : 1);
    array a = integers(m * k), b = integers(k * n), c = integers(m * (n + gap));
    array bias = integers(n);
    tarn__gemm g = {.m = m, .n = n, .k = k, .c_row = n + gap, .add = form & 4, .relu = form & 8};
    g.bias = form & 16 && !g.add ? bias.values : NULL;
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
    free_array(bias);
}

Test(kernels, gemm)
{
    static const int64_t sizes[] = {0, 1, 2, 5, 6, 7, 12, 13, 16, 17, 31, 64, 65, 130, 600};
    enum { FORMS = 32 };
    const int count = sizeof sizes / sizeof *sizes;
    int form = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            for (int k = 0; k < count; k++)
                if (sizes[i] * sizes[j] * sizes[k] <= 100000)
                    compare_gemm(sizes[i], sizes[j], sizes[k], form++ % FORMS);
    for (form = 0; form < FORMS; form++) {
        compare_gemm(65, 130, 600, form);
        compare_gemm(13, 17, 1100, form);
        compare_gemm(600, 65, 7, form);
        compare_gemm(100, 1040, 20, form);
    }
}

/* Bias and ReLU come once, however many blocks k is cut into, and NaN passes through. */
Test(kernels, gemm_with_bias_and_relu)
{
    enum { M = 7, N = 35, K = 1100 };
    array a = fractions(M * K), b = fractions(K * N), bias = fractions(N);
    a.values[3 * K + 600] = (tarn_real)NAN;
    const tarn__gemm g = {.m = M,
                          .n = N,
                          .k = K,
                          .a = a.values,
                          .a_row = K,
                          .a_col = 1,
                          .b = b.values,
                          .b_row = N,
                          .b_col = 1,
                          .c_row = N,
                          .bias = bias.values,
                          .relu = true};
    EACH_SET(set)
    {
        array c = new_array(M * N);
        run_gemm(*set, g, c);
        for (int i = 0; i < M * N; i++) {
            double sum = (double)bias.values[i % N], value = (double)c.values[i];
            for (int k = 0; k < K; k++)
                sum += (double)a.values[i / N * K + k] * (double)b.values[k * N + i % N];
            cr_assert(i / N == 3 ? isnan(value) : fabs(value - fmax(sum, 0)) < 100 * tolerance,
                      "%s: element %d is %g, not %g", (*set)->name, i, value, sum);
        }
        cr_assert(guards_hold(c), "%s", (*set)->name);
        free_array(c);
    }
    free_array(a);
    free_array(b);
    free_array(bias);
}

/* With either operand transposed, or neither: b is read in place or copied. */
static void compare_threads(int form)
{
    const int64_t m = 130, n = 137, k = 601;
    array a = fractions(m * k), b = fractions(k * n), c = fractions(m * n);
    tarn__gemm g = {.m = m, .n = n, .k = k, .c_row = n, .add = true};
    g.a = a.values, g.a_row = form & 1 ? 1 : k, g.a_col = form & 1 ? m : 1;
    g.b = b.values, g.b_row = form & 2 ? 1 : n, g.b_col = form & 2 ? k : 1;
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

Test(kernels, gemm_is_the_same_on_any_number_of_threads)
{
    for (int form = 0; form < 4; form++)
        compare_threads(form);
}

/* ---- Convolution */

typedef struct convolution {
    tarn__conv2d s;
    array x, weight, bias, dy;   /* inputs; bias and dbias may be left out */
    array y, dx, dweight, dbias; /* results, and what is there before */
    uint8_t *winners;
    bool with_bias, add, only_bias, only_weight, only_input;
} convolution;

/* Runs all three with copies of the results, which it returns in place. */
static void run_convolution(const tarn__kernels *set, convolution *v)
{
    v->y = copy(v->y), v->dx = copy(v->dx);
    v->dweight = copy(v->dweight), v->dbias = copy(v->dbias);
    v->winners = malloc((size_t)v->y.size + 1);
    cr_assert(v->winners);

    workspace w = new_workspace(set->conv2d_forward_workspace(&v->s));
    set->conv2d_forward(&v->s, v->x.values, v->weight.values, v->with_bias ? v->bias.values : NULL,
                        v->y.values, v->s.pool > 1 ? v->winners : NULL, w.bytes);
    cr_assert(close_workspace(w), "%s: forward writes behind its workspace", set->name);

    const tarn__conv2d_gradients g = {
        .x = v->x.values,
        .weight = v->weight.values,
        .dy = v->dy.values,
        .y = v->y.values,
        .winners = v->winners,
        .dx = {v->only_weight ? NULL : v->dx.values, v->add},
        .dweight = {v->only_bias || v->only_input ? NULL : v->dweight.values, v->add},
        .dbias = {v->only_weight || v->only_input ? NULL : v->dbias.values, v->add}};
    w = new_workspace(set->conv2d_backward_workspace(&v->s));
    set->conv2d_backward(&v->s, &g, w.bytes);
    cr_assert(close_workspace(w), "%s: backward writes behind its workspace", set->name);
}

static void free_results(convolution *v)
{
    free_array(v->y);
    free_array(v->dx);
    free_array(v->dweight);
    free_array(v->dbias);
    free(v->winners);
    v->winners = NULL;
}

static bool results_guarded(const convolution *v)
{
    return guards_hold(v->y) && guards_hold(v->dx) && guards_hold(v->dweight) &&
           guards_hold(v->dbias);
}

static bool results_same(const convolution *a, const convolution *b)
{
    return same(a->y, b->y) && same(a->dx, b->dx) && same(a->dweight, b->dweight) &&
           same(a->dbias, b->dbias) &&
           (a->s.pool == 1 || !memcmp(a->winners, b->winners, (size_t)a->y.size));
}

static int64_t extent(int64_t input, int64_t kernel, const tarn__conv2d *s)
{
    int64_t room = input + 2 * s->padding - s->dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / s->stride + 1;
}

/* False if the kernel does not fit, or if there are more products than that. */
static bool complete_with(tarn__conv2d *s, int64_t most_products)
{
    s->oh = extent(s->h, s->kh, s);
    s->ow = extent(s->w, s->kw, s);
    s->pool = s->pool ? s->pool : 1;
    int64_t products = s->n * s->oh * s->ow * s->o * s->kh * s->kw * (s->c / s->groups);
    return s->oh >= s->pool && s->ow >= s->pool && products <= most_products;
}

/* The same, and the naive loops do not take long. */
static bool complete(tarn__conv2d *s)
{
    return complete_with(s, 300000);
}

static convolution new_convolution(tarn__conv2d s, array (*numbers)(int64_t size))
{
    const int64_t y = s.n * (s.oh / s.pool) * (s.ow / s.pool) * s.o, x = s.n * s.h * s.w * s.c;
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
    v.only_input = form % 11 == 5 && !v.only_weight;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        run_convolution(*set, &result);
        cr_assert(results_same(&result, &expected) && results_guarded(&result),
                  "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), stride %d, padding %d, dilation %d, "
                  "groups %d, relu %d, pool %d, form %d: %s",
                  (*set)->name, (int)s.n, (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw,
                  (int)(s.c / s.groups), (int)s.o, (int)s.stride, (int)s.padding, (int)s.dilation,
                  (int)s.groups, s.relu, (int)s.pool, form,
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
    if (choose(0, 5) == 0) /* each channel a group of its own */
        s.groups = s.c = s.o = channels[choose(1, last)];
    s.kh = choose(1, 5);
    s.kw = choose(0, 1) ? s.kh : choose(1, 5);
    s.stride = choose(0, 1) ? 1 : choose(2, 4);
    s.dilation = choose(0, 2) ? 1 : choose(2, 3);
    s.padding = choose(0, 2) ? choose(0, 2) : choose(3, 7);
    s.relu = choose(0, 1);
    s.pool = choose(0, 1) ? 1 : choose(2, 4);
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

/* What Winograd's algorithm takes, with sums of few rows and columns and of many. */
static tarn__conv2d winograd_sizes(void)
{
    static const int64_t channels[] = {16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 70};
    const int64_t last = sizeof channels / sizeof *channels - 1;
    static const int64_t extents[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 33, 50};
    const int64_t last_extent = sizeof extents / sizeof *extents - 1;
    tarn__conv2d s = {.n = choose(0, 9) ? choose(1, 3) : choose(8, 9),
                      .kh = 3,
                      .kw = 3,
                      .stride = 1,
                      .dilation = 1,
                      .groups = 1};
    s.c = channels[choose(0, last)];
    s.o = channels[choose(0, last)];
    s.padding = choose(0, 2) ? choose(0, 1) : choose(2, 4);
    s.h = extents[choose(0, last_extent)] + 2 - 2 * s.padding;
    s.w = extents[choose(0, last_extent)] + 2 - 2 * s.padding;
    s.relu = choose(0, 1);
    s.pool = choose(0, 1) ? 1 : choose(2, 5);
    return s;
}

Test(kernels, conv2d_by_winograd)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = winograd_sizes();
        if (s.h > 0 && s.w > 0 && complete_with(&s, 800000))
            compare_convolution(s, compared++);
    }
}

/* Followed by a pool, which makes the gradients sparse: images of more rows than one strip of the
   cache has, images of which not even one row fits, and kernels cut into several blocks. */
static tarn__conv2d pooled_sizes(void)
{
    tarn__conv2d s = {.n = choose(1, 2),
                      .dilation = 1,
                      .groups = 1,
                      .stride = choose(0, 2) ? 1 : choose(2, 3),
                      .padding = choose(0, 3),
                      .relu = choose(0, 1),
                      .pool = choose(0, 1) ? 2 : choose(3, 15)};
    s.kh = choose(1, 7);
    s.kw = choose(0, 1) ? s.kh : choose(1, 7);
    const int64_t kind = choose(0, 2);
    s.h = kind == 0 ? choose(30, 90) : choose(1, 20);
    s.w = kind == 1 ? choose(200, 500) : choose(1, 30);
    s.c = kind == 2 ? choose(1, 70) : choose(1, 20);
    s.o = kind == 2 ? choose(1, 70) : choose(1, 18);
    return s;
}

Test(kernels, conv2d_of_large_images_with_pool)
{
    int compared = 0;
    while (compared < 150) {
        tarn__conv2d s = pooled_sizes();
        if (complete_with(&s, 3000000))
            compare_convolution(s, compared++);
    }
}

/* Few channels and a pool of 2: windows in the lanes. */
static tarn__conv2d windows_sizes(void)
{
    tarn__conv2d s = {.n = choose(0, 9) ? choose(1, 3) : choose(8, 9),
                      .h = choose(1, 40),
                      .w = choose(1, 80),
                      .c = choose(1, 4),
                      .o = choose(1, 15),
                      .kh = choose(1, 7),
                      .stride = 1,
                      .padding = choose(0, 3),
                      .dilation = 1,
                      .groups = 1,
                      .relu = choose(0, 1),
                      .pool = 2};
    s.kw = choose(0, 1) ? s.kh : choose(1, 12);
    return s;
}

Test(kernels, conv2d_with_windows_in_the_lanes)
{
    int compared = 0;
    while (compared < 250) {
        tarn__conv2d s = windows_sizes();
        if (complete_with(&s, 800000))
            compare_convolution(s, compared++);
    }
}

static bool same_nans(array a, array b)
{
    for (int64_t i = 0; i < a.size; i++)
        if (isnan((double)a.values[i]) != isnan((double)b.values[i]))
            return false;
    return true;
}

/* A few NaN in x, which the sums below them and the choice of the winners see, or in dy, which the
   input gradient below them sees; and nothing else. */
static void compare_nans(tarn__conv2d s, bool in_x)
{
    convolution v = new_convolution(s, integers);
    array at = in_x ? v.x : v.dy;
    tarn_set_threads(1);
    v.only_input = true;
    for (int i = 0; i < 3 && at.size > 0; i++)
        at.values[choose(0, at.size - 1)] = (tarn_real)NAN;
    convolution expected = v;
    run_convolution(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        convolution result = v;
        run_convolution(*set, &result);
        cr_assert(
            same_nans(result.y, expected.y) && same_nans(result.dx, expected.dx) &&
                (s.pool == 1 || !memcmp(result.winners, expected.winners, (size_t)result.y.size)),
            "%s: x (%d,%d,%d,%d), weight (%d,%d,%d,%d), pool %d, NaN in %s", (*set)->name, (int)s.n,
            (int)s.h, (int)s.w, (int)s.c, (int)s.kh, (int)s.kw, (int)(s.c / s.groups), (int)s.o,
            (int)s.pool, in_x ? "x" : "dy");
        free_results(&result);
    }
    free_results(&expected);
    free_convolution(&v);
}

Test(kernels, conv2d_keeps_nan_where_it_is)
{
    tarn__conv2d (*const sizes[])(void) = {random_sizes, winograd_sizes, pooled_sizes,
                                           windows_sizes};
    int compared = 0;
    while (compared < 320) {
        tarn__conv2d s = sizes[compared % 4]();
        if (s.h > 0 && s.w > 0 && complete(&s))
            compare_nans(s, compared++ / 4 % 2);
    }
}

static void compare_threads_of_convolution(tarn__conv2d s)
{
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
        cr_assert_leq(difference(first.dweight, expected.dweight), tolerance, "%s", (*set)->name);
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

/* Of enough work that threads share it: directly in two groups and in one, by Winograd's algorithm,
   with windows in the lanes, channel by channel, and with stride 2; few images, which are cut into
   bands, and many; with and without relu and pool. */
Test(kernels, conv2d_is_the_same_on_any_number_of_threads)
{
    static const tarn__conv2d kinds[] = {
        {.c = 8, .o = 34, .stride = 1, .groups = 2},   {.c = 8, .o = 34, .stride = 1, .groups = 1},
        {.c = 18, .o = 17, .stride = 1, .groups = 1},  {.c = 4, .o = 15, .stride = 1, .groups = 1},
        {.c = 40, .o = 40, .stride = 1, .groups = 40}, {.c = 8, .o = 34, .stride = 2, .groups = 1},
    };
    static const int64_t images[] = {1, 2, 3, 11}, pools[] = {1, 2, 3};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 3; k++) {
                tarn__conv2d s = kinds[kind];
                s.n = images[i];
                s.h = images[i] < 3 ? 27 : 19;
                s.w = images[i] < 3 ? 22 : 13;
                s.kh = s.kw = 3;
                s.padding = s.dilation = 1;
                s.relu = (i + k) % 2;
                s.pool = pools[k];
                cr_assert(complete_with(&s, 1 << 24));
                compare_threads_of_convolution(s);
            }
}

/* ---- How far Winograd's algorithm is from the exact sums */

typedef long double exact;

/* One sum of the convolution of x by weight. */
static exact exact_sum(const convolution *v, int64_t n, int64_t i, int64_t j, int64_t o)
{
    const tarn__conv2d *s = &v->s;
    exact sum = 0;
    for (int64_t p = 0; p < 3; p++)
        for (int64_t q = 0; q < 3; q++)
            for (int64_t c = 0; c < s->c; c++)
                sum += (exact)v->x.values[((n * s->h + i + p) * s->w + j + q) * s->c + c] *
                       (exact)v->weight.values[((p * 3 + q) * s->c + c) * s->o + o];
    return sum;
}

/* One sum of the input gradient. */
static exact exact_gradient(const convolution *v, int64_t n, int64_t h, int64_t w, int64_t c)
{
    const tarn__conv2d *s = &v->s;
    exact sum = 0;
    for (int64_t p = 0; p < 3; p++)
        for (int64_t q = 0; q < 3; q++)
            for (int64_t o = 0; o < s->o; o++) {
                const int64_t i = h - p, j = w - q;
                if (i >= 0 && i < s->oh && j >= 0 && j < s->ow)
                    sum += (exact)v->dy.values[((n * s->oh + i) * s->ow + j) * s->o + o] *
                           (exact)v->weight.values[((p * 3 + q) * s->c + c) * s->o + o];
            }
    return sum;
}

typedef struct errors {
    double largest, squares;
} errors;

static void add_error(errors *e, tarn_real value, exact expected)
{
    const double error = (double)fabsl((exact)value - expected);
    e->largest = fmax(e->largest, error);
    e->squares += error * error;
}

enum { VALUE, GRADIENT };

/* The errors of y and dx, looked at in some of their elements. */
static void measure_errors(const tarn__kernels *set, const convolution *inputs, errors e[2])
{
    enum { STEP = 37 };
    const tarn__conv2d *s = &inputs->s;
    convolution v = *inputs;
    run_convolution(set, &v);
    memset(e, 0, 2 * sizeof *e);
    for (int64_t at = 0; at < v.y.size; at += STEP)
        add_error(&e[VALUE], v.y.values[at],
                  exact_sum(&v, at / (s->oh * s->ow * s->o), at / (s->ow * s->o) % s->oh,
                            at / s->o % s->ow, at % s->o));
    for (int64_t at = 0; at < v.dx.size; at += STEP)
        add_error(&e[GRADIENT], v.dx.values[at],
                  exact_gradient(&v, at / (s->h * s->w * s->c), at / (s->w * s->c) % s->h,
                                 at / s->c % s->w, at % s->c));
    free_results(&v);
}

/* At the size of the second convolution of examples/cnn.c, beside the plain loops, which add one
   product after the other, as the direct way does. */
Test(kernels, conv2d_by_winograd_is_as_exact_as_directly)
{
    tarn__conv2d s = {.n = 2,
                      .h = 26,
                      .w = 26,
                      .c = 32,
                      .o = 64,
                      .kh = 3,
                      .kw = 3,
                      .stride = 1,
                      .dilation = 1,
                      .groups = 1};
    cr_assert(complete_with(&s, 1 << 26));
    convolution v = new_convolution(s, fractions);
    errors direct[2], e[2];
    measure_errors(tarn__kernels_available()[0], &v, direct);
    EACH_SET(set)
    {
        measure_errors(*set, &v, e);
        for (int i = VALUE; i <= GRADIENT; i++)
            cr_assert(e[i].largest <= direct[i].largest && e[i].squares <= direct[i].squares,
                      "%s: largest %g, directly %g; squares %g, directly %g", (*set)->name,
                      e[i].largest, direct[i].largest, e[i].squares, direct[i].squares);
    }
    free_convolution(&v);
}

/* ---- Dropout */

Test(kernels, dropout)
{
    static const int64_t sizes[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 1024, 1999};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int add = 0; add < 2; add++) {
            const tarn__dropout mask = {(uint64_t)choose(0, INT64_MAX - 1), 1u << 30, 1.5};
            array x = integers(sizes[k]), y = integers(sizes[k]), expected = copy(y);
            tarn__kernels_available()[0]->dropout(&mask, sizes[k], x.values,
                                                  (tarn__target){expected.values, add});
            EACH_SET(set)
            {
                array result = copy(y);
                (*set)->dropout(&mask, sizes[k], x.values, (tarn__target){result.values, add});
                cr_assert(same(result, expected), "%s: dropout of %d", (*set)->name, (int)sizes[k]);
                cr_assert(guards_hold(result), "%s: dropout of %d writes outside", (*set)->name,
                          (int)sizes[k]);
                free_array(result);
            }
            free_array(x);
            free_array(y);
            free_array(expected);
        }
}

/* ---- Batch normalization */

typedef struct normalization {
    tarn__batch_norm s;
    bool add, constants; /* add to dx; statistics are constants */
    array x, dy, map[3], factors[3];
    array y, dx; /* results, and what is there before */
    double statistics[4][80];
} normalization;

static normalization new_normalization(int64_t pixels, int64_t channels, int form)
{
    normalization v = {.s = {.pixels = pixels, .channels = channels, .relu = form & 1},
                       .add = form & 2,
                       .constants = form & 4,
                       .x = fractions(pixels * channels),
                       .dy = fractions(pixels * channels),
                       .y = fractions(pixels * channels),
                       .dx = fractions(pixels * channels)};
    for (int i = 0; i < 3; i++) {
        v.map[i] = fractions(channels);
        v.factors[i] = fractions(channels);
    }
    v.s.centre = v.map[0].values, v.s.scale = v.map[1].values, v.s.shift = v.map[2].values;
    return v;
}

static void free_normalization(normalization *v)
{
    for (int i = 0; i < 3; i++) {
        free_array(v->map[i]);
        free_array(v->factors[i]);
    }
    free_array(v->x);
    free_array(v->dy);
    free_array(v->y);
    free_array(v->dx);
}

/* Runs all with copies of the results, which it returns in place. */
static void run_normalization(const tarn__kernels *set, normalization *v)
{
    v->y = copy(v->y), v->dx = copy(v->dx);
    const tarn__batch_norm_back back = {v->factors[0].values,
                                        v->constants ? NULL : v->factors[1].values,
                                        v->constants ? NULL : v->factors[2].values};
    for (int step = 0; step < 4; step++) {
        workspace w = new_workspace(set->batch_norm_workspace(&v->s));
        if (step == 0 && v->s.pixels > 0)
            set->batch_norm_statistics(&v->s, v->x.values, v->statistics[0], v->statistics[1],
                                       w.bytes);
        if (step == 1)
            set->batch_norm_forward(&v->s, v->x.values, v->y.values, w.bytes);
        if (step == 2)
            set->batch_norm_gradient_sums(&v->s, v->x.values, v->dy.values, v->statistics[2],
                                          v->statistics[3], w.bytes);
        if (step == 3)
            set->batch_norm_input_gradient(&v->s, &back, v->x.values, v->dy.values,
                                           (tarn__target){v->dx.values, v->add}, w.bytes);
        cr_assert(close_workspace(w), "%s: step %d writes behind its workspace", set->name, step);
    }
    cr_assert(guards_hold(v->y) && guards_hold(v->dx), "%s: writes outside", set->name);
}

static double statistics_difference(const normalization *a, const normalization *b)
{
    double apart = 0, scale = sqrt((double)a->s.pixels) + 1;
    for (int i = 0; i < 4; i++)
        for (int64_t c = 0; c < a->s.channels; c++) {
            double d = fabs(a->statistics[i][c] - b->statistics[i][c]);
            apart = fmax(apart, i < 2 ? d : d / scale);
        }
    return apart;
}

static void compare_normalization(int64_t pixels, int64_t channels, int form)
{
    normalization v = new_normalization(pixels, channels, form);
    normalization expected = v;
    run_normalization(tarn__kernels_available()[0], &expected);
    EACH_SET(set)
    {
        normalization first = v;
        tarn_set_threads(1);
        run_normalization(*set, &first);
        const char *wrong = difference(first.y, expected.y) > tolerance     ? "value"
                            : difference(first.dx, expected.dx) > tolerance ? "input gradient"
                            : statistics_difference(&first, &expected) > tolerance ? "statistics"
                                                                                   : NULL;
        cr_assert_null(wrong, "%s: %d pixels, %d channels, form %d: %s", (*set)->name, (int)pixels,
                       (int)channels, form, wrong);
        for (int threads = 2; threads <= 4 && pixels * channels > 30000; threads++) {
            normalization result = v;
            tarn_set_threads(threads);
            run_normalization(*set, &result);
            cr_assert(same(result.y, first.y) && same(result.dx, first.dx) &&
                          memcmp(result.statistics, first.statistics, sizeof first.statistics) == 0,
                      "%s: %d threads", (*set)->name, threads);
            free_array(result.y);
            free_array(result.dx);
        }
        free_array(first.y);
        free_array(first.dx);
    }
    free_array(expected.y);
    free_array(expected.dx);
    free_normalization(&v);
}

Test(kernels, batch_norm)
{
    static const int64_t channels[] = {0, 1, 2, 3, 4, 6, 7, 8, 16, 24, 31, 32, 48, 64, 70};
    static const int64_t pixels[] = {0, 1, 2, 15, 16, 17, 64, 65, 200, 1030};
    int form = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (size_t j = 0; j < sizeof pixels / sizeof *pixels; j++)
            compare_normalization(pixels[j], channels[i], form++ % 8);
    for (form = 0; form < 8; form++) {
        compare_normalization(4111, 16, form);
        compare_normalization(2222, 30, form);
        compare_normalization(9999, 5, form);
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
