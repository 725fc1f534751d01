#include "tests/bench/peer.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/machine.h"

static struct process {
    const char *name;
    const char *script; /* NULL: OpenBLAS */
    const char *blas;   /* folder of its library below /usr/lib/.../ */
    bool optional;      /* runs only if asked for */
    bool spare;         /* left out, with a note, where it is not installed */
    pid_t id;
    FILE *to, *from;
} processes[] = {
    {.name = "PyTorch", .script = "peer_torch.py"},
    {.name = "onnxruntime", .script = "peer_onnxruntime.py", .spare = true},
    {.name = "OpenBLAS", .blas = "openblas-pthread", .spare = true},
    {.name = "OpenBLAS", .blas = "openblas-openmp", .spare = true},
    {.name = "JAX", .script = "peer_jax.py", .optional = true},
};

enum { PROCESSES = sizeof processes / sizeof processes[0], MOST_SETTINGS = 16 };

static struct setting {
    char name[24];
    const struct process *process;
} settings[MOST_SETTINGS];
static int setting_count;

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
    if (glob("/usr/lib/*/libtcmalloc_minimal.so.4", 0, NULL, &found) == 0)
        setenv("LD_PRELOAD", found.gl_pathv[0], true);
    if (!blas)
        return;
    snprintf(pattern, sizeof pattern, "/usr/lib/*/%s", blas);
    if (glob(pattern, 0, NULL, &found) == 0)
        setenv("LD_LIBRARY_PATH", found.gl_pathv[0], true);
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
        char script[4096];
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        set_environment(p->blas);
        snprintf(script, sizeof script, TARN_SOURCE_DIR "/tests/bench/%s", p->script);
        if (p->blas)
            execl(BENCH_OPENBLAS, BENCH_OPENBLAS, (char *)NULL);
        else
            execlp(python, python, script, (char *)NULL);
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

static void add_setting(const struct process *p, const char *name)
{
    if (setting_count == MOST_SETTINGS || strlen(name) >= sizeof settings[0].name)
        die(p, "has too many settings");
    settings[setting_count].process = p;
    strcpy(settings[setting_count++].name, name);
}

/* Reads and prints the line with which it says what it is, and reads the one with its settings. */
static void greet(struct process *p)
{
    char line[512];
    const bool started = fgets(line, sizeof line, p->from);
    if (started)
        printf("%s: %s", p->name, line);
    else if (!p->spare)
        die(p, "did not start (is it installed, and for this interpreter?)");
    if (p->spare && (!started || (p->blas && !strstr(line, p->blas)))) {
        printf("note: %s was asked for and could not be had; this setting is left out\n",
               p->blas ? p->blas : p->name);
        return;
    }
    if (!fgets(line, sizeof line, p->from))
        die(p, "did not say which settings it has");
    for (char *name = strtok(line, " \n"); name; name = strtok(NULL, " \n"))
        add_setting(p, p->blas ? p->blas : name);
}

void peers_start(const char *python, bool jax)
{
    signal(SIGPIPE, SIG_IGN);
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++)
        if (jax || !processes[i].optional)
            start(&processes[i], python);
    for (int i = 0; i < PROCESSES; i++)
        if (processes[i].to)
            greet(&processes[i]);
}

void peers_stop(void)
{
    for (int i = 0; i < PROCESSES; i++) {
        if (!processes[i].to)
            continue;
        fclose(processes[i].to);
        fclose(processes[i].from);
        waitpid(processes[i].id, NULL, 0);
    }
}

/* ---- Asking them */

double peer_time(int setting, const char *request, int threads, double seconds)
{
    const struct setting *s = &settings[setting];
    const struct process *p = s->process;
    double ms;
    fprintf(p->to, "%s %d %g %g %s\n", s->name, threads, settling_time(threads), seconds, request);
    fflush(p->to);
    if (fscanf(p->from, "%lf", &ms) != 1)
        die(p, "gave no answer");
    return ms;
}

int peer_fastest(const char *request, bool bfloat16, int threads, double seconds)
{
    const bool product = strncmp(request, "matmul", 6) == 0;
    int fastest = -1;
    double least = 0;
    for (int i = 0; i < setting_count; i++) {
        if ((strncmp(settings[i].name, "bf16", 4) == 0) != bfloat16 ||
            (settings[i].process->blas && !product))
            continue;
        const double ms = peer_time(i, request, threads, seconds);
        if (ms > 0 && (fastest < 0 || ms < least)) {
            fastest = i;
            least = ms;
        }
    }
    return fastest;
}

const char *peer_setting_name(int setting)
{
    return settings[setting].name;
}
