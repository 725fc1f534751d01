/*
 * The weight gradient of a convolution with few channels that max_pool2d of 2 x 2 follows, such as
 * the first layer of LeNet. Of the four sums of a window only the winner has a gradient, and meets
 * the patch of pixels below it:
 *
 *     dweight[..][o] = the sum over the windows of dy[window][o] patch(window, place[window][o])
 *
 * With few channels o it takes longer to collect the winners of each, as conv2d_sparse.h does, than
 * to look up each one's patch in a table of five: the four places of the window, and zeros for what
 * has no gradient (0 times an infinite pixel would be a NaN). A row of a patch is eight numbers at
 * most, so that few of them cross a cache line.
 */
#ifndef TARN_CORE_KERNELS_CONV_WINDOWS_GRADIENT_H
#define TARN_CORE_KERNELS_CONV_WINDOWS_GRADIENT_H

#include "core/kernels/conv/conv2d_windows.h"

/* Numbers of a row of a patch; rows whose sums stay in registers; places. */
enum { ROW = 8, WINNER_ROWS = 5, PLACES = 5 };

typedef tarn_real patch_row
    __attribute__((vector_size(ROW * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

static inline bool has_winner_rows(const tarn__conv2d *s)
{
    return is_windows(s) && s->kw * s->c <= ROW;
}

static inline int64_t winner_sums_size(const tarn__conv2d *s)
{
    return s->o * s->kh * ROW;
}

/* What a thread needs: zeros, as many as a patch of each window in a row reads, and of an image dy
   and the places. */
typedef struct winner_rows {
    tarn_real *zeros, *dy;
    uint8_t *places;
} winner_rows;

static inline int64_t zeros_size(const tarn__conv2d *s, padded p)
{
    return (s->kh + 1) * p.w * p.c + ROW;
}

static inline winner_rows cut_winner_rows(cutter *c, const tarn__conv2d *s, padded p)
{
    winner_rows r;
    r.zeros = cut_numbers(c, zeros_size(s, p));
    r.dy = cut_numbers(c, s->oh / 2 * (s->ow / 2) * s->o);
    r.places = cut(c, (size_t)(s->oh / 2 * (s->ow / 2) * s->o));
    return r;
}

static inline void clear_zeros(const tarn__conv2d *s, padded p, const winner_rows *r)
{
    memset(r->zeros, 0, (size_t)zeros_size(s, p) * sizeof *r->zeros);
}

/* The place of the winner of each window, and the last for what has no gradient, whose dy, which
   may be infinite, is 0. */
static inline void find_places(int64_t count, const tarn_real *dy, const uint8_t *winners,
                               uint8_t *places, tarn_real *alive)
{
    const lanes nowhere = lanes_of(PLACES - 1);
    for (int64_t i = 0; i < count; i += LANES) {
        const lanes winner = load_bytes(winners + i);
        const lanes dead = (load(dy + i) == 0) | (winner > nowhere);
        store(alive + i, (vector)((lanes)load(dy + i) & ~dead));
        store_bytes(places + i, (winner & ~dead) | (nowhere & dead), LANES);
    }
}

/* sums[r] += dy patch[r] for one channel, from whose number of the first window on dy and places
   are, and for so many rows of the patches from `image` on. */
ALWAYS_INLINE void add_winners(int rows, const tarn__conv2d *s, int64_t row_size,
                               const tarn_real *image, const tarn_real *zeros, const tarn_real *dy,
                               const uint8_t *places, tarn_real *sums)
{
    const int64_t end = s->ow / 2 * 2 * s->c;
    patch_row sum[WINNER_ROWS];
    UNROLLED_FOR (int r = 0; r < rows; r++)
        sum[r] = (patch_row){0};
    for (int64_t i = 0; i < s->oh / 2; i++, image += 2 * row_size) {
        const tarn_real *const patches[PLACES] = {image, image + s->c, image + row_size,
                                                  image + row_size + s->c, zeros};
        for (int64_t at = 0; at < end; at += 2 * s->c, dy += s->o, places += s->o) {
            const tarn_real *patch = patches[*places] + at;
            UNROLLED_FOR (int r = 0; r < rows; r++)
                sum[r] += *dy * *(const patch_row *)(patch + r * row_size);
        }
    }
    UNROLLED_FOR (int r = 0; r < rows; r++)
        *(patch_row *)(sums + r * ROW) += sum[r];
}

typedef void winners_function(const tarn__conv2d *s, int64_t row_size, const tarn_real *image,
                              const tarn_real *zeros, const tarn_real *dy, const uint8_t *places,
                              tarn_real *sums);

#define WINNERS(rows)                                                                              \
    static void add_winners_##rows(const tarn__conv2d *s, int64_t row_size,                        \
                                   const tarn_real *image, const tarn_real *zeros,                 \
                                   const tarn_real *dy, const uint8_t *places, tarn_real *sums)    \
    {                                                                                              \
        add_winners(rows, s, row_size, image, zeros, dy, places, sums);                            \
    }
WINNERS(1)
WINNERS(3)
WINNERS(5)
static winners_function *const winners_functions[] = {
    [1] = add_winners_1, [3] = add_winners_3, [5] = add_winners_5};

/* Adds what one (padded) image gives to the sums, [o][kh][ROW]. */
static inline void winners_weight_gradient(const tarn__conv2d *s, padded p, const tarn_real *dy,
                                           const uint8_t *winners, const tarn_real *image,
                                           const winner_rows *t, tarn_real *sums)
{
    const int64_t row_size = p.w * s->c;
    find_places(s->oh / 2 * (s->ow / 2) * s->o, dy, winners, t->places, t->dy);
    for (int64_t r = 0, rows; r < s->kh; r += rows) {
        rows = s->kh - r < 3 ? 1 : s->kh - r < 5 ? 3 : 5;
        for (int64_t o = 0; o < s->o; o++)
            winners_functions[rows](s, row_size, image + r * row_size, t->zeros, t->dy + o,
                                    t->places + o, sums + (o * s->kh + r) * ROW);
    }
}

/* dweight of output channel o: the sums of all parts, next numbers apart, in order. */
static inline void add_winner_parts(const tarn__conv2d *s, int64_t o, const tarn_real *sums,
                                    int64_t next, int64_t parts, tarn__target dweight)
{
    const int64_t row_size = s->kw * s->c;
    for (int64_t k = 0; k < s->kh * row_size; k++) {
        const tarn_real *from = sums + (o * s->kh + k / row_size) * ROW + k % row_size;
        tarn_real *to = &dweight.values[k * s->o + o];
        tarn_real total = dweight.add ? *to : 0;
        for (int64_t part = 0; part < parts; part++)
            total += from[part * next];
        *to = total;
    }
}

#endif
