/* The bar, as a terminal gets it. */
#define _XOPEN_SOURCE 700
#include "core/base/progress.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

/* Standard output becomes a terminal; what it gets can be read from the result. */
static int terminal(void)
{
    const int other = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(other >= 0 && grantpt(other) == 0 && unlockpt(other) == 0);
    const int own = open(ptsname(other), O_RDWR | O_NOCTTY);
    cr_assert(own >= 0 && dup2(own, STDOUT_FILENO) == STDOUT_FILENO);
    return other;
}

/* What has been written since the last call, if that is anything. */
static const char *written(int from)
{
    static char text[4096];
    fcntl(from, F_SETFL, O_NONBLOCK);
    const ssize_t length = read(from, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static void wait_for_the_next(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 110000000}, NULL);
}

Test(progress, is_a_bar_with_the_time_that_is_left)
{
    const int screen = terminal();
    tarn_progress bar = tarn_progress_begin("epoch 1/2");
    bar.begin -= 100; /* as if it had begun then */
    tarn_progress_show(&bar, 5, 10, 0.25);
    cr_expect_str_eq(written(screen), "\repoch 1/2 [###############...............]  50%  "
                                      "loss 0.2500  ETA 1:40\033[K");
    tarn_progress_show(&bar, 6, 10, 0.25);
    cr_expect_str_empty(written(screen), "a tenth of a second has not gone by");
    wait_for_the_next();
    tarn_progress_show(&bar, 10, 10, NAN);
    cr_expect_str_eq(written(screen),
                     "\repoch 1/2 [##############################] 100%  ETA 0:00\033[K");
    tarn_progress_end(&bar);
    cr_expect_str_eq(written(screen), "\r\033[K");
}

Test(progress, of_what_cannot_be)
{
    const int screen = terminal();
    tarn_progress bar = tarn_progress_begin(NULL);
    tarn_progress_show(&bar, 0, 10, 1);
    tarn_progress_show(&bar, 1, 0, 1);
    tarn_progress_show(&bar, -1, -1, 1);
    tarn_progress_show(NULL, 1, 1, 1);
    tarn_progress_end(NULL);
    cr_expect_str_empty(written(screen));
    bar.begin -= 1e9; /* more hours than there is room for */
    tarn_progress_show(&bar, 1, INT64_MAX, 1e30);
    cr_expect(
        strstr(written(screen), "  0%  loss 1000000000000000019884624838656.0000  ETA 6000:00"));
    wait_for_the_next();
    tarn_progress_show(&bar, INT64_MAX, 1, INFINITY);
    cr_expect(strstr(written(screen), "] 100%  loss inf  ETA 0:00"));
}

Test(progress, writes_nothing_into_a_file)
{
    FILE *file = tmpfile();
    cr_assert(file && dup2(fileno(file), STDOUT_FILENO) == STDOUT_FILENO);
    tarn_progress bar = tarn_progress_begin("epoch 1/2");
    tarn_progress_show(&bar, 5, 10, 0.25);
    tarn_progress_end(&bar);
    fflush(stdout);
    cr_expect_eq(lseek(fileno(file), 0, SEEK_END), 0);
    fclose(file);
}
