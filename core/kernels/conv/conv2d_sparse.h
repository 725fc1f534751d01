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
enum { L1_BYTES = 40 << 10, STRIP_BYTES = 32 << 10, FEWEST_SUMS = 8 };

/* A term's index has 32 bits. */
static inline bool is_sparse(const tarn__conv2d *s, padded p)
{
    return s->pool > 1 && s->dilation_h == 1 && s->dilation_w == 1 && s->groups == 1 && s->c > 0 &&
           p.h * p.w * p.c < INT32_MAX / 2 && s->kh * s->kw * s->c * s->o < INT32_MAX / 64;
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

#define EACH_OF_BLOCK(s, b, r, i)                                                                  \
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
            EACH_OF_BLOCK (s, b, r, i) {
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
        EACH_OF_BLOCK (s, b, r, i) {
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

/* What a thread needs. */
typedef struct sparse_buffers {
    tarn_real *image; /* the padded gradient of an image, with room for one vector behind it */
    uint8_t *places;  /* of the winners */
    term *terms;
    int32_t *counts;
} sparse_buffers;

/* Rows of y whose winners read a strip of the image that the cache holds. */
static inline int64_t rows_of_strip(const tarn__conv2d *s, padded p)
{
    const int64_t row_bytes = p.w * p.c * (int64_t)sizeof(tarn_real);
    const int64_t rows = (STRIP_BYTES / row_bytes - s->kh) / (s->pool * s->stride_h);
    return rows < 1 ? 1 : smaller(rows, s->oh / s->pool);
}

static inline sparse_buffers cut_sparse_buffers(cutter *c, const tarn__conv2d *s, padded p)
{
    const int64_t pw = s->ow / s->pool, places = s->pool * s->pool + 1;
    const int64_t of_weight = s->o, of_input = pw * places;
    const int64_t terms_of_weight = s->o * rows_of_strip(s, p) * pw + 1;
    const int64_t terms_of_input = of_input * s->o;
    sparse_buffers b;
    b.image = cut_numbers(c, p.h * p.w * p.c + LANES);
    b.places = cut(c, (size_t)(s->oh / s->pool * pw * s->o));
    b.terms = cut(c, (size_t)(terms_of_weight > terms_of_input ? terms_of_weight : terms_of_input) *
                         sizeof *b.terms);
    b.counts = cut(c, (size_t)(of_weight > of_input ? of_weight : of_input) * sizeof *b.counts);
    return b;
}

/* dy and the winners of one image. */
typedef struct pooled_gradient {
    const tarn__conv2d *s;
    padded p;
    const tarn_real *dy;
    const uint8_t *winners;
} pooled_gradient;

/* Where pixel (i,j) of y reads in the padded image, through the first place of its window; and
   where each place of a window reads beside the first. */
static inline int64_t patch_at(const pooled_gradient *d, int64_t i, int64_t j)
{
    const tarn__conv2d *s = d->s;
    return (i * s->stride_h * d->p.w + j * s->stride_w) * s->pool * s->c;
}

typedef struct window_places {
    int64_t place[TARN__MOST_POOL * TARN__MOST_POOL + 1];
} window_places;

static inline window_places places_of_window(const pooled_gradient *d)
{
    const tarn__conv2d *s = d->s;
    window_places w;
    for (int64_t k = 0; k <= s->pool * s->pool; k++)
        w.place[k] = (k / s->pool * s->stride_h * d->p.w + k % s->pool * s->stride_w) * s->c;
    return w;
}

/* For each element of dy the place in its window that has a gradient, or pool pool where none has.
   A loop of its own, since a branch on winners could not be predicted, and this becomes vectors. */
static inline void find_places(const pooled_gradient *d, uint8_t *restrict places)
{
    const tarn__conv2d *s = d->s;
    const int64_t size = s->oh / s->pool * (s->ow / s->pool) * s->o;
    const uint8_t nowhere = (uint8_t)(s->pool * s->pool), *restrict winners = d->winners;
    const tarn_real *restrict dy = d->dy;
    for (int64_t i = 0; i < size; i++) {
        const uint8_t winner = winners[i] < nowhere ? winners[i] : nowhere;
        places[i] = dy[i] == 0 ? nowhere : winner;
    }
}

/* Row i of y as terms: for each pixel and place of its window, the channels that won there. The
   last place, pool pool, collects those that have no gradient. */
static inline void collect_row(const pooled_gradient *d, int64_t i, const sparse_buffers *t)
{
    const tarn__conv2d *s = d->s;
    const int64_t pw = s->ow / s->pool, lists = s->pool * s->pool + 1;
    memset(t->counts, 0, (size_t)(pw * lists) * sizeof *t->counts);
    for (int64_t j = 0; j < pw; j++) {
        const tarn_real *dy = d->dy + (i * pw + j) * s->o;
        const uint8_t *places = t->places + (i * pw + j) * s->o;
        term *terms = t->terms + j * lists * s->o;
        int32_t *counts = t->counts + j * lists;
        for (int32_t o = 0; o < s->o; o++) {
            const int64_t place = places[o];
            terms[place * s->o + counts[place]++] = (term){dy[o], o};
        }
    }
}

/* The gradient of the padded image, to t->image. */
static inline void sparse_input_gradient(const pooled_gradient *d, const tarn_real *weights,
                                         const sparse_buffers *t)
{
    const tarn__conv2d *s = d->s;
    const patch_cut cut = cut_of_weights(s);
    const int64_t pw = s->ow / s->pool, places = s->pool * s->pool, row_size = d->p.w * s->c;
    const lanes last = first_lanes((int)(s->kw * s->c - (vectors_of_row(s) - 1) * LANES));
    const window_places w = places_of_window(d);
    memset(t->image, 0, (size_t)(d->p.h * row_size) * sizeof *t->image);
    for (int64_t i = 0; i < s->oh / s->pool; i++) {
        collect_row(d, i, t);
        for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
            const patch_block b = block_of_patch(&cut, k);
            const bool is_last = b.vector + b.vectors == cut.vectors;
            const lanes all_or_last = is_last ? last : first_lanes(LANES);
            const tarn_real *from = weights + place_in_block(s, &b, 0);
            tarn_real *row = t->image + patch_at(d, i, 0) + b.row * row_size + b.vector * LANES;
            for (int64_t j = 0; j < pw; j++)
                for (int64_t place = 0; place < places; place++) {
                    const int64_t list = j * (places + 1) + place;
                    if (t->counts[list] > 0)
                        b.function(t->terms + list * s->o, t->counts[list], from,
                                   b.rows * b.vectors * LANES, b.vectors * LANES,
                                   row + patch_at(d, 0, j) + w.place[place], row_size, all_or_last);
                }
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

/* Rows [first, end) of y as terms: for each output channel its winners. What has no gradient is
   overwritten by the next, which saves a branch that could not be predicted. */
static inline void collect_strip(const pooled_gradient *d, int64_t first, int64_t end,
                                 int64_t capacity, const sparse_buffers *t)
{
    const tarn__conv2d *s = d->s;
    const int64_t pw = s->ow / s->pool, nowhere = s->pool * s->pool;
    const window_places w = places_of_window(d);
    memset(t->counts, 0, (size_t)s->o * sizeof *t->counts);
    for (int64_t i = first; i < end; i++)
        for (int64_t j = 0; j < pw; j++) {
            const int64_t at = patch_at(d, i - first, j);
            const tarn_real *dy = d->dy + (i * pw + j) * s->o;
            const uint8_t *places = t->places + (i * pw + j) * s->o;
            for (int64_t o = 0; o < s->o; o++) {
                const int32_t count = t->counts[o];
                t->terms[o * capacity + count] = (term){dy[o], (int32_t)(at + w.place[places[o]])};
                t->counts[o] = count + (places[o] < nowhere);
            }
        }
}

/* Adds the gradients of one image's weights to the sums, in blocks. */
static inline void sparse_weight_gradient(const pooled_gradient *d, const tarn_real *image,
                                          const sparse_buffers *t, tarn_real *sums)
{
    const tarn__conv2d *s = d->s;
    const patch_cut cut = cut_of_sums(s);
    const int64_t rows = rows_of_strip(s, d->p), row_size = d->p.w * s->c;
    const int64_t ph = s->oh / s->pool, capacity = rows * (s->ow / s->pool);
    for (int64_t i = 0; i < ph; i += rows) {
        collect_strip(d, i, smaller(i + rows, ph), capacity, t);
        const tarn_real *strip = image + patch_at(d, i, 0);
        for (int64_t o = 0; o < s->o; o++) {
            const term *terms = t->terms + o * capacity;
            for (int64_t k = 0; k < cut.row_parts * cut.vector_parts; k++) {
                const patch_block b = block_of_patch(&cut, k);
                b.function(terms, t->counts[o], strip + b.row * row_size + b.vector * LANES, 1,
                           row_size, sums + place_in_block(s, &b, o), b.vectors * LANES,
                           first_lanes(LANES));
            }
        }
    }
}

#endif
