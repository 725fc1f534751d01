/* Failing; what is sent and gathered. */
#include "machines/team.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machines/notes.h"
#include "machines/watch.h"

tarn__team tarn__team_own = {.size = 1, .waits_for = ""};
static tarn__team *const team = &tarn__team_own;

int tarn_mpi_rank(void)
{
    return team->rank;
}

int tarn_mpi_size(void)
{
    return team->size;
}

const char *tarn__team_name(int rank)
{
    static char names[4][TARN__HOST_LENGTH + 48];
    static int next;
    char *name = names[next = (next + 1) % 4];
    const tarn__peer *peer = &team->peers[rank];
    snprintf(name, sizeof names[0], "rank %d of %d (%.*s, process %ld)", rank, team->size,
             peer->name_length, peer->host, peer->process);
    return name;
}

/* ---- Failing */

void tarn__team_expect(int status, const char *what)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (status == MPI_SUCCESS)
        return;
    MPI_Error_string(status, text, &length);
    const int gone = tarn__notes_gone();
    if (gone >= 0)
        tarn__team_die("%s is gone; %s: %.200s", tarn__team_name(gone), what, text);
    tarn__team_die("%s cannot go on; %s: %.200s", tarn__team_name(team->rank), what, text);
}

void tarn__team_fall_silent(void)
{
    team->begun = false;
    tarn__watch_end();
}

void tarn__team_abort(void)
{
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    signal(SIGALRM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(3);
    MPI_Abort(MPI_COMM_WORLD, 1);
    _exit(1);
}

static void say(const char *sentence)
{
    const char *own = tarn__team_name(team->rank);
    const bool of_itself = strncmp(sentence, own, strlen(own)) == 0;
    fflush(stdout);
    char line[TARN__NOTE_LENGTH + TARN__HOST_LENGTH + 64]; /* written at once: others write too */
    const int length = snprintf(line, sizeof line, "tarn: %s%s%s\n", of_itself ? "" : own,
                                of_itself ? "" : ": ", sentence);
    fflush(stderr);
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        return; /* there is nobody to tell */
}

void tarn__team_die(const char *format, ...)
{
    char sentence[TARN__NOTE_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tarn__team_fall_silent();
    say(sentence);
    tarn__notes_tell(sentence);
    tarn__team_abort();
}

void tarn__team_die_alike(const char *format, ...)
{
    char sentence[TARN__NOTE_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tarn__team_fall_silent();
    say(sentence);
    tarn__notes_meet();
    tarn__team_abort();
}

void tarn__team_obey(const char *sentence)
{
    tarn__team_fall_silent();
    say(sentence);
}

void tarn_mpi_fail(const char *format, ...)
{
    char reason[TARN__NOTE_LENGTH / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (!team->begun || team->size == 1) {
        team->begun = false; /* nobody else is to hear of it */
        fprintf(stderr, "tarn: %s\n", reason);
        exit(1);
    }
    tarn__team_die("%s has failed: %s", tarn__team_name(team->rank), reason);
}

/* ---- Sending and gathering */

void tarn__team_send_all(void *bytes, size_t size)
{
    const size_t most = (size_t)1 << 30; /* MPI counts in int */
    for (char *at = bytes; size > 0 && team->size > 1;) {
        const size_t now = size < most ? size : most;
        MPI_Request request;
        tarn__team_expect(MPI_Ibcast(at, (int)now, MPI_BYTE, 0, team->all, &request), "Ibcast");
        tarn__team_wait(1, &request, "what rank 0 sends");
        at += now;
        size -= now;
    }
}

void tarn__team_gather(const void *own, int size, void *all)
{
    if (team->size == 1) {
        memcpy(all, own, (size_t)size);
        return;
    }
    MPI_Request request;
    tarn__team_expect(MPI_Iallgather(own, size, MPI_BYTE, all, size, MPI_BYTE, team->all, &request),
                      "Iallgather");
    tarn__team_wait(1, &request, "what all tell each other");
}

void tarn_mpi_sum(int count, double *values)
{
    double *all = malloc(sizeof *all * (size_t)(count * team->size + 1));
    if (!all)
        tarn_mpi_fail("out of memory for %d sums", count);
    tarn__team_gather(values, count * (int)sizeof *values, all);
    for (int i = 0; i < count; i++) {
        values[i] = all[i];
        for (int rank = 1; rank < team->size; rank++)
            values[i] += all[rank * count + i];
    }
    free(all);
}
