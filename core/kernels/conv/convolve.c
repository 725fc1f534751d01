/*
 * Convolution of NHWC images by HWIO weights, with the relu and max_pool2d that may follow it: what
 * the forward pass and the input gradient share (core/kernels/conv/convolve.h).
 *
 * Directly, a tile is some pixels of one row of sums by some output channels. Its walk goes over
 * the kernel's rows and over (column, channel) in each, which lie one behind the other in a row of
 * the image, just as the weights do. Or, 3 x 3 with stride 1 and enough channels, by Winograd's
 * algorithm. A block of rows is computed at a time; if a pool follows, into a buffer that stays in
 * the cache, and only the maxima go to memory. 5 x 5 with a pool of 2 x 2 behind has a form of that
 * algorithm of its own (core/kernels/conv/winograd_5x5.h).
 *
 * With few output channels and a pool behind, the lanes are windows instead of channels
 * (core/kernels/conv/conv2d_windows.h).
 * Where each channel is a group of its own, the channels are the lanes
 * (core/kernels/conv/depthwise.h, depthwise_3x3.h). With few output channels, the lanes are what a
 * sum goes over (core/kernels/conv/few_channels.h).
 */
#include "core/kernels/conv/convolve.h"

#include "core/base/pool.h"
#include "core/kernels/conv/depthwise.h"
#include "core/kernels/conv/depthwise_3x3.h"
#include "core/kernels/conv/few_channels.h"
#include "core/kernels/conv/winograd_5x5.h"
#include "core/kernels/tile.h"

/* Rows of sums at a time, about. */
enum { BLOCK_ROWS = 8 };

/* Patches at a time in Winograd's algorithm: of few channels so few that their 36 matrices fit the
   L1 cache. */
static int64_t block_patches(const tarn__conv2d *s)
{
    return s->c + s->o > 64 ? 32 : 16;
}

static bool is_sliding(const tarn__conv2d *s, padded p)
{
    return is_depthwise(s) && s->kh == 3 && s->kw == 3 && has_no_gaps(s) && p.top >= 0 &&
           p.left >= 0;
}

convolution convolution_of(const tarn__conv2d *s, padded p)
{
    convolution v = {.s = *s,
                     .p = p,
                     .winograd = tarn__is_by_winograd(s),
                     .winograd_5x5 = is_winograd_5x5(s),
                     .depthwise = is_depthwise(s),
                     .few = has_few_channels(s, s->kh * s->kw) && !is_windows(s),
                     .sliding = is_sliding(s, p),
                     .to_row = s->ow * s->o,
                     .to_pixel = s->o};
    if (v.winograd) {
        /* Whole patches, and whole windows of the pool. */
        const int64_t pool = s->pool, columns = divide_up(s->ow, PATCH_SUMS);
        const int64_t step = pool % 2 ? PATCH_SUMS * pool : pool % PATCH_SUMS ? 2 * pool : pool;
        const int64_t steps = block_patches(s) / (step / PATCH_SUMS * columns);
        v.block_rows = step * (steps > 1 ? steps : 1);
    } else {
        v.block_rows = s->pool * divide_up(BLOCK_ROWS, s->pool);
    }
    return v;
}

convolution forward_convolution(const tarn__conv2d *s)
{
    const padded p = {
        .from_h = s->h,
        .from_w = s->w,
        .c = s->c,
        .top = s->top,
        .left = s->left,
        .h = larger(s->top + s->h, (s->oh - 1) * s->stride_h + (s->kh - 1) * s->dilation_h + 1),
        .w = larger(s->left + s->w, (s->ow - 1) * s->stride_w + (s->kw - 1) * s->dilation_w + 1)};
    return convolution_of(s, p);
}

/* The rows of the padded image that rows of sums are computed from. */
static int64_t rows_below(const convolution *v, int64_t rows)
{
    return (rows - 1) * v->s.stride_h + (v->s.kh - 1) * v->s.dilation_h + 1;
}

convolution_buffers cut_convolution_buffers(cutter *c, const convolution *v)
{
    convolution_buffers b = {0};
    const tarn__conv2d *s = &v->s;
    if (s->rounds)
        b.rounded = cut_numbers(c, s->h * s->w * s->c);
    if (is_windows(s)) {
        b.split = cut_split_image(c, v->p);
        return b;
    }
    if (v->winograd_5x5) {
        b.rows = cut_numbers(c, 2 * numbers_of_half(s));
        b.products = cut_numbers(c, PATCH_ELEMENTS * numbers_of_element(s));
        b.pixels = cut_numbers(c, PATCH_ELEMENTS * numbers_of_element(s));
        return b;
    }
    if (v->sliding)
        b.rows = cut_numbers(c, v->p.from_w * v->p.c);
    else if (!v->winograd && !is_in_place(v->p))
        b.rows = cut_numbers(c, (v->p.h + 1) * v->p.w * v->p.c);
    if (s->pool > 1)
        b.sums = cut_numbers(c, v->block_rows * s->ow * s->o);
    if (v->winograd) {
        const int64_t patches = divide_up(v->block_rows, PATCH_SUMS) * divide_up(s->ow, PATCH_SUMS);
        b.pixels = cut_numbers(c, PATCH_ELEMENTS * winograd_matrix(patches, s->c));
        b.products = winograd_in_place(s)
                         ? b.pixels
                         : cut_numbers(c, PATCH_ELEMENTS * winograd_matrix(patches, s->o));
    }
    return b;
}

