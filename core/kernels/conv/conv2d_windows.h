/*
 * A convolution with few output channels that max_pool2d of 2 x 2 follows, such as the first layer
 * of LeNet, whose 6 channels would leave most lanes of a vector empty. Here the lanes are
 * neighbouring windows of the pool: four vectors of sums, one for each place (i,j) in the windows,
 * and the maximum is the largest of the four.
 *
 * Lane k of place (i,j) reads the pixels of column 2 k + j + q: so the image is first taken apart
 * into planes of one channel, and each of their rows into its even and its odd columns, in which
 * the lanes lie side by side.
 *
 * The weight gradient is the same with the roles exchanged: the gradient of the maximum, in the
 * lanes of one place and 0 in the others, times the pixels, one vector of sums for each weight.
 * Its lanes are added up at the end.
 */
#ifndef TARN_CORE_KERNELS_CONV_CONV2D_WINDOWS_H
#define TARN_CORE_KERNELS_CONV_CONV2D_WINDOWS_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/transpose.h"

/* Channels in one go, four vectors of sums for each; and columns of the kernel in one go. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_WINDOW_CHANNELS = 6 };
#else
enum { MOST_WINDOW_CHANNELS = 2 };
#endif
enum { MOST_TAPS = 5 };

/* Worth it where lanes are many: known to the compiler, which leaves the rest out elsewhere. */
static inline bool is_windows(const tarn__conv2d *s)
{
    return LANES > 4 && !s->pairs && s->pool == 2 && has_no_gaps(s) && s->groups == 1 && s->o > 0 &&
           s->o < LANES && s->c > 0 && s->c <= 4;
}

/* An image taken apart: planes [c][h][2][half], with room for a whole vector behind each half. */
typedef struct split_image {
    int64_t half, h;
    tarn_real *planes;
} split_image;

static inline split_image cut_split_image(cutter *c, padded p)
{
    split_image s = {divide_up(p.w, 2) + LANES, p.h, NULL};
    s.planes = cut_numbers(c, p.c * p.h * 2 * s.half);
    return s;
}

/* Rows [first_row, first_row + rows) of the padded image. Columns behind it are 0. */
static inline void split(padded p, const tarn_real *image, int64_t first_row, int64_t rows,
                         split_image to)
{
    for (int64_t c = 0; c < p.c; c++)
        for (int64_t h = first_row; h < first_row + rows; h++) {
            const int64_t i = h - p.top;
            tarn_real *row = to.planes + (c * p.h + h) * 2 * to.half;
            memset(row, 0, (size_t)(2 * to.half) * sizeof *row);
            if (i < 0 || i >= p.from_h)
                continue;
            const tarn_real *from = image + i * p.from_w * p.c + c;
            /* Column j goes to (j + left) / 2 of the even or the odd ones. */
            tarn_real *first = row + p.left % 2 * to.half + p.left / 2;
            tarn_real *second = row + (p.left + 1) % 2 * to.half + (p.left + 1) / 2;
            for (int64_t j = 0; j < p.from_w / 2; j++) {
                first[j] = from[2 * j * p.c];
                second[j] = from[(2 * j + 1) * p.c];
            }
            if (p.from_w % 2)
                first[p.from_w / 2] = from[(p.from_w - 1) * p.c];
        }
}

/* Where the windows from column 2 k on, at place column j and kernel column q, j + q = column,
   read in a row. */
static inline int64_t in_row(const split_image *s, int64_t column)
{
    return column % 2 * s->half + column / 2;
}

/* The sums of count channels from o on, at the four places of the windows of row i from window j
   on. */
ALWAYS_INLINE void windows_sums(int count, const tarn__conv2d *s, const split_image *x,
                                const tarn_real *weight, int64_t o, int64_t i, int64_t j,
                                vector sum[][4])
{
    for (int64_t c = 0; c < s->c; c++)
        for (int64_t p = 0; p < s->kh; p++) {
            const tarn_real *upper = x->planes + (c * x->h + 2 * i + p) * 2 * x->half + j;
            const tarn_real *lower = upper + 2 * x->half;
            for (int64_t q = 0; q < s->kw; q++) {
                const int64_t left = in_row(x, q), right = in_row(x, q + 1);
                const vector pixels[4] = {load(upper + left), load(upper + right),
                                          load(lower + left), load(lower + right)};
                const tarn_real *w = weight + ((p * s->kw + q) * s->c + c) * s->o + o;
                UNROLLED_FOR (int k = 0; k < count; k++) {
                    const tarn_real factor = w[k];
                    UNROLLED_FOR (int place = 0; place < 4; place++)
                        sum[k][place] += factor * pixels[place];
                }
            }
        }
}

