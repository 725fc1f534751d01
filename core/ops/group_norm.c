/*
 * Group normalization (Wu and He 2018): the values of some neighbouring channels of one image are a
 * set of core/ops/shared/norm.h, which has the formulas; gamma and beta have a number for each
 * channel.
 *
 * An image is as many pixels of as many channels as batch normalization has, so that its kernels
 * do the work, image by image: they find mean and variance of each channel, which become those of
 * the group, and read the same centre for all channels of a group.
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/norm.h"

/* What the computation of one image needs beside the kernels' own memory, (channels) each. */
typedef struct space {
    double *first, *second; /* distance and variance of the kernels, or two sums */
    tarn_real *centre, *scale, *shift, *of_x, *constant;
} space;

enum { BYTES_A_CHANNEL = 2 * sizeof(double) + 5 * sizeof(tarn_real) };

static tarn__batch_norm image_of(const tarn__norm *norm)
{
    return (tarn__batch_norm){.pixels = norm->size / norm->channels, .channels = norm->channels};
}

/* Behind the kernels' memory, which is made of whole doubles. */
static space space_of(const tarn__norm *norm, const tarn__batch_norm *s, void *workspace)
{
    const int64_t c = norm->channels;
    double *own = (double *)((char *)workspace + tarn__kernels_in_use()->batch_norm_workspace(s));
    tarn_real *centre = (tarn_real *)(own + 2 * c);
    return (space){own,           own + c, centre, centre + c, centre + 2 * c, centre + 3 * c,
                   centre + 4 * c};
}

/* Those of the group are the mean of the means, and the mean of the variances plus the variance of
   the means. */
static tarn__set set_of_group(const space *at, const tarn_real *image, int64_t first,
                              int64_t channels, double eps)
{
    const tarn_real origin = image[first];
    double mean = 0, variance = 0; /* of the means' distances from the origin */
    for (int64_t c = first; c < first + channels; c++) {
        at->first[c] += (double)image[c] - (double)origin;
        mean += at->first[c] / (double)channels;
    }
    for (int64_t c = first; c < first + channels; c++) {
        double d = at->first[c] - mean;
        variance += (at->second[c] + d * d) / (double)channels;
    }
    return tarn__set_of(origin, mean, variance, eps);
}

/* From the sets of an image, what the kernels read. */
static void set_map(const tarn__norm *norm, const tarn__set *sets, const tarn_real *gamma,
                    const tarn_real *beta, tarn__batch_norm *s, const space *at)
{
    const int64_t channels = norm->channels / norm->groups;
    for (int64_t c = 0; c < norm->channels; c++) {
        const tarn__set *set = &sets[c / channels];
        const double factor = (double)gamma[c] * set->inverse;
        at->centre[c] = set->centre;
        at->scale[c] = (tarn_real)factor;
        at->shift[c] = (tarn_real)((beta ? (double)beta[c] : 0) - factor * set->rest);
    }
    s->centre = at->centre, s->scale = at->scale, s->shift = at->shift;
}

static void forward(const tarn__norm *norm, const tarn__norm_part *part, const tarn_real *x,
                    const tarn_real *gamma, const tarn_real *beta, tarn_real *y)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const int64_t channels = norm->channels / norm->groups;
    tarn__batch_norm s = image_of(norm);
    const space at = space_of(norm, &s, part->workspace);
    for (int64_t i = part->first; i < part->end; i++) {
        const tarn_real *image = x + i * norm->size;
        tarn__set *sets = norm->sets + i * norm->groups;
        kernels->batch_norm_statistics(&s, image, at.first, at.second, part->workspace);
        for (int64_t g = 0; g < norm->groups; g++)
            sets[g] = set_of_group(&at, image, g * channels, channels, norm->eps);
        set_map(norm, sets, gamma, beta, &s, &at);
        kernels->batch_norm_forward(&s, image, y + i * norm->size, part->workspace);
    }
}

/* From the sums of dy and of dy (x - centre) of the channels of a group, the rest of its dx, and
   its share of dgamma and dbeta. */
static void back_of_group(const tarn__norm *norm, const tarn__set *set, int64_t first,
                          const tarn_real *gamma, const space *at, const tarn__norm_part *part)
{
    const int64_t end = first + norm->channels / norm->groups;
    double sum = 0, product = 0;
    for (int64_t c = first; c < end; c++) {
        sum += (double)gamma[c] * at->first[c];
        product += (double)gamma[c] * at->second[c];
        part->dgamma[c] += set->inverse * (at->second[c] - set->rest * at->first[c]);
        part->dbeta[c] += at->first[c];
    }
    const double n = (double)(norm->size / norm->groups);
    const tarn__set_back back = tarn__set_back_of(set, n, sum, product);
    for (int64_t c = first; c < end; c++) {
        at->of_x[c] = back.of_x;
        at->constant[c] = back.constant;
    }
}

static void backward(const tarn__norm *norm, const tarn__norm_part *part, const tarn_real *x,
                     const tarn_real *gamma, const tarn_real *dy, tarn__target dx)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn__batch_norm s = image_of(norm);
    const space at = space_of(norm, &s, part->workspace);
    const tarn__batch_norm_back back = {at.scale, at.of_x, at.constant};
    for (int64_t i = part->first; i < part->end; i++) {
        const tarn_real *image = x + i * norm->size, *upstream = dy + i * norm->size;
        const tarn__set *sets = norm->sets + i * norm->groups;
        set_map(norm, sets, gamma, NULL, &s, &at);
        kernels->batch_norm_gradient_sums(&s, image, upstream, at.first, at.second,
                                          part->workspace);
        for (int64_t g = 0; g < norm->groups; g++)
            back_of_group(norm, &sets[g], g * (norm->channels / norm->groups), gamma, &at, part);
        if (dx.values)
            kernels->batch_norm_input_gradient(&s, &back, image, upstream,
                                               (tarn__target){dx.values + i * norm->size, dx.add},
                                               part->workspace);
    }
}

static const tarn_op group_norm = {"group_norm", tarn__norm_backward};

tarn_tensor *tarn_group_norm_with(tarn_group_norm_args a)
{
    if (!a.x || !a.gamma || !a.beta)
        return NULL;
    const tarn_shape x = a.x->shape;
    if (x.ndim < 2)
        return tarn_fail("group_norm: input %s, expects (N,H,W,C) or (N,C)",
                         tarn_shape_to_text(x).text);
    const int64_t channels = x.dim[x.ndim - 1];
    if (a.groups < 1 || channels % a.groups != 0)
        return tarn_fail(
            "group_norm: groups is %d, input %s expects a divisor of its channels, %lld", a.groups,
            tarn_shape_to_text(x).text, (long long)channels);
    tarn__norm norm = {.items = a.x->size ? x.dim[0] : 0,
                       .size = a.x->size ? a.x->size / x.dim[0] : 0,
                       .channels = channels,
                       .groups = a.groups,
                       .eps = a.eps,
                       .forward = forward,
                       .backward = backward};
    if (a.x->size) {
        const tarn__batch_norm s = image_of(&norm);
        norm.workspace =
            tarn__kernels_in_use()->batch_norm_workspace(&s) + (size_t)channels * BYTES_A_CHANNEL;
    }
    return tarn__normalize(&group_norm, a.x, a.gamma, a.beta, tarn_shape(channels), norm);
}