/* How the tiles walk: the same for all of a convolution's rows. */
static walk walk_of(const convolution *v, destination d)
{
    const tarn__conv2d *s = &v->s;
    const int64_t c = s->c / s->groups;
    const bool contiguous = row_is_contiguous(s);
    return (walk){.a_row = s->stride_w * s->c,
                  .outer = s->kh,
                  .a_outer = s->dilation_h * v->p.w * s->c,
                  .middle = contiguous ? 1 : s->kw,
                  .a_middle = s->dilation_w * s->c,
                  .inner = contiguous ? s->kw * c : c,
                  .a_inner = 1,
                  .b_outer = s->kw * c * s->o,
                  .b_middle = c * s->o,
                  .b_inner = s->o,
                  .c_row = v->to_pixel,
                  .start_row = d.add ? v->to_pixel : 0,
                  .relu = d.relu};
}

static void convolve_rows_directly(const convolution *v, const tarn_real *image,
                                   const tarn_real *weight, destination d, int64_t rows,
                                   tarn_real *to)
{
    const tarn__conv2d *s = &v->s;
    const int64_t c = s->c / s->groups, o = s->o / s->groups, row_size = v->p.w * s->c;
    const walk t = walk_of(v, d);
    for (int64_t group = 0; group < s->groups; group++)
        for (int64_t j = group * o; j < (group + 1) * o; j += MOST_COLUMNS) {
            const panel columns = panel_of((group + 1) * o - j, s->ow, s->pairs);
            for (int64_t i = 0; i < rows; i++) {
                tarn_real *row = to + i * v->to_row + j;
                const tarn_real *start = d.add ? row : d.bias ? d.bias + j : NULL;
                if (j == 0)
                    ask_for_lines(row + v->to_row, s->ow * v->to_pixel);
                run_panel(&columns, &t, image + i * s->stride_h * row_size + group * c, weight + j,
                          row, start);
            }
        }
}

static void convolve_few_channels(const convolution *v, const tarn_real *image,
                                  const tarn_real *weight, destination d, int64_t rows,
                                  tarn_real *to)
{
    walk t = walk_of(v, d);
    t.b_outer /= v->s.o, t.b_middle /= v->s.o;
    for (int64_t i = 0; i < rows; i++) {
        tarn_real *row = to + i * v->to_row;
        few_row(&t, v->s.ow, v->s.o, image + i * v->s.stride_h * v->p.w * v->s.c, weight, row,
                d.add ? row : d.bias);
    }
}

void convolve_depthwise(const convolution *v, int64_t rows, bool of_weight, const tarn_real *image,
                        const tarn_real *by, tarn_real *to, destination d)
{
    const tarn__conv2d *s = &v->s;
    const int64_t row = v->p.w * s->c;
    const depthwise_grid pixels = {rows,      s->ow,      s->stride_h * row, s->stride_w * s->c,
                                   v->to_row, v->to_pixel};
    const depthwise_grid taps = {s->kh,        s->kw, s->dilation_h * row, s->dilation_w * s->c,
                                 s->kw * s->c, s->c};
    run_depthwise(s->c, of_weight ? &taps : &pixels, of_weight ? &pixels : &taps, image, by, to, d);
}

/* With a row of zeros, for what is outside. */
static sliding sliding_over(const convolution *v, const tarn_real *image, tarn_real *zeros)
{
    clear_pixels(v->p, v->p.from_w, zeros);
    return (sliding){v->p, image, zeros};
}

void slide_gradient(const convolution *v, const tarn_real *image, const tarn_real *dsum,
                    tarn_real *sums, tarn_real *zeros)
{
    const sliding over = sliding_over(v, image, zeros);
    slide_weight_gradient(&over, v->s.oh, v->s.ow, dsum, sums);
}

/* Rows of sums, whose first reads from image on. */
static void convolve_rows(const convolution *v, const tarn_real *image, const tarn_real *weight,
                          destination d, int64_t rows, tarn_real *to)
{
    if (v->depthwise)
        convolve_depthwise(v, rows, false, image, weight, to, d);
    else if (v->few)
        convolve_few_channels(v, image, weight, d, rows, to);
    else
        convolve_rows_directly(v, image, weight, d, rows, to);
}

/* Rows of sums from `first` on. */
static void convolve_rows_by_winograd(const convolution *v, const tarn_real *image, weights by,
                                      destination d, int64_t first, int64_t rows,
                                      const convolution_buffers *b, tarn_real *to)
{
    const tarn__conv2d *s = &v->s;
    const winograd w = {
        v->p,     image,          3,         s->c,       s->o, divide_up(s->ow, PATCH_SUMS),
        by.plain, by.transformed, b->pixels, b->products};
    const winograd_target t = {to, first, s->ow * s->o, rows, s->ow, d.bias, d.add, d.relu};
    winograd_rows(&w, &t);
}

