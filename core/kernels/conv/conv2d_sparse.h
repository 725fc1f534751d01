/*
 * The gradients of a convolution that max_pool2d follows: of the pool x pool sums below each
 * element of y, only the winner has a gradient. An element whose gradient is 0 is skipped too.
 *
 * Each winner meets one patch of the (padded) image, kernel rows of (column, channel):
 *
 *     weight gradient of output channel o: the sum over its winners of dy times the patch
 *     input gradient: at each pixel, the sum over the channels o that won there of dy times the
 *     weights of o, added to the patch
 *
 * Weights, and sums of their gradients, stand here in blocks (core/kernels/conv/patch.h), within a
 * block by output channel, and the rows filled up to whole vectors: [block][o][row][vectors].
 */
#ifndef TARN_CORE_KERNELS_CONV_CONV2D_SPARSE_H
#define TARN_CORE_KERNELS_CONV_CONV2D_SPARSE_H

#include "core/base/pool.h"
#include "core/kernels/conv/conv2d.h"
#include "core/kernels/conv/patch.h"

/* The L1 cache holds one block of the weights of all output channels, or the strip of the image
   that a weight gradient reads. */
enum { L1_BYTES = 40 << 10, FEWEST_SUMS = 8 };

/* Where a winner is in the image has 32 bits. */
static inline bool is_sparse(const tarn__conv2d *s, padded p)
{
    return s->pool > 1 && s->dilation_h == 1 && s->dilation_w == 1 && s->groups == 1 && s->c > 0 &&
           p.h * p.w * p.c < INT32_MAX / 2;
}

static inline int64_t vectors_of_row(const tarn__conv2d *s)
{
    return divide_up(s->kw * s->c, LANES);
}

static inline int64_t sparse_weight_size(const tarn__conv2d *s)
{
    return s->kh * vectors_of_row(s) * LANES * s->o;
}

static inline patch_cut cut_of_sums(const tarn__conv2d *s)
{
    return cut_patch(s->kh, vectors_of_row(s), MOST_SUMS);
}

static inline patch_cut cut_of_weights(const tarn__conv2d *s)
{
    int64_t most = L1_BYTES / (s->o * VECTOR_BYTES + 1);
    return cut_patch(s->kh, vectors_of_row(s), most > FEWEST_SUMS ? most : FEWEST_SUMS);
}

/* Where the weights of output channel o begin in a block. */
static inline int64_t place_in_block(const tarn__conv2d *s, const patch_block *b, int64_t o)
{
    return (b->before * s->o + o * b->rows * b->vectors) * LANES;
}

#define EACH_OF_BLOCK(b, r, i)                                                                     \
    for (int64_t r = 0; r < (b).rows; r++)                                                         \
        for (int64_t i = 0; i < (b).vectors * LANES; i++)

typedef struct weights_job {
    const tarn__conv2d *s;
    const tarn_real *weight;
    tarn_real *to;
} weights_job;

/* Those of some output channels. */
static inline void move_into_blocks(const void *context, int64_t first, int64_t end)
{
    const weights_job *j = context;
    const tarn__conv2d *s = j->s;
    const patch_cut cut = cut_of_weights(s);
    const int64_t row_size = s->kw * s->c;
    for (int64_t o = first; o < end; o++)
        for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
            const patch_block b = block_of_patch(&cut, k);
            tarn_real *at = j->to + place_in_block(s, &b, o);
            EACH_OF_BLOCK (b, r, i) {
                const int64_t column = b.vector * LANES + i, row = b.row + r;
                *at++ = column < row_size ? j->weight[(row * row_size + column) * s->o + o] : 0;
            }
        }
}

/* The weights in blocks. */
static inline void sparse_weights(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    tarn__share(s->o, s->kh * s->kw * s->c * s->o, move_into_blocks, &(weights_job){s, weight, to});
}

