/*
 * Convolutions of operands rounded to bfloat16: copies of the operands are rounded, and go through
 * the float kernels in use, never by Winograd's algorithm, which would round what it makes of them
 * again. With r() for rounding:
 *
 *     sums = convolution of r(x) by r(weight), + bias
 *     dx, dweight = those of r(x), r(weight) and r(dsum)
 *     dbias = the sum of dsum, which nothing is multiplied by, and which is not rounded
 *
 * r(dsum) is r(dy) where relu and pool let dy pass. That of batch normalization is made first.
 */
#include "core/kernels/bf16.h"

#include <string.h>

#include "core/base/clones.h"
#include "core/base/memory.h"
#include "core/base/pool.h"
#include "core/base/precision.h"
#include "core/kernels/pairs.h"

/* ---- Rounding */

/* By the bits: half of what is cut off is added, or a little less where the bit above is 0, so that
   the rest is cut to the even one. A carry goes on into the exponent, and from the largest to
   infinity. */
static inline float rounded(float x)
{
    const uint32_t sign = 0x80000000, infinity = 0x7f800000, least = 0x00800000, quiet = 0x00400000;
    const uint32_t kept = 0xffff0000;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t size = bits & ~sign;
    const uint32_t near = (bits + 0x7fff + (bits >> 16 & 1)) & kept;
    const uint32_t of_number = size < least ? bits & sign : near;
    bits = size > infinity ? (bits | quiet) & kept : of_number;
    memcpy(&x, &bits, sizeof x);
    return x;
}

TARN__CLONES static void round_all(int64_t count, const tarn_real *restrict from,
                                   tarn_real *restrict to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = (tarn_real)rounded((float)from[i]);
}

typedef struct job {
    const tarn_real *from;
    tarn_real *to;
} job;

static void round_some(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    round_all(end - first, j->from + first, j->to + first);
}

void tarn__round_to_bf16(int64_t count, const tarn_real *from, tarn_real *to)
{
    tarn__share(count, count, round_some, &(job){from, to});
}

/* ---- Workspaces */

static int64_t x_size(const tarn__conv2d *s)
{
    return s->n * s->h * s->w * s->c;
}

static int64_t weight_size(const tarn__conv2d *s)
{
    return s->kh * s->kw * (s->c / s->groups) * s->o;
}

static int64_t y_size(const tarn__conv2d *s)
{
    return s->n * (s->oh / s->pool) * (s->ow / s->pool) * s->o;
}

static size_t bytes_of(int64_t count)
{
    return ((size_t)count * sizeof(tarn_real) + TARN__SLACK + TARN__ALIGNMENT - 1) /
           TARN__ALIGNMENT * TARN__ALIGNMENT;
}

/* Numbers of the workspace, which then begins behind them. */
static tarn_real *take(char **workspace, int64_t count)
{
    tarn_real *taken = (tarn_real *)*workspace;
    *workspace += bytes_of(count);
    return taken;
}

static const tarn_real *take_rounded(char **workspace, int64_t count, const tarn_real *from)
{
    tarn_real *to = take(workspace, count);
    tarn__round_to_bf16(count, from, to);
    return to;
}

/* The convolution that the float kernels compute. */
static tarn__conv2d directly(const tarn__conv2d *s)
{
    tarn__conv2d direct = *s;
    direct.direct = true;
    return direct;
}

/* Normalization has made its gradient before. */
static tarn__conv2d directly_backward(const tarn__conv2d *s)
{
    tarn__conv2d direct = directly(s);
    direct.norm = false;
    return direct;
}

static size_t forward_workspace(const tarn__conv2d *s)
{
    const tarn__conv2d direct = directly(s);
    return bytes_of(x_size(s)) + bytes_of(weight_size(s)) +
           tarn__kernels_in_use()->conv2d_forward_workspace(&direct);
}

static size_t backward_workspace(const tarn__conv2d *s)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__conv2d direct = directly_backward(s);
    const tarn__batch_norm norm = {.pixels = s->n * s->oh * s->ow, .channels = s->o};
    size_t bytes = bytes_of(x_size(s)) + bytes_of(weight_size(s)) + bytes_of(y_size(s));
    const size_t for_conv = kernels->conv2d_backward_workspace(&direct);
    if (!s->norm)
        return bytes + for_conv;
    const size_t for_norm = kernels->batch_norm_workspace(&norm);
    bytes += bytes_of(s->o) + bytes_of(y_size(s));
    return bytes + (for_conv > for_norm ? for_conv : for_norm);
}

/* ---- Forward */

static void forward(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                    const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    const tarn__conv2d direct = directly(s);
    char *rest = workspace;
    x = take_rounded(&rest, x_size(s), x);
    weight = take_rounded(&rest, weight_size(s), weight);
    tarn__kernels_in_use()->conv2d_forward(&direct, x, weight, bias, y, winners, rest);
}

static void statistics(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                       const tarn_real *bias, tarn_real *sums, double *distance, double *variance,
                       void *workspace)
{
    const tarn__conv2d direct = directly(s);
    char *rest = workspace;
    x = take_rounded(&rest, x_size(s), x);
    weight = take_rounded(&rest, weight_size(s), weight);
    tarn__kernels_in_use()->conv2d_statistics(&direct, x, weight, bias, sums, distance, variance,
                                              rest);
}

/* ---- Backward */

/* The gradient of the sums that batch normalization gives, and its skip's. */
static const tarn_real *norm_gradient(const tarn__conv2d *s, const tarn__norm_behind *n,
                                      const tarn_real *dy, char **workspace)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn_real *ones = take(workspace, s->o), *dsum = take(workspace, y_size(s));
    for (int64_t o = 0; o < s->o; o++)
        ones[o] = 1;
    if (n->dskip.values)
        kernels->batch_norm_input_gradient(&n->s, &(tarn__batch_norm_back){.of_dy = ones}, n->z, dy,
                                           n->dskip, *workspace);
    kernels->batch_norm_input_gradient(&n->s, &n->back, n->z, dy, (tarn__target){dsum, false},
                                       *workspace);
    return dsum;
}

static void backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__conv2d direct = directly_backward(s);
    char *rest = workspace;
    tarn__conv2d_gradients of_bias = *g, of_products = *g;
    of_bias.norm = of_products.norm = NULL;
    if (s->norm)
        of_bias.dy = norm_gradient(s, g->norm, g->dy, &rest);
    of_bias.dx.values = of_bias.dweight.values = of_products.dbias.values = NULL;

    if (g->dx.values)
        of_products.weight = take_rounded(&rest, weight_size(s), g->weight);
    if (g->dweight.values)
        of_products.x = take_rounded(&rest, x_size(s), g->x);
    of_products.dy = take_rounded(&rest, y_size(s), of_bias.dy);
    if (g->dx.values || g->dweight.values)
        kernels->conv2d_backward(&direct, &of_products, rest);
    if (g->dbias.values)
        kernels->conv2d_backward(&direct, &of_bias, rest);
}

const tarn__kernels *tarn__conv2d_kernels(void)
{
    static const tarn__kernels of_rounded = {.name = "bf16",
                                             .conv2d_forward_workspace = forward_workspace,
                                             .conv2d_backward_workspace = backward_workspace,
                                             .conv2d_forward = forward,
                                             .conv2d_statistics = statistics,
                                             .conv2d_backward = backward};
    return tarn_precision_now() == TARN_BF16 ? &of_rounded : tarn__kernels_in_use();
}
