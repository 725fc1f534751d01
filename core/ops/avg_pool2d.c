/*
 * Mean of each window, channel by channel; padding counts as zeros.
 *
 *     y[n,i,j,c] = sum of x[n,h,w,c] over the (h,w) of window (i,j) / kernel^2
 *     dx[n,h,w,c] = sum of dy[n,i,j,c] over the windows that hold (h,w) / kernel^2
 */
#include "core/base/parallel.h"
#include "core/ops/shared/pool2d.h"

static void avg_pool2d_backward(const tarn_node *node)
{
    const tarn__pool2d s = *(const tarn__pool2d *)node->saved;
    const tarn_real factor = 1 / (tarn_real)(s.kernel * s.kernel);
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
#pragma omp parallel for schedule(static) if (node->output->size >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < s.n; n++)
        for (int64_t i = 0; i < s.oh; i++)
            for (int64_t j = 0; j < s.ow; j++) {
                const tarn_real *from = dy + ((n * s.oh + i) * s.ow + j) * s.c;
                const tarn__window v = tarn__window_of(&s, i, j);
                for (int64_t h = v.top; h < v.bottom; h++)
                    for (int64_t w = v.left; w < v.right; w++)
                        for (int64_t c = 0; c < s.c; c++)
                            dx[((n * s.h + h) * s.w + w) * s.c + c] += factor * from[c];
            }
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
    const int64_t image_size = s.h * s.w * s.c;
#pragma omp parallel for schedule(static) collapse(2) if (args.x->size >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < s.n; n++)
        for (int64_t i = 0; i < s.oh; i++)
            for (int64_t j = 0; j < s.ow; j++)
                mean_of_window(&s, tarn__window_of(&s, i, j), args.x->values + n * image_size,
                               result->values + ((n * s.oh + i) * s.ow + j) * s.c);
    return result;
}
