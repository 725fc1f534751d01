/*
 * Backward of a convolution of rounded operands (core/kernels/bf16.c). In float both gradients are
 * computed together; by pairs each for itself, since their sums go over other things, so that other
 * numbers are paired:
 *
 *     dx        over output channels: the input gradient of half as many of them
 *     dweight   over pixels and images: the weight gradient of half as many images
 *
 * but of so few images at a time that the gradient of their sums is in the cache for both.
 */
#include "core/kernels/bf16_backward.h"

#include <string.h>

#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/kernels/bf16_copies.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t weight_size(const tarn__conv2d *s)
{
    return s->kh * s->kw * (s->c / s->groups) * s->o;
}

/* The operands as what a sum goes over divides them: output channels, for dx; images, for
   dweight. */
static tarn__paired x_by_images(const tarn__conv2d *s)
{
    return (tarn__paired){1, s->n, s->h * s->w * s->c};
}

static tarn__paired weight_by_outputs(const tarn__conv2d *s)
{
    return (tarn__paired){s->kh * s->kw * (s->c / s->groups), s->o, 1};
}

static int64_t pixels_of_y(const tarn__conv2d *s)
{
    return s->n * (s->oh / s->pool) * (s->ow / s->pool);
}

static tarn__paired dsum_by_outputs(const tarn__conv2d *s)
{
    return (tarn__paired){pixels_of_y(s), s->o, 1};
}

static tarn__paired dsum_by_images(const tarn__conv2d *s)
{
    return (tarn__paired){1, s->n, s->oh * s->ow * s->o};
}

/* ---- The gradient of the sums */

/* What normalization gives, and its skip's. */
static const tarn_real *norm_gradient(const tarn__conv2d *s, const tarn__norm_behind *n,
                                      const tarn_real *dy, char **workspace)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn_real *ones = take(workspace, s->o), *dsum = take(workspace, pixels_of_y(s) * s->o);
    for (int64_t o = 0; o < s->o; o++)
        ones[o] = 1;
    if (n->dskip.values)
        kernels->batch_norm_input_gradient(&n->s, &(tarn__batch_norm_back){.of_dy = ones}, n->z, dy,
                                           n->dskip, *workspace);
    kernels->batch_norm_input_gradient(&n->s, &n->back, n->z, dy, (tarn__target){dsum, false},
                                       *workspace);
    return dsum;
}

typedef struct masked {
    const tarn_real *y, *dy;
    tarn_real *dsum;
} masked;

/* dy is read in any case, so that the loop becomes vectors. */
TARN__CLONES static void mask(int64_t count, const tarn_real *restrict y,
                              const tarn_real *restrict dy, tarn_real *restrict dsum)
{
    for (int64_t i = 0; i < count; i++) {
        const tarn_real d = dy[i];
        dsum[i] = y[i] <= 0 ? 0 : d;
    }
}

static void mask_some(const void *context, int64_t first, int64_t end)
{
    const masked *m = context;
    mask(end - first, m->y + first, m->dy + first, m->dsum + first);
}

/* What ReLU lets pass. */
static const tarn_real *relu_gradient(const tarn__conv2d *s, const tarn_real *y,
                                      const tarn_real *dy, char **workspace)
{
    const int64_t size = pixels_of_y(s) * s->o;
    tarn_real *dsum = take(workspace, size);
    tarn__share(size, size, mask_some, &(masked){y, dy, dsum});
    return dsum;
}

/* Normalization has made its gradient before. */
static tarn__conv2d without_norm(const tarn__conv2d *s)
{
    tarn__conv2d direct = *s;
    direct.direct = true;
    direct.norm = false;
    return direct;
}

static size_t norm_workspace(const tarn__conv2d *s)
{
    const tarn__batch_norm norm = {.pixels = s->n * s->oh * s->ow, .channels = s->o};
    return s->norm ? tarn__kernels_in_use()->batch_norm_workspace(&norm) : 0;
}

/* ---- By pairs */

/* Images are cut into so many parts at most, whatever the number of threads, each with sums of its
   own for the weight and the bias; and a part into groups, of about so many numbers of y. */
enum { MOST_PARTS = 8, GROUP_NUMBERS = 65536 };

/* Products below which waking threads takes longer. */
enum { PARALLEL_PRODUCTS = 1 << 21 };

typedef struct by_pairs {
    const tarn__conv2d *s;
    const tarn__conv2d_gradients *g;
    int64_t parts, group; /* images of a group: an even number */
    const tarn_real *weight;
    tarn_real *sums; /* of a part: weight_size + o numbers */
    char *threads;
    size_t thread_bytes;
} by_pairs;

