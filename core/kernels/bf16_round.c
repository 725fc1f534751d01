/* Rounding to bfloat16, shared by threads; how a number is rounded, round.c knows. */
#include "core/base/pool.h"
#include "core/kernels/bf16.h"
#include "core/kernels/kernels.h"

typedef struct job {
    const tarn_real *from;
    tarn_real *to;
} job;

static void round_some(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    tarn__kernels_in_use()->round(end - first, j->from + first, j->to + first);
}

void tarn__round_to_bf16(int64_t count, const tarn_real *from, tarn_real *to)
{
    tarn__share(count, count, round_some, &(job){from, to});
}
