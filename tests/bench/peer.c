#include "tests/bench/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct peer {
    pid_t process;
    FILE *to, *from;
};

static void die(const char *what)
{
    fprintf(stderr, "bench: the peer %s\n", what);
    exit(1);
}

peer *peer_start(const char *python)
{
    int to[2], from[2];
    peer *p = malloc(sizeof *p);
    if (!p || pipe(to) != 0 || pipe(from) != 0)
        die("cannot be started");
    p->process = fork();
    if (p->process < 0)
        die("cannot be started");
    if (p->process == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        execlp(python, python, TARN_SOURCE_DIR "/tests/bench/peer_torch.py", (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    p->to = fdopen(to[1], "w");
    p->from = fdopen(from[0], "r");
    if (!p->to || !p->from)
        die("cannot be started");
    return p;
}

double peer_time(peer *p, const char *workload, int threads, double seconds)
{
    double ms;
    fprintf(p->to, "%s %d %g\n", workload, threads, seconds);
    fflush(p->to);
    if (fscanf(p->from, "%lf", &ms) != 1)
        die("gave no answer (is PyTorch installed for this interpreter?)");
    return ms;
}

void peer_stop(peer *p)
{
    if (!p)
        return;
    fclose(p->to);
    fclose(p->from);
    waitpid(p->process, NULL, 0);
    free(p);
}
