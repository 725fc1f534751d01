/*
 * Clipping of gradients by their norm (Pascanu, Mikolov, Bengio 2013), and each by its value.
 *
 *     norm = sqrt(sum of g^2 over all elements of all parameters)
 *     g *= max / norm    if norm > max
 *
 *     g = min(max(g, -max), max)
 *
 * PyTorch scales by max / (norm + 1e-6) instead, so that its clipped norm stays a little below max.
 * The squares are summed in double, over parts whose number does not depend on the number of
 * threads, and so the norm does not either. The parts are cut from all gradients in a row.
 *
 * Where max / norm is too small for a normal number, which the threads would take as 0, the
 * gradients are multiplied by its root twice.
 *
 * Clipping by value computes nothing, so that denormal numbers take no time there and stay.
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "optim/clip.h"
#include "optim/optim.h"

enum { PARTS = 64, SUMS = 16 };

/* In several sums at once, since each addition waits for the one before it. */
TARN__CLONES static double add_products(const tarn_real *a, const tarn_real *b, int64_t count)
{
    double sums[SUMS] = {0};
    int64_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < count; i++)
        sums[0] += (double)a[i] * (double)b[i];
    double sum = 0;
    for (int k = 0; k < SUMS; k++)
        sum += sums[k];
    return sum;
}

double tarn__sum_of_products(const tarn_real *a, const tarn_real *b, int64_t count)
{
    return add_products(a, b, count);
}

/* The squares of elements begin to end of all gradients in a row. */
static double sum_of_part(tarn_params params, int64_t begin, int64_t end)
{
    double sum = 0;
    for (int p = 0; p < params.count && end > 0; p++) {
        const tarn_real *g = tarn_gradients(params.tensors[p]);
        const int64_t size = g ? tarn_size(params.tensors[p]) : 0;
        const int64_t from = begin > 0 ? begin : 0, to = end < size ? end : size;
        if (from < to)
            sum += add_products(g + from, g + from, to - from);
        begin -= size;
        end -= size;
    }
    return sum;
}

static double norm_of(tarn_params params, int64_t elements)
{
    const int64_t length = (elements + PARTS - 1) / PARTS;
    double sums[PARTS], sum = 0;
#pragma omp parallel if (elements >= TARN__PARALLEL_MIN)
    {
        tarn__denormals caller = tarn__flush_denormals();
#pragma omp for schedule(static) nowait
        for (int i = 0; i < PARTS; i++)
            sums[i] = sum_of_part(params, i * length, (i + 1) * length);
        tarn__restore_denormals(caller);
    }
    for (int i = 0; i < PARTS; i++)
        sum += sums[i];
    return sqrt(sum);
}

static void scale(tarn_params params, int64_t elements, tarn_real factor)
{
#pragma omp parallel if (elements >= TARN__PARALLEL_MIN)
    {
        tarn__denormals caller = tarn__flush_denormals();
        for (int p = 0; p < params.count; p++) {
            tarn_real *g = tarn_gradients(params.tensors[p]);
            const int64_t size = g ? tarn_size(params.tensors[p]) : 0;
#pragma omp for schedule(static) nowait
            for (int64_t i = 0; i < size; i++)
                g[i] *= factor;
        }
        tarn__restore_denormals(caller);
    }
}

static bool check(const char *function, tarn_params params, double max)
{
    if (params.count < 0)
        return tarn_fail_null("clip_grad: the list of parameters");
    if (!(max > 0))
        return tarn_fail("%s: max is %g, expects a number above 0", function, max);
    if (params.count > 0 && !params.tensors)
        return tarn_fail("%s: the list of %d parameters is NULL", function, params.count);
    return true;
}

double tarn_clip_grad_norm(tarn_params params, double max)
{
    if (!check("clip_grad_norm", params, max))
        return NAN;
    /* Also clears gradients that were zeroed, before threads look at them. */
    int64_t elements = 0;
    for (int p = 0; p < params.count; p++)
        if (tarn_gradients(params.tensors[p]))
            elements += tarn_size(params.tensors[p]);
    const double norm = norm_of(params, elements);
    if (!(norm > max && isfinite(norm)))
        return norm;
    const tarn_real factor = (tarn_real)(max / norm), root = (tarn_real)(sqrt(max) / sqrt(norm));
    scale(params, elements, isnormal(factor) ? factor : root);
    if (!isnormal(factor))
        scale(params, elements, root);
    return norm;
}

int64_t tarn_clip_grad_value(tarn_params params, double max)
{
    if (!check("clip_grad_value", params, max))
        return -1;
    const tarn_real high = (tarn_real)max;
    int64_t changed = 0;
    for (int p = 0; p < params.count; p++) {
        tarn_real *g = tarn_gradients(params.tensors[p]);
        const int64_t size = g ? tarn_size(params.tensors[p]) : 0;
#pragma omp parallel for schedule(static) reduction(+ : changed) if (size >= TARN__PARALLEL_MIN)
        for (int64_t i = 0; i < size; i++) {
            const tarn_real x = g[i];
            changed += x > high || x < -high;
            g[i] = x > high ? high : x < -high ? -high : x;
        }
    }
    return changed;
}
