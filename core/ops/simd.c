#include "core/kernels/kernels.h"
#include "core/ops.h"

const char *tarn_simd(void)
{
    return tarn__kernels_in_use()->name;
}
