/* Sums in double, of numbers, of their squares, of products, or of columns.
   Four vectors side by side, as additions wait for each other. */
#include "core/kernels/isa.h"
#include "core/kernels/wide.h"

enum { VECTORS = 4 };

ALWAYS_INLINE double total_of(const wide sums[VECTORS])
{
    const wide all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double total = 0;
    for (int i = 0; i < WIDE; i++)
        total += all[i];
    return total;
}

ALWAYS_INLINE double sum_of(int64_t n, const tarn_real *x, double base, bool squares)
{
    wide sums[VECTORS] = {{0}};
    for (; n >= VECTORS * WIDE; n -= VECTORS * WIDE, x += VECTORS * WIDE)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            const wide d = widened(load_narrow(x + v * WIDE)) - base;
            if (squares)
                sums[v] += d * d;
            else
                sums[v] += d;
        }
    double total = total_of(sums);
    for (; n > 0; n--, x++)
        total += squares ? (*x - base) * (*x - base) : *x - base;
    return total;
}

double ISA(sum)(int64_t n, const tarn_real *x, double base)
{
    return base == 0 ? sum_of(n, x, 0, false) : sum_of(n, x, base, false);
}

double ISA(sum_of_squares)(int64_t n, const tarn_real *x, double base)
{
    return sum_of(n, x, base, true);
}

double ISA(dot)(int64_t n, const tarn_real *a, tarn_real base, const tarn_real *b)
{
    wide sums[VECTORS] = {{0}};
    for (; n >= VECTORS * WIDE; n -= VECTORS * WIDE, a += VECTORS * WIDE, b += VECTORS * WIDE)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++)
            sums[v] += widened((load_narrow(a + v * WIDE) - base) * load_narrow(b + v * WIDE));
    double total = total_of(sums);
    for (; n > 0; n--, a++, b++)
        total += (*a - base) * *b;
    return total;
}

/* Some rows at a time, as loading and storing the sums takes longer than adding. */
ALWAYS_INLINE void add_some_rows(int rows, int64_t apart, int64_t width, const tarn_real *x,
                                 double *sums)
{
    int64_t i = 0;
    for (; i + WIDE <= width; i += WIDE) {
        wide sum = widened(load_narrow(x + i));
        UNROLLED_FOR (int r = 1; r < rows; r++)
            sum += widened(load_narrow(x + r * apart + i));
        *(wide *)(sums + i) += sum;
    }
    for (; i < width; i++)
        for (int r = 0; r < rows; r++)
            sums[i] += x[r * apart + i];
}

void ISA(add_rows)(int64_t rows, int64_t apart, int64_t width, const tarn_real *x, double *sums)
{
    enum { MOST = 10 };
    for (; rows >= MOST; rows -= MOST, x += MOST * apart)
        add_some_rows(MOST, apart, width, x, sums);
    for (; rows > 0; rows--, x += apart)
        add_some_rows(1, apart, width, x, sums);
}
