#include "tests/support/golden.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_scale(x[0], golden_number(context, "factor", 0));
}

OPERATION_TESTS(scale, run)
