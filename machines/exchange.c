#include "machines/exchange.h"

#include <stdlib.h>
#include <string.h>

/* Buckets of so many numbers: small enough that several are under way, large enough that what each
   costs in messages does not count. */
enum { BUCKET = 1 << 16 };

static const MPI_Datatype *number_type(void)
{
    static MPI_Datatype type;
    type = sizeof(tarn_real) == sizeof(float) ? MPI_FLOAT : MPI_DOUBLE;
    return &type;
}
#define NUMBER (*number_type())

static const char *const what = "the gradients of all";

struct tarn__exchange {
    int64_t size;
    bool same_bits;
    int ranks, rank;
    tarn__node_sum *nodes; /* of all ranks, in their order */
    int *first_node;       /* of each rank, and behind the last */
    tarn_real *packed;     /* own nodes, by who gets them */
    tarn_real *received;   /* own slices of all nodes */
    tarn_real *sums;
    int bucket_count;
    int sent;              /* so many buckets are on their way, first their slices, */
    int summed;            /* and of so many, then, the sums */
    MPI_Request *requests; /* of each bucket */
    int *counts;           /* of each bucket, five lists of a number for each rank */
};

enum { SEND, SEND_AT, RECEIVE, RECEIVE_AT, SLICE_AT, LISTS };

static int *list_of(const tarn__exchange *e, int bucket, int list)
{
    return e->counts + ((int64_t)bucket * LISTS + list) * e->ranks;
}

static int64_t begin_of(const tarn__exchange *e, int64_t bucket)
{
    const int64_t at = bucket * BUCKET;
    return at < e->size ? at : e->size;
}

/* Where the slice of a rank begins in a bucket of so many numbers; it ends where the next begins.
 */
static int64_t slice(const tarn__exchange *e, int64_t length, int rank)
{
    return length * rank / e->ranks;
}

static int node_count(const tarn__exchange *e, int rank)
{
    return e->first_node[rank + 1] - e->first_node[rank];
}

/* Which rank has which nodes. */
static bool lay_out(tarn__exchange *e, int parts)
{
    tarn__node_sum own[TARN__TREE_DEPTH];
    e->nodes = malloc(sizeof *e->nodes * (size_t)parts);
    e->first_node = calloc((size_t)e->ranks + 1, sizeof *e->first_node);
    for (int rank = 0; e->nodes && e->first_node && rank < e->ranks; rank++) {
        const int first = (int)((int64_t)parts * rank / e->ranks);
        const int end = (int)((int64_t)parts * (rank + 1) / e->ranks);
        const int count = tarn__tree_nodes(first, end, own);
        memcpy(e->nodes + e->first_node[rank], own, sizeof *own * (size_t)count);
        e->first_node[rank + 1] = e->first_node[rank] + count;
    }
    return e->nodes && e->first_node;
}

static bool allocate(tarn__exchange *e)
{
    const size_t number = sizeof(tarn_real), size = (size_t)e->size;
    const int own = node_count(e, e->rank), all = e->first_node[e->ranks];
    /* A slice has at most one number more than its share of a bucket. */
    const size_t slices = size / (size_t)e->ranks + (size_t)e->bucket_count;
    e->sums = malloc(number * size);
    e->requests = malloc(sizeof *e->requests * (size_t)e->bucket_count);
    e->counts = malloc(sizeof *e->counts * (size_t)(e->bucket_count * LISTS * e->ranks));
    if (!e->same_bits)
        return e->sums && e->requests && e->counts;
    if (own > 1)
        e->packed = malloc(number * size * (size_t)own);
    e->received = malloc(number * slices * (size_t)all);
    return e->sums && e->requests && e->counts && e->received && (e->packed || own == 1);
}

tarn__exchange *tarn__exchange_new(int64_t size, int parts, bool same_bits)
{
    tarn__exchange *e = calloc(1, sizeof *e);
    if (e) {
        *e = (tarn__exchange){.size = size,
                              .same_bits = same_bits,
                              .ranks = tarn__team_own.size,
                              .rank = tarn__team_own.rank,
                              .bucket_count = (int)((size + BUCKET - 1) / BUCKET)};
        if (lay_out(e, parts) && allocate(e))
            return e;
    }
    tarn__exchange_free(e);
    tarn_set_error("mpi: out of memory for sums of %lld numbers", (long long)size);
    return NULL;
}

static void finish(tarn__exchange *e);

void tarn__exchange_free(tarn__exchange *e)
{
    if (!e)
        return;
    if (tarn__team_own.begun) /* between backward and the average: MPI still uses what is freed */
        finish(e);
    free(e->nodes);
    free(e->first_node);
    free(e->packed);
    free(e->received);
    free(e->sums);
    free(e->requests);
    free(e->counts);
    free(e);
}

