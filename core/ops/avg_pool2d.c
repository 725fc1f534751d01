/*
 * Mean of each window, channel by channel; padding counts as zeros, or not at all.
 *
 *     y[n,i,j,c] = sum of x[n,h,w,c] over the (h,w) of window (i,j) / the window's number of pixels
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] / that number, over the windows that hold (h,w)
 */
#include "core/base/pool.h"
#include "core/ops/shared/pool2d.h"

typedef struct avg_pool2d_state {
    tarn__pool2d sizes;
    bool count_include_pad;
} avg_pool2d_state;

typedef struct job {
    const avg_pool2d_state *state;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

/* How many pixels a window has along an axis, with padding or without, but without what lies beyond
   the padding. */
static int64_t count_of(const avg_pool2d_state *state, const tarn__pool_axis *a, int64_t i)
{
    if (!state->count_include_pad)
        return tarn__span_of(a, i).end - tarn__span_of(a, i).first;
    const int64_t left = a->in + 2 * a->padding - i * a->stride;
    return left < a->kernel ? left : a->kernel;
}

/* What a window's sum is multiplied by. */
static tarn_real factor_of(const avg_pool2d_state *state, int64_t i, int64_t j)
{
    const tarn__pool2d *s = &state->sizes;
    return 1 / (tarn_real)(count_of(state, &s->h, i) * count_of(state, &s->w, j));
}

static void add_to_window(const avg_pool2d_state *state, int64_t i, int64_t j, const tarn_real *dy,
                          tarn_real *image)
{
    const tarn__pool2d *s = &state->sizes;
    const tarn_real factor = factor_of(state, i, j);
    const tarn__span rows = tarn__span_of(&s->h, i), columns = tarn__span_of(&s->w, j);
    for (int64_t h = rows.first; h < rows.end; h++)
        for (int64_t w = columns.first; w < columns.end; w++)
            for (int64_t c = 0; c < s->c; c++)
                image[(h * s->w.in + w) * s->c + c] += factor * dy[c];
}

/* Image by image, since windows may overlap. */
static void backward_images(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d *s = &j->state->sizes;
    for (int64_t n = first; n < end; n++)
        for (int64_t row = 0; row < s->h.out; row++)
            for (int64_t column = 0; column < s->w.out; column++)
                add_to_window(j->state, row, column,
                              j->dy + ((n * s->h.out + row) * s->w.out + column) * s->c,
                              j->dx + n * s->h.in * s->w.in * s->c);
}

static void avg_pool2d_backward(const tarn_node *node)
{
    const job j = {.state = node->saved,
                   .dy = tarn_gradients(node->output),
                   .dx = tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(j.state->sizes.n, node->output->size, backward_images, &j);
}

static const tarn_op avg_pool2d = {"avg_pool2d", avg_pool2d_backward};

static void mean_of_window(const avg_pool2d_state *state, int64_t i, int64_t j,
                           const tarn_real *image, tarn_real *y)
{
    const tarn__pool2d *s = &state->sizes;
    const tarn_real factor = factor_of(state, i, j);
    const tarn__span rows = tarn__span_of(&s->h, i), columns = tarn__span_of(&s->w, j);
    for (int64_t c = 0; c < s->c; c++)
        y[c] = 0;
    for (int64_t h = rows.first; h < rows.end; h++)
        for (int64_t w = columns.first; w < columns.end; w++)
            for (int64_t c = 0; c < s->c; c++)
                y[c] += image[(h * s->w.in + w) * s->c + c];
    for (int64_t c = 0; c < s->c; c++)
        y[c] *= factor;
}

/* Rows of windows, of all images. */
static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d *s = &j->state->sizes;
    for (int64_t k = first; k < end; k++)
        for (int64_t column = 0; column < s->w.out; column++)
            mean_of_window(j->state, k % s->h.out, column,
                           j->x + k / s->h.out * s->h.in * s->w.in * s->c,
                           j->y + (k * s->w.out + column) * s->c);
}

tarn_tensor *tarn_avg_pool2d_with(tarn_avg_pool2d_args args)
{
    const tarn_max_pool2d_args geometry = {.x = args.x,
                                           .kernel = args.kernel,
                                           .kernel_w = args.kernel_w,
                                           .stride = args.stride,
                                           .stride_w = args.stride_w,
                                           .padding = args.padding,
                                           .padding_w = args.padding_w,
                                           .ceil_mode = args.ceil_mode,
                                           .dilation = 1,
                                           .dilation_w = 1};
    tarn__pool2d s;
    if (!args.x || !tarn__pool2d_of("avg_pool2d", &geometry, &s))
        return NULL;
    tarn_tensor *result =
        tarn_op_result(&avg_pool2d, tarn_shape(s.n, s.h.out, s.w.out, s.c), args.x);
    avg_pool2d_state *state = result ? tarn_op_save(result, sizeof *state) : NULL;
    if (!state)
        return NULL;
    *state = (avg_pool2d_state){s, args.count_include_pad};
    tarn_op_operations(result, (double)result->size * (double)(s.h.kernel * s.w.kernel));
    tarn__share(s.n * s.h.out, args.x->size, forward_rows,
                &(job){.state = state, .x = args.x->values, .y = result->values});
    return result;
}
