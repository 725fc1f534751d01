/*
 * The gradients of a convolution.
 *
 * Input gradient: core/kernels/conv/input_gradient.h.
 *
 * Weight gradient: by tiles (core/kernels/conv/correlate.c), or, 3 x 3 with stride 1 and enough
 * channels, by Winograd's algorithm (core/kernels/conv/winograd_gradient.h).
 *
 * Behind a pool only one pixel of each window has a gradient, and with relu not even that: both
 * gradients then visit only those (core/kernels/conv/conv2d_sparse.h). With few channels the
 * weight's looks up each window's (core/kernels/conv/windows_gradient.h).
 */
#include <stdatomic.h>

#include "core/base/pool.h"
#include "core/kernels/batch_norm.h"
#include "core/kernels/conv/conv2d_sparse.h"
#include "core/kernels/conv/convolve.h"
#include "core/kernels/conv/input_gradient.h"
#include "core/kernels/conv/windows_gradient.h"
#include "core/kernels/conv/winograd_gradient.h"
#include "core/kernels/tile.h"

/* Numbers of the sums' gradient that the tiles of a weight gradient run over before the next rows
   are taken: 16 KiB stay in the L1 cache. */
enum { ROWS_OF_GRADIENT = 4096 };

static int64_t parts_of(const tarn__conv2d *s)
{
    int64_t affordable = (16 << 20) / (weight_size(s) + 1) + 1;
    return smaller(s->n, s->alone ? 1 : smaller(MOST_PARTS, affordable));
}

/* sums[o] += dsum over all pixels of an image: each row in registers, the rows in double, since
   there may be millions of pixels. */
static void sum_pixels(const tarn__conv2d *s, const tarn_real *dsum, double *sums)
{
    enum { COLUMNS = 64 };
    for (int64_t i = 0; i < s->oh; i++)
        for (int64_t first = 0; first < s->o; first += COLUMNS) {
            const tarn_real *row = dsum + i * s->ow * s->o + first;
            const int64_t columns = smaller(s->o - first, COLUMNS);
            tarn_real sum_of_row[COLUMNS] = {0};
            for (int64_t p = 0; p < s->ow; p++)
                for (int64_t j = 0; j < columns; j++)
                    sum_of_row[j] += row[p * s->o + j];
            for (int64_t j = 0; j < columns; j++)
                sums[first + j] += sum_of_row[j];
        }
}

/* The same of an image behind a pool, of dy where there is a winner. As many pixels side by side as
   fill vectors are summed, of few channels too. */
static void sum_winners(const tarn__conv2d *s, const tarn_real *dy, const uint8_t *winners,
                        double *sums)
{
    enum { ROUNDS = 64 }; /* in float */
    const int64_t size = s->oh / s->pool * (s->ow / s->pool) * s->o;
    int64_t step = s->o;
    while (step % LANES != 0)
        step *= 2;
    const int64_t whole = step > 0 ? size / step * step : 0;
    for (int64_t first = 0; first < whole; first += ROUNDS * step)
        for (int64_t v = 0, o = 0; v < step; v += LANES) {
            vector sum = {0};
            for (int64_t i = first + v; i < smaller(first + ROUNDS * step, whole); i += step) {
                const lanes wins = load_bytes(winners + i) != TARN__NO_WINNER;
                sum += (vector)((lanes)load(dy + i) & wins);
            }
            for (int l = 0; l < LANES; l++, o = o + 1 < s->o ? o + 1 : 0)
                sums[o] += (double)sum[l];
        }
    for (int64_t i = whole; i < size; i++)
        sums[i % s->o] += winners[i] == TARN__NO_WINNER ? 0 : (double)dy[i];
}

/* All that backward of one convolution is made of. */
typedef struct backward {
    const tarn__conv2d *s;
    const tarn__conv2d_gradients *g;
    bool sparse, winograd; /* winograd: so the weight gradient is computed */
    convolution forward;
    input_gradient input; /* where not sparse */

    /* Parts of the workspace. */
    atomic_bool *beyond; /* a sum of Winograd's is not finite, or nearly not */
    tarn_real *turned;   /* weights, where sparse */
    void *norm;
    norm_tables tables; /* in norm */
    char *parts, *threads;
    size_t part_bytes, thread_bytes;
} backward;

