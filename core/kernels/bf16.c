/*
 * Convolutions of operands rounded to bfloat16. Where the kernels in use multiply pairs, copies are
 * rounded in pairs, and go through these kernels; elsewhere the kernels of numbers round, image by
 * image. With r() for rounding:
 *
 *     sums = convolution of r(x) by r(weight), + bias
 *     dx, dweight = those of r(x), r(weight) and r(dsum)
 *     dbias = the sum of dsum, which nothing is multiplied by, and which is not rounded
 *
 * r(dsum) is r(dy) where relu and pool let dy pass. That of batch normalization is made first.
 *
 * A pair of channels takes the place of a channel, so that forward by pairs is the convolution of
 * half as many channels. Backward is in core/kernels/bf16_backward.c, rounding in bf16_round.c.
 */
#include "core/kernels/bf16.h"

#include "core/base/pool.h"
#include "core/base/precision.h"
#include "core/kernels/bf16_backward.h"
#include "core/kernels/bf16_copies.h"

/* ---- Forward */

static bool is_forward_by_pairs(const tarn__conv2d *s)
{
    return is_by_pairs(s) && s->c >= LEAST_LINE;
}

/* The convolution that the kernels compute, of a copy of x unless that is rounded by them. */
static tarn__conv2d forward_of_copies(const tarn__conv2d *s)
{
    tarn__conv2d copy = *s;
    copy.pairs = is_forward_by_pairs(s);
    copy.rounds = !copy.pairs;
    if (copy.pairs)
        copy.c = tarn__pairs_of(s->c);
    return copy;
}

static size_t forward_workspace(const tarn__conv2d *s)
{
    const tarn__conv2d copy = forward_of_copies(s);
    return (copy.rounds ? 0 : bytes_of(copy_size(x_by_channels(s), copy.pairs))) +
           bytes_of(copy_size(weight_by_channels(s), copy.pairs)) +
           tarn__kernels_in_use()->conv2d_forward_workspace(&copy);
}

static void forward(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                    const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    const tarn__conv2d copy = forward_of_copies(s);
    char *rest = workspace;
    if (!copy.rounds)
        x = take_copy(&rest, x_by_channels(s), copy.pairs, x);
    weight = take_copy(&rest, weight_by_channels(s), copy.pairs, weight);
    tarn__kernels_in_use()->conv2d_forward(&copy, x, weight, bias, y, winners, rest);
}

static void statistics(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                       const tarn_real *bias, tarn_real *sums, double *distance, double *variance,
                       void *workspace)
{
    const tarn__conv2d copy = forward_of_copies(s);
    char *rest = workspace;
    if (!copy.rounds)
        x = take_copy(&rest, x_by_channels(s), copy.pairs, x);
    weight = take_copy(&rest, weight_by_channels(s), copy.pairs, weight);
    tarn__kernels_in_use()->conv2d_statistics(&copy, x, weight, bias, sums, distance, variance,
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
