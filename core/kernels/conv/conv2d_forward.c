/*
 * The forward pass of a convolution: images, or bands of rows where there are few of them, are
 * divided between the threads (core/kernels/conv/convolve.h has what is done to each).
 */
#include "core/base/pool.h"
#include "core/kernels/batch_norm.h"
#include "core/kernels/conv/convolve.h"
#include "core/kernels/conv/few_channels.h"

/* The shared part of a workspace, and the bytes that each thread has behind it. */
typedef struct forward_workspace {
    tarn_real *weight; /* Winograd's, or turned */
    void *norm;
    size_t thread_bytes;
    char *threads;
} forward_workspace;

static folded folded_sums(const tarn__conv2d *s)
{
    return fold_pixels(s->n * s->oh * s->ow, s->o);
}

static forward_workspace cut_forward(cutter *c, const convolution *v)
{
    forward_workspace w = {0};
    if (v->winograd || v->winograd_5x5)
        w.weight = cut_numbers(c, winograd_weights_size(&v->s));
    else if (v->few)
        w.weight = cut_numbers(c, weight_size(&v->s));
    if (v->s.norm) {
        const folded f = folded_sums(&v->s);
        w.norm = cut(c, norm_workspace(&f));
    }
    cutter thread = {0};
    cut_convolution_buffers(&thread, v);
    w.thread_bytes = thread.used + TARN__APART;
    w.threads = cut(c, (size_t)tarn__workers() * w.thread_bytes);
    return w;
}

size_t ISA(conv2d_forward_workspace)(const tarn__conv2d *s)
{
    const convolution v = forward_convolution(s);
    cutter c = {0};
    cut_forward(&c, &v);
    return c.used;
}

static convolution_buffers buffers_of_thread(const forward_workspace *w, const convolution *v)
{
    cutter c = {w->threads + (size_t)tarn__worker() * w->thread_bytes, 0};
    return cut_convolution_buffers(&c, v);
}

typedef struct forward {
    convolution v;
    forward_workspace w;
    const tarn_real *x, *weight, *bias;
    tarn_real *y;
    uint8_t *winners;
    int64_t rows; /* of sums of an image, that are wanted */
    int64_t band; /* so many of them at a time */
} forward;

static int64_t bands_of_image(const forward *f)
{
    return f->rows > 0 ? divide_up(f->rows, f->band) : 0;
}

/* What rows [row, end) of the sums of an image read, rounded to bfloat16: in whole blocks, since
   Winograd's patches read beyond the last of the sums. */
static const tarn_real *rounded_rows(const convolution *v, const tarn_real *image, int64_t row,
                                     int64_t end, tarn_real *rounded)
{
    const tarn__conv2d *s = &v->s;
    const int64_t first = larger(row * s->stride_h - s->top, 0);
    const int64_t end_of_blocks = row + divide_up(end - row, v->block_rows) * v->block_rows;
    const int64_t last = (end_of_blocks - 1) * s->stride_h + (s->kh - 1) * s->dilation_h - s->top;
    const int64_t rows = smaller(last + 1, s->h) - first, row_size = s->w * s->c;
    if (rows > 0)
        tarn__kernels_in_use()->round(rows * row_size, image + first * row_size,
                                      rounded + first * row_size);
    return rounded;
}

/* Rows [row, end) of the sums of image n. */
static void run_rows(const forward *f, int64_t n, int64_t row, int64_t end,
                     const convolution_buffers *b)
{
    const tarn__conv2d *s = &f->v.s;
    const int64_t y_size = s->oh / s->pool * (s->ow / s->pool) * s->o;
    const destination d = {f->bias, false, s->relu && s->pool == 1};
    const tarn_real *image = f->x + n * s->h * s->w * s->c;
    if (s->rounds)
        image = rounded_rows(&f->v, image, row, end, b->rounded);
    convolve_image(&f->v, image, (weights){f->weight, f->w.weight}, d, row, end, b,
                   f->y + n * y_size, f->winners ? f->winners + n * y_size : NULL);
}

