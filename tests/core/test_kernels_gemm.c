/* The matrix product of every set of kernels this machine can run against the naive loops. */
#include "tests/core/kernels_test.h"

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
