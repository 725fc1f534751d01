/*
 * Mean of each window, channel by channel; padding counts as zeros.
 *
 *     y[n,i,j,c] = sum of x[n,h,w,c] over the (h,w) of window (i,j) / kernel^2
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] over the windows that hold (h,w) / kernel^2
 */
#include "core/base/pool.h"
#include "core/ops/shared/pool2d.h"

typedef struct job {
    tarn__pool2d s;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

static void add_to_window(const tarn__pool2d *s, tarn__window v, const tarn_real *dy,
                          tarn_real *image)
{
    const tarn_real factor = 1 / (tarn_real)(s->kernel * s->kernel);
    for (int64_t h = v.top; h < v.bottom; h++)
        for (int64_t w = v.left; w < v.right; w++)
            for (int64_t c = 0; c < s->c; c++)
                image[(h * s->w + w) * s->c + c] += factor * dy[c];
}

/* Image by image, since windows may overlap. */
static void backward_images(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d *s = &j->s;
    for (int64_t n = first; n < end; n++)
        for (int64_t row = 0; row < s->oh; row++)
            for (int64_t column = 0; column < s->ow; column++)
                add_to_window(s, tarn__window_of(s, row, column),
                              j->dy + ((n * s->oh + row) * s->ow + column) * s->c,
                              j->dx + n * s->h * s->w * s->c);
}

static void avg_pool2d_backward(const tarn_node *node)
{
    const job j = {.s = *(const tarn__pool2d *)node->saved,
                   .dy = tarn_gradients(node->output),
                   .dx = tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(j.s.n, node->output->size, backward_images, &j);
}

static const tarn_op avg_pool2d = {"avg_pool2d", avg_pool2d_backward};

static void mean_of_window(const tarn__pool2d *s, tarn__window v, const tarn_real *image,
                           tarn_real *y)
{
    const tarn_real factor = 1 / (tarn_real)(s->kernel * s->kernel);
    for (int64_t c = 0; c < s->c; c++)
        y[c] = 0;
    for (int64_t h = v.top; h < v.bottom; h++)
        for (int64_t w = v.left; w < v.right; w++)
            for (int64_t c = 0; c < s->c; c++)
                y[c] += image[(h * s->w + w) * s->c + c];
    for (int64_t c = 0; c < s->c; c++)
        y[c] *= factor;
}

/* Rows of windows, of all images. */
static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__pool2d *s = &j->s;
    for (int64_t k = first; k < end; k++)
        for (int64_t column = 0; column < s->ow; column++)
            mean_of_window(s, tarn__window_of(s, k % s->oh, column),
                           j->x + k / s->oh * s->h * s->w * s->c,
                           j->y + (k * s->ow + column) * s->c);
}

tarn_tensor *tarn_avg_pool2d_with(tarn_pool2d_args args)
{
    tarn__pool2d s;
    if (!args.x || !tarn__pool2d_of("avg_pool2d", &args, &s))
        return NULL;
    tarn_tensor *result = tarn_op_result(&avg_pool2d, tarn_shape(s.n, s.oh, s.ow, s.c), args.x);
    tarn__pool2d *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = s;
    tarn_op_operations(result, (double)result->size * (double)(s.kernel * s.kernel));
    tarn__share(s.n * s.oh, args.x->size, forward_rows,
                &(job){.s = s, .x = args.x->values, .y = result->values});
    return result;
}
