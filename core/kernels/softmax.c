/* The gradient of a row of softmax, whose formula is in core/ops/softmax.c. One pass takes the sum
   of dy y in double, and picks the dy of a y above 1/2 by a mask, which needs no search: there is
   no more than one. Where there is one, the sum is taken again, of dy counted from that. */
#include "core/kernels/isa.h"
#include "core/kernels/wide.h"

enum { PARTS = LANES / WIDE };

typedef struct sums {
    wide products[PARTS];
    vector base;
    lanes above;
} sums;

ALWAYS_INLINE void add(sums *s, int64_t i, const tarn_real *y, const tarn_real *dy, lanes these)
{
    const lanes above = (load(y + i) > (tarn_real)0.5) & these;
    s->above |= above;
    s->base += choose(above, load(dy + i), broadcast(0));
}

/* Whether a y is above 1/2. */
ALWAYS_INLINE bool first_pass(int64_t n, const tarn_real *y, const tarn_real *dy, double *sum,
                              tarn_real *base)
{
    sums s = {{{0}}, {0}, {0}};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        add(&s, i, y, dy, lanes_of(-1));
        UNROLLED_FOR (int p = 0; p < PARTS; p++)
            s.products[p] +=
                widened(load_narrow(dy + i + p * WIDE) * load_narrow(y + i + p * WIDE));
    }
    *sum = 0;
    if (i < n)
        add(&s, i, y, dy, first_lanes((int)(n - i)));
    for (; i < n; i++)
        *sum += dy[i] * y[i];
    for (int p = 1; p < PARTS; p++)
        s.products[0] += s.products[p];
    for (int k = 0; k < WIDE; k++)
        *sum += s.products[0][k];
    const bool any = any_of(s.above);
    *base = 0;
    for (int k = 0; k < LANES && any; k++)
        *base += s.base[k];
    return any;
}

void ISA(softmax_gradient)(int64_t n, const tarn_real *y, const tarn_real *dy, tarn__target dx)
{
    double sum;
    tarn_real base;
    if (first_pass(n, y, dy, &sum, &base))
        sum = ISA(dot)(n, dy, base, y);
    const tarn_real dot = (tarn_real)sum;
    for (int64_t i = 0; i < n; i += LANES) {
        vector d = load(y + i) * (load(dy + i) - base - dot);
        if (dx.add)
            d += load(dx.values + i);
        store_first(dx.values + i, d, (int)smaller(n - i, LANES));
    }
}
