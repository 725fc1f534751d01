/*
 * Pictures with their pixels taken from elsewhere, bilinear between four neighbours: at a place
 * (x + f, y + g) with whole x, y and f, g in [0, 1)
 *
 *     (1 - f) left + f right,  left = (1 - g) p(x, y) + g p(x, y + 1),
 *                              right = (1 - g) p(x + 1, y) + g p(x + 1, y + 1)
 *
 * Places are whole numbers of 2^-32 pixels, and f and g of 2^-24, so that 1 - f is exact: the
 * result then lies in [0, 1] if the pixels do, and is the pixel itself where f and g are 0.
 */
#include <math.h>

#include "data/transform_internal.h"

#define ONE ((int64_t)1 << 32)
#define INLINE static inline __attribute__((always_inline))

INLINE tarn_real fraction(int64_t place)
{
    return (tarn_real)(int32_t)((uint32_t)place >> 8) * (tarn_real)0x1p-24;
}

INLINE tarn_real mixed(tarn_real a, tarn_real b, tarn_real f)
{
    return (1 - f) * a + f * b;
}

/* A row of the result: its first place, the step from each to the next, and what outside is. */
typedef struct row {
    int64_t x, y, x_step, y_step;
    tarn_border border;
    tarn_real fill;
    tarn_real *to;
} row;

/* Shrinks first to end, which may leave nothing, to those i with 0 <= start + step i < limit. */
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
    *end = high < *first ? *first : high < *end ? high : *end;
    *first = low > *end ? *end : low > *first ? low : *first;
}

/* A pixel, or NULL where it is fill. */
INLINE const tarn_real *pixel_at(const tarn_sample *s, tarn_border border, int64_t x, int64_t y)
{
    x = tarn__border_place(x, s->width, border);
    y = tarn__border_place(y, s->height, border);
    return x < 0 || y < 0 ? NULL : s->values + (y * s->width + x) * s->channels;
}

INLINE tarn_real channel_of(const tarn_real *pixel, int64_t channel, tarn_real fill)
{
    return pixel ? pixel[channel] : fill;
}

/* A pixel of which neighbours may lie outside. */
static void pixel_at_border(const tarn_sample *s, const row *r, int64_t x, int64_t y, tarn_real *to)
{
    const tarn_real f = fraction(x), g = fraction(y), fill = r->fill;
    x >>= 32;
    y >>= 32;
    const tarn_real *a = pixel_at(s, r->border, x, y), *b = pixel_at(s, r->border, x + 1, y);
    const tarn_real *c = pixel_at(s, r->border, x, y + 1),
                    *d = pixel_at(s, r->border, x + 1, y + 1);
    for (int i = 0; i < s->channels; i++)
        to[i] = mixed(mixed(channel_of(a, i, fill), channel_of(c, i, fill), g),
                      mixed(channel_of(b, i, fill), channel_of(d, i, fill), g), f);
}

INLINE void pixel_inside(const tarn_sample *s, int channels, int64_t x, int64_t y, tarn_real *to)
{
    const tarn_real f = fraction(x), g = fraction(y);
    const tarn_real *a = s->values + ((y >> 32) * s->width + (x >> 32)) * channels;
    const tarn_real *c = a + (int64_t)s->width * channels;
    for (int i = 0; i < channels; i++)
        to[i] = mixed(mixed(a[i], c[i], g), mixed(a[i + channels], c[i + channels], g), f);
}

INLINE void pixels_inside(const tarn_sample *s, const row *r, int channels, int64_t first,
                          int64_t end)
{
    for (int64_t i = first; i < end; i++)
        pixel_inside(s, channels, r->x + i * r->x_step, r->y + i * r->y_step, r->to + i * channels);
}

/* In colour, all channels at once: a fourth number is read behind a pixel, and written, where it is
   another pixel's that follows. Not for the last pixel of a row of the result, or where the last
   row of the picture is read. */
