/* The graph of a tape, from which core/inspect/graph_dot.c and graph_table.c write. */
#ifndef TARN_CORE_INSPECT_GRAPH_INTERNAL_H
#define TARN_CORE_INSPECT_GRAPH_INTERNAL_H

#include "core/inspect/graph.h"

/* An input that is not a result of the tape, where it is used. */
typedef struct tarn__leaf {
    const tarn_tensor *tensor;
    int entry;
    int input;
} tarn__leaf;

typedef struct tarn__graph {
    const tarn_node **nodes; /* by number, nodes[0] being number 1 */
    int64_t count;
    tarn__leaf *leaves; /* by tensor, those of a tensor in the order of their use */
    int64_t leaf_count;
    tarn_params params;
    int64_t values; /* tensors of so many elements at most are written out */
} tarn__graph;

/* Gives the graph of the tape to what writes it. */
bool tarn__graph_write(const char *function, const tarn_graph_args *a,
                       void (*write)(const tarn__graph *g, FILE *stream));

/* Whether the input is no result of the tape; if so, where it is used first, and whether here. */
bool tarn__graph_is_leaf(const tarn_node *node, int input);
const tarn__leaf *tarn__graph_first_use(const tarn__graph *g, const tarn_tensor *tensor);
bool tarn__graph_is_first_use(const tarn__graph *g, const tarn_node *node, int input);

/* The tensor's name among the params; NULL if it has none there. */
const char *tarn__graph_name_of(const tarn__graph *g, const tarn_tensor *tensor);

#endif
