/*
 * A convolution with few output channels that max_pool2d of 2 x 2 follows, such as the first layer
 * of LeNet, whose 6 channels would leave most lanes of a vector empty. Here the lanes are
 * neighbouring windows of the pool: four vectors of sums, one for each place (i,j) in the windows,
 * and the maximum is the largest of the four.
 *
 * Lane k of place (i,j) reads the pixels of column 2 k + j + q: so the image is first taken apart
 * into planes of one channel, and each of their rows into its even and its odd columns, in which
 * the lanes lie side by side.
 */
#ifndef TARN_CORE_KERNELS_CONV_CONV2D_WINDOWS_H
#define TARN_CORE_KERNELS_CONV_CONV2D_WINDOWS_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/transpose.h"

/* Channels in one go, four vectors of sums for each. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_WINDOW_CHANNELS = 6 };
#else
enum { MOST_WINDOW_CHANNELS = 2 };
#endif

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

/* The even and the odd of so many numbers, `step` apart. */
static inline void split_numbers(const tarn_real *from, int64_t step, int64_t count,
                                 tarn_real *even, tarn_real *odd)
{
    int64_t j = 0;
    for (; step == 1 && j < count / 2; j += LANES) {
        const vector x = load(from + 2 * j),
                     y = 2 * j + LANES < count ? load(from + 2 * j + LANES) : x;
        const int pairs = (int)smaller(count / 2 - j, LANES);
        store(even + j, (vector)((lanes)SHUFFLE(x, y, EVEN) & first_lanes(pairs)));
        store(odd + j, (vector)((lanes)SHUFFLE(x, y, ODD) & first_lanes(pairs)));
    }
    for (; j < count / 2; j++) {
        even[j] = from[2 * j * step];
        odd[j] = from[(2 * j + 1) * step];
    }
    if (count % 2)
        even[count / 2] = from[(count - 1) * step];
}

/* Rows [first_row, first_row + rows) of the padded image. Columns behind it are 0. */
static inline void split(padded p, const tarn_real *image, int64_t first_row, int64_t rows,
                         split_image to)
{
    const int64_t row_size = 2 * to.half;
    for (int64_t c = 0; c < p.c; c++) {
        tarn_real *row = to.planes + (c * p.h + first_row) * row_size;
        memset(row, 0, (size_t)(rows * row_size) * sizeof *row);
        for (int64_t i = first_row - p.top; i < first_row - p.top + rows; i++, row += row_size) {
            /* Column j goes to (j + left) / 2 of the even or the odd ones. */
            tarn_real *even = row + p.left % 2 * to.half + p.left / 2;
            tarn_real *odd = row + (p.left + 1) % 2 * to.half + (p.left + 1) / 2;
            if (i >= 0 && i < p.from_h)
                split_numbers(image + i * p.from_w * p.c + c, p.c, p.from_w, even, odd);
        }
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
            vector left[2] = {load(upper), load(lower)};
            for (int64_t q = 0; q < s->kw; q++) {
                const int64_t next = in_row(x, q + 1);
                const vector right[2] = {load(upper + next), load(lower + next)};
                const tarn_real *w = weight + ((p * s->kw + q) * s->c + c) * s->o + o;
                UNROLLED_FOR (int k = 0; k < count; k++) {
                    const tarn_real factor = w[k];
                    UNROLLED_FOR (int h = 0; h < 2; h++) {
                        sum[k][2 * h] += factor * left[h];
                        sum[k][2 * h + 1] += factor * right[h];
                    }
                }
                left[0] = right[0], left[1] = right[1];
            }
        }
}

/* The largest of the places, and, where wanted, which it was, as rows of LANES numbers. Only
   another NaN takes the place of a NaN, as in PyTorch. */
ALWAYS_INLINE void windows_maximum(bool relu, const vector sum[4], tarn_real *y, lane *winners)
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
    if (winners)
        *(lanes *)winners = winner;
}

typedef void windows_function(const tarn__conv2d *s, const split_image *x, const tarn_real *weight,
                              const tarn_real *bias, int64_t o, int64_t i, int64_t j, tarn_real *y,
                              lane *winners);