/* What is kept for each part of the batch. */
typedef struct part_sums {
    tarn_real *weight;
    double *bias;
} part_sums;

static part_sums cut_part_sums(cutter *c, const backward *b)
{
    const int64_t size = has_winner_rows(b->s) ? winner_sums_size(b->s)
                         : b->sparse           ? sparse_weight_size(b->s)
                         : b->winograd         ? winograd_sums_size(b->s)
                                               : weight_size(b->s);
    part_sums p;
    p.weight = cut_numbers(c, size);
    p.bias = cut(c, (size_t)b->s->o * sizeof *p.bias);
    return p;
}

/* What is kept for each thread. */
typedef struct backward_buffers {
    tarn_real *x, *dsum;
    tarn_real *rounded_x, *rounded_dsum; /* an image's */
    input_gradient_buffers input;
    sparse_buffers sparse;
    winograd_patches patches;
    winner_rows rows;
} backward_buffers;

static backward_buffers cut_backward_buffers(cutter *c, const backward *b)
{
    const tarn__conv2d *s = b->s;
    backward_buffers t = {0};
    if (s->rounds) {
        t.rounded_x = cut_numbers(c, s->h * s->w * s->c);
        t.rounded_dsum = cut_numbers(c, s->oh * s->ow * s->o);
    }
    if (has_winner_rows(b->s))
        t.rows = cut_winner_rows(c, s, b->forward.p);
    if (b->forward.sliding)
        t.x = cut_numbers(c, s->w * s->c); /* of zeros */
    else if (!is_in_place(b->forward.p) && !b->winograd)
        t.x = cut_numbers(c, b->forward.p.h * b->forward.p.w * s->c);
    if (b->sparse) {
        t.sparse = cut_sparse_buffers(c, s, b->forward.p);
        return t;
    }
    if (s->relu || s->pool > 1 || s->norm)
        t.dsum = cut_numbers(c, s->oh * s->ow * s->o);
    if (b->winograd)
        t.patches = cut_winograd_patches(c, s);
    t.input = cut_input_gradient_buffers(c, &b->input);
    return t;
}

static backward cut_backward(cutter *c, const tarn__conv2d *s, const tarn__conv2d_gradients *g)
{
    backward b = {.s = s, .g = g, .forward = forward_convolution(s)};
    b.sparse = is_sparse(s, b.forward.p);
    b.winograd = b.forward.winograd && !b.sparse;
    b.beyond = cut(c, sizeof *b.beyond);
    if (b.sparse)
        b.turned = cut_numbers(c, sparse_weight_size(s));
    else
        b.input = cut_input_gradient(c, s);
    if (s->norm) {
        const folded f = fold_pixels(s->oh * s->ow, s->o);
        b.norm = cut(c, norm_workspace(&f));
    }
    cutter part = {0}, thread = {0};
    cut_part_sums(&part, &b);
    cut_backward_buffers(&thread, &b);
    b.part_bytes = part.used;
    b.thread_bytes = thread.used + TARN__APART;
    b.parts = cut(c, (size_t)parts_of(s) * part.used);
    b.threads = cut(c, (size_t)(s->alone ? 1 : tarn__workers()) * b.thread_bytes);
    return b;
}

