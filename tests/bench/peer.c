#include "tests/bench/peer.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/machine.h"

static struct process {
    const char *name;
    bool is_openblas;
    const char *blas; /* folder of the library below /usr/lib/.../; NULL: as installed */
    bool missing;
    pid_t id;
    FILE *to, *from;
} processes[] = {
    {.name = "PyTorch", .blas = "openblas-pthread"},
    {.name = "PyTorch", .blas = "openblas-openmp"},
    {.name = "PyTorch, as installed"},
    {.name = "OpenBLAS", .blas = "openblas-pthread", .is_openblas = true},
    {.name = "OpenBLAS", .blas = "openblas-openmp", .is_openblas = true},
};

static const struct setting {
    const char *name, *layout;
    int process;
} settings[] = {
    {"NCHW pthread", "NCHW", 0}, {"NHWC pthread", "NHWC", 0}, {"NCHW openmp", "NCHW", 1},
    {"NHWC openmp", "NHWC", 1},  {"as installed", "NCHW", 2}, {"pthread", "-", 3},
    {"openmp", "-", 4},
};

enum {
    PROCESSES = sizeof processes / sizeof processes[0],
    SETTINGS = sizeof settings / sizeof settings[0],
    AS_INSTALLED = 2
};

static void die(const struct process *p, const char *what)
{
    fprintf(stderr, "bench: %s %s\n", p->name, what);
    exit(1);
}

/* ---- Starting them */

/* In the child: sets what makes the library fast. */
static void set_environment(const char *blas)
{
    char pattern[64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "/usr/lib/*/%s", blas);
    if (glob(pattern, 0, NULL, &found) == 0)
        setenv("LD_LIBRARY_PATH", found.gl_pathv[0], true);
    setenv("LD_PRELOAD", "libtcmalloc_minimal.so.4", true);
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        setenv("OPENBLAS_CORETYPE", "SkylakeX", true);
#endif
}

static void start(struct process *p, const char *python)
{
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0 || (p->id = fork()) < 0)
        die(p, "cannot be started");
    if (p->id == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        if (p->blas)
            set_environment(p->blas);
        if (p->is_openblas)
            execl(BENCH_OPENBLAS, BENCH_OPENBLAS, (char *)NULL);
        else
            execlp(python, python, TARN_SOURCE_DIR "/tests/bench/peer_torch.py",
                   p->blas ? "tuned" : "plain", (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    /* So that the processes started later do not hold these ends open. */
    fcntl(to[1], F_SETFD, FD_CLOEXEC);
    fcntl(from[0], F_SETFD, FD_CLOEXEC);
    p->to = fdopen(to[1], "w");
    p->from = fdopen(from[0], "r");
    if (!p->to || !p->from)
        die(p, "cannot be started");
}

/* Reads and prints the line with which it says what it loaded. */
static void greet(struct process *p)
{
    char line[512];
    if (!fgets(line, sizeof line, p->from))
        die(p, "did not start (is it installed, and PyTorch for this interpreter?)");
    p->missing = p->blas && !strstr(line, p->blas);
    printf("%s: %s", p->name, line);
    if (p->missing)
        printf("note: %s was asked for and could not be had; this setting is left out\n", p->blas);
}

void peers_start(const char *python)
{
    signal(SIGPIPE, SIG_IGN);
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++)
        start(&processes[i], python);
    for (int i = 0; i < PROCESSES; i++)
        greet(&processes[i]);
}

void peers_stop(void)
{
    for (int i = 0; i < PROCESSES && processes[i].to; i++) {
        fclose(processes[i].to);
        fclose(processes[i].from);
        waitpid(processes[i].id, NULL, 0);
    }
}

/* ---- Asking them */

double peer_time(int setting, const char *request, int threads, double seconds)
{
    struct process *p = &processes[settings[setting].process];
    double ms;
    fprintf(p->to, "%s %d %g %g %s\n", settings[setting].layout, threads, settling_time(threads),
            seconds, request);
    fflush(p->to);
    if (fscanf(p->from, "%lf", &ms) != 1)
        die(p, "gave no answer");
    return ms;
}

int peer_fastest(const char *request, int threads, double seconds, double *installed)
{
    const bool product = strncmp(request, "matmul", 6) == 0;
    int fastest = -1;
    double least = 0;
    *installed = 0;
    for (int i = 0; i < SETTINGS; i++) {
        const struct process *p = &processes[settings[i].process];
        if (p->missing || p->is_openblas != product)
            continue;
        double ms = peer_time(i, request, threads, seconds);
        if (!p->blas)
            *installed = ms;
        else if (fastest < 0 || ms < least) {
            fastest = i;
            least = ms;
        }
    }
    if (fastest < 0)
        die(&processes[product ? PROCESSES - 1 : AS_INSTALLED], "has no setting that can be had");
    return fastest;
}

const char *peer_setting_name(int setting)
{
    return settings[setting].name;
}
