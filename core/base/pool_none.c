/* Loops where there are no threads to share them, as in WebAssembly: in builds with -Dthreads=none.
   Functions of core/base/threads.h are here too, which ask OpenMP elsewhere. */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/threads.h"

int tarn__workers(void)
{
    return 1;
}

int tarn__worker(void)
{
    return 0;
}

void tarn__share(int64_t count, int64_t elements, tarn__work *work, const void *context)
{
    (void)elements;
    if (count > 0)
        work(context, 0, count);
}

void tarn_set_threads(int count)
{
    if (count < 1)
        tarn_fail("set_threads: %d threads, expects at least 1", count);
}

int tarn_threads(void)
{
    return 1;
}
