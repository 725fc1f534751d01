/* Numbers of which there is one for the height and one for the width, the latter as the former
   unless it is given: kernels, strides, padding, dilation. */
#ifndef TARN_CORE_OPS_SHARED_PAIR_H
#define TARN_CORE_OPS_SHARED_PAIR_H

#include "core/ops.h"

typedef struct tarn__pair {
    int h, w;
} tarn__pair;

static inline tarn__pair tarn__pair_of(int h, int w)
{
    return (tarn__pair){h, w == TARN_AS_HEIGHT ? h : w};
}

static inline bool tarn__pair_at_least(tarn__pair p, int least)
{
    return p.h >= least && p.w >= least;
}

/* "2" if both are, else "2 x 3". */
typedef struct tarn__pair_text {
    char text[28];
} tarn__pair_text;
tarn__pair_text tarn__pair_to_text(tarn__pair pair);

#endif
