#define _GNU_SOURCE /* affinities */
#include "core/base/processors.h"

#include <omp.h>
#include <sched.h>
#include <unistd.h>

/* Those that cpu_set_t has room for; others cannot be asked for and are left as they are. */
static void add_places(cpu_set_t *set)
{
    int ids[CPU_SETSIZE];
    for (int p = 0; p < omp_get_num_places(); p++) {
        const int count = omp_get_place_num_procs(p);
        if (count > CPU_SETSIZE)
            continue;
        omp_get_place_proc_ids(p, ids);
        for (int i = 0; i < count; i++)
            if (ids[i] >= 0 && ids[i] < CPU_SETSIZE)
                CPU_SET((size_t)ids[i], set);
    }
}

/* A thread of 0 is the calling one. */
static void add_processors_of(pid_t thread, cpu_set_t *set)
{
    cpu_set_t own;
    CPU_ZERO(&own);
    if (sched_getaffinity(thread, sizeof own, &own) == 0)
        CPU_OR(set, set, &own);
}

static cpu_set_t find_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    add_places(&set);
    add_processors_of(getpid(), &set); /* the main thread */
    add_processors_of(0, &set);
    return set;
}

int tarn__processors(void)
{
    const cpu_set_t set = find_processors();
    const int found = CPU_COUNT(&set), told = omp_get_num_procs();
    return found > told ? found : told;
}

void tarn__free_thread(pthread_t thread)
{
    const cpu_set_t set = find_processors();
    if (CPU_COUNT(&set) > 0)
        pthread_setaffinity_np(thread, sizeof set,
                               &set); /* it may fail: then it stays where it is */
}
