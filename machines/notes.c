/* Small messages beside the training: why a process fails, and who is there. */
#include "machines/notes.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machines/team.h"

/* FAILED: why, as text; KNOWN: the answer. ASKED: who is there? HERE: the answer. MET: see
   tarn__notes_meet(). */
enum { FAILED = 1, KNOWN, ASKED, HERE, MET };

/* How long to wait for answers of those who are told of a failure, in seconds. With the timeout of
   20, the time for answers to a roll call, and what one loses before a processor is free, that is
   no more than 30 in all. */
static const double to_know = 8;

static tarn__team *const team = &tarn__team_own;

/* Notes are small, so that they leave at once; what they are sent from stays in any case. */
static void note(int rank, int tag, const char *text)
{
    static char none;
    MPI_Request request;
    const int length = text ? (int)strlen(text) : 0;
    if (rank == team->rank || team->peers[rank].gone)
        return;
    if (MPI_Isend(text ? text : &none, length, MPI_CHAR, rank, tag, team->notes, &request) ==
        MPI_SUCCESS)
        MPI_Request_free(&request);
}

static void note_all(int tag, const char *text)
{
    for (int rank = 0; rank < team->size; rank++)
        note(rank, tag, text);
}

/* Reads one note, if there is one. Returns its tag; of FAILED the sentence is in text. from: who
   sent it. */
static int read_note(char text[TARN__NOTE_LENGTH], int *from)
{
    int there = 0, length = 0;
    MPI_Status status;
    if (MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, team->notes, &there, &status) != MPI_SUCCESS ||
        !there)
        return 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    if (MPI_Recv(text, TARN__NOTE_LENGTH - 1, MPI_CHAR, status.MPI_SOURCE, status.MPI_TAG,
                 team->notes, &status) != MPI_SUCCESS)
        return 0;
    text[length >= 0 ? length : 0] = '\0';
    tarn__peer *peer = &team->peers[status.MPI_SOURCE];
    peer->heard = true;
    peer->elsewhere = status.MPI_TAG == HERE && strcmp(text, team->waits_for) != 0;
    peer->knows |= status.MPI_TAG == KNOWN || status.MPI_TAG == FAILED || status.MPI_TAG == MET;
    if (status.MPI_TAG == ASKED)
        note(status.MPI_SOURCE, HERE, team->waits_for);
    *from = status.MPI_SOURCE;
    return status.MPI_TAG;
}

/* Who is told of a failure says so, and lives on until the one that told it ends all. */
void tarn__notes_listen(void)
{
    char text[TARN__NOTE_LENGTH];
    int tag, from;
    while ((tag = read_note(text, &from)) != 0) {
        if (tag != FAILED)
            continue;
        tarn__team_speak(text);
        note(from, KNOWN, NULL); /* not before it has been said: what follows is the end */
        const double end = MPI_Wtime() + 2 * to_know;
        while (MPI_Wtime() < end) {
            read_note(text, &from);
            tarn__team_rest(2000);
        }
        tarn__team_abort();
    }
}

/* Until all others know, or the time is over. */
static void until_known(void)
{
    char text[TARN__NOTE_LENGTH];
    int from;
    const double end = MPI_Wtime() + to_know;
    for (bool all = false; !all && MPI_Wtime() < end; tarn__team_rest(2000)) {
        while (read_note(text, &from) != 0)
            ;
        tarn__notes_gone();
        all = true;
        for (int rank = 0; rank < team->size; rank++) {
            const tarn__peer *peer = &team->peers[rank];
            all = all && (rank == team->rank || peer->knows || peer->gone);
        }
    }
    /* For launchers to pass on what was said, before they hear that they are to end all. */
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

void tarn__notes_tell(const char *sentence)
{
    note_all(FAILED, sentence);
    until_known();
}

void tarn__notes_meet(void)
{
    note_all(MET, NULL);
    until_known();
}

int tarn__notes_gone(void)
{
    int first = -1;
    for (int rank = team->size - 1; rank >= 0; rank--) {
        tarn__peer *peer = &team->peers[rank];
        if (strcmp(peer->host, team->peers[team->rank].host) == 0)
            peer->gone |= kill((pid_t)peer->process, 0) != 0 && errno == ESRCH;
        first = peer->gone ? rank : first;
    }
    return first;
}

void tarn__notes_ask(void)
{
    for (int rank = 0; rank < team->size; rank++)
        team->peers[rank].heard = rank == team->rank;
    note_all(ASKED, NULL);
}
