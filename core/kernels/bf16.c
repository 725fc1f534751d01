/*
 * Convolutions of operands rounded to bfloat16: copies of the operands are rounded, in pairs where
 * the kernels in use multiply pairs, and go through these kernels; never by Winograd's algorithm,
 * which would round what it makes of them again. With r() for rounding:
 *
 *     sums = convolution of r(x) by r(weight), + bias
 *     dx, dweight = those of r(x), r(weight) and r(dsum)
 *     dbias = the sum of dsum, which nothing is multiplied by, and which is not rounded
 *
 * r(dsum) is r(dy) where relu and pool let dy pass. That of batch normalization is made first.
 *
 * A pair of channels takes the place of a channel, so that forward by pairs is the convolution of
 * half as many channels. Backward is in core/kernels/bf16_backward.c.
 */
#include "core/kernels/bf16.h"

#include <string.h>

#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/base/precision.h"
#include "core/kernels/bf16_backward.h"
#include "core/kernels/bf16_copies.h"

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

/* ---- Forward */

static bool is_forward_by_pairs(const tarn__conv2d *s)
{
    return is_by_pairs(s) && s->c >= LEAST_LINE;
}

/* The convolution that the kernels compute. */
static tarn__conv2d forward_of_copies(const tarn__conv2d *s)
{
    tarn__conv2d direct = *s;
    direct.direct = true;
    direct.pairs = is_forward_by_pairs(s);
    if (direct.pairs)
        direct.c = tarn__pairs_of(s->c);
    return direct;
}

static size_t forward_workspace(const tarn__conv2d *s)
{
    const tarn__conv2d direct = forward_of_copies(s);
    return bytes_of(copy_size(x_by_channels(s), direct.pairs)) +
           bytes_of(copy_size(weight_by_channels(s), direct.pairs)) +
           tarn__kernels_in_use()->conv2d_forward_workspace(&direct);
}

static void forward(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                    const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    const tarn__conv2d direct = forward_of_copies(s);
    char *rest = workspace;
    x = take_copy(&rest, x_by_channels(s), direct.pairs, x);
    weight = take_copy(&rest, weight_by_channels(s), direct.pairs, weight);
    tarn__kernels_in_use()->conv2d_forward(&direct, x, weight, bias, y, winners, rest);
}

static void statistics(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                       const tarn_real *bias, tarn_real *sums, double *distance, double *variance,
                       void *workspace)
{
    const tarn__conv2d direct = forward_of_copies(s);
    char *rest = workspace;
    x = take_copy(&rest, x_by_channels(s), direct.pairs, x);
    weight = take_copy(&rest, weight_by_channels(s), direct.pairs, weight);
    tarn__kernels_in_use()->conv2d_statistics(&direct, x, weight, bias, sums, distance, variance,
                                              rest);
}

const tarn__kernels *tarn__conv2d_kernels(void)
{
    static const tarn__kernels of_rounded = {.name = "bf16",
                                             .conv2d_forward_workspace = forward_workspace,
                                             .conv2d_backward_workspace =
                                                 tarn__bf16_backward_workspace,
                                             .conv2d_forward = forward,
                                             .conv2d_statistics = statistics,
                                             .conv2d_backward = tarn__bf16_backward};
    return tarn_precision_now() == TARN_BF16 ? &of_rounded : tarn__kernels_in_use();
}
