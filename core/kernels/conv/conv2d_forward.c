/*
 * The forward pass of a convolution: images, or bands of rows where there are few of them, are
 * divided between the threads (core/kernels/conv/convolve.h has what is done to each).
 */
#include "core/base/pool.h"
#include "core/kernels/conv/convolve.h"
#include "core/kernels/conv/few_channels.h"

/* The shared part of a workspace, and the bytes that each thread has behind it. */
typedef struct forward_workspace {
    tarn_real *weight; /* Winograd's, or turned */
    size_t thread_bytes;
    char *threads;
} forward_workspace;

static forward_workspace cut_forward(cutter *c, const convolution *v)
{
    forward_workspace w = {0};
    if (v->winograd)
        w.weight = cut_numbers(c, 16 * v->s.c * v->s.o);
    else if (v->few)
        w.weight = cut_numbers(c, weight_size(&v->s));
    cutter thread = {0};
    cut_convolution_buffers(&thread, v);
    w.thread_bytes = thread.used;
    w.threads = cut(c, (size_t)tarn__workers() * thread.used);
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

/* Bands of rows, of all images. */
static void run_bands(const void *context, int64_t first, int64_t end)
{
    const forward *f = context;
    const tarn__conv2d *s = &f->v.s;
    const convolution_buffers b = buffers_of_thread(&f->w, &f->v);
    const int64_t bands = bands_of_image(f);
    const int64_t y_size = s->oh / s->pool * (s->ow / s->pool) * s->o;
    const destination d = {f->bias, false, s->relu && s->pool == 1};
    const tarn_real *weight = f->w.weight ? f->w.weight : f->weight;
    for (int64_t i = first; i < end; i++) {
        const int64_t n = i / bands, row = i % bands * f->band;
        convolve_image(&f->v, f->x + n * s->h * s->w * s->c, weight, d, row,
                       smaller(row + f->band, f->rows), &b, f->y + n * y_size,
                       f->winners ? f->winners + n * y_size : NULL);
    }
}

void ISA(conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                         const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    const int64_t rows = s->oh / s->pool * s->pool;
    forward f = {forward_convolution(s), {0}, x, weight, bias, y, winners, rows, rows};
    cutter c = {workspace, 0};
    f.w = cut_forward(&c, &f.v);
    const bool threads = is_worth_threads(s);
    /* Where there are few images, each is cut into bands of rows. */
    if (threads && s->n < MOST_PARTS)
        f.band = f.v.block_rows;
    if (f.v.winograd)
        winograd_weights_of(s, weight, f.w.weight);
    else if (f.v.few)
        few_weights(weight_size(s) / s->o, s->o, weight, f.w.weight);
    tarn__share(s->n * bands_of_image(&f), threads ? TARN__SHARE_MIN : 0, run_bands, &f);
}
