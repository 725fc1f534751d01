/*
 * The forward pass of a convolution: images, or bands of rows where there are few of them, are
 * divided between the threads (core/kernels/conv/convolve.h has what is done to each).
 */
#include "core/base/parallel.h"
#include "core/kernels/conv/convolve.h"

/* The shared part of a workspace, and the bytes that each thread has behind it. */
typedef struct forward_workspace {
    tarn_real *weight; /* Winograd's */
    size_t thread_bytes;
    char *threads;
} forward_workspace;

static forward_workspace cut_forward(cutter *c, const convolution *v)
{
    forward_workspace w = {0};
    if (v->winograd)
        w.weight = cut_numbers(c, 16 * v->s.c * v->s.o);
    cutter thread = {0};
    cut_convolution_buffers(&thread, v);
    w.thread_bytes = thread.used;
    w.threads = cut(c, (size_t)omp_get_max_threads() * thread.used);
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
    cutter c = {w->threads + (size_t)omp_get_thread_num() * w->thread_bytes, 0};
    return cut_convolution_buffers(&c, v);
}

typedef struct forward {
    convolution v;
    forward_workspace w;
    const tarn_real *x, *weight, *bias;
    tarn_real *y;
    uint8_t *winners;
    int64_t band; /* rows of sums in one piece of work */
} forward;

/* Runs in a parallel region, whose threads share the work. */
static void run_forward(const forward *f)
{
    const tarn__conv2d *s = &f->v.s;
    const convolution_buffers b = buffers_of_thread(&f->w, &f->v);
    const int64_t rows = s->oh / s->pool * s->pool, bands = divide_up(rows, f->band);
    const int64_t y_size = s->oh / s->pool * (s->ow / s->pool) * s->o;
    const destination d = {f->bias, false, s->relu && s->pool == 1};
    if (f->v.winograd)
        winograd_weights_of(s, f->weight, f->w.weight);
    const tarn_real *weight = f->v.winograd ? f->w.weight : f->weight;
#pragma omp for schedule(static) collapse(2)
    for (int64_t n = 0; n < s->n; n++)
        for (int64_t k = 0; k < bands; k++)
            convolve_image(&f->v, f->x + n * s->h * s->w * s->c, weight, d, k * f->band,
                           smaller((k + 1) * f->band, rows), &b, f->y + n * y_size,
                           f->winners ? f->winners + n * y_size : NULL);
}

void ISA(conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                         const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    forward f = {forward_convolution(s),   {0}, x, weight, bias, y, winners,
                 s->oh / s->pool * s->pool};
    cutter c = {workspace, 0};
    f.w = cut_forward(&c, &f.v);
    const bool threads = is_worth_threads(s);
    /* Where there are few images, each is cut into bands of rows. */
    if (threads && s->n < MOST_PARTS)
        f.band = f.v.block_rows;
#pragma omp parallel if (threads)
    run_forward(&f);
}
