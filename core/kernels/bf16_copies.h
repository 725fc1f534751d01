/* What forward and backward of convolutions of rounded operands share: copies of these on a
   workspace, and which convolutions are by pairs. */
#ifndef TARN_CORE_KERNELS_BF16_COPIES_H
#define TARN_CORE_KERNELS_BF16_COPIES_H

#include "core/base/memory.h"
#include "core/kernels/bf16.h"
#include "core/kernels/pairs.h"

static inline size_t bytes_of(int64_t count)
{
    return ((size_t)count * sizeof(tarn_real) + TARN__SLACK + TARN__ALIGNMENT - 1) /
           TARN__ALIGNMENT * TARN__ALIGNMENT;
}

/* Numbers of the workspace, which then begins behind them. */
static inline tarn_real *take(char **workspace, int64_t count)
{
    tarn_real *taken = (tarn_real *)*workspace;
    *workspace += bytes_of(count);
    return taken;
}

/* What the copy of an operand holds: numbers, or pairs. */
static inline int64_t copy_size(tarn__paired p, bool pairs)
{
    return pairs ? tarn__paired_size(p) : p.outer * p.length * p.inner;
}

static inline const tarn_real *take_copy(char **workspace, tarn__paired p, bool pairs,
                                         const tarn_real *from)
{
    const int64_t size = copy_size(p, pairs);
    tarn_real *to = take(workspace, size);
    if (pairs)
        tarn__kernels_in_use()->pack_pairs(p, from, to);
    else
        tarn__round_to_bf16(size, from, to);
    return to;
}

/* The operands as what a sum goes over divides them, in forward: channels. */
static inline tarn__paired x_by_channels(const tarn__conv2d *s)
{
    return (tarn__paired){s->n * s->h * s->w, s->c, 1};
}

static inline tarn__paired weight_by_channels(const tarn__conv2d *s)
{
    return (tarn__paired){s->kh * s->kw, s->c / s->groups, s->o};
}

/* With fewer channels of the result the tiles are mostly empty, and float has better ways; so few
   numbers in a line are slow to pack. */
enum { LEAST_RESULTS = 8, LEAST_LINE = 4 };

/* Of numbers, which is faster than by pairs but on AMX. */
static inline bool is_by_winograd(const tarn__conv2d *s)
{
    return !tarn__kernels_in_use()->pairs_by_amx && tarn__is_by_winograd(s);
}

static inline bool is_by_pairs(const tarn__conv2d *s)
{
    return tarn__kernels_in_use()->pack_pairs && s->groups == 1 && s->o >= LEAST_RESULTS &&
           !is_by_winograd(s);
}

#endif