/* dweight of output channel o: the sums of all parts, next numbers apart, in order. */
static inline void add_sparse_parts(const tarn__conv2d *s, int64_t o, const tarn_real *sums,
                                    int64_t next, int64_t parts, tarn__target dweight)
{
    const patch_cut cut = cut_of_sums(s);
    const int64_t row_size = s->kw * s->c;
    for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
        const patch_block b = block_of_patch(&cut, k);
        const tarn_real *at = sums + place_in_block(s, &b, o);
        EACH_OF_BLOCK (b, r, i) {
            const int64_t column = b.vector * LANES + i;
            if (column >= row_size)
                continue;
            tarn_real *to = &dweight.values[((b.row + r) * row_size + column) * s->o + o];
            tarn_real total = dweight.add ? *to : 0;
            for (int64_t part = 0; part < parts; part++)
                total += at[part * next + r * b.vectors * LANES + i];
            *to = total;
        }
    }
}

/* The elements of dy that have a gradient to hand on, as sets: for each window of a pool and each
   place in it the output channels that won there, and for each output channel the windows that it
   has a gradient in. */
enum { WORD = 64 };

typedef struct winner_sets {
    int64_t windows; /* at most WORD */
    int64_t places, channels, words;
    const tarn_real *dy;           /* [window][channel] */
    uint64_t *won;                 /* channels: [window][word][place] */
    lane *halves;                  /* windows: [half of a word][channel] */
    lane *indices;                 /* where in the image a winner is: [WORD][channel] */
    int64_t *at_window, *at_place; /* the same of a window, and of a place in it */
} winner_sets;

/* What a thread needs. */
typedef struct sparse_buffers {
    tarn_real *image; /* the padded gradient of an image, with room for one vector behind it */
    winner_sets winners;
} sparse_buffers;

/* Windows whose winners read a strip of the image that the cache holds. */
static inline int64_t windows_of_strip(const tarn__conv2d *s, padded p)
{
    const int64_t row_bytes = p.w * p.c * (int64_t)sizeof(tarn_real);
    const int64_t rows = (L1_BYTES / row_bytes - s->kh) / (s->pool * s->stride_h);
    return smaller((rows < 1 ? 1 : rows) * (s->ow / s->pool), WORD);
}

static inline sparse_buffers cut_sparse_buffers(cutter *c, const tarn__conv2d *s, padded p)
{
    const int64_t windows = windows_of_strip(s, p);
    winner_sets w = {.places = s->pool * s->pool, .channels = s->o, .words = divide_up(s->o, WORD)};
    w.won = cut(c, (size_t)(windows * w.words * w.places) * sizeof *w.won);
    w.halves = cut(c, (size_t)(2 * s->o) * sizeof *w.halves);
    w.indices = cut(c, (size_t)(WORD * s->o) * sizeof *w.indices);
    w.at_window = cut(c, (size_t)windows * sizeof *w.at_window);
    w.at_place = cut(c, (size_t)w.places * sizeof *w.at_place);
    return (sparse_buffers){cut_numbers(c, p.h * p.w * p.c + LANES), w};
}

/* Those of window i at the next LANES channels from o on. */
static inline void collect_channels(winner_sets *w, int64_t i, int64_t o, const uint8_t *from)
{
    const tarn_real *dy = w->dy + i * w->channels + o;
    const lanes winner = load_bytes(from + i * w->channels + o);
    const lanes alive = first_lanes((int)smaller(w->channels - o, LANES)) & (load(dy) != 0) &
                        (winner < lanes_of((lane)w->places));
    uint64_t *won = w->won + (i * w->words + o / WORD) * w->places;
    lanes index = {0};
    for (int64_t k = 0; k < w->places; k++) {
        const lanes wins = alive & (winner == lanes_of((lane)k));
        index |= wins & lanes_of((lane)(w->at_window[i] + w->at_place[k]));
        won[k] |= bits_of(wins) << o % WORD;
    }
    *(lanes *)(w->indices + i * w->channels + o) = index;
    *(lanes *)(w->halves + i / 32 * w->channels + o) |= alive & lanes_of((lane)(1u << i % 32));
}