/* The largest of the places, and which it was, as rows of LANES numbers. Only another NaN takes the
   place of a NaN, as in PyTorch. */
ALWAYS_INLINE void windows_maximum(bool relu, const vector sum[4], tarn_real *y, tarn_real *winners)
{
    vector largest = sum[0];
    lanes winner = lanes_of(0);
    UNROLLED_FOR (int place = 1; place < 4; place++) {
        const lanes wins = (sum[place] > largest) | (sum[place] != sum[place]);
        largest = choose(wins, sum[place], largest);
        winner = (wins & lanes_of(place)) | (winner & ~wins);
    }
    if (relu) {
        const lanes dead = largest <= 0;
        winner = (winner & ~dead) | (lanes_of(TARN__NO_WINNER) & dead);
        largest = relu_of(largest);
    }
    store(y, largest);
    store(winners, (vector)winner);
}

typedef void windows_function(const tarn__conv2d *s, const split_image *x, const tarn_real *weight,
                              const tarn_real *bias, int64_t o, int64_t i, int64_t j, tarn_real *y,
                              tarn_real *winners);

#define WINDOWS(count)                                                                             \
    static void windows_##count(const tarn__conv2d *s, const split_image *x,                       \
                                const tarn_real *weight, const tarn_real *bias, int64_t o,         \
                                int64_t i, int64_t j, tarn_real *y, tarn_real *winners)            \
    {                                                                                              \
        vector sum[count][4];                                                                      \
        UNROLLED_FOR (int k = 0; k < count; k++)                                                   \
            sum[k][0] = sum[k][1] = sum[k][2] = sum[k][3] = broadcast(bias ? bias[o + k] : 0);     \
        windows_sums(count, s, x, weight, o, i, j, sum);                                           \
        UNROLLED_FOR (int k = 0; k < count; k++)                                                   \
            windows_maximum(s->relu, sum[k], y + (o + k) * LANES, winners + (o + k) * LANES);      \
    }

#if defined __AVX512F__ || defined __aarch64__
WINDOWS(1)
WINDOWS(2)
WINDOWS(3)
WINDOWS(4)
WINDOWS(5)
WINDOWS(6)
static windows_function *const windows[] = {windows_1, windows_2, windows_3,
                                            windows_4, windows_5, windows_6};
#else
WINDOWS(1) WINDOWS(2) static windows_function *const windows[] = {windows_1, windows_2};
#endif

/* Writes rows of one number for each of count windows, [o][LANES], as count pixels of o channels,
   which end at or before end. What a whole vector writes behind a pixel, the next overwrites. */
static inline void store_windows(const tarn__conv2d *s, int64_t count, const tarn_real *rows,
                                 tarn_real *y, const tarn_real *end)
{
    vector turned[LANES];
    transpose(rows, LANES, s->o, (tarn_real *)turned, LANES);
    for (int64_t k = 0; k < count; k++, y += s->o)
        store_first(y, turned[k], end - y < LANES ? (int)(end - y) : LANES);
}

static inline void store_winners(const tarn__conv2d *s, int64_t count, const tarn_real *rows,
                                 uint8_t *winners, const uint8_t *end)
{
    lanes turned[LANES];
    transpose(rows, LANES, s->o, (tarn_real *)turned, LANES);
    for (int64_t k = 0; k < count; k++, winners += s->o)
        store_bytes(winners, turned[k], end - winners < LANES ? (int)(end - winners) : LANES);
}

/* Rows [first, end) of y for one image. */
static inline void convolve_windows(const tarn__conv2d *s, const split_image *x,
                                    const tarn_real *weight, const tarn_real *bias, int64_t first,
                                    int64_t end, tarn_real *y, uint8_t *winners)
{
    const int64_t columns = s->ow / 2;
    tarn_real largest[LANES * LANES], places[LANES * LANES];
    for (int64_t i = first; i < end; i++)
        for (int64_t j = 0; j < columns; j += LANES) {
            for (int64_t o = 0; o < s->o; o += MOST_WINDOW_CHANNELS) {
                const int64_t count = smaller(s->o - o, MOST_WINDOW_CHANNELS);
                windows[count - 1](s, x, weight, bias, o, i, j, largest, places);
            }
            const int64_t at = (i * columns + j) * s->o, count = smaller(columns - j, LANES);
            const int64_t y_end = end * columns * s->o;
            store_windows(s, count, largest, y + at, y + y_end);
            if (winners)
                store_winners(s, count, places, winners + at, winners + y_end);
        }
}

