/*
 * Mixup (Zhang et al. 2017, "mixup: beyond empirical risk minimization") and cutmix (Yun et al.
 * 2019, "CutMix: regularization strategy to train strong classifiers with localizable features").
 * Each sample of a batch is mixed with the next one, the last with the first, by one share w for
 * all, drawn from Beta(alpha, alpha):
 *
 *     mixup     x_i = w x_i + (1 - w) x_(i+1)
 *     cutmix    a rectangle of x_(i+1) replaces that of x_i; its sides are sqrt(1 - w) times those
 *               of the picture, its middle is uniform, and what reaches beyond is cut off, after
 *               which w is 1 - its area / the picture's
 *     targets   t_i = w t_i + (1 - w) t_(i+1), of a class 1 at its place and 0 elsewhere
 *
 * Normalizing before or after is the same.
 */
#include <math.h>
#include <string.h>

#include "core/base/random_internal.h"
#include "core/tensor_internal.h"
#include "data/loader_internal.h"

/* ---- Beta(alpha, alpha) */

static double normal(tarn_sample *stream)
{
    double u = 1 - tarn_sample_uniform(stream, 0, 1), v = tarn_sample_uniform(stream, 0, 1);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* The logarithm of a number from Gamma(alpha): for small alpha the number itself would be 0.
   Marsaglia and Tsang 2000: with d = alpha + 1 - 1/3, c = 1 / sqrt(9 d) and a normal x,
   d (1 + c x)^3 is from Gamma(alpha + 1) if ln u < x^2/2 + d - d v + d ln v, v = (1 + c x)^3;
   times u^(1 / alpha) it is from Gamma(alpha). */
static double log_gamma(tarn_sample *stream, double alpha)
{
    const double d = alpha + 2.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = normal(stream), root = 1 + c * x, v = root * root * root;
        double u = 1 - tarn_sample_uniform(stream, 0, 1);
        if (v > 0 && log(u) < x * x / 2 + d - d * v + d * log(v))
            return log(d * v) + log(1 - tarn_sample_uniform(stream, 0, 1)) / alpha;
    }
}

static double beta(tarn_sample *stream, double alpha)
{
    double a = log_gamma(stream, alpha), b = log_gamma(stream, alpha);
    return 1 / (1 + exp(b - a));
}

/* ---- Mixing */

/* x = w x + (1 - w) y */
static void blend(tarn_real *x, const tarn_real *y, int64_t size, tarn_real w)
{
    for (int64_t k = 0; k < size; k++)
        x[k] = w * x[k] + (1 - w) * y[k];
}

/* A rectangle of pictures: rows top to bottom, in each of them the numbers left to right. */
typedef struct patch {
    int64_t top, bottom, left, right, row;
} patch;

static int64_t between(double place, int64_t most)
{
    return place < 0 ? 0 : place > (double)most ? most : (int64_t)place;
}

/* Draws a rectangle for the share w of the rest, which becomes what it really is. */
static patch draw_patch(tarn_sample *stream, tarn_shape shape, double *w)
{
    const double height = (double)shape.dim[0], width = (double)shape.dim[1], side = sqrt(1 - *w);
    const double y = floor(tarn_sample_uniform(stream, 0, height));
    const double x = floor(tarn_sample_uniform(stream, 0, width));
    const double rows = floor(height * side), columns = floor(width * side);
    patch p = {
        .top = between(y - floor(rows / 2), shape.dim[0]),
        .bottom = between(y - floor(rows / 2) + rows, shape.dim[0]),
        .left = between(x - floor(columns / 2), shape.dim[1]),
        .right = between(x - floor(columns / 2) + columns, shape.dim[1]),
        .row = shape.dim[1] * shape.dim[2],
    };
    *w = 1 - (double)((p.bottom - p.top) * (p.right - p.left)) / (height * width);
    p.left *= shape.dim[2];
    p.right *= shape.dim[2];
    return p;
}

static void paste(tarn_real *x, const tarn_real *y, const patch *p)
{
    for (int64_t i = p->top; i < p->bottom; i++)
        if (p->right > p->left)
            memcpy(x + i * p->row + p->left, y + i * p->row + p->left,
                   (size_t)(p->right - p->left) * sizeof *x);
}

/* Mixes all rows of a tensor with the next ones; with a patch, pastes. first keeps the first row,
   which the last one is mixed with. */
static void mix_rows(tarn_tensor *t, double w, const patch *p, tarn_real *first)
{
    const int64_t count = t->shape.dim[0], size = t->size / count;
    if (size > 0)
        memcpy(first, t->values, (size_t)size * sizeof *first);
    for (int64_t i = 0; i < count; i++) {
        tarn_real *x = t->values + i * size;
        const tarn_real *y = i + 1 < count ? x + size : first;
        if (p)
            paste(x, y, p);
        else
            blend(x, y, size, (tarn_real)w);
    }
}

/* Targets for the classes of the batch, mixed. */
static void mix_labels(const tarn_batch *batch, const int32_t *labels, double w)
{
    const int64_t count = batch->count, classes = tarn_dim(batch->targets, 1);
    tarn_real *targets = tarn_values(batch->targets);
    memset(targets, 0, (size_t)tarn_size(batch->targets) * sizeof *targets);
    for (int64_t i = 0; i < count; i++) {
        targets[i * classes + labels[i]] += (tarn_real)w;
        targets[i * classes + labels[(i + 1) % count]] += 1 - (tarn_real)w;
    }
}

void tarn__mix(const tarn_loader *loader, const tarn__slot *slot, tarn_real *spare)
{
    const double mixup = loader->options.mixup, cutmix = loader->options.cutmix;
    if (!tarn__mixes(loader))
        return;
    const uint64_t seed = tarn__random_from_seed(loader->options.seed ^ 0x6D6978696E67u);
    tarn_sample stream = {
        .random = tarn__random_at(tarn__random_at(seed, slot->position.epoch), slot->part)};
    const bool cuts = cutmix > 0 && (mixup == 0 || tarn_sample_uniform(&stream, 0, 1) < 0.5);
    double w = beta(&stream, cuts ? cutmix : mixup);
    patch p = {0};
    if (cuts)
        p = draw_patch(&stream, loader->dataset->shape, &w);
    mix_rows(slot->batch->images, w, cuts ? &p : NULL, spare);
    if (loader->dataset->targets)
        mix_rows(slot->batch->targets, w, NULL, spare);
    else
        mix_labels(slot->batch, slot->labels, w);
}