/* The gradient of the sums of one image: dy in place, or what relu and pool let through. */
static const tarn_real *gradient_of_sums(const backward *b, int64_t n, tarn_real *buffer)
{
    const tarn__conv2d *s = b->s;
    const tarn__conv2d_gradients *g = b->g;
    if (s->norm) {
        norm_gradient_of_image(&b->tables, g->norm, n, g->dy, buffer);
        return buffer;
    }
    const int64_t ph = s->oh / s->pool, pw = s->ow / s->pool, size = ph * pw * s->o;
    const tarn_real *dy = g->dy + n * size;
    if (s->pool == 1 && !s->relu)
        return dy;
    if (s->pool == 1) {
        const tarn_real *y = g->y + n * size;
        for (int64_t i = 0; i < size; i += LANES)
            store_first(buffer + i, (vector)((lanes)load(dy + i) & ~(load(y + i) <= 0)),
                        (int)smaller(size - i, LANES));
        return buffer;
    }
    memset(buffer, 0, (size_t)(s->oh * s->ow * s->o) * sizeof *buffer);
    const uint8_t *winners = g->winners + n * size;
    for (int64_t i = 0; i < ph; i++)
        for (int64_t j = 0; j < pw; j++)
            for (int64_t o = 0; o < s->o; o++) {
                const int64_t at = (i * pw + j) * s->o + o, k = winners[at];
                if (k == TARN__NO_WINNER)
                    continue;
                const int64_t h = i * s->pool + k / s->pool, w = j * s->pool + k % s->pool;
                buffer[(h * s->ow + w) * s->o + o] = dy[at];
            }
    return buffer;
}

static tarn__conv2d directly(const tarn__conv2d *s)
{
    tarn__conv2d direct = *s;
    direct.direct = true;
    return direct;
}

size_t ISA(conv2d_backward_workspace)(const tarn__conv2d *s)
{
    const tarn__conv2d direct = directly(s);
    cutter c = {0}, c_direct = {0};
    cut_backward(&c, s, NULL);
    cut_backward(&c_direct, &direct, NULL);
    return c.used > c_direct.used ? c.used : c_direct.used;
}

static part_sums sums_of_part(const backward *b, int64_t part)
{
    cutter c = {b->parts + (size_t)part * b->part_bytes, 0};
    return cut_part_sums(&c, b);
}

/* Numbers of an image, rounded where that is asked for. */
static const tarn_real *multiplied(const tarn__conv2d *s, int64_t count, const tarn_real *from,
                                   tarn_real *rounded)
{
    if (!s->rounds || !from)
        return from;
    tarn__kernels_in_use()->round(count, from, rounded);
    return rounded;
}

/* Both gradients of one image, pixel by pixel. */
static void dense_gradients(const backward *b, int64_t n, backward_buffers *t, part_sums sums)
{
    const tarn__conv2d *s = b->s;
    const tarn__conv2d_gradients *g = b->g;
    const int64_t row = s->ow * s->o;
    const int64_t rows_at_once = ROWS_OF_GRADIENT / (s->ow * smaller(s->o, MOST_COLUMNS) + 1) + 1;
    const int64_t image_size = s->h * s->w * s->c;
    const tarn_real *dsum = gradient_of_sums(b, n, t->dsum);
    if (g->dbias.values)
        sum_pixels(s, dsum, sums.bias);
    dsum = multiplied(s, s->oh * row, dsum, t->rounded_dsum);
    if (g->dx.values)
        input_gradient_of_image(&b->input, dsum, &t->input,
                                (tarn__target){g->dx.values + n * image_size, g->dx.add});
    const padded p = b->forward.p;
    const tarn_real *x = g->dweight.values ? g->x + n * image_size : NULL;
    x = multiplied(s, image_size, x, t->rounded_x);
    if (x && b->winograd)
        winograd_correlate(&t->patches, s, p, x, dsum, sums.weight);
    else if (x && b->forward.sliding)
        slide_gradient(&b->forward, x, dsum, sums.weight, t->x);
    const tarn_real *rows_of_x =
        x && !b->winograd && !b->forward.sliding ? padded_rows(p, x, 0, p.h, t->x) : NULL;
    for (int64_t i = 0; rows_of_x && i < s->oh; i += rows_at_once)
        correlate_rows(&b->forward, rows_of_x, i, smaller(s->oh - i, rows_at_once), dsum + i * row,
                       sums.weight);
}