/* Puts the slices of own nodes for one rank behind those for the ranks before. */
static const tarn_real *pack(const tarn__exchange *e, const tarn__node_sum *nodes, int64_t begin,
                             int64_t length)
{
    const int own = node_count(e, e->rank);
    if (own == 1)
        return nodes[0].values + begin;
    tarn_real *const packed = e->packed + own * begin, *to = packed;
    for (int rank = 0; rank < e->ranks; rank++)
        for (int i = 0; i < own; i++) {
            const int64_t at = slice(e, length, rank), count = slice(e, length, rank + 1) - at;
            memcpy(to, nodes[i].values + begin + at, sizeof *to * (size_t)count);
            to += count;
        }
    return packed;
}

/* Where the slices of a bucket arrive: behind those of the buckets before. */
static tarn_real *place(const tarn__exchange *e, int bucket)
{
    const int64_t before = slice(e, BUCKET, e->rank + 1) - slice(e, BUCKET, e->rank);
    return e->received + e->first_node[e->ranks] * before * bucket;
}

static void send_slices(tarn__exchange *e, int bucket, const tarn__node_sum *nodes)
{
    const int64_t begin = begin_of(e, bucket), length = begin_of(e, bucket + 1) - begin;
    const int64_t own_slice = slice(e, length, e->rank + 1) - slice(e, length, e->rank);
    const int own = node_count(e, e->rank);
    int *send = list_of(e, bucket, SEND), *send_at = list_of(e, bucket, SEND_AT);
    int *receive = list_of(e, bucket, RECEIVE), *receive_at = list_of(e, bucket, RECEIVE_AT);
    for (int rank = 0; rank < e->ranks; rank++) {
        const int64_t at = slice(e, length, rank);
        send[rank] = (int)(own * (slice(e, length, rank + 1) - at));
        send_at[rank] = (int)(own * at);
        receive[rank] = (int)(node_count(e, rank) * own_slice);
        receive_at[rank] = (int)(e->first_node[rank] * own_slice);
    }
    tarn__team_expect(MPI_Ialltoallv(pack(e, nodes, begin, length), send, send_at, NUMBER,
                                     place(e, bucket), receive, receive_at, NUMBER,
                                     tarn__team_own.all, &e->requests[bucket]),
                      "Ialltoallv");
}

/* Adds up the own slice of a bucket, and sends the sum to all: by a communicator of its own, since
   what goes by one must begin in the same order in all processes, and here some have their slices
   before others have. */
static void send_sum(tarn__exchange *e, int bucket)
{
    const int64_t begin = begin_of(e, bucket), length = begin_of(e, bucket + 1) - begin;
    const int64_t own_slice = slice(e, length, e->rank + 1) - slice(e, length, e->rank);
    tarn_real *values = place(e, bucket);
    tarn__tree tree = {.depth = 0};
    for (int i = 0; i < e->first_node[e->ranks]; i++) {
        tarn__node_sum node = e->nodes[i];
        node.values = values + i * own_slice;
        tarn__tree_push(&tree, node, own_slice);
    }
    tarn__tree_finish(&tree, own_slice);
    int *count = list_of(e, bucket, RECEIVE), *at = list_of(e, bucket, SLICE_AT);
    for (int rank = 0; rank < e->ranks; rank++) {
        at[rank] = (int)slice(e, length, rank);
        count[rank] = (int)slice(e, length, rank + 1) - at[rank];
    }
    tarn__team_expect(MPI_Iallgatherv(tree.nodes[0].values, (int)own_slice, NUMBER, e->sums + begin,
                                      count, at, NUMBER, tarn__team_own.sums, &e->requests[bucket]),
                      "Iallgatherv");
}

/* Lets what is under way go on, and sends the sums of those buckets whose slices have come. */
static void go_on(tarn__exchange *e)
{
    tarn__team_test(e->sent, e->requests, what);
    for (; e->same_bits && e->summed < e->sent; e->summed++) {
        if (e->requests[e->summed] != MPI_REQUEST_NULL)
            return;
        send_sum(e, e->summed);
    }
}

void tarn__exchange_send(tarn__exchange *e, const tarn__node_sum *nodes, int64_t end)
{
    for (; e->sent < e->bucket_count && begin_of(e, e->sent + 1) <= end; e->sent++) {
        const int64_t begin = begin_of(e, e->sent);
        if (e->same_bits) {
            send_slices(e, e->sent, nodes);
            continue;
        }
        tarn__team_expect(MPI_Iallreduce(nodes[0].values + begin, e->sums + begin,
                                         (int)(begin_of(e, e->sent + 1) - begin), NUMBER, MPI_SUM,
                                         tarn__team_own.all, &e->requests[e->sent]),
                          "Iallreduce");
    }
    go_on(e);
}

/* Of all buckets that were sent: a sum that some have begun to send the others must send, too. */
static void finish(tarn__exchange *e)
{
    for (; e->same_bits && e->summed < e->sent; e->summed++) {
        tarn__team_wait(1, &e->requests[e->summed], what);
        send_sum(e, e->summed);
    }
    tarn__team_wait(e->sent, e->requests, what);
    e->sent = e->summed = 0;
}

const tarn_real *tarn__exchange_sums(tarn__exchange *e)
{
    finish(e);
    return e->sums;
}
