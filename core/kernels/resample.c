/* Weighted sums of rows and of pixels, in double: of numbers as they are stored, and back to these.
   Some vectors side by side, as additions wait for each other. */
#include "core/kernels/isa.h"
#include "core/kernels/wide.h"

enum { WAYS = 4 };

ALWAYS_INLINE void rows_part(int ways, const tarn__tap *taps, int64_t count, int64_t size,
                             const tarn_real *x, double *line)
{
    wide sum[WAYS] = {{0}};
    for (int64_t t = 0; t < count; t++)
        UNROLLED_FOR (int w = 0; w < ways; w++)
            sum[w] += taps[t].weight * widened(load_narrow(x + taps[t].from * size + w * WIDE));
    UNROLLED_FOR (int w = 0; w < ways; w++)
        *(wide *)(line + w * WIDE) = sum[w];
}

void ISA(resample_rows)(const tarn__tap *taps, int64_t count, int64_t size, const tarn_real *x,
                        double *line)
{
    int64_t k = 0;
    for (; k + WAYS * WIDE <= size; k += WAYS * WIDE)
        rows_part(WAYS, taps, count, size, x + k, line + k);
    for (; k + WIDE <= size; k += WIDE)
        rows_part(1, taps, count, size, x + k, line + k);
    for (; k < size; k++) {
        line[k] = 0;
        for (int64_t t = 0; t < count; t++)
            line[k] += taps[t].weight * (double)x[taps[t].from * size + k];
    }
}

ALWAYS_INLINE void pixel_part(int ways, const tarn__tap *taps, const tarn__tap *end, int64_t c,
                              const double *line, tarn_real *y, bool add)
{
    wide sum[WAYS] = {{0}};
    if (add) {
        UNROLLED_FOR (int w = 0; w < ways; w++)
            sum[w] = widened(load_narrow(y + w * WIDE));
    }
    for (const tarn__tap *tap = taps; tap < end; tap++)
        UNROLLED_FOR (int w = 0; w < ways; w++)
            sum[w] += tap->weight * *(const wide *)(line + tap->from * c + w * WIDE);
    UNROLLED_FOR (int w = 0; w < ways; w++)
        store_narrow(y + w * WIDE, narrowed(sum[w]));
}

ALWAYS_INLINE void resample_pixel(const tarn__tap *taps, const tarn__tap *end, int64_t c,
                                  const double *line, tarn_real *y, bool add)
{
    int64_t k = 0;
    for (; k + WAYS * WIDE <= c; k += WAYS * WIDE)
        pixel_part(WAYS, taps, end, c, line + k, y + k, add);
    for (; k + WIDE <= c; k += WIDE)
        pixel_part(1, taps, end, c, line + k, y + k, add);
    for (; k < c; k++) {
        double sum = add ? (double)y[k] : 0;
        for (const tarn__tap *tap = taps; tap < end; tap++)
            sum += tap->weight * line[tap->from * c + k];
        y[k] = (tarn_real)sum;
    }
}

void ISA(resample_pixels)(const int64_t *start, const tarn__tap *taps, int64_t pixels, int64_t c,
                          const double *line, tarn__target y)
{
    for (int64_t i = 0; i < pixels; i++)
        resample_pixel(taps + start[i], taps + start[i + 1], c, line, y.values + i * c, y.add);
}
