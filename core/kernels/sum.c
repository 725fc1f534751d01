/* Sums in double, of numbers, of their squared distances from a mean, or of products, four vectors
   side by side, as additions wait for each other. */
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum { VECTORS = 4, WIDE = VECTOR_BYTES / 8 };
typedef double wide __attribute__((vector_size(VECTOR_BYTES)));
typedef tarn_real narrow
    __attribute__((vector_size(WIDE * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

#define WIDENED(from) __builtin_convertvector(*(const narrow *)(from), wide)

ALWAYS_INLINE double total_of(const wide sums[VECTORS])
{
    const wide all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double total = 0;
    for (int i = 0; i < WIDE; i++)
        total += all[i];
    return total;
}

ALWAYS_INLINE double sum_of(int64_t n, const tarn_real *x, double mean, bool squares)
{
    wide sums[VECTORS] = {{0}};
    for (; n >= VECTORS * WIDE; n -= VECTORS * WIDE, x += VECTORS * WIDE)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            const wide d = WIDENED(x + v * WIDE) - mean;
            sums[v] += squares ? d * d : d;
        }
    double total = total_of(sums);
    for (; n > 0; n--, x++)
        total += squares ? (*x - mean) * (*x - mean) : *x - mean;
    return total;
}

double ISA(sum)(int64_t n, const tarn_real *x)
{
    return sum_of(n, x, 0, false);
}

double ISA(sum_of_squares)(int64_t n, const tarn_real *x, double mean)
{
    return sum_of(n, x, mean, true);
}

double ISA(dot)(int64_t n, const tarn_real *a, double base, const tarn_real *b)
{
    wide sums[VECTORS] = {{0}};
    for (; n >= VECTORS * WIDE; n -= VECTORS * WIDE, a += VECTORS * WIDE, b += VECTORS * WIDE)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++)
            sums[v] += (WIDENED(a + v * WIDE) - base) * WIDENED(b + v * WIDE);
    double total = total_of(sums);
    for (; n > 0; n--, a++, b++)
        total += (*a - base) * *b;
    return total;
}
