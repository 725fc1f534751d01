/* A plain program of four threads that share loops, for ThreadSanitizer (tests/checks/sanitize.sh).
   What pieces write is plain memory, as in the library. Ends with 0. */
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "core/base/pool.h"

enum { CALLERS = 4, LOOPS = 3000, MOST = 2000 };

typedef struct job {
    const int *from;
    int *to;
    int *of_worker; /* at worker * 16: no two write the same at the same time */
} job;

static void copy(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    int *own = &j->of_worker[tarn__worker() * 16];
    for (int64_t i = first; i < end; i++) {
        *own += 1;
        j->to[i] = j->from[i] + 1;
    }
}

/* Numbers go through one array after the other, as through a network. Now and then the helpers have
   time to fall asleep. */
static void *call(void *wrong)
{
    static _Thread_local int arrays[2][MOST], of_worker[4 * 16];
    job j = {.of_worker = of_worker};
    omp_set_num_threads(4);
    for (int i = 0; i < LOOPS; i++) {
        j.from = arrays[i % 2], j.to = arrays[1 - i % 2];
        tarn__share(MOST, TARN__SHARE_MIN, copy, &j);
        if (i % 300 == 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    for (int i = 0; i < MOST; i++)
        atomic_fetch_add((atomic_int *)wrong, arrays[LOOPS % 2][i] != LOOPS);
    return NULL;
}

int main(void)
{
    pthread_t callers[CALLERS];
    atomic_int wrong = 0;
    for (int i = 0; i < CALLERS; i++)
        if (pthread_create(&callers[i], NULL, call, &wrong) != 0)
            return 2;
    for (int i = 0; i < CALLERS; i++)
        pthread_join(callers[i], NULL);
    printf("%d wrong\n", (int)wrong);
    return wrong > 0;
}
