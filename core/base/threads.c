#include "core/base/threads.h"

#include <omp.h>

#include "core/base/error.h"

void tarn_set_threads(int count)
{
    if (count < 1)
        tarn_fail("set_threads: %d threads, expects at least 1", count);
    else
        omp_set_num_threads(count);
}

int tarn_threads(void)
{
    return omp_get_max_threads();
}