/* Both gradients of one image, visiting only the winners. */
static void sparse_gradients(const backward *b, int64_t n, const backward_buffers *t,
                             part_sums sums)
{
    const tarn__conv2d *s = b->s;
    const tarn__conv2d_gradients *g = b->g;
    const int64_t count = s->oh / s->pool * (s->ow / s->pool), image_size = s->h * s->w * s->c;
    const padded p = b->forward.p;
    const tarn_real *dy = g->dy + n * count * s->o;
    const uint8_t *from = g->winners + n * count * s->o;
    if (g->dbias.values)
        sum_winners(s, dy, from, sums.bias); /* of what is not rounded */
    dy = multiplied(s, count * s->o, dy, t->rounded_dsum);
    const tarn_real *x = g->dweight.values ? g->x + n * image_size : NULL;
    x = multiplied(s, image_size, x, t->rounded_x);
    x = x ? padded_rows(p, x, 0, p.h, t->x) : NULL;
    if (x && has_winner_rows(s)) {
        winners_weight_gradient(s, p, dy, from, x, &t->rows, sums.weight);
        x = NULL;
    }
    tarn_real *dx = g->dx.values ? g->dx.values + n * image_size : NULL;
    const bool direct = is_in_place(p) && s->kw * s->c % LANES == 0 && !g->dx.add;
    tarn_real *image = dx && !direct ? t->sparse.image : dx;
    if (image)
        memset(image, 0, (size_t)(p.h * p.w * s->c) * sizeof *image);
    winner_sets w = t->sparse.winners;
    for (int64_t i = 0; i < count && (x || image); i += w.windows) {
        w.windows = smaller(windows_of_strip(s, p), count - i);
        collect_winners(s, p, dy, from, i, &w);
        if (image)
            sparse_input_gradient(s, p, &w, b->turned, image);
        if (x)
            sparse_weight_gradient(s, p, &w, x, sums.weight);
    }
    if (image != dx)
        crop_image(p, image, dx, g->dx.add);
}

/* From a number of one part to that of the next. */
static int64_t next_part(const backward *b)
{
    return (int64_t)(b->part_bytes / sizeof(tarn_real));
}

static void add_channels(const void *context, int64_t begin, int64_t end)
{
    const backward *b = context;
    const tarn_real *first = sums_of_part(b, 0).weight;
    for (int64_t o = begin; o < end; o++)
        if (has_winner_rows(b->s))
            add_winner_parts(b->s, o, first, next_part(b), parts_of(b->s), b->g->dweight);
        else
            add_sparse_parts(b->s, o, first, next_part(b), parts_of(b->s), b->g->dweight);
}

static void add_vectors(const void *context, int64_t begin, int64_t end)
{
    const backward *b = context;
    const tarn__target dweight = b->g->dweight;
    const tarn_real *first = sums_of_part(b, 0).weight;
    const int64_t size = weight_size(b->s), parts = parts_of(b->s);
    for (int64_t i = begin * LANES; i < smaller(end * LANES, size); i += LANES) {
        const int count = (int)smaller(size - i, LANES);
        vector total = dweight.add ? load_first(dweight.values + i, count) : (vector){0};
        for (int64_t k = 0; k < parts; k++)
            total += load(first + k * next_part(b) + i);
        store_first(dweight.values + i, total, count);
    }
}

/* Those of Winograd's sums, into the first. What is made of them in the end is less than 8 times as
   large on the way. */
static void add_winograd_vectors(const void *context, int64_t begin, int64_t end)
{
    const backward *b = context;
    const int64_t size = winograd_sums_size(b->s), parts = parts_of(b->s);
    tarn_real *sums = sums_of_part(b, 0).weight;
    for (int64_t i = begin * LANES; i < smaller(end * LANES, size); i += LANES) {
        const int count = (int)smaller(size - i, LANES);
        vector total = load_first(sums + i, count);
        for (int64_t k = 1; k < parts; k++)
            total += load_first(sums + k * next_part(b) + i, count);
        store_first(sums + i, total, count);
        if (!all_finite(8 * total))
            atomic_store_explicit(b->beyond, true, memory_order_relaxed);
    }
}