typedef tarn_real quad
    __attribute__((vector_size(4 * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

/* A macro: functions that give back vectors are not the same for all instruction sets. What is
   written through it may be anything, so what is read again and again is copied before. */
#define QUAD_AT(from) (*(const quad *)(const void *)(from))

INLINE void colours_inside(const tarn_sample *s, const row *at, int64_t first, int64_t end)
{
    const row r = *at;
    const tarn_real *values = s->values;
    const int64_t width = s->width;
    for (int64_t i = first; i < end; i++) {
        const int64_t x = r.x + i * r.x_step, y = r.y + i * r.y_step;
        const tarn_real f = fraction(x), g = fraction(y), rest = 1 - g;
        const tarn_real *a = values + ((y >> 32) * width + (x >> 32)) * 3, *c = a + width * 3;
        const quad left = rest * QUAD_AT(a) + g * QUAD_AT(c);
        const quad right = rest * QUAD_AT(a + 3) + g * QUAD_AT(c + 3);
        *(quad *)(void *)(r.to + 3 * i) = (1 - f) * left + f * right;
    }
}

/* Pixels first to end of a row, none of them at the border. */
static void colour_row(const tarn_sample *s, const row *r, int64_t first, int64_t end)
{
    int64_t from = first, until = end;
    keep_inside(r->y, r->y_step, (s->height - 2) * ONE, &from, &until);
    until = until > from ? until - 1 : from;
    pixels_inside(s, r, 3, first, from);
    colours_inside(s, r, from, until);
    pixels_inside(s, r, 3, until, end);
}

/* Pixels first to end of a row; y is the place of pixel 0. */
static void row_at_border(const tarn_sample *s, const row *r, int64_t y, int64_t first, int64_t end)
{
    for (int64_t i = first; i < end; i++)
        pixel_at_border(s, r, r->x + i * r->x_step, y + i * r->y_step, r->to + i * s->channels);
}

/* A row whose pixels come from several rows. */
static void slanted_row(const tarn_sample *s, const row *r)
{
    int64_t first = 0, end = s->width;
    keep_inside(r->x, r->x_step, (s->width - 1) * ONE, &first, &end);
    keep_inside(r->y, r->y_step, (s->height - 1) * ONE, &first, &end);
    row_at_border(s, r, r->y, 0, first);
    if (s->channels == 1)
        pixels_inside(s, r, 1, first, end);
    else if (s->channels == 3)
        colour_row(s, r, first, end);
    else
        pixels_inside(s, r, s->channels, first, end);
    row_at_border(s, r, r->y, end, s->width);
}

/* What lies at height y, left and right of all places, as a picture of one row. */
static void between_rows(const tarn_sample *s, const row *r, tarn_real *to)
{
    const int64_t count = (int64_t)s->width * s->channels;
    const tarn_real g = fraction(r->y), fill = r->fill;
    const tarn_real *above = pixel_at(s, r->border, 0, r->y >> 32);
    const tarn_real *below = pixel_at(s, r->border, 0, (r->y >> 32) + 1);
    if (above && below)
        for (int64_t i = 0; i < count; i++)
            to[i] = mixed(above[i], below[i], g);
    else
        for (int64_t i = 0; i < count; i++)
            to[i] = mixed(channel_of(above, i, fill), channel_of(below, i, fill), g);
}

INLINE void level_pixels(const tarn_real *from, const row *r, int channels, int64_t first,
                         int64_t end)
{
    for (int64_t i = first; i < end; i++) {
        const int64_t x = r->x + i * r->x_step;
        const tarn_real f = fraction(x), *a = from + (x >> 32) * channels;
        for (int k = 0; k < channels; k++)
            r->to[i * channels + k] = mixed(a[k], a[k + channels], f);
    }
}

/* The same in colour; from has a number more than its pixels. */
INLINE void level_colours(const tarn_real *from, const row *at, int64_t first, int64_t end)
{
    const row r = *at;
    int64_t i = first, x = r.x + first * r.x_step;
    for (; i < end - 1; i++, x += r.x_step) {
        const tarn_real f = fraction(x), *a = from + (x >> 32) * 3;
        *(quad *)(void *)(r.to + 3 * i) = (1 - f) * QUAD_AT(a) + f * QUAD_AT(a + 3);
    }
    level_pixels(from, at, 3, i, end);
}

INLINE void moved_pixels(const tarn_real *from, const row *r, int64_t channels, int64_t first,
                         int64_t end)
{
    const tarn_real f = fraction(r->x), *a = from + ((r->x >> 32) + first) * channels;
    tarn_real *to = r->to + first * channels;
    for (int64_t i = 0; i < (end - first) * channels; i++)
        to[i] = mixed(a[i], a[i + channels], f);
}

/* A row whose pixels come from the same two rows; line is a picture for what lies between them. */
static void level_row(const tarn_sample *s, const row *r, const tarn_sample *line)
{
    int64_t first = 0, end = s->width;
    between_rows(s, r, line->values);
    keep_inside(r->x, r->x_step, (s->width - 1) * ONE, &first, &end);
    row_at_border(line, r, 0, 0, first);
    if (r->x_step == ONE) /* all at the same f */
        moved_pixels(line->values, r, s->channels, first, end);
    else if (s->channels == 1)
        level_pixels(line->values, r, 1, first, end);
    else if (s->channels == 3)
        level_colours(line->values, r, first, end);
    else
        level_pixels(line->values, r, s->channels, first, end);
    row_at_border(line, r, 0, end, s->width);
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

void tarn__sample_map(tarn_sample *sample, const tarn_map *m)
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
    tarn_sample line = *sample;
    line.height = 1;
    line.values = sample->scratch;
    const bool level = r.y_step == 0 && sample->channels <= 4 /* fits scratch */;
    for (int64_t i = 0; i < height; i++) {
        double y = (double)i - bottom;
        r.x = llround((m->xy * y - m->xx * right + m->x0 + right) * (double)ONE);
        r.y = llround((m->yy * y - m->yx * right + m->y0 + bottom) * (double)ONE);
        if (level)
            level_row(sample, &r, &line);
        else
            slanted_row(sample, &r);
        r.to += width * sample->channels;
    }
    tarn_sample_swap(sample);
}

INLINE void displaced_row(const tarn_sample *s, const row *r, int channels, const tarn_real *field,
                          int64_t y)
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

void tarn__sample_displace(tarn_sample *sample, const tarn_real *field, tarn_border border,
                           tarn_real fill)
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
