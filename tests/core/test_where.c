#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_where(x[0], x[1], x[2]);
}

OPERATION_TESTS(where, run)
