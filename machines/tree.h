/*
 * The sum of the parts of a batch, in an order that does not depend on who computes which.
 *
 * Two sums of 2^k parts each, of which the first begins at a multiple of 2^(k+1), become one as
 * soon as both are there; what is left in the end is added from the last to the first. Of six
 * parts:
 * ((0 + 1) + (2 + 3)) + (4 + 5). A process that has but some neighbouring parts adds what belongs
 * together; the sums that it then has ("nodes") are sums of this tree, and who gets those of all
 * processes goes on with it.
 */
#ifndef TARN_MACHINES_TREE_H
#define TARN_MACHINES_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "tarn.h"

enum { TARN__TREE_DEPTH = 64 };

/* The sum of parts [first, first + count). */
typedef struct tarn__node_sum {
    int first, count;
    tarn_real *values;
} tarn__node_sum;

/* The sums that wait for others, in the order of their parts. */
typedef struct tarn__tree {
    int depth;
    tarn__node_sum nodes[TARN__TREE_DEPTH];
} tarn__tree;

/* Adds a sum of the tree, behind those that are there: of one part, or of more that another process
   has added up. values are of size numbers and are borrowed, until the sum is added to another. */
void tarn__tree_push(tarn__tree *tree, tarn__node_sum node, int64_t size);

/* Adds all that is left to the first of the nodes, which is the only one then. */
void tarn__tree_finish(tarn__tree *tree, int64_t size);

/* The nodes, without values, of a process that has parts [first, end). Returns how many there are.
 */
int tarn__tree_nodes(int first, int end, tarn__node_sum nodes[TARN__TREE_DEPTH]);

#endif