/* Bands of rows, of all images. */
static void run_bands(const void *context, int64_t first, int64_t end)
{
    const forward *f = context;
    const convolution_buffers b = buffers_of_thread(&f->w, &f->v);
    const int64_t bands = bands_of_image(f);
    for (int64_t i = first; i < end; i++) {
        const int64_t row = i % bands * f->band;
        run_rows(f, i / bands, row, smaller(row + f->band, f->rows), &b);
    }
}

static forward prepare(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                       const tarn_real *bias, tarn_real *y, void *workspace)
{
    const int64_t rows = s->oh / s->pool * s->pool;
    forward f = {forward_convolution(s), {0}, x, weight, bias, y, NULL, rows, rows};
    cutter c = {workspace, 0};
    f.w = cut_forward(&c, &f.v);
    if (f.v.winograd || f.v.winograd_5x5)
        winograd_weights_of(s, weight, f.w.weight);
    else if (f.v.few)
        few_weights(weight_size(s) / s->o, s->o, weight, f.w.weight);
    return f;
}

static void run_images(forward *f)
{
    const tarn__conv2d *s = &f->v.s;
    const bool threads = is_worth_threads(s);
    /* Where there are few images, each is cut into bands of rows. */
    if (threads && s->n < MOST_PARTS)
        f->band = f->v.block_rows;
    tarn__share(s->n * bands_of_image(f), threads ? TARN__SHARE_MIN : 0, run_bands, f);
}

void ISA(conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                         const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    forward f = prepare(s, x, weight, bias, y, workspace);
    f.winners = winners;
    run_images(&f);
}

/* ---- With statistics: each part of them is some whole images, which the thread that computes them
   sums, one after the other. */

typedef struct summed_forward {
    const forward *f;
    folded sums;
    const tarn_real *origin;
} summed_forward;

static bool parts_are_images(const tarn__conv2d *s, const folded *sums)
{
    return sums->parts > 0 && s->n % sums->parts == 0 && sums->rows % s->n == 0 &&
           sums->rows * sums->width == sums->size;
}

static void run_image_parts(const void *context, int64_t first, int64_t end)
{
    const summed_forward *j = context;
    const forward *f = j->f;
    const int64_t n = f->v.s.n, rows = j->sums.rows / n;
    const convolution_buffers b = buffers_of_thread(&f->w, &f->v);
    for (int64_t part = first; part < end; part++) {
        rows_to_sum r = begin_statistics(&j->sums, f->y, j->origin, f->w.norm, part);
        for (int64_t i = n * part / j->sums.parts; i < n * (part + 1) / j->sums.parts; i++) {
            run_rows(f, i, 0, f->rows, &b);
            sum_written_rows(&r, (i + 1) * rows);
        }
    }
}

/* The origin of the sums is the first pixel, which is computed before all others. */
void ISA(conv2d_statistics)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                            const tarn_real *bias, tarn_real *sums, double *distance,
                            double *variance, void *workspace)
{
    forward f = prepare(s, x, weight, bias, sums, workspace);
    summed_forward j = {&f, folded_sums(s), NULL};
    if (!parts_are_images(s, &j.sums)) {
        const tarn__batch_norm norm = {.pixels = s->n * s->oh * s->ow, .channels = s->o};
        run_images(&f);
        ISA(batch_norm_statistics)(&norm, sums, distance, variance, f.w.norm);
        return;
    }
    const convolution_buffers b = buffers_of_thread(&f.w, &f.v);
    run_rows(&f, 0, 0, smaller(f.v.block_rows, f.rows), &b);
    j.origin = repeat(&j.sums, sums, f.w.norm, 0);
    tarn__share(j.sums.parts, is_worth_threads(s) ? TARN__SHARE_MIN : 0, run_image_parts, &j);
    finish_statistics(&j.sums, sums, distance, variance, f.w.norm);
}
