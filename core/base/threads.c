#include "core/base/threads.h"

#include "core/base/error.h"
#include "core/base/parallel.h"

/* LLVM's OpenMP has this function, GNU's does not. */
extern int kmp_get_blocktime(void) __attribute__((weak, visibility("default")));

/* Whether OpenMP waits for threads that did not follow this one through a fork(). */
static _Thread_local bool alone;

/* GNU's OpenMP goes on with the threads of the parent, which the child does not have: as soon as a
   region asks for more than one, it waits forever. LLVM's starts anew, and hangs if it is called
   from here. */
void tarn__threads_after_fork(void)
{
    alone = !kmp_get_blocktime;
    if (alone)
        omp_set_num_threads(1);
}

void tarn_set_threads(int count)
{
    if (count < 1)
        tarn_fail("set_threads: %d threads, expects at least 1", count);
    else if (!alone)
        omp_set_num_threads(count);
}

int tarn_threads(void)
{
    return omp_get_max_threads();
}