static void finish_winograd_vectors(const void *context, int64_t begin, int64_t end)
{
    const backward *b = context;
    for (int64_t k = begin; k < end; k++)
        winograd_finish(b->s, sums_of_part(b, 0).weight, k * LANES, b->g->dweight);
}

/* The weight gradient of them, unless one is beyond. */
static void add_winograd_parts(const backward *b)
{
    const tarn__conv2d *s = b->s;
    const int64_t size = winograd_sums_size(s);
    tarn__share(divide_up(size, LANES), parts_of(s) * size, add_winograd_vectors, b);
    if (!*b->beyond)
        tarn__share(divide_up(s->c * s->o, LANES), size, finish_winograd_vectors, b);
}

/* Adds up the parts, in order. */
static void add_parts(const backward *b)
{
    const tarn__conv2d *s = b->s;
    const tarn__target dweight = b->g->dweight, dbias = b->g->dbias;
    const int64_t parts = parts_of(s), size = weight_size(s);
    if (dweight.values && b->sparse)
        tarn__share(s->o, parts * size, add_channels, b);
    else if (dweight.values && b->winograd)
        add_winograd_parts(b);
    else if (dweight.values)
        tarn__share(divide_up(size, LANES), parts * size, add_vectors, b);
    for (int64_t i = 0; i < (dbias.values ? s->o : 0); i++) {
        double total = dbias.add ? dbias.values[i] : 0;
        for (int64_t k = 0; k < parts; k++)
            total += sums_of_part(b, k).bias[i];
        dbias.values[i] = (tarn_real)total;
    }
}

/* The weights as the input gradient reads them. */
static void prepare_weights(const backward *b)
{
    if (b->sparse)
        sparse_weights(b->s, b->g->weight, b->turned);
    else
        prepare_input_gradient(&b->input, b->g->weight);
}

static void run_parts(const void *context, int64_t first, int64_t end)
{
    const backward *b = context;
    const tarn__conv2d *s = b->s;
    const int64_t parts = parts_of(s);
    cutter own = {b->threads + (size_t)tarn__worker() * b->thread_bytes, 0};
    backward_buffers buffers = cut_backward_buffers(&own, b);
    if (has_winner_rows(s))
        clear_zeros(s, b->forward.p, &buffers.rows);
    for (int64_t k = first; k < end; k++) {
        const part_sums sums = sums_of_part(b, k);
        memset(sums.weight, 0, b->part_bytes);
        for (int64_t n = s->n * k / parts; n < s->n * (k + 1) / parts; n++)
            if (b->sparse)
                sparse_gradients(b, n, &buffers, sums);
            else
                dense_gradients(b, n, &buffers, sums);
        if (b->winograd)
            winograd_add_products(&buffers.patches, s, sums.weight);
    }
}

/* Winograd's algorithm adds pixels and gradients before it multiplies, so where one is infinite, or
   two are too large together, it has NaN where the sums may be infinite or even finite. Then the
   weight gradient is computed directly. */
void ISA(conv2d_backward)(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace)
{
    cutter c = {workspace, 0};
    backward b = cut_backward(&c, s, g);
    atomic_init(b.beyond, false);
    if (g->dx.values)
        prepare_weights(&b);
    if (s->norm)
        b.tables = norm_gradient_tables(s->oh * s->ow, g->norm, b.norm);
    tarn__share(parts_of(s), is_worth_threads(s) ? TARN__SHARE_MIN : 0, run_parts, &b);
    add_parts(&b);
    if (!*b.beyond)
        return;
    const tarn__conv2d direct = directly(s);
    tarn__conv2d_gradients of_weight = *g;
    tarn__norm_behind norm = s->norm ? *g->norm : (tarn__norm_behind){.z = NULL};
    norm.dskip.values = of_weight.dx.values = of_weight.dbias.values = NULL;
    of_weight.norm = &norm;
    ISA(conv2d_backward)(&direct, &of_weight, workspace);
}
