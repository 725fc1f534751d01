/*
 * The processes that train together, from inside libtarn-mpi: waiting for the others, noticing that
 * one is gone, and ending all.
 *
 * All waiting is for non-blocking operations, in tarn__team_wait(), which looks for notes
 * meanwhile: small messages on a communicator of their own, by which a process that fails tells the
 * others why, and by which those who wait for too long find out who is silent.
 */
#ifndef TARN_MACHINES_TEAM_H
#define TARN_MACHINES_TEAM_H

#include <mpi.h>

#include "tarn-mpi.h"

enum { TARN__HOST_LENGTH = 128 };

/* Another process, or this. */
typedef struct tarn__peer {
    char host[TARN__HOST_LENGTH]; /* and what tells apart those of which processes see each other */
    int name_length;              /* of the host's name, which begins it */
    long process;
    int line;       /* of its, which hangs up when it ends: machines/watch.h */
    bool gone;      /* as far as this process has noticed */
    bool elsewhere; /* it waits for something else */
    bool heard;     /* while who is silent is found out: it is not */
    bool knows;     /* of the failure that this process has told */
} tarn__peer;

typedef struct tarn__team {
    bool begun;
    bool own_init; /* MPI was initialized here, and ends here */
    int rank, size;
    double timeout;
    MPI_Comm all, sums, end, notes; /* communicators of their own */
    const char *waits_for;
    tarn__peer *peers; /* of each rank */
} tarn__team;

/* That of this process. */
extern tarn__team tarn__team_own;

/* Waits until all these have ended; what names them where processes wait for different things. Does
   not return without. */
void tarn__team_wait(int count, MPI_Request *requests, const char *what);

/* Whether these have ended by now; MPI goes on with them meanwhile. */
bool tarn__team_test(int count, MPI_Request *requests, const char *what);

/* What an MPI function returned: ends all processes unless it is MPI_SUCCESS. */
void tarn__team_expect(int status, const char *what);

/* Sends size bytes of rank 0 to all others. */
void tarn__team_send_all(void *bytes, size_t size);

/* Gives all processes the size bytes of each, in the order of ranks. */
void tarn__team_gather(const void *own, int size, void *all);

/* Ends this process, and with it all: says why to the others and on standard error, and waits a
   little until they have said it too. sentence: "rank 2 of 4 (host) is silent ...". */
void tarn__team_die(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((noreturn, cold));

/* Ends all processes by MPI, and this one in any case: MPI tells the launcher, which may be out of
   reach. */
void tarn__team_abort(void) __attribute__((noreturn));

/* tarn__team_die() where each process knows it by itself, and says it. */
void tarn__team_die_alike(const char *format, ...) TARN_PRINTF(1, 2)
    __attribute__((noreturn, cold));

/* "rank 2 of 4 (host)" in a buffer that holds for four calls. */
const char *tarn__team_name(int rank);

/* Who says why it ends has nothing more to say at the end. */
void tarn__team_fall_silent(void);

/* Says why all end: the last that this process has to say. */
void tarn__team_speak(const char *sentence);

/* Lets others run, in the round of that number of waiting: there may be more processes than
   processors. */
void tarn__team_rest(int round);

#endif
