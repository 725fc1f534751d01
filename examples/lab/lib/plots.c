#include "examples/lab/lib/plots.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"

/* Whether the file ends as a PNG does: gnuplot says nothing of a full disk. */
static bool is_whole_png(const char *path)
{
    static const unsigned char end[] = {'I', 'E', 'N', 'D', 0xae, 'B', 0x60, 0x82};
    unsigned char bytes[sizeof end];
    FILE *file = fopen(path, "rb");
    bool whole = file && fseek(file, -(long)sizeof end, SEEK_END) == 0 &&
                 fread(bytes, 1, sizeof end, file) == sizeof end &&
                 memcmp(bytes, end, sizeof end) == 0;
    if (file)
        fclose(file);
    return whole;
}

/* Runs gnuplot; false if it is not installed. */
static bool run_gnuplot(const char *script, const char *folder)
{
    extern char **environ;
    char *arguments[] = {"gnuplot", "-c", (char *)script, (char *)folder, NULL};
    int status = 0;
    pid_t child;
    fflush(stdout);
    int failure = posix_spawnp(&child, "gnuplot", NULL, NULL, arguments, environ);
    if (failure == 0 && waitpid(child, &status, 0) != child)
        failure = errno;
    /* Some versions of the C library learn only in the child that there is no such program: 127. */
    if (failure == ENOENT || (failure == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127))
        return false;
    if (failure != 0)
        die("gnuplot cannot be started: %s", strerror(failure));
    if (status != 0)
        die("gnuplot -c %s %s: failed", script, folder);
    return true;
}

void draw_plots(const char *script, const char *folder, const drawing *pictures)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.gp", TARN_PLOTS, script);
    for (const drawing *d = pictures; d->file; d++)
        unlink(output_in(folder, d->file).text); /* what is there afterwards is new */
    if (!run_gnuplot(path, folder)) {
        printf("gnuplot is not installed; to draw the tables in %s later: gnuplot -c %s %s\n",
               folder, path, folder);
        return;
    }
    for (const drawing *d = pictures; d->file; d++) {
        const output_path picture = output_in(folder, d->file);
        if (!is_whole_png(picture.text))
            die("%s: cannot be written", picture.text);
        printf("%s: %s\n", picture.text, d->about);
    }
}
