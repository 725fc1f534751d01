/*
 * Clipping of gradients by their norm (Pascanu, Mikolov, Bengio 2013), and each by its value.
 *
 *     norm = sqrt(sum of g^2 over all elements of all parameters)
 *     or, with p, (sum of |g|^p)^(1/p), or the largest |g|, by which the others are divided for p
 *     other than 2, so that no power is infinite
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
#include <stdatomic.h>

#include "core/base/clones.h"
#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "optim/clip_internal.h"
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

/* ---- All gradients in a row */

/* Also clears gradients that were zeroed, before threads look at them. */
static int64_t count_elements(tarn_params params)
{
    int64_t elements = 0;
    for (int p = 0; p < params.count; p++)
        if (tarn_gradients(params.tensors[p]))
            elements += tarn_size(params.tensors[p]);
    return elements;
}

typedef struct job {
    tarn_params params;
    int64_t elements;
    double *sums;            /* of PARTS parts, or their largest elements */
    double p, largest;       /* the norm, and what elements are divided by where p is not 2 */
    tarn_real factor;        /* to scale by */
    tarn_real high;          /* to clip at */
    _Atomic int64_t *beyond; /* how many were */
} job;

/* Elements that lie behind each other. */
typedef struct stretch {
    tarn_real *from;
    int64_t count;
} stretch;

/* What elements begin to end have of gradient p, which is the next in the row; moves both on. */
static stretch next_stretch(const job *j, int p, int64_t *begin, int64_t *end)
{
    tarn_real *g = tarn_gradients(j->params.tensors[p]);
    const int64_t size = g ? tarn_size(j->params.tensors[p]) : 0;
    const int64_t from = *begin > 0 ? *begin : 0, to = *end < size ? *end : size;
    *begin -= size;
    *end -= size;
    return from < to ? (stretch){g + from, to - from} : (stretch){0};
}

static double largest_of(const tarn_real *g, int64_t count, double largest)
{
    for (int64_t i = 0; i < count; i++) {
        const double size = fabs((double)g[i]);
        largest = size > largest || isnan(size) ? size : largest; /* NaN stays */
    }
    return largest;
}

static double sum_of_powers(const tarn_real *g, int64_t count, double p, double largest)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += pow(fabs((double)g[i]) / largest, p);
    return sum;
}

/* The sum, or the largest, of what is in a part already and a stretch. */
static double add_stretch(const job *j, double sum, const stretch *s)
{
    if (j->p == 2)
        return sum + add_products(s->from, s->from, s->count);
    if (isinf(j->p))
        return isnan(sum) ? sum : largest_of(s->from, s->count, sum);
    return sum + sum_of_powers(s->from, s->count, j->p, j->largest);
}

static void sum_parts(const void *context, int64_t first, int64_t last)
{
    const job *j = context;
    const int64_t length = (j->elements + PARTS - 1) / PARTS;
    tarn__denormals caller = tarn__flush_denormals();
    for (int64_t i = first; i < last; i++) {
        int64_t begin = i * length, end = (i + 1) * length;
        j->sums[i] = 0;
        for (int p = 0; p < j->params.count && end > 0; p++) {
            const stretch s = next_stretch(j, p, &begin, &end);
            j->sums[i] = add_stretch(j, j->sums[i], &s);
        }
    }
    tarn__restore_denormals(caller);
}

static void scale_elements(const void *context, int64_t begin, int64_t end)
{
    const job *j = context;
    const tarn_real factor = j->factor;
    tarn__denormals caller = tarn__flush_denormals();
    for (int p = 0; p < j->params.count && end > 0; p++) {
        const stretch s = next_stretch(j, p, &begin, &end);
        for (int64_t i = 0; i < s.count; i++)
            s.from[i] *= factor;
    }
    tarn__restore_denormals(caller);
}

static void clip_elements(const void *context, int64_t begin, int64_t end)
{
    const job *j = context;
    const tarn_real high = j->high;
    int64_t beyond = 0;
    for (int p = 0; p < j->params.count && end > 0; p++) {
        const stretch s = next_stretch(j, p, &begin, &end);
        for (int64_t i = 0; i < s.count; i++) {
            const tarn_real x = s.from[i];
            beyond += x > high || x < -high;
            s.from[i] = x > high ? high : x < -high ? -high : x;
        }
    }
    *j->beyond += beyond;
}

/* The sum over all parts, or the largest; NaN stays. */
static double reduce(tarn_params params, int64_t elements, double p, double largest)
{
    double sums[PARTS], sum = 0;
    tarn__share(
        PARTS, elements, sum_parts,
        &(job){.params = params, .elements = elements, .sums = sums, .p = p, .largest = largest});
    for (int i = 0; i < PARTS; i++)
        sum = !isinf(p) ? sum + sums[i] : sums[i] > sum || isnan(sums[i]) ? sums[i] : sum;
    return sum;
}

static double norm_of(tarn_params params, int64_t elements, double p)
{
    if (p == 2)
        return sqrt(reduce(params, elements, 2, 1));
    const double largest = reduce(params, elements, INFINITY, 1);
    if (isinf(p) || largest == 0 || !isfinite(largest))
        return largest;
    return largest * pow(reduce(params, elements, p, largest), 1 / p);
}

static void scale(tarn_params params, int64_t elements, tarn_real factor)
{
    tarn__share(elements, elements, scale_elements, &(job){.params = params, .factor = factor});
}

/* ---- For users */

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

/* Reports a norm that is not finite. */
static double fail_of(tarn_params params, double norm)
{
    for (int i = 0; i < params.count; i++) {
        const tarn_real *g = tarn_gradients(params.tensors[i]);
        for (int64_t k = 0; g && k < tarn_size(params.tensors[i]); k++)
            if (!isfinite(g[k])) {
                tarn_fail("clip_grad_norm: the norm is %g, expects a finite one: the gradient of "
                          "parameter %d%s%s%s has an element of %g",
                          norm, i, params.names ? " (" : "", params.names ? params.names[i] : "",
                          params.names ? ")" : "", (double)g[k]);
                return NAN;
            }
    }
    tarn_fail("clip_grad_norm: the norm is %g, expects a finite one", norm);
    return NAN;
}

double tarn_clip_grad_norm_with(tarn_clip_grad_norm_args args)
{
    if (!check("clip_grad_norm", args.params, args.max))
        return NAN;
    if (!(args.p >= 1)) {
        tarn_fail("clip_grad_norm: p is %g, expects a number of at least 1, or INFINITY", args.p);
        return NAN;
    }
    const int64_t elements = count_elements(args.params);
    const double max = args.max, norm = norm_of(args.params, elements, args.p);
    if (args.finite && !isfinite(norm))
        return fail_of(args.params, norm);
    if (!(norm > max && isfinite(norm)))
        return norm;
    const tarn_real factor = (tarn_real)(max / norm), root = (tarn_real)(sqrt(max) / sqrt(norm));
    scale(args.params, elements, isnormal(factor) ? factor : root);
    if (!isnormal(factor))
        scale(args.params, elements, root);
    return norm;
}

int64_t tarn_clip_grad_value(tarn_params params, double max)
{
    if (!check("clip_grad_value", params, max))
        return -1;
    const int64_t elements = count_elements(params);
    _Atomic int64_t beyond = 0;
    tarn__share(elements, elements, clip_elements,
                &(job){.params = params, .high = (tarn_real)max, .beyond = &beyond});
    return beyond;
}
