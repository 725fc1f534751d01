/* Beginning and ending. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machines/same.h"
#include "machines/team.h"
#include "machines/watch.h"

static tarn__team *const team = &tarn__team_own;

/* ---- How others hear of an end that comes too early */

/* At the end of the process. */
static void leave(void)
{
    if (!team->begun || team->size == 1)
        return;
    const char *error = tarn_error();
    tarn__team_die("%s has ended before tarn_mpi_end(); its last error: %s",
                   tarn__team_name(team->rank), *error ? error : "none");
}

/* A mistake, where the program has no handler of its own. MPI may be called by one thread only. */
static void tell_mistake(const char *message, void *context)
{
    int may = 0;
    (void)context;
    MPI_Is_thread_main(&may);
    if (may && team->begun && team->size > 1)
        tarn__team_die("%s has made a mistake: %s", tarn__team_name(team->rank), message);
    fprintf(stderr, "tarn: %s\n", message);
    abort();
}

/* ---- Beginning */

/* Who this is; processes see each other where both the host and the namespace of processes agree.
 */
static void introduce(void)
{
    tarn__peer own = {.process = (long)getpid(), .line = tarn__watch_line()};
    gethostname(own.host, sizeof own.host / 2);
    own.host[sizeof own.host / 2 - 1] = '\0';
    own.name_length = (int)strlen(own.host);
    char *end = own.host + own.name_length;
    *end++ = ' ';
    const ssize_t length =
        readlink("/proc/self/ns/pid", end, sizeof own.host - (size_t)(end - own.host) - 1);
    end[length > 0 ? length : 0] = '\0';
    team->peers = calloc((size_t)team->size, sizeof *team->peers);
    if (!team->peers) {
        fprintf(stderr, "tarn: rank %d: out of memory for %d ranks\n", team->rank, team->size);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    team->peers[team->rank] = own;
    tarn__team_gather(&own, (int)sizeof own, team->peers);
}

/* Ends a process that a launcher has started as one of several, and that is alone by MPI: each
   would train by itself, and write the same files. */
static void expect_launcher(void)
{
    /* Of Open MPI's launcher, MPICH's, and Slurm's. SLURM_NTASKS is that of a job, which a program
       may be in that no launcher has started. */
    static const char *const counts[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                         "SLURM_STEP_NUM_TASKS"};
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    for (size_t i = 0; team->size == 1 && i < sizeof counts / sizeof *counts; i++) {
        const char *count = getenv(counts[i]);
        if (!count || atoi(count) < 2)
            continue;
        MPI_Get_library_version(version, &length);
        fprintf(
            stderr,
            "tarn: mpi_begin: the launcher has started %s processes (%s), but this one is alone "
            "by the MPI that it was built with (%.*s); expects the launcher of that, or %s not "
            "to be set\n",
            count, counts[i], (int)strcspn(version, ",:\n"), version, counts[i]);
        MPI_Abort(MPI_COMM_WORLD, 1);
        _exit(1);
    }
}

/* What goes by one communicator must begin in the same order in all processes, and be of one kind:
   MPI may take what one process does at the end for what another does in a step. */
static void communicate(void)
{
    MPI_Comm *const own[] = {&team->all, &team->sums, &team->end, &team->notes};
    for (int i = 0; i < 4; i++) {
        MPI_Comm_dup(MPI_COMM_WORLD, own[i]);
        MPI_Comm_set_errhandler(*own[i], MPI_ERRORS_RETURN);
    }
}

void tarn_mpi_begin_with(tarn_mpi_begin_args args)
{
    int ready = 0;
    if (team->begun) {
        tarn_fail("mpi_begin: has begun already");
        return;
    }
    if (!(args.timeout > 0)) {
        tarn_fail("mpi_begin: a timeout of %g seconds, expects above 0", args.timeout);
        return;
    }
    MPI_Initialized(&ready);
    team->timeout = args.timeout;
    tarn__watch_begin();
    if (!ready)
        MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &(int){0});
    team->own_init = !ready;
    if (team->own_init) /* Open MPI's requests fail by this one, whichever they go by */
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &team->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &team->size);
    expect_launcher();
    communicate();
    static bool leaves;
    if (!leaves)
        leaves = atexit(leave) == 0;
    introduce();
    tarn__watch_introduce();
    team->begun = true;
    if (!tarn_error_handler_now())
        tarn_set_error_handler(tell_mistake, NULL);
    tarn__same_build();
}

/* ---- Ending */

void tarn_mpi_end(void)
{
    if (!team->begun)
        return;
    if (team->size > 1) {
        MPI_Request request;
        tarn__team_expect(MPI_Ibarrier(team->end, &request), "Ibarrier");
        tarn__team_wait(1, &request, "tarn_mpi_end() of all");
    }
    tarn__team_fall_silent();
    if (tarn_error_handler_now() == tell_mistake)
        tarn_set_error_handler(NULL, NULL);
    MPI_Comm_free(&team->all);
    MPI_Comm_free(&team->sums);
    MPI_Comm_free(&team->end);
    MPI_Comm_free(&team->notes);
    free(team->peers);
    if (team->own_init)
        MPI_Finalize();
    *team = (tarn__team){.size = 1, .waits_for = ""};
}
