/*
 * Pictures with their pixels taken from elsewhere, bilinear between four neighbours: at a place
 * (x + f, y + g) with whole x, y and f, g in [0, 1)
 *
 *     (1 - g) ((1 - f) p(x, y) + f p(x + 1, y)) + g ((1 - f) p(x, y + 1) + f p(x + 1, y + 1))
 *
 * Places are whole numbers of 2^-32 pixels, and f and g of 2^-24, so that 1 - f is exact: the
 * result then lies in [0, 1] if the pixels do, and is the pixel itself where f and g are 0.
 */
#include <math.h>

#include "core/base/clones.h"
#include "data/transform_internal.h"

#define ONE ((int64_t)1 << 32)

static inline tarn_real fraction(int64_t place)
{
    return (tarn_real)((place & (ONE - 1)) >> 8) * (tarn_real)0x1p-24;
}

/* A row of the result: its first place, the step from each to the next, and what outside is. */
typedef struct row {
    int64_t x, y, x_step, y_step;
    tarn_border border;
    tarn_real fill;
    tarn_real *to;
} row;

/* Shrinks first to end to those i with 0 <= start + step i < limit. */
static void keep_inside(int64_t start, int64_t step, int64_t limit, int64_t *first, int64_t *end)
{
    if (step < 0) { /* the same counted from the other side */
        start = limit - 1 - start;
        step = -step;
    }
    int64_t low = 0, high = start >= 0 && start < limit ? *end : 0;
    if (step > 0) {
        low = start < 0 ? (-start + step - 1) / step : 0;
        high = start < limit ? (limit - start + step - 1) / step : 0;
    }
    *first = low > *first ? low : *first;
    *end = high < *end ? high : *end;
    if (*first > *end)
        *first = *end;
}

static tarn_real neighbour(const tarn_sample *s, const row *r, int64_t x, int64_t y, int channel)
{
    x = tarn__border_place(x, s->width, r->border);
    y = tarn__border_place(y, s->height, r->border);
    return x < 0 || y < 0 ? r->fill : s->values[(y * s->width + x) * s->channels + channel];
}

/* A pixel of which a neighbour may lie outside. */
static void pixel_at_border(const tarn_sample *s, const row *r, int64_t x, int64_t y, tarn_real *to)
{
    const tarn_real f = fraction(x), g = fraction(y);
    x >>= 32;
    y >>= 32;
    for (int c = 0; c < s->channels; c++) {
        tarn_real top = (1 - f) * neighbour(s, r, x, y, c) + f * neighbour(s, r, x + 1, y, c);
        tarn_real bottom =
            (1 - f) * neighbour(s, r, x, y + 1, c) + f * neighbour(s, r, x + 1, y + 1, c);
        to[c] = (1 - g) * top + g * bottom;
    }
}

static inline __attribute__((always_inline)) void pixel_inside(const tarn_sample *s, int channels,
                                                               int64_t x, int64_t y, tarn_real *to)
{
    const tarn_real f = fraction(x), g = fraction(y);
    const tarn_real *a = s->values + ((y >> 32) * s->width + (x >> 32)) * channels;
    const tarn_real *b = a + (int64_t)s->width * channels;
    for (int c = 0; c < channels; c++)
        to[c] = (1 - g) * ((1 - f) * a[c] + f * a[c + channels]) +
                g * ((1 - f) * b[c] + f * b[c + channels]);
}

static inline __attribute__((always_inline)) void
pixels_inside(const tarn_sample *s, const row *r, int channels, int64_t first, int64_t end)
{
    for (int64_t i = first; i < end; i++)
        pixel_inside(s, channels, r->x + i * r->x_step, r->y + i * r->y_step, r->to + i * channels);
}

TARN__CLONES static void row_inside(const tarn_sample *s, const row *r, int64_t first, int64_t end)
{
    if (s->channels == 1)
        pixels_inside(s, r, 1, first, end);
    else if (s->channels == 3)
        pixels_inside(s, r, 3, first, end);
    else
        pixels_inside(s, r, s->channels, first, end);
}

static void row_at_border(const tarn_sample *s, const row *r, int64_t first, int64_t end)
{
    for (int64_t i = first; i < end; i++)
        pixel_at_border(s, r, r->x + i * r->x_step, r->y + i * r->y_step, r->to + i * s->channels);
}

static void fill_all(tarn_sample *sample, tarn_real fill)
{
    int64_t size = (int64_t)sample->height * sample->width * sample->channels;
    for (int64_t i = 0; i < size; i++)
        sample->values[i] = fill;
}

/* Whether all places are such that sums of them in 2^-32 pixels do not overflow. */
static bool leads_somewhere(const tarn_map *m, double right, double bottom)
{
    double x = fabs(m->xx) * (right + 1) + fabs(m->xy) * bottom + fabs(m->x0) + right;
    double y = fabs(m->yx) * (right + 1) + fabs(m->yy) * bottom + fabs(m->y0) + bottom;
    return x < 0x1p28 && y < 0x1p28; /* false for NaN */
}

void tarn__resample(tarn_sample *sample, const tarn_map *m)
{
    const int64_t width = sample->width, height = sample->height;
    const double right = (double)(width - 1) / 2, bottom = (double)(height - 1) / 2;
    if (!leads_somewhere(m, right, bottom)) {
        fill_all(sample, (tarn_real)m->fill);
        return;
    }
    row r = {.x_step = llround(m->xx * (double)ONE),
             .y_step = llround(m->yx * (double)ONE),
             .border = m->border,
             .fill = (tarn_real)m->fill,
             .to = sample->spare};
    for (int64_t i = 0; i < height; i++) {
        double y = (double)i - bottom;
        r.x = llround((m->xy * y - m->xx * right + m->x0 + right) * (double)ONE);
        r.y = llround((m->yy * y - m->yx * right + m->y0 + bottom) * (double)ONE);
        int64_t first = 0, end = width;
        keep_inside(r.x, r.x_step, (width - 1) * ONE, &first, &end);
        keep_inside(r.y, r.y_step, (height - 1) * ONE, &first, &end);
        row_at_border(sample, &r, 0, first);
        row_inside(sample, &r, first, end);
        row_at_border(sample, &r, end, width);
        r.to += width * sample->channels;
    }
    tarn_sample_swap(sample);
}

static inline __attribute__((always_inline)) void
displaced_row(const tarn_sample *s, const row *r, int channels, const tarn_real *field, int64_t y)
{
    const uint64_t right = (uint64_t)(s->width - 1) << 32, bottom = (uint64_t)(s->height - 1) << 32;
    for (int64_t i = 0; i < s->width; i++) {
        int64_t px = i * ONE + (int64_t)((double)field[2 * i] * (double)ONE);
        int64_t py = y * ONE + (int64_t)((double)field[2 * i + 1] * (double)ONE);
        if ((uint64_t)px < right && (uint64_t)py < bottom)
            pixel_inside(s, channels, px, py, r->to + i * channels);
        else
            pixel_at_border(s, r, px, py, r->to + i * channels);
    }
}

void tarn__displace(tarn_sample *sample, const tarn_real *field, tarn_border border, tarn_real fill)
{
    row r = {.border = border, .fill = fill, .to = sample->spare};
    for (int64_t y = 0; y < sample->height; y++) {
        const tarn_real *of_row = field + 2 * y * sample->width;
        if (sample->channels == 1)
            displaced_row(sample, &r, 1, of_row, y);
        else
            displaced_row(sample, &r, sample->channels, of_row, y);
        r.to += (int64_t)sample->width * sample->channels;
    }
    tarn_sample_swap(sample);
}
