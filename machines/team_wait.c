/* Waiting for others, and what is noticed meanwhile. */
#include "machines/notes.h"
#include "machines/team.h"

static const double to_answer = 2;    /* seconds for those who are asked whether they are there */
static const double to_ask_again = 2; /* until those who wait for something else are asked again */

static tarn__team *const team = &tarn__team_own;

/* Asks who is there, and returns if what is waited for ends meanwhile, or may still: if others wait
   too. Where they wait for something else, and did so before, that is no use. */
static void roll_call(int count, MPI_Request *requests, const char *what, bool *elsewhere)
{
    int silent = -1, other = -1;
    tarn__notes_ask();
    for (const double end = MPI_Wtime() + to_answer; MPI_Wtime() < end; tarn__team_rest(2000)) {
        tarn__notes_listen();
        if (tarn__team_test(count, requests, what))
            return;
    }
    for (int rank = team->size - 1; rank >= 0; rank--) {
        silent = team->peers[rank].heard ? silent : rank;
        team->peers[rank].gone |= !team->peers[rank].heard; /* it will not answer either */
        other = team->peers[rank].elsewhere ? rank : other;
    }
    if (silent >= 0)
        tarn__team_die("%s has kept the others waiting for %g s: it hangs, or computes alone for "
                       "longer than the timeout",
                       tarn__team_name(silent), team->timeout);
    if (other >= 0 && *elsewhere)
        tarn__team_die("%s waits for something else than %s; all processes must make the same "
                       "calls",
                       tarn__team_name(other), what);
    *elsewhere = other >= 0;
}

bool tarn__team_test(int count, MPI_Request *requests, const char *what)
{
    bool all = true;
    for (int i = 0; i < count; i++) {
        int done;
        MPI_Status status; /* MPICH's word for none makes gcc 12 see an overflow */
        tarn__team_expect(MPI_Test(&requests[i], &done, &status), what);
        all = all && done;
    }
    return all;
}

void tarn__team_wait(int count, MPI_Request *requests, const char *what)
{
    double asked = MPI_Wtime(), looked = asked;
    bool elsewhere = false;
    team->waits_for = what;
    for (int round = 0; !tarn__team_test(count, requests, what); round++) {
        if (round % 16 == 15) {
            tarn__notes_listen();
            const double now = MPI_Wtime();
            if (now - looked > 0.2) {
                looked = now;
                const int gone = tarn__notes_gone();
                if (gone >= 0)
                    tarn__team_die("%s is gone: it was killed, or has ended",
                                   tarn__team_name(gone));
            }
            if (now - asked > team->timeout) {
                roll_call(count, requests, what, &elsewhere);
                asked = MPI_Wtime() - (elsewhere ? team->timeout - to_ask_again : 0);
            }
        }
        tarn__team_rest(round);
    }
}