/* ---- Weight gradient */

/* Pairs of output channels are in work at once, to read the pixels once for both. */
static inline int64_t paired(const tarn__conv2d *s)
{
    return (s->o + 1) / 2 * 2;
}

/* For each channel, row and vector of windows the gradient at each of the four places, and in a
   fifth what has none: [o][row][vector][5][LANES]. Of o a whole number of pairs. */
enum { PLACES = 5 };

typedef struct window_gradients {
    int64_t vectors; /* of a row */
    int64_t channel; /* numbers of one channel */
    tarn_real *places;
} window_gradients;

static inline window_gradients cut_window_gradients(cutter *c, const tarn__conv2d *s)
{
    window_gradients g = {.vectors = divide_up(s->ow / 2, LANES)};
    g.channel = s->oh / 2 * g.vectors * PLACES * LANES;
    g.places = cut_numbers(c, paired(s) * g.channel);
    return g;
}

/* Takes dy of one image apart. */
static inline void spread_gradient(const tarn__conv2d *s, const tarn_real *restrict dy,
                                   const uint8_t *restrict winners, const window_gradients *to)
{
    const int64_t columns = s->ow / 2;
    memset(to->places, 0, (size_t)(paired(s) * to->channel) * sizeof *dy);
    for (int64_t i = 0; i < s->oh / 2; i++)
        for (int64_t j = 0; j < columns; j++, dy += s->o, winners += s->o) {
            tarn_real *at = to->places + (i * to->vectors + j / LANES) * PLACES * LANES + j % LANES;
            for (int64_t o = 0; o < s->o; o++)
                at[o * to->channel + smaller(winners[o], PLACES - 1) * LANES] = dy[o];
        }
}

/* bias[o] += the gradient of all places. */
static inline void windows_bias_gradient(const tarn__conv2d *s, const window_gradients *g,
                                         double *bias)
{
    for (int64_t o = 0; o < s->o; o++) {
        vector sum = {0};
        for (int64_t k = 0; k < g->channel; k += PLACES * LANES) {
            const tarn_real *d = g->places + o * g->channel + k;
            sum += (load(d) + load(d + LANES)) + (load(d + 2 * LANES) + load(d + 3 * LANES));
        }
        for (int l = 0; l < LANES; l++)
            bias[o] += (double)sum[l];
    }
}

/* Adds to count columns from q on of kernel row p, for channel c to o and o + 1, what one image
   gives. sums are [q][o][LANES]. */
ALWAYS_INLINE void windows_weights(int count, const tarn__conv2d *s, const split_image *x,
                                   const window_gradients *g, int64_t o, int64_t c, int64_t p,
                                   int64_t q, tarn_real *sums)
{
    const int64_t tap = paired(s) * LANES;
    const tarn_real *d[2] = {g->places + o * g->channel, g->places + (o + 1) * g->channel};
    vector sum[2][MOST_TAPS];
    UNROLLED_FOR (int t = 0; t < count; t++)
        UNROLLED_FOR (int k = 0; k < 2; k++)
            sum[k][t] = load(sums + t * tap + k * LANES);
    for (int64_t i = 0; i < s->oh / 2; i++)
        for (int64_t j = 0; j < g->vectors; j++)
            for (int64_t h = 0; h < 2; h++) {
                const int64_t at = ((i * g->vectors + j) * PLACES + 2 * h) * LANES;
                const tarn_real *row =
                    x->planes + (c * x->h + 2 * i + h + p) * 2 * x->half + j * LANES;
                vector pixels = load(row + in_row(x, q));
                UNROLLED_FOR (int t = 0; t < count; t++) {
                    const vector next = load(row + in_row(x, q + t + 1));
                    UNROLLED_FOR (int k = 0; k < 2; k++) {
                        sum[k][t] += load(d[k] + at) * pixels;
                        sum[k][t] += load(d[k] + at + LANES) * next;
                    }
                    pixels = next;
                }
            }
    UNROLLED_FOR (int t = 0; t < count; t++)
        UNROLLED_FOR (int k = 0; k < 2; k++)
            store(sums + t * tap + k * LANES, sum[k][t]);
}

