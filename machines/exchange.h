/*
 * The sum of what all processes have, in the order of machines/tree.h. The numbers are cut in
 * buckets, and each bucket in a slice for each rank: a rank gets its slice of all nodes, adds them
 * up, and sends the sum to all. That is as much on the wire as the best MPI_Allreduce sends, where
 * each process has one node; it has a few where their number does not divide the parts.
 */
#ifndef TARN_MACHINES_EXCHANGE_H
#define TARN_MACHINES_EXCHANGE_H

#include "machines/team.h"
#include "machines/tree.h"

typedef struct tarn__exchange tarn__exchange;

/* Of vectors of so many numbers. In the order of the tree, or in MPI's. NULL, with tarn_error()
   set, when memory runs out. */
tarn__exchange *tarn__exchange_new(int64_t size, int parts, bool same_bits);
void tarn__exchange_free(tarn__exchange *exchange); /* safe on NULL */

/* All: begins to send the numbers before end that have not been, but for a bucket that is not
   complete; those of all, with end == size, to the last. nodes are the sums of this rank's parts,
   as many as tarn__tree_nodes() says (one alone, where MPI's order will do). */
void tarn__exchange_send(tarn__exchange *exchange, const tarn__node_sum *nodes, int64_t end);

/* All, after that: waits for the sums. They are the exchange's, until the next call. */
const tarn_real *tarn__exchange_sums(tarn__exchange *exchange);

#endif
