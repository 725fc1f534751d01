/* What is sent and gathered. */
#include <stdlib.h>
#include <string.h>

#include "machines/team.h"

static tarn__team *const team = &tarn__team_own;

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
