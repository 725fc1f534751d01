#include "tests/support/golden.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_silu(x[0]);
}

OPERATION_TESTS(silu, run)
