#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_batch_norm2d(x[0], x[1], x[2], x[3], x[4],
                             .training = golden_number(context, "training", 0) != 0,
                             .relu = golden_number(context, "relu", 0) != 0,
                             .momentum = golden_number(context, "momentum", 0),
                             .eps = golden_number(context, "eps", 0));
}

OPERATION_TESTS(batch_norm2d, run)