#define WINDOWS(count)                                                                             \
    static void windows_##count(const tarn__conv2d *s, const split_image *x,                       \
                                const tarn_real *weight, const tarn_real *bias, int64_t o,         \
                                int64_t i, int64_t j, tarn_real *y, lane *winners)                 \
    {                                                                                              \
        vector sum[count][4];                                                                      \
        UNROLLED_FOR (int k = 0; k < count; k++)                                                   \
            sum[k][0] = sum[k][1] = sum[k][2] = sum[k][3] = broadcast(bias ? bias[o + k] : 0);     \
        windows_sums(count, s, x, weight, o, i, j, sum);                                           \
        UNROLLED_FOR (int k = 0; k < count; k++)                                                   \
            if (winners)                                                                           \
                windows_maximum(s->relu, sum[k], y + (o + k) * LANES, winners + (o + k) * LANES);  \
            else                                                                                   \
                windows_maximum(s->relu, sum[k], y + (o + k) * LANES, NULL);                       \
    }

/* For so many channels at once, of those that are left. */
#if defined __AVX512F__ || defined __aarch64__
static const int windows_at_once[] = {0, 1, 1, 3, 3, 3, 6};
WINDOWS(1)
WINDOWS(3)
WINDOWS(6)
static windows_function *const windows[] = {[1] = windows_1, [3] = windows_3, [6] = windows_6};
#else
static const int windows_at_once[] = {0, 1, 2};
WINDOWS(1)
WINDOWS(2)
static windows_function *const windows[] = {[1] = windows_1, [2] = windows_2};
#endif

/* Copies so many bytes, or those that end before end: sizes that are known need no call. */
ALWAYS_INLINE void copy_before(char *to, const char *from, int64_t size, const char *end)
{
    if (end - to >= size)
        memcpy(to, from, (size_t)size);
    else
        memcpy(to, from, (size_t)(end - to));
}

/* Turns o rows of a number for each window into a pixel of o numbers, at most so many, for each of
   the first count windows. Pixels end at or before end, and what is written behind one, the next
   overwrites. */
ALWAYS_INLINE void store_windows(int columns, int64_t o, int64_t count, const tarn_real *rows,
                                 tarn_real *y, const tarn_real *end)
{
    vector turned[LANES];
    const int64_t bytes = columns * (int64_t)sizeof *y;
    transpose_columns(columns, rows, LANES, o, turned);
    for (int64_t k = 0; k < count; k++)
        copy_before((char *)(y + k * o), (const char *)turned + k * bytes, bytes,
                    (const char *)end);
}

/* The same of winners, as bytes, of which those of a few channels are put together in a lane (the
   first in its lowest byte, which comes first). */
static inline void store_winners(int64_t o, int64_t count, const lane *rows, uint8_t *winners,
                                 const uint8_t *end)
{
    enum { BYTES = sizeof(lane), GROUPS = (LANES + BYTES - 1) / BYTES };
    lane together[GROUPS][LANES];
    for (int64_t group = 0; group * BYTES < o; group++) {
        lanes sum = {0};
        for (int64_t k = 0; k < smaller(o - group * BYTES, BYTES); k++)
            sum |= *(const lanes *)(rows + (group * BYTES + k) * LANES) << (lane)(8 * k);
        *(lanes *)together[group] = sum;
    }
    for (int64_t k = 0; k < count; k++)
        for (int64_t group = 0; group * BYTES < o; group++)
            copy_before((char *)(winners + k * o + group * BYTES),
                        (const char *)&together[group][k], BYTES, (const char *)end);
}

/* Rows [first, end) of y for one image. */
static inline void convolve_windows(const tarn__conv2d *s, const split_image *x,
                                    const tarn_real *weight, const tarn_real *bias, int64_t first,
                                    int64_t end, tarn_real *y, uint8_t *winners)
{
    const int64_t columns = s->ow / 2;
    tarn_real largest[LANES * LANES];
    lane places[LANES * LANES];
    for (int64_t i = first; i < end; i++)
        for (int64_t j = 0; j < columns; j += LANES) {
            for (int64_t o = 0; o < s->o;) {
                const int count = windows_at_once[smaller(s->o - o, MOST_WINDOW_CHANNELS)];
                windows[count](s, x, weight, bias, o, i, j, largest, winners ? places : NULL);
                o += count;
            }
            const int64_t at = (i * columns + j) * s->o, count = smaller(columns - j, LANES);
            const int64_t y_end = end * columns * s->o;
            if (s->o <= LANES / 2)
                store_windows(LANES / 2, s->o, count, largest, y + at, y + y_end);
            else
                store_windows(LANES, s->o, count, largest, y + at, y + y_end);
            if (winners)
                store_winners(s->o, count, places, winners + at, winners + y_end);
        }
}

#endif
