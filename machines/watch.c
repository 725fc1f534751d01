/*
 * A word from those who cannot speak any more. A launcher that finds a process killed may kill all
 * others before they notice (MPICH's does). So each process has a child that only looks on: when
 * its parent is gone without a word, it says which process of this host was gone first.
 */
#include "machines/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machines/team.h"

static tarn__team *const team = &tarn__team_own;
static int line = -1; /* to the child, which hangs up when this process ends; -1: there is none */
static pid_t child, parent;

/* Seconds beyond the timeout that all have to come to tarn_mpi_begin(). With the timeout of 20 that
   is no more than 30 in all. */
static const double to_begin = 5;

static bool read_all(int from, void *to, size_t size)
{
    for (char *at = to; size > 0;) {
        const ssize_t got = read(from, at, size);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return false;
        at += got > 0 ? got : 0;
        size -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* The other end of a process's line to its own child, which hangs up when the process ends; -1 for
   one of another host. Its end as a process can be seen later, after that of those that the
   launcher has killed for it: a large one takes milliseconds to end. */
static int descriptor_of(int rank)
{
    const tarn__peer *peer = &team->peers[rank];
    char path[64];
    if (rank == team->rank || strcmp(peer->host, team->peers[team->rank].host) != 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", peer->process, peer->line);
    return open(path, O_RDONLY | O_NONBLOCK);
}

/* Those that are gone, in the order in which it was noticed. */
static int *order, gone, gone_before; /* gone_before: before the parent */

/* Waits for so many milliseconds, -1: for ever; and notes who is gone. False for nobody. */
static bool look(struct pollfd *events, int milliseconds)
{
    const int count = poll(events, (nfds_t)team->size, milliseconds);
    for (int rank = 0; count > 0 && rank < team->size; rank++)
        if (rank != team->rank && events[rank].fd >= 0 && events[rank].revents) {
            close(events[rank].fd);
            events[rank].fd = -1;
            order[gone++] = rank;
        }
    return count > 0;
}

/* Says who is gone: before the parent, or with it. As many as there is room for. */
static void speak(void)
{
    char text[2048];
    const size_t longest = 300; /* more than a name and what is said of it */
    const char *own = tarn__team_name(team->rank);
    size_t length = (size_t)snprintf(text, sizeof text, "tarn: %s%s", own,
                                     gone_before ? ": " : " was killed, or has crashed");
    for (int i = 0; i < gone && length + longest < sizeof text; i++) {
        const bool first = i == 0 && gone_before;
        length += (size_t)snprintf(text + length, longest, "%s%s%s",
                                   first ? "" : "; within 0.1 s, too: ", tarn__team_name(order[i]),
                                   first ? " is gone: it was killed, or has ended" : "");
    }
    text[length++] = '\n';
    if (write(STDERR_FILENO, text, length) < 0)
        return; /* there is nobody to tell */
}

/* Until the parent says that there is nothing to say, or is gone. */
static void look_on(int from, struct pollfd *events)
{
    char word;
    for (int rank = 0; rank < team->size; rank++)
        events[rank] = (struct pollfd){.fd = descriptor_of(rank)}; /* for POLLHUP alone */
    events[team->rank] = (struct pollfd){.fd = from, .events = POLLIN};
    do {
        gone_before = gone;
        look(events, -1);
    } while (!events[team->rank].revents);
    if (read(from, &word, 1) > 0)
        return;
    events[team->rank].fd = -1;
    while (look(events, 100))
        ;
    speak();
}

/* Ends the parent, which is in an MPI function that does not return, unless it says soon who all
   are: some process has not come there. */
static void expect_introduction(int from)
{
    char text[256];
    struct pollfd event = {.fd = from, .events = POLLIN};
    const double seconds =
        team->timeout < 1e6 ? team->timeout + to_begin : 1e6; /* poll's are few */
    if (poll(&event, 1, (int)(1e3 * seconds)) != 0)
        return;
    const int length = snprintf(text, sizeof text,
                                "tarn: process %ld: not all processes have come to "
                                "tarn_mpi_begin() within %g s\n",
                                (long)parent, team->timeout);
    if (getppid() == parent && write(STDERR_FILENO, text, (size_t)length) >= 0)
        kill(parent, SIGKILL);
}

/* What the child does; it ends soon after its parent. */
static void be_child(int from)
{
    setsid();
    for (int descriptor = 0; descriptor < 1024; descriptor++)
        if (descriptor != from && descriptor != STDERR_FILENO)
            close(descriptor);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    expect_introduction(from);
    if (!read_all(from, team, sizeof *team))
        _exit(0);
    team->peers = malloc(sizeof *team->peers * (size_t)team->size);
    struct pollfd *events = malloc(sizeof *events * (size_t)team->size);
    order = malloc(sizeof *order * (size_t)team->size);
    if (team->peers && events && order &&
        read_all(from, team->peers, sizeof *team->peers * (size_t)team->size))
        look_on(from, events);
    _exit(0);
}

void tarn__watch_begin(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    parent = getpid();
    child = fork();
    if (child == 0) {
        close(ends[1]);
        be_child(ends[0]);
    }
    close(ends[0]);
    line = ends[1];
    fcntl(line, F_SETFD, FD_CLOEXEC); /* what this process starts outlives it */
    if (child < 0) {
        close(line);
        line = -1;
    }
}

/* The child may be gone; that is no matter. */
static void tell(const void *bytes, size_t size)
{
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    if (line >= 0 && write(line, bytes, size) < 0) {
        sigtimedwait(&pipe_signal, NULL, &(struct timespec){0});
        close(line);
        line = -1;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int tarn__watch_line(void)
{
    return line;
}

void tarn__watch_introduce(void)
{
    if (team->size == 1) {
        tarn__watch_end();
        return;
    }
    tell(team, sizeof *team);
    tell(team->peers, sizeof *team->peers * (size_t)team->size);
}

void tarn__watch_end(void)
{
    if (line < 0)
        return;
    tell("e", 1);
    if (line >= 0)
        close(line);
    line = -1;
    waitpid(child, NULL, 0);
}
