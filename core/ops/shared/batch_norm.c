#include "core/ops/shared/batch_norm.h"

#include <math.h>

#include "core/base/error.h"

static int64_t values_per_channel(tarn_shape x)
{
    int64_t count = 1;
    for (int i = 0; i < x.ndim - 1; i++)
        count *= x.dim[i];
    return count;
}

static int64_t channels_of(tarn_shape x)
{
    return x.dim[x.ndim - 1];
}

bool tarn__norm_check(const tarn_batch_norm2d_args *a, tarn_shape x)
{
    if (x.ndim < 2)
        return tarn_fail("batch_norm2d: input %s, expects (N,H,W,C) or (N,C)",
                         tarn_shape_to_text(x).text);
    const struct {
        const char *name;
        const tarn_tensor *tensor;
    } checks[] = {{"gamma", a->gamma},
                  {"beta", a->beta},
                  {"running_mean", a->running_mean},
                  {"running_var", a->running_var}};
    const long long channels = channels_of(x);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (!tarn__usable("batch_norm2d", checks[i].name, checks[i].tensor))
            return false;
        if (!tarn_shape_equal(checks[i].tensor->shape, tarn_shape(channels)))
            return tarn_fail("batch_norm2d: %s %s, input %s with %lld channels expects (%lld)",
                             checks[i].name, tarn_shape_to_text(checks[i].tensor->shape).text,
                             tarn_shape_to_text(x).text, channels, channels);
    }
    if (!(a->momentum >= 0 && a->momentum <= 1) || !(a->eps > 0 && a->eps < INFINITY))
        return tarn_fail("batch_norm2d: momentum %g, eps %g, expects a momentum in [0, 1] and a "
                         "finite eps above 0",
                         a->momentum, a->eps);
    if (a->training && values_per_channel(x) < 2)
        return tarn_fail("batch_norm2d: input %s has %lld values per channel, training expects at "
                         "least 2, as their variance is needed; evaluation takes any number",
                         tarn_shape_to_text(x).text, (long long)values_per_channel(x));
    return true;
}

size_t tarn__norm_bytes(tarn_shape x)
{
    return (size_t)channels_of(x) * (2 * sizeof(double) + 3 * sizeof(tarn_real));
}

tarn__norm tarn__norm_set_up(const tarn_batch_norm2d_args *a, tarn_shape x, void *arrays)
{
    const int64_t channels = channels_of(x);
    double *rest = arrays;
    tarn_real *centre = (tarn_real *)(rest + 2 * channels);
    return (tarn__norm){.s = {.pixels = values_per_channel(x),
                              .channels = channels,
                              .centre = centre,
                              .scale = centre + channels,
                              .shift = centre + 2 * channels,
                              .relu = a->relu},
                        .training = a->training,
                        .count = (double)values_per_channel(x),
                        .rest = rest,
                        .inverse_deviation = rest + channels,
                        .centre = centre,
                        .scale = centre + channels,
                        .shift = centre + 2 * channels};
}

tarn__norm_others tarn__norm_together;

/* Makes the statistics those of all inputs: the means first, so that the squares are of distances
   from them. The mean as its distance from 0, which is the same in all processes. */
static void join_statistics(tarn__norm *k, const tarn_real *x, double *distance, double *variance)
{
    const int channels = (int)k->s.channels;
    const double own = (double)k->s.pixels;
    double *sums = k->rest; /* with inverse_deviation behind it: neither is set yet */
    for (int c = 0; c < channels; c++)
        sums[c] = own * ((double)x[c] + distance[c]);
    sums[channels] = own;
    tarn__norm_together.add(channels + 1, sums, false, tarn__norm_together.context);
    k->count = sums[channels];
    k->joined = true;
    for (int c = 0; c < channels; c++) {
        const double mean = sums[c] / k->count, off = (double)x[c] - mean + distance[c];
        variance[c] = own * (variance[c] + off * off);
        distance[c] = mean;
    }
    tarn__norm_together.add(channels, variance, false, tarn__norm_together.context);
    for (int c = 0; c < channels; c++)
        variance[c] /= k->count;
}

void tarn__norm_join_gradients(const tarn__norm *k, double *sums)
{
    if (k->joined)
        tarn__norm_together.add(2 * (int)k->s.channels, sums, true, tarn__norm_together.context);
}

static void move(tarn_real *running, double current, double momentum)
{
    *running = (tarn_real)((1 - momentum) * (double)*running + momentum * current);
}

/* A channel's mean is told from its first number, or from 0 without x. */
static void move_running(const tarn_batch_norm2d_args *a, double n, const tarn_real *x,
                         const double *distance, const double *variance)
{
    for (int64_t c = 0; c < a->gamma->size; c++) {
        move(&a->running_mean->values[c], (x ? (double)x[c] : 0) + distance[c], a->momentum);
        move(&a->running_var->values[c], variance[c] * n / (n - 1), a->momentum);
    }
}

void tarn__norm_set_map(const tarn_batch_norm2d_args *a, tarn__norm *k, const tarn_real *x,
                        double *distance, double *variance)
{
    const bool rehearses = tarn__tape_innermost()->rehearses;
    const bool joins =
        a->training && tarn__norm_together.add && !rehearses; /* that is of this process alone */
    if (joins)
        join_statistics(k, x, distance, variance);
    if (joins || !a->training)
        x = NULL; /* the mean as its distance from 0 */
    if (a->training && !rehearses)
        move_running(a, k->count, x, distance, variance);
    for (int64_t c = 0; c < k->s.channels; c++) {
        if (!a->training) {
            distance[c] = (double)a->running_mean->values[c];
            variance[c] = (double)a->running_var->values[c];
        }
        double inverse = 1 / sqrt(variance[c] + a->eps);
        double factor = (double)a->gamma->values[c] * inverse;
        double origin = x ? (double)x[c] : 0;
        k->centre[c] = (tarn_real)(origin + distance[c]);
        k->rest[c] = origin - (double)k->centre[c] + distance[c];
        k->inverse_deviation[c] = inverse;
        k->scale[c] = (tarn_real)factor;
        k->shift[c] = (tarn_real)((double)a->beta->values[c] - factor * k->rest[c]);
    }
}

void tarn__norm_gradients(const tarn__norm *k, const double *sum, const double *product,
                          tarn__target dgamma, tarn__target dbeta)
{
    for (int64_t c = 0; dgamma.values && c < k->s.channels; c++) {
        double d = k->inverse_deviation[c] * (product[c] - k->rest[c] * sum[c]);
        dgamma.values[c] = (tarn_real)(dgamma.add ? (double)dgamma.values[c] + d : d);
    }
    for (int64_t c = 0; dbeta.values && c < k->s.channels; c++)
        dbeta.values[c] = (tarn_real)(dbeta.add ? (double)dbeta.values[c] + sum[c] : sum[c]);
}

tarn__batch_norm_back tarn__norm_back(const tarn__norm *k, const double *sum, const double *product,
                                      tarn_real *of_x, tarn_real *constant)
{
    if (!k->training)
        return (tarn__batch_norm_back){.of_dy = k->s.scale};
    const double n = k->count;
    for (int64_t c = 0; c < k->s.channels; c++) {
        double scale = (double)k->s.scale[c], inverse = k->inverse_deviation[c];
        double dgamma = inverse * (product[c] - k->rest[c] * sum[c]);
        double factor = scale * inverse * dgamma / n;
        of_x[c] = (tarn_real)-factor;
        constant[c] = (tarn_real)(factor * k->rest[c] - scale * sum[c] / n);
    }
    return (tarn__batch_norm_back){k->s.scale, of_x, constant};
}