static int64_t image_size(const tarn__conv2d *s)
{
    return s->h * s->w * s->c;
}

static int64_t sums_of_image(const tarn__conv2d *s)
{
    return s->oh * s->ow * s->o;
}

/* The convolutions of a group, each for one of its gradients. */
static tarn__conv2d for_bias(const tarn__conv2d *s)
{
    tarn__conv2d group = without_norm(s);
    group.alone = true;
    group.relu = false;
    return group;
}

static tarn__conv2d for_x(const tarn__conv2d *s)
{
    tarn__conv2d group = for_bias(s);
    group.pairs = s->c >= LEAST_RESULTS;
    if (group.pairs)
        group.o = tarn__pairs_of(s->o);
    return group;
}

static tarn__conv2d for_weight(const tarn__conv2d *s)
{
    tarn__conv2d group = for_bias(s);
    group.pairs = true;
    group.n = tarn__pairs_of(s->n);
    return group;
}

/* Of a group. */
static size_t group_workspace(const tarn__conv2d *s)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__conv2d bias = for_bias(s), x = for_x(s), weight = for_weight(s);
    const size_t dsum = s->norm || s->relu ? bytes_of(s->o) + bytes_of(sums_of_image(s) * s->n) : 0;
    const size_t of_bias = larger(kernels->conv2d_backward_workspace(&bias), norm_workspace(s));
    const size_t of_x =
        bytes_of(copy_size(dsum_by_outputs(s), x.pairs)) + kernels->conv2d_backward_workspace(&x);
    const size_t of_weight = bytes_of(tarn__paired_size(x_by_images(s))) +
                             bytes_of(tarn__paired_size(dsum_by_images(s))) +
                             kernels->conv2d_backward_workspace(&weight);
    return dsum + larger(of_bias, larger(of_x, of_weight));
}

/* Without what lies on the workspace. */
static by_pairs cut_images(const tarn__conv2d *s, const tarn__conv2d_gradients *g)
{
    const int64_t pairs = tarn__pairs_of(s->n), size = weight_size(s);
    const int64_t affordable = (16 << 20) / (size + 1) + 1;
    by_pairs b = {.s = s, .g = g};
    b.parts = smaller(pairs, smaller(MOST_PARTS, affordable));
    b.group = 2 * ((GROUP_NUMBERS + size) / (2 * sums_of_image(s) + 1) + 1);
    tarn__conv2d group = *s;
    group.n = smaller(b.group, s->n);
    b.thread_bytes = group_workspace(&group);
    return b;
}

static size_t pairs_workspace(const tarn__conv2d *s)
{
    const by_pairs b = cut_images(s, NULL);
    return bytes_of(copy_size(weight_by_outputs(s), for_x(s).pairs)) +
           bytes_of(b.parts * (weight_size(s) + s->o)) + (size_t)tarn__workers() * b.thread_bytes;
}

static const tarn_real *gradient_of_sums(const tarn__conv2d *s, const tarn__conv2d_gradients *g,
                                         int64_t image, char **rest)
{
    const int64_t at = image * sums_of_image(s);
    if (s->norm) {
        tarn__norm_behind n = *g->norm;
        n.s.pixels = pixels_of_y(s);
        n.s.y = n.s.y ? n.s.y + at : NULL;
        n.z += at;
        n.dskip.values = n.dskip.values ? n.dskip.values + at : NULL;
        return norm_gradient(s, &n, g->dy + at, rest);
    }
    return s->relu ? relu_gradient(s, g->y + at, g->dy + at, rest) : g->dy + at;
}

/* Of s->n images from one on; the sums are added to. */
static void gradients_of_group(const by_pairs *b, const tarn__conv2d *s, int64_t image,
                               tarn_real *sums, char *rest)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__conv2d_gradients *g = b->g;
    const tarn__conv2d bias = for_bias(s), x = for_x(s), weight = for_weight(s);
    const tarn_real *dsum = gradient_of_sums(s, g, image, &rest);
    char *behind = rest;
    if (g->dbias.values)
        kernels->conv2d_backward(
            &bias, &(tarn__conv2d_gradients){.dy = dsum, .dbias = {sums + weight_size(s), true}},
            rest);
    if (g->dx.values) {
        const tarn_real *dy = take_copy(&behind, dsum_by_outputs(s), x.pairs, dsum);
        kernels->conv2d_backward(
            &x,
            &(tarn__conv2d_gradients){.weight = b->weight,
                                      .dy = dy,
                                      .dx = {g->dx.values + image * image_size(s), g->dx.add}},
            behind);
    }
    behind = rest;
    if (g->dweight.values) {
        const tarn_real *from = g->x + image * image_size(s);
        const tarn_real *of_x = take_copy(&behind, x_by_images(s), true, from);
        const tarn_real *dy = take_copy(&behind, dsum_by_images(s), true, dsum);
        kernels->conv2d_backward(
            &weight, &(tarn__conv2d_gradients){.x = of_x, .dy = dy, .dweight = {sums, true}},
            behind);
    }
}

