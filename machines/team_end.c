/* The end of this process, once it is known why. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machines/notes.h"
#include "machines/team.h"
#include "machines/watch.h"

static tarn__team *const team = &tarn__team_own;

void tarn__team_fall_silent(void)
{
    team->begun = false;
    tarn__watch_end();
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

void tarn__team_speak(const char *sentence)
{
    tarn__team_fall_silent();
    say(sentence);
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
