#include "tests/support/golden.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_gelu_tanh(x[0]);
}

OPERATION_TESTS(gelu_tanh, run)