typedef void window_weights_function(const tarn__conv2d *s, const split_image *x,
                                     const window_gradients *g, int64_t o, int64_t c, int64_t p,
                                     int64_t q, tarn_real *sums);

#define WINDOW_WEIGHTS(count)                                                                      \
    static void window_weights_##count(const tarn__conv2d *s, const split_image *x,                \
                                       const window_gradients *g, int64_t o, int64_t c, int64_t p, \
                                       int64_t q, tarn_real *sums)                                 \
    {                                                                                              \
        windows_weights(count, s, x, g, o, c, p, q, sums);                                         \
    }
WINDOW_WEIGHTS(1)
WINDOW_WEIGHTS(2)
WINDOW_WEIGHTS(3)
WINDOW_WEIGHTS(4)
WINDOW_WEIGHTS(5)
static window_weights_function *const window_weights[MOST_TAPS] = {
    window_weights_1, window_weights_2, window_weights_3, window_weights_4, window_weights_5};

/* Whether no pixel is an infinity or a NaN, which times a place's 0 would be a NaN. */
static inline bool is_finite(const tarn__conv2d *s, const split_image *x)
{
    vector sum = {0};
    for (int64_t k = 0; k + LANES <= s->c * x->h * 2 * x->half; k += LANES) {
        const vector pixels = load(x->planes + k);
        sum += pixels - pixels;
    }
    for (int l = 0; l < LANES; l++)
        if (sum[l] != 0)
            return false;
    return true;
}

static inline int64_t windows_sums_size(const tarn__conv2d *s)
{
    return s->kh * s->kw * s->c * paired(s) * LANES;
}

/* Adds what one image gives to the sums, [c][p][q][o][LANES]. */
static inline void windows_weight_gradient(const tarn__conv2d *s, const split_image *x,
                                           const window_gradients *g, tarn_real *sums)
{
    for (int64_t o = 0; o < s->o; o += 2)
        for (int64_t cp = 0; cp < s->c * s->kh; cp++)
            for (int64_t q = 0; q < s->kw; q += MOST_TAPS)
                window_weights[smaller(s->kw - q, MOST_TAPS) - 1](
                    s, x, g, o, cp / s->kh, cp % s->kh, q,
                    sums + ((cp * s->kw + q) * paired(s) + o) * LANES);
}

/* The same, winner by winner, for an image that is not finite. */
static inline void windows_of_winners(const tarn__conv2d *s, const split_image *x,
                                      const tarn_real *dy, const uint8_t *winners, tarn_real *sums)
{
    const int64_t columns = s->ow / 2, taps = s->kh * s->kw;
    for (int64_t at = 0; at < s->oh / 2 * columns * s->o; at++) {
        const int64_t i = at / s->o / columns, j = at / s->o % columns, o = at % s->o;
        if (winners[at] == TARN__NO_WINNER || dy[at] == 0)
            continue;
        for (int64_t k = 0; k < s->c * taps; k++) {
            const int64_t h = 2 * i + winners[at] / 2 + k % taps / s->kw;
            const tarn_real *row = x->planes + (k / taps * x->h + h) * 2 * x->half + j;
            sums[(k * paired(s) + o) * LANES] +=
                dy[at] * row[in_row(x, winners[at] % 2 + k % s->kw)];
        }
    }
}

/* dweight of output channel o: the lanes of all parts, next numbers apart, in order. */
static inline void add_windows_parts(const tarn__conv2d *s, int64_t o, const tarn_real *sums,
                                     int64_t next, int64_t parts, tarn__target dweight)
{
    const int64_t taps = s->kh * s->kw;
    for (int64_t k = 0; k < taps * s->c; k++) {
        vector total = {0};
        for (int64_t part = 0; part < parts; part++)
            total += load(sums + part * next + (k * paired(s) + o) * LANES);
        tarn_real *to = &dweight.values[((k % taps) * s->c + k / taps) * s->o + o];
        tarn_real sum = dweight.add ? *to : 0;
        for (int l = 0; l < LANES; l++)
            sum += total[l];
        *to = sum;
    }
}

#endif
