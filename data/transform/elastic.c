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

/* So many numbers, wherever they lie. */
enum { LANES = 8, BLOCK = 4 * LANES };
typedef tarn_real lanes
    __attribute__((vector_size(LANES * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

/* to[i] = sum over k from -before to after of g(k) from[i + k stride], for BLOCK numbers, whose
   sums stay in registers. */
static inline __attribute__((always_inline)) void smooth_block(tarn_real *to, const tarn_real *from,
                                                               int64_t stride, int64_t before,
                                                               int64_t after, const tarn_real *taps)
{
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    for (int64_t k = -before; k <= after; k++) {
        const tarn_real tap = taps[k < 0 ? -k : k];
        const lanes *at = (const lanes *)(const void *)(from + k * stride);
        a += tap * at[0];
        b += tap * at[1];
        c += tap * at[2];
        d += tap * at[3];
    }
    lanes *sums = (lanes *)(void *)to;
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

static void smooth_few(tarn_real *to, const tarn_real *from, int64_t count, int64_t stride,
                       int64_t before, int64_t after, const tarn_real *taps)
{
    for (int64_t i = 0; i < count; i++) {
        tarn_real sum = 0;
        for (int64_t k = -before; k <= after; k++)
            sum += taps[k < 0 ? -k : k] * from[i + k * stride];
        to[i] = sum;
    }
}

/* For any count; the last block overlaps the one before. */
TARN__CLONES static void smooth(tarn_real *to, const tarn_real *from, int64_t count, int64_t stride,
                                int64_t before, int64_t after, const tarn_real *taps)
{
    if (count < BLOCK) {
        smooth_few(to, from, count, stride, before, after, taps);
        return;
    }
    for (int64_t i = 0; i < count; i += BLOCK) {
        int64_t first = i + BLOCK <= count ? i : count - BLOCK;
        smooth_block(to + first, from + first, stride, before, after, taps);
    }
}

/* Along columns, from field to half; numbers of a row are apart by the length of one. */
static void smooth_columns(tarn_real *half, const tarn_real *field, int64_t height, int64_t row,
                           const tarn_real *taps, int64_t radius)
{
    for (int64_t y = 0; y < height; y++) {
        int64_t below = height - 1 - y;
        smooth(half + y * row, field + y * row, row, row, y < radius ? y : radius,
               below < radius ? below : radius, taps);
    }
}

/* Along rows, from half to field: each is copied between zeros first. */
static void smooth_rows(tarn_real *field, const tarn_real *half, int64_t height, int64_t row,
                        const tarn_real *taps, int64_t radius, tarn_real *padded)
{
    memset(padded, 0, (size_t)(row + 4 * radius) * sizeof *padded);
    for (int64_t y = 0; y < height; y++) {
        memcpy(padded + 2 * radius, half + y * row, (size_t)row * sizeof *padded);
        smooth(field + y * row, padded + 2 * radius, row, 2, radius, radius, taps);
    }
}

static void elastic(const tarn_transform *transform, tarn_sample *s)
{
    const int64_t pixels = (int64_t)s->height * s->width, row = 2 * (int64_t)s->width;
    tarn_real *field = s->scratch, *half = field + 2 * pixels, *padded = half + 2 * pixels,
              taps[TARN__RADIUS_MAX + 1];
    draw_field(field, pixels, s->random);
    int radius = make_taps(taps, transform->numbers[1], 1);
    smooth_columns(half, field, s->height, row, taps, radius);
    make_taps(taps, transform->numbers[1], transform->numbers[0]);
    smooth_rows(field, half, s->height, row, taps, radius, padded);
    tarn__sample_displace(s, field, (tarn_border)(int)transform->numbers[2],
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
