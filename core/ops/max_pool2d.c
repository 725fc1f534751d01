/*
 * Largest element of each window, channel by channel.
 *
 *     y[n,i,j,c] = max of x[n,h,w,c] over the (h,w) of window (i,j)
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] over the windows whose largest element, the first of equals,
 *                   is at (h,w)
 *
 * Forward notes for each output where its largest element was. adaptive_max_pool2d has windows that
 * cover the image, as those of adaptive_avg_pool2d.
 */
#include "core/ops/max_pool2d.h"
#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/pool.h"

typedef struct max_pool2d_state {
    tarn__pool2d sizes;
    int32_t *places; /* h * W + w for each output */
} max_pool2d_state;

typedef struct job {
    const max_pool2d_state *state;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

static void backward_images(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d s = j->state->sizes;
    const int32_t *places = j->state->places;
    for (int64_t n = first; n < end; n++) {
        tarn_real *image = j->dx + n * s.h.in * s.w.in * s.c;
        const int64_t size = s.h.out * s.w.out * s.c;
        for (int64_t at = n * size; at < (n + 1) * size; at += s.c)
            for (int64_t c = 0; c < s.c; c++)
                image[places[at + c] * s.c + c] += j->dy[at + c];
    }
}

void tarn__max_pool2d_backward(const tarn_node *node)
{
    const max_pool2d_state *state = node->saved;
    const job j = {.state = state,
                   .dy = tarn_gradients(node->output),
                   .dx = tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(state->sizes.n, node->output->size, backward_images, &j);
}

static const tarn_op max_pool2d = {"max_pool2d", tarn__max_pool2d_backward};

/* y and places of one window, for all channels. Only another NaN takes the place of a NaN, as in
 * PyTorch. */
static inline __attribute__((always_inline)) void
max_of_window(const tarn__pool2d *s, tarn__span rows, tarn__span columns,
              const tarn_real *restrict image, tarn_real *restrict y, int32_t *restrict places)
{
    const int64_t from = rows.first * s->w.in + columns.first;
    for (int64_t c = 0; c < s->c; c++) {
        y[c] = image[from * s->c + c];
        places[c] = (int32_t)from;
    }
    for (int64_t h = rows.first; h < rows.end; h += s->h.dilation)
        for (int64_t w = columns.first; w < columns.end; w += s->w.dilation) {
            const int32_t place = (int32_t)(h * s->w.in + w);
            const tarn_real *x = image + place * s->c;
            for (int64_t c = 0; c < s->c; c++) {
                bool larger = (x[c] > y[c]) | (x[c] != x[c]);
                y[c] = larger ? x[c] : y[c];
                places[c] = larger ? place : places[c];
            }
        }
}

/* Rows of windows, of all images. */
TARN__CLONES static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d *s = &j->state->sizes;
    for (int64_t k = first; k < end; k++) {
        const tarn__span rows = tarn__span_of(&s->h, k % s->h.out);
        const tarn_real *image = j->x + k / s->h.out * s->h.in * s->w.in * s->c;
        for (int64_t column = 0; column < s->w.out; column++) {
            const int64_t at = (k * s->w.out + column) * s->c;
            max_of_window(s, rows, tarn__span_of(&s->w, column), image, j->y + at,
                          j->state->places + at);
        }
    }
}

tarn_tensor *tarn__max_pool2d(const tarn_op *op, tarn_tensor *x, const tarn__pool2d *s)
{
    tarn_tensor *result = tarn_op_result(op, tarn_shape(s->n, s->h.out, s->w.out, s->c), x);
    if (!result)
        return NULL;
    max_pool2d_state *state =
        tarn_op_save(result, sizeof *state + (size_t)result->size * sizeof *state->places);
    if (!state)
        return NULL;
    *state = (max_pool2d_state){*s, (int32_t *)(state + 1)};
    tarn_op_operations(result, s->h.adaptive
                                   ? (double)x->size
                                   : (double)result->size * (double)(s->h.kernel * s->w.kernel));
    tarn__share(s->n * s->h.out, x->size, forward_rows,
                &(job){.state = state, .x = x->values, .y = result->values});
    return result;
}

tarn_tensor *tarn_max_pool2d_with(tarn_max_pool2d_args args)
{
    tarn__pool2d s;
    if (!args.x || !tarn__pool2d_of("max_pool2d", &args, &s))
        return NULL;
    return tarn__max_pool2d(&max_pool2d, args.x, &s);
}
