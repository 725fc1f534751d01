/*
 * Elastic distortion (Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural
 * networks applied to visual document analysis"):
 *
 *     u = alpha (G * r),  r uniform in [-1, 1) for each pixel and direction, 0 outside
 *     G(i, j) = g(i) g(j),  g(k) = e^(-k^2 / (2 sigma^2)) / sum,  k from -3 sigma to 3 sigma
 *     y(p) = x(p + u(p))
 *
 * A large sigma moves all pixels alike, a small one at random; between them lie strokes of another
 * hand. G is applied first to columns, then to rows; both directions of u are neighbours in memory.
 */
#include <math.h>
#include <string.h>

#include "core/base/clones.h"
#include "core/base/random_internal.h"
#include "data/transform_internal.h"

/* sigma is 64 at most. */
enum { RADIUS_MAX = 3 * 64 };

/* r: the upper half of a random number for x, the lower for y. */
static void draw_field(tarn_real *field, int64_t pixels, uint64_t random)
{
    for (int64_t i = 0; i < pixels; i++) {
        uint64_t bits = tarn__random_at(random, i);
        field[2 * i] = (tarn_real)(int32_t)(bits >> 40) * (tarn_real)0x1p-23 - 1;
        field[2 * i + 1] = (tarn_real)(int32_t)(bits >> 8 & 0xFFFFFF) * (tarn_real)0x1p-23 - 1;
    }
}

/* g(0) to g(radius), times factor. */
static int make_taps(tarn_real *taps, double sigma, double factor)
{
    const int radius = (int)ceil(3 * sigma);
    double sum = 0;
    for (int k = -radius; k <= radius; k++)
        sum += exp(-k * k / (2 * sigma * sigma));
    for (int k = 0; k <= radius; k++)
        taps[k] = (tarn_real)(factor * exp(-k * k / (2 * sigma * sigma)) / sum);
    return radius;
}

/* to += tap from */
static inline void add(tarn_real *restrict to, const tarn_real *restrict from, tarn_real tap,
                       int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        to[i] += tap * from[i];
}

/* Each row becomes the sum of its neighbours, weighted. */
TARN__CLONES static void smooth_columns(tarn_real *to, const tarn_real *from, int64_t height,
                                        int64_t row, const tarn_real *taps, int64_t radius)
{
    memset(to, 0, (size_t)(height * row) * sizeof *to);
    for (int64_t y = 0; y < height; y++)
        for (int64_t k = -radius; k <= radius; k++)
            if (y + k >= 0 && y + k < height)
                add(to + y * row, from + (y + k) * row, taps[k < 0 ? -k : k], row);
}

/* The same of pixels within a row, which have two numbers each. */
TARN__CLONES static void smooth_rows(tarn_real *to, const tarn_real *from, int64_t height,
                                     int64_t width, const tarn_real *taps, int64_t radius)
{
    const int64_t row = 2 * width, reach = radius < width - 1 ? radius : width - 1;
    memset(to, 0, (size_t)(height * row) * sizeof *to);
    for (int64_t y = 0; y < height; y++, to += row, from += row) {
        add(to, from, taps[0], row);
        for (int64_t k = 1; k <= reach; k++) {
            add(to, from + 2 * k, taps[k], row - 2 * k);
            add(to + 2 * k, from, taps[k], row - 2 * k);
        }
    }
}

static void elastic(const tarn_transform *transform, tarn_sample *s)
{
    const int64_t pixels = (int64_t)s->height * s->width;
    tarn_real *field = s->scratch, *half = field + 2 * pixels, taps[RADIUS_MAX + 1];
    draw_field(field, pixels, s->random);
    int radius = make_taps(taps, transform->numbers[1], 1);
    smooth_columns(half, field, s->height, 2 * (int64_t)s->width, taps, radius);
    make_taps(taps, transform->numbers[1], transform->numbers[0]);
    smooth_rows(field, half, s->height, s->width, taps, radius);
    tarn__displace(s, field, (tarn_border)(int)transform->numbers[2],
                   (tarn_real)transform->numbers[3]);
}

tarn_transform tarn_transform_elastic_with(tarn_transform_elastic_args args)
{
    if (!tarn__transform_check("elastic", "alpha", args.alpha, 0, 10000) ||
        !tarn__transform_check("elastic", "sigma", args.sigma, 0.01, 64) ||
        !tarn__border_check("elastic", args.border, args.fill))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "elastic",
                            .apply = elastic,
                            .meaning = "alpha sigma border fill",
                            .numbers = {args.alpha, args.sigma, args.border, args.fill}};
}
