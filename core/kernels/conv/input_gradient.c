#include "core/kernels/conv/input_gradient.h"

#include "core/kernels/conv/few_channels.h"
#include "core/kernels/conv/scattered.h"
#include "core/kernels/phases.h"

static convolution phases_of(const tarn__conv2d *s)
{
    const int64_t top = tarn__padding_of_gradient(tarn__rows_of(s));
    const int64_t left = tarn__padding_of_gradient(tarn__columns_of(s));
    const padded p = {s->oh,
                      s->ow,
                      s->o,
                      top,
                      left,
                      top + (s->top + s->h - 1) / s->stride_h + 1,
                      left + (s->left + s->w - 1) / s->stride_w + 1};
    tarn__conv2d back = *s;
    back.h = s->oh, back.w = s->ow, back.c = s->o;
    back.oh = s->h, back.ow = s->w, back.o = s->c;
    back.pool = 1, back.relu = back.rounds = false;
    convolution v = convolution_of(&back, p);
    /* Of a phase. */
    v.few = has_few_channels(&back, divide_up(s->kh, s->stride_h) * divide_up(s->kw, s->stride_w));
    v.s.stride_h = v.s.stride_w = 1;
    v.to_row *= s->stride_h;
    v.to_pixel *= s->stride_w;
    return v;
}

input_gradient cut_input_gradient(cutter *c, const tarn__conv2d *s)
{
    input_gradient g = {.s = s, .v = phases_of(s), .scattered = is_scattered(s)};
    g.turned = cut_numbers(c, weight_size(s));
    if (g.v.winograd)
        g.transformed = cut_numbers(c, winograd_weights_size(s));
    else if (g.v.few || g.scattered)
        g.transformed = cut_numbers(c, weight_size(s));
    return g;
}

input_gradient_buffers cut_input_gradient_buffers(cutter *c, const input_gradient *g)
{
    if (g->scattered)
        return (input_gradient_buffers){.products = cut_numbers(c, g->s->kh * scattered_row(g->s))};
    return (input_gradient_buffers){.convolution = cut_convolution_buffers(c, &g->v)};
}

/* Where the input has few channels: the turned weights of each phase for themselves. */
static void turn_phases_of_few(const input_gradient *g)
{
    const tarn__conv2d *s = g->s;
    for (int64_t i = 0; i < smaller(s->stride_h, s->h); i++)
        for (int64_t j = 0; j < smaller(s->stride_w, s->w); j++) {
            const tarn__phase f = tarn__phase_of(s, i, j);
            few_weights(f.kh * f.kw * s->o, s->c, g->turned + f.weights,
                        g->transformed + f.weights);
        }
}

void prepare_input_gradient(const input_gradient *g, const tarn_real *weight)
{
    if (g->scattered) {
        scattered_weights(g->s, weight, g->transformed);
        return;
    }
    tarn__turn_weight(g->s, weight, g->turned);
    if (g->v.winograd)
        winograd_weights_of(&g->v.s, g->turned, g->transformed);
    else if (g->v.few)
        turn_phases_of_few(g);
}

/* Phase by phase. */
static void convolve_phases(const input_gradient *g, const tarn_real *dsum,
                            const convolution_buffers *b, tarn__target dx)
{
    const tarn__conv2d *s = g->s;
    const padded p = g->v.p;
    convolution v = g->v; /* reads from the padded gradient as it is */
    dsum = padded_rows(p, dsum, 0, p.h, b->rows);
    v.p = (padded){p.h, p.w, p.c, 0, 0, p.h, p.w};
    if (!dx.add && tarn__has_empty_phases(s))
        memset(dx.values, 0, (size_t)(s->h * s->w * s->c) * sizeof *dx.values);
    for (int64_t i = 0; i < smaller(s->stride_h, s->h); i++)
        for (int64_t j = 0; j < smaller(s->stride_w, s->w); j++) {
            const tarn__phase f = tarn__phase_of(s, i, j);
            if (f.kh * f.kw == 0)
                continue;
            v.s.oh = f.h, v.s.ow = f.w;
            v.s.kh = f.kh, v.s.kw = f.kw;
            v.s.dilation_h = f.dilation_h, v.s.dilation_w = f.dilation_w;
            const weights by = {g->turned + f.weights,
                                g->v.few ? g->transformed + f.weights : NULL};
            convolve_image(&v, dsum + (f.row * p.w + f.column) * s->o, by,
                           (destination){NULL, dx.add, false}, 0, f.h, b,
                           dx.values + (i * s->w + j) * s->c, NULL);
        }
}

void input_gradient_of_image(const input_gradient *g, const tarn_real *dsum,
                             const input_gradient_buffers *b, tarn__target dx)
{
    if (g->scattered)
        scatter_image(g->s, g->transformed, dsum, b->products, dx);
    else if (reads_in_place(&g->v))
        convolve_image(&g->v, dsum, (weights){g->turned, g->v.winograd ? g->transformed : NULL},
                       (destination){NULL, dx.add, false}, 0, g->s->h, &b->convolution, dx.values,
                       NULL);
    else
        convolve_phases(g, dsum, &b->convolution, dx);
}