/* The winners of w->windows windows from first on, of an image's, that have a gradient. No branch
   depends on them, since it could not be predicted. What a whole vector writes behind the last
   channel, the next overwrites, or it was 0 and stays so. */
static inline void collect_winners(const tarn__conv2d *s, padded p, const tarn_real *dy,
                                   const uint8_t *from, int64_t first, winner_sets *w)
{
    const int64_t pw = s->ow / s->pool;
    w->dy = dy + first * s->o;
    memset(w->won, 0, (size_t)(w->windows * w->words * w->places) * sizeof *w->won);
    memset(w->halves, 0, (size_t)(2 * s->o) * sizeof *w->halves);
    for (int64_t k = 0; k < w->places; k++)
        w->at_place[k] = (k / s->pool * s->stride_h * p.w + k % s->pool * s->stride_w) * s->c;
    for (int64_t i = 0; i < w->windows; i++) {
        const int64_t row = (first + i) / pw * s->stride_h, column = (first + i) % pw * s->stride_w;
        w->at_window[i] = (row * p.w + column) * s->pool * s->c;
        for (int64_t o = 0; o < s->o; o += LANES)
            collect_channels(w, i, o, from + first * s->o);
    }
}

/* Adds the gradient of the padded image. */
static inline void sparse_input_gradient(const tarn__conv2d *s, padded p, const winner_sets *w,
                                         const tarn_real *weights, tarn_real *image)
{
    const patch_cut cut = cut_of_weights(s);
    const int64_t row_size = p.w * s->c;
    const int last = (int)(s->kw * s->c - (vectors_of_row(s) - 1) * LANES);
    for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
        const patch_block b = block_of_patch(&cut, k);
        const bool is_last = b.vector + b.vectors == cut.vectors;
        const patch_terms terms = {.to_row = row_size, .last = first_lanes(is_last ? last : LANES)};
        const tarn_real *from = weights + place_in_block(s, &b, 0);
        const int64_t word_size = WORD * b.rows * b.vectors * LANES;
        const uint64_t *set = w->won;
        for (int64_t i = 0; i < w->windows; i++) {
            tarn_real *to = image + w->at_window[i] + b.row * row_size + b.vector * LANES;
            for (int64_t word = 0; word < w->words; word++)
                for (int64_t place = 0; place < w->places; place++, set++)
                    if (*set)
                        b.function(&terms, *set, w->dy + i * s->o + word * WORD,
                                   from + word * word_size, to + w->at_place[place]);
        }
    }
}

/* Adds the gradient of the weights, in blocks, to the sums. */
static inline void sparse_weight_gradient(const tarn__conv2d *s, padded p, const winner_sets *w,
                                          const tarn_real *image, tarn_real *sums)
{
    const patch_cut cut = cut_of_sums(s);
    const int64_t row_size = p.w * s->c;
    for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
        const patch_block b = block_of_patch(&cut, k);
        const tarn_real *from = image + b.row * row_size + b.vector * LANES;
        patch_terms terms = {w->indices, s->o, row_size, b.vectors * LANES, first_lanes(LANES)};
        for (int64_t o = 0; o < s->o; o++, terms.indices++) {
            const uint64_t second = (uint32_t)w->halves[s->o + o];
            b.function(&terms, second << 32 | (uint32_t)w->halves[o], w->dy + o, from,
                       sums + place_in_block(s, &b, o));
        }
    }
}

/* dx = the image without its padding. */
static inline void crop_image(padded p, const tarn_real *image, tarn_real *dx, bool add)
{
    for (int64_t i = 0; i < p.from_h; i++) {
        const tarn_real *from = image + ((i + p.top) * p.w + p.left) * p.c;
        tarn_real *to = dx + i * p.from_w * p.c;
        for (int64_t k = 0; k < p.from_w * p.c; k++)
            to[k] = add ? to[k] + from[k] : from[k];
    }
}

#endif
