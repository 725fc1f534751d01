/*
 * Largest element of each window, channel by channel.
 *
 *     y[n,i,j,c] = max of x[n,h,w,c] over the (h,w) of window (i,j)
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] over the windows whose largest element, the first of equals,
 *                   is at (h,w)
 *
 * Forward notes for each output where its largest element was.
 */
#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/ops/shared/pool2d.h"

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
        tarn_real *image = j->dx + n * s.h * s.w * s.c;
        for (int64_t at = n * s.oh * s.ow * s.c; at < (n + 1) * s.oh * s.ow * s.c; at += s.c)
            for (int64_t c = 0; c < s.c; c++)
                image[places[at + c] * s.c + c] += j->dy[at + c];
    }
}

static void max_pool2d_backward(const tarn_node *node)
{
    const max_pool2d_state *state = node->saved;
    const job j = {.state = state,
                   .dy = tarn_gradients(node->output),
                   .dx = tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(state->sizes.n, node->output->size, backward_images, &j);
}

static const tarn_op max_pool2d = {"max_pool2d", max_pool2d_backward};

/* y and places of one window, for all channels. Only another NaN takes the place of a NaN, as in
 * PyTorch. */
static inline __attribute__((always_inline)) void
max_of_window(const tarn__pool2d *s, tarn__window v, const tarn_real *restrict image,
              tarn_real *restrict y, int32_t *restrict places)
{
    for (int64_t c = 0; c < s->c; c++) {
        y[c] = image[(v.top * s->w + v.left) * s->c + c];
        places[c] = (int32_t)(v.top * s->w + v.left);
    }
    for (int64_t h = v.top; h < v.bottom; h++)
        for (int64_t w = v.left; w < v.right; w++) {
            const int32_t place = (int32_t)(h * s->w + w);
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
    for (int64_t k = first; k < end; k++)
        for (int64_t column = 0; column < s->ow; column++) {
            const int64_t n = k / s->oh, at = (k * s->ow + column) * s->c;
            max_of_window(s, tarn__window_of(s, k % s->oh, column), j->x + n * s->h * s->w * s->c,
                          j->y + at, j->state->places + at);
        }
}

tarn_tensor *tarn_max_pool2d_with(tarn_pool2d_args args)
{
    tarn__pool2d s;
    if (!args.x || !tarn__pool2d_of("max_pool2d", &args, &s))
        return NULL;
    tarn_tensor *result = tarn_op_result(&max_pool2d, tarn_shape(s.n, s.oh, s.ow, s.c), args.x);
    if (!result)
        return NULL;
    max_pool2d_state *state =
        tarn_op_save(result, sizeof *state + (size_t)result->size * sizeof *state->places);
    if (!state)
        return NULL;
    *state = (max_pool2d_state){s, (int32_t *)(state + 1)};
    tarn_op_operations(result, (double)result->size * (double)(s.kernel * s.kernel));
    tarn__share(s.n * s.oh, args.x->size, forward_rows,
                &(job){.state = state, .x = args.x->values, .y = result->values});
    return result;
}
