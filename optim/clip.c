/*
 * Clipping of gradients by their norm (Pascanu, Mikolov, Bengio 2013).
 *
 *     norm = sqrt(sum of g^2 over all elements of all parameters)
 *     g *= max / norm    if norm > max
 *
 * PyTorch scales by max / (norm + 1e-6) instead, so that its clipped norm stays a little below max.
 * The squares are summed in double, over a number of chunks that does not depend on the number of
 * threads, and so the norm does not either.
 */
#include <math.h>

#include "core/error.h"
#include "core/parallel.h"
#include "optim/optim.h"

enum { CHUNKS = 64 };

/* In eight sums at once, since each addition waits for the one before it. */
static double sum_of_squares(const tarn_real *g, int64_t count)
{
    double sums[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; k++)
            sums[k] += (double)g[i + k] * (double)g[i + k];
    for (; i < count; i++)
        sums[0] += (double)g[i] * (double)g[i];
    double sum = 0;
    for (int k = 0; k < 8; k++)
        sum += sums[k];
    return sum;
}

static double sum_of_squares_in_chunks(const tarn_real *g, int64_t size)
{
    const int64_t length = (size + CHUNKS - 1) / CHUNKS;
    double sums[CHUNKS];
#pragma omp parallel for schedule(static) if (size >= TARN__PARALLEL_MIN)
    for (int c = 0; c < CHUNKS; c++) {
        int64_t begin = c * length < size ? c * length : size;
        int64_t rest = size - begin;
        sums[c] = sum_of_squares(g + begin, rest < length ? rest : length);
    }
    double sum = 0;
    for (int c = 0; c < CHUNKS; c++)
        sum += sums[c];
    return sum;
}

double tarn_clip_grad_norm(tarn_params params, double max)
{
    if (!(max > 0)) {
        tarn_fail("clip_grad_norm: max is %g, expects a number above 0", max);
        return NAN;
    }
    double sum = 0;
    for (int p = 0; p < params.count; p++) {
        const tarn_real *g = tarn_gradients(params.tensors[p]);
        if (g)
            sum += sum_of_squares_in_chunks(g, tarn_size(params.tensors[p]));
    }
    const double norm = sqrt(sum);
    if (!(norm > max && isfinite(norm)))
        return norm;

    const tarn_real factor = (tarn_real)(max / norm);
    for (int p = 0; p < params.count; p++) {
        tarn_real *g = tarn_gradients(params.tensors[p]);
        if (g)
            TARN__EACH (i, tarn_size(params.tensors[p]))
                g[i] *= factor;
    }
    return norm;
}