static void run_parts(const void *context, int64_t first, int64_t end)
{
    const by_pairs *b = context;
    const int64_t n = b->s->n, pairs = tarn__pairs_of(n), size = weight_size(b->s) + b->s->o;
    char *own = b->threads + (size_t)tarn__worker() * b->thread_bytes;
    for (int64_t k = first; k < end; k++) {
        const int64_t last = smaller(2 * (pairs * (k + 1) / b->parts), n);
        tarn_real *sums = b->sums + k * size;
        memset(sums, 0, (size_t)size * sizeof *sums);
        for (int64_t i = 2 * (pairs * k / b->parts); i < last; i += b->group) {
            tarn__conv2d group = *b->s;
            group.n = smaller(last - i, b->group);
            gradients_of_group(b, &group, i, sums, own);
        }
    }
}

typedef struct part_sums {
    const by_pairs *b;
    const tarn_real *first;
    tarn__target to;
} part_sums;

/* In the order of the parts. */
static void add_some(const void *context, int64_t first, int64_t end)
{
    const part_sums *p = context;
    const int64_t next = weight_size(p->b->s) + p->b->s->o;
    for (int64_t i = first; i < end; i++) {
        tarn_real sum = p->to.add ? p->to.values[i] : 0;
        for (int64_t k = 0; k < p->b->parts; k++)
            sum += p->first[k * next + i];
        p->to.values[i] = sum;
    }
}

static void add_parts(const by_pairs *b, int64_t count, const tarn_real *first, tarn__target to)
{
    if (to.values)
        tarn__share(count, count * b->parts, add_some, &(part_sums){b, first, to});
}

static void pairs_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g, char *workspace)
{
    by_pairs b = cut_images(s, g);
    if (g->dx.values)
        b.weight = take_copy(&workspace, weight_by_outputs(s), for_x(s).pairs, g->weight);
    b.sums = take(&workspace, b.parts * (weight_size(s) + s->o));
    b.threads = workspace;
    const bool threads = pixels_of_y(s) * weight_size(s) >= PARALLEL_PRODUCTS;
    tarn__share(b.parts, threads ? TARN__SHARE_MIN : 0, run_parts, &b);
    add_parts(&b, weight_size(s), b.sums, g->dweight);
    add_parts(&b, s->o, b.sums + weight_size(s), g->dbias);
}

/* ---- In float, rounded by the kernels */

static tarn__conv2d rounding(const tarn__conv2d *s)
{
    tarn__conv2d rounds = *s;
    rounds.rounds = true;
    return rounds;
}

static size_t rounding_workspace(const tarn__conv2d *s)
{
    const tarn__conv2d rounds = rounding(s);
    return bytes_of(weight_size(s)) + tarn__kernels_in_use()->conv2d_backward_workspace(&rounds);
}

static void rounding_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g,
                              char *workspace)
{
    const tarn__conv2d rounds = rounding(s);
    tarn__conv2d_gradients of_rounded = *g;
    if (g->dx.values)
        of_rounded.weight = take_copy(&workspace, weight_by_outputs(s), false, g->weight);
    tarn__kernels_in_use()->conv2d_backward(&rounds, &of_rounded, workspace);
}

/* ---- */

/* Behind a pool few sums have a gradient, and float visits only those. */
static bool is_backward_by_pairs(const tarn__conv2d *s)
{
    return is_by_pairs(s) && s->pool == 1;
}

size_t tarn__bf16_backward_workspace(const tarn__conv2d *s)
{
    return is_backward_by_pairs(s) ? pairs_workspace(s) : rounding_workspace(s);
}

void tarn__bf16_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace)
{
    if (is_backward_by_pairs(s))
        pairs_backward(s, g, workspace);
    else
        rounding_backward(s, g, workspace);
}
