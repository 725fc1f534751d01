/*
 * What a tape looks like: as a table, as a picture, and node by node. In a table, a picture and a
 * message the entries of a tape are numbered from 1, in the order in which they were recorded. An
 * operation that does the work of several, such as a convolution with relu and max_pool in one
 * pass, is one entry, "conv2d+relu+max_pool", that counts the operations of all. One entry, too, is
 * tarn_nn_recompute(), whose inside is neither on the tape nor counted.
 *
 * As for tarn_backward(), the inputs of the operations must still be there.
 */
#ifndef TARN_CORE_INSPECT_GRAPH_H
#define TARN_CORE_INSPECT_GRAPH_H

#include <stdio.h>

#include "core/base/options.h"
#include "core/op.h"

TARN_API_BEGIN

/* params gives tensors their names: .params = tarn_nn_parameters(model). In a picture, results may
   have names too. values is for pictures alone. */
#define TARN_GRAPH_OPTIONS(OPTION)                                                                 \
    OPTION(tarn_params, params, TARN__EMPTY)                                                       \
    OPTION(int, values, 0)
typedef struct tarn_graph_args {
    tarn_tape *tape; /* open on this thread, and not begun with no_grad; else a mistake */
    FILE *stream;
    TARN_OPTIONS(TARN_GRAPH_OPTIONS)
} tarn_graph_args;

/* tarn_tape_print(tape, stream, .params = ...): a table with a line for each entry and one for the
   total. Its columns:

       Inputs       the shapes, each behind the number of the entry that gave it (#3), the
                    parameter's name, or nothing
       Output       the shape
       Parameters   elements of the inputs that require a gradient and are nobody's result, each
                    counted where it is used first
       Operations   floating-point operations of forward: 2 for each multiply-add of a matrix
                    product or convolution (zeros around an image count as numbers), 1 for each
                    addition of a bias; 1 for each element of a pooling window; 0 where elements
                    only move (views, permute, concat, ...); for all else 1 for each element of the
                    result or of the first input, whichever are more, however much work it is
       Forward us, Backward us   microseconds, if tarn_tape_time() asked for them, else -
       |value|, |gradient|       the Euclidean norms of the result and of its gradient; - if none

   The last entry's forward ends here or in tarn_backward(). Returns false after a mistake, or with
   tarn_error() set when memory runs out or the stream cannot be written. NULL gives false. */
bool tarn_tape_print_with(tarn_graph_args args);
#define tarn_tape_print(tape_, ...)                                                                \
    TARN_CALL(tarn_tape_print_with, tarn_graph_args, TARN_GRAPH_OPTIONS, .tape = (tape_),          \
              .stream = __VA_ARGS__)

/* tarn_tape_dot(tape, stream, .params = ...): the graph in the language of Graphviz, to be drawn by
   `dot -Tsvg`. Entries are rounded boxes n1, n2, ... with number, operation and output shape,
   dashed if they are views; parameters and constants (what requires no gradient) have square boxes
   of their own. With .values = 4 the boxes of tensors of 4 elements at most say these too, and
   below them the gradients that there are: all of backpropagation on one page, after
   tarn_backward(). Returns as tarn_tape_print(). */
bool tarn_tape_dot_with(tarn_graph_args args);
#define tarn_tape_dot(tape_, ...)                                                                  \
    TARN_CALL(tarn_tape_dot_with, tarn_graph_args, TARN_GRAPH_OPTIONS, .tape = (tape_),            \
              .stream = __VA_ARGS__)

/* The newest entry of an open tape, from which node->previous leads to the first. NULL if there is
   none: a tape begun with no_grad has entries only where it is timed or anomalies are looked for.
 */
const tarn_node *tarn_tape_last(const tarn_tape *tape);

TARN_API_END

#endif
