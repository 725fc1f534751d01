#include "tests/bench/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/heap.h"
#include "tests/bench/machine.h"

static double page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_minflt + usage.ru_majflt);
}

/* Bytes of the process in memory. */
static double resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static memory_use look(const workload *w, int steps, double seconds)
{
    enum { WARM_UP = 10 };
    const long before = heap_live();
    running *r = workload_start(w, 0);
    memory_use use = {.needed = workload_needed_bytes(r)};
    for (int i = 0; i < WARM_UP; i++)
        workload_step(r);
    use.first_peak = (double)(heap_peak() - before);
    resident(); /* the first call of stdio asks for memory */

    heap_restart_peak();
    double size = resident(), faults = page_faults();
    long calls = heap_calls();
    for (double end = seconds_now() + seconds; use.steps < steps && seconds_now() < end;
         use.steps++)
        workload_step(r);
    use.page_faults = (page_faults() - faults) / use.steps;
    use.heap_calls = (double)(heap_calls() - calls) / use.steps;
    use.peak = (double)(heap_peak() - before);
    use.growth = resident() - size;
    workload_stop(r);
    return use;
}

memory_use memory_of(const workload *w, int threads, int steps, double seconds)
{
    memory_use use;
    int ends[2];
    pid_t child = -1;
    fflush(NULL);
    if (pipe(ends) == 0)
        child = fork();
    if (child == 0) {
        tarn_set_threads(threads);
        use = look(w, steps, seconds);
        _exit(write(ends[1], &use, sizeof use) != sizeof use);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &use, sizeof use) != sizeof use) {
        fprintf(stderr, "bench: the memory of %s could not be measured\n", w->name);
        exit(1);
    }
    close(ends[0]);
    waitpid(child, NULL, 0);
    return use;
}