/* The largest of a window of sums, whose rows are row_size apart, and its place in the window. Only
   another NaN takes the place of a NaN, as in PyTorch. */
ALWAYS_INLINE void pool_window(const tarn__conv2d *s, const tarn_real *window, int64_t row_size,
                               vector *largest, lanes *winner)
{
    lane place = 0;
    *largest = load(window);
    *winner = lanes_of(0);
    for (int64_t i = 0; i < s->pool; i++)
        for (int64_t j = 0; j < s->pool; j++, place++) {
            const vector x = load(window + i * row_size + j * s->o);
            const lanes wins = (x > *largest) | (x != x);
            *largest = choose(wins, x, *largest);
            *winner = (wins & lanes_of(place)) | (*winner & ~wins);
        }
    if (s->relu) {
        const lanes dead = *largest <= 0;
        *winner = (*winner & ~dead) | (lanes_of(TARN__NO_WINNER) & dead);
        *largest = relu_of(*largest);
    }
}

/* Pools as many rows of sums as a window has, to a row of y; the image's part of y goes on to end.
 */
static void pool_rows(const tarn__conv2d *s, const tarn_real *sums, tarn_real *y, uint8_t *winners,
                      const tarn_real *end)
{
    for (int64_t j = 0; j < s->ow / s->pool; j++)
        for (int64_t first = 0; first < s->o; first += LANES) {
            vector largest;
            lanes winner;
            pool_window(s, sums + j * s->pool * s->o + first, s->ow * s->o, &largest, &winner);
            /* What a whole vector writes beyond the channels, the next pixel overwrites. */
            tarn_real *to = y + j * s->o + first;
            const int count = end - to < LANES ? (int)(end - to) : LANES;
            store_first(to, largest, count);
            if (winners)
                store_bytes(winners + j * s->o + first, winner, count);
        }
}

void convolve_image(const convolution *v, const tarn_real *image, weights by, destination d,
                    int64_t first, int64_t end, const convolution_buffers *b, tarn_real *y,
                    uint8_t *winners)
{
    const tarn__conv2d *s = &v->s;
    const tarn_real *weight = by.transformed ? by.transformed : by.plain;
    if (is_windows(s)) {
        split(v->p, image, first, end - first + s->kh - 1, b->split);
        convolve_windows(s, &b->split, weight, d.bias, first / 2, end / 2, y, winners);
        return;
    }
    if (HAS_WINOGRAD_5X5 && v->winograd_5x5) {
        const winograd_5x5 w = {.base = {v->p, image, 5, s->c, s->o, s->ow / 2, by.plain,
                                         by.transformed, b->pixels, NULL},
                                .bias = d.bias,
                                .relu = s->relu,
                                .half = numbers_of_half(s),
                                .next = numbers_of_element(s),
                                .split = b->rows,
                                .rows = b->products};
        winograd_5x5_rows(&w, first, end, y, winners);
        return;
    }
    const int64_t y_row = s->pool > 1 ? s->ow / s->pool * s->o : v->to_row;
    const tarn_real *y_end = y + end / s->pool * y_row;
    const tarn_real *rows_of_image =
        reads_in_place(v)
            ? NULL
            : padded_rows(v->p, image, first * s->stride_h, rows_below(v, end - first), b->rows);
    const sliding over = v->sliding ? sliding_over(v, image, b->rows) : (sliding){.image = NULL};
    for (int64_t i = first; i < end; i += v->block_rows) {
        const int64_t rows = smaller(end - i, v->block_rows);
        tarn_real *to = s->pool > 1 ? b->sums : y + i * y_row;
        if (v->winograd)
            convolve_rows_by_winograd(v, image, by, d, i, rows, b, to);
        else if (v->sliding)
            slide(&over, i, i + rows, s->ow, weight, d, to);
        else
            convolve_rows(v, rows_of_image + (i - first) * s->stride_h * v->p.w * s->c, weight, d,
                          rows, to);
        for (int64_t k = 0; s->pool > 1 && k < rows / s->pool; k++) {
            const int64_t at = (i / s->pool + k) * y_row;
            pool_rows(s, b->sums + k * s->pool * s->ow * s->o, y + at,
                      winners ? winners + at : NULL, y_end);
        }
    }
}

typedef struct job {
    const tarn__conv2d *s;
    const tarn_real *weight;
    tarn_real *to;
} job;

static void transform_channels(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t c = first; c < end; c++)
        for (int64_t o = 0; o < j->s->o; o += LANES)
            if (HAS_WINOGRAD_5X5 && j->s->kh == 5)
                winograd_5x5_weights(j->s, j->weight, c, o, j->to);
            else
                winograd_weights(j->s->c, j->s->o, j->weight, c, o, j->to);
}

int64_t winograd_weights_size(const tarn__conv2d *s)
{
    return PATCH_ELEMENTS * s->c * whole_vectors(s->o);
}

void winograd_weights_of(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    tarn__share(s->c, winograd_weights_size(s), transform_channels, &(job){s, weight, to});
}
