#include "examples/lab/lib/progress.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

progress progress_begin(const char *label)
{
    double now = seconds_now();
    return (progress){label, now, now, isatty(STDOUT_FILENO)};
}

void progress_show(progress *p, long done, long total, double loss)
{
    static const char bar[] = "##############################",
                      rest[] = "..............................";
    const int width = (int)sizeof bar - 1;
    double now = seconds_now();
    if (!p->on_terminal || done == 0 || now - p->last_drawn < 0.1)
        return;
    int filled = (int)(width * done / total);
    long left = (long)((now - p->start) * (double)(total - done) / (double)done + 0.5);
    printf("\r%s [%.*s%.*s] %3ld%%  ", p->label, filled, bar, width - filled, rest,
           100 * done / total);
    if (!isnan(loss))
        printf("loss %.4f  ", loss);
    printf("ETA %ld:%02ld\033[K", left / 60, left % 60);
    fflush(stdout);
    p->last_drawn = now;
}

void progress_end(progress *p)
{
    if (p->on_terminal)
        printf("\r\033[K");
}
