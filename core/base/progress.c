#include "core/base/progress.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/base/format.h"

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

tarn_progress tarn_progress_begin(const char *label)
{
    return (tarn_progress){.label = label ? label : "",
                           .begin = seconds_now(),
                           .drawn = -INFINITY,
                           .on_terminal = isatty(STDOUT_FILENO)};
}

void tarn_progress_show(tarn_progress *progress, int64_t done, int64_t total, double loss)
{
    static const char full[] = "##############################",
                      empty[] = "..............................";
    enum { WIDTH = sizeof full - 1, MOST_SECONDS = 360000 };
    const double now = seconds_now();
    if (!progress || !progress->on_terminal || done < 1 || total < 1 || now - progress->drawn < 0.1)
        return;
    const double part = fmin(1, (double)done / (double)total);
    const int filled = (int)(WIDTH * part);
    const int left = (int)fmin(MOST_SECONDS, (now - progress->begin) * (1 / part - 1) + 0.5);
    char of_loss[64] = "";
    if (!isnan(loss))
        tarn__format(of_loss, sizeof of_loss, "loss %.4f  ", loss);
    printf("\r%s [%.*s%.*s] %3d%%  %sETA %d:%02d\033[K", progress->label, filled, full,
           WIDTH - filled, empty, (int)(100 * part), of_loss, left / 60, left % 60);
    fflush(stdout);
    progress->drawn = now;
}

void tarn_progress_end(tarn_progress *progress)
{
    if (progress && progress->on_terminal) {
        printf("\r\033[K");
        fflush(stdout);
    }
}
