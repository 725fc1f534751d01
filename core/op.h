/*
 * For authors of operations: how to write one. examples/custom_op.c is the example to
 * read, a whole program with the check of its gradient; core/ops/max_pool2d.c is one of the
 * library's (whose loop threads share by tarn__share(), which is the library's own: write a plain
 * loop).
 *
 * An operation computes its result eagerly and leaves a node on the tape, with the function that
 * carries the gradient of the result back to the inputs.
 */
#ifndef TARN_CORE_OP_H
#define TARN_CORE_OP_H

#include <stddef.h>

#include "core/base/precision.h"
#include "core/tape.h"

TARN_API_BEGIN

typedef struct tarn_node tarn_node;

typedef struct tarn_op {
    const char *name; /* as in messages: "relu" */
    /* Adds to each input's gradient, given tarn_gradients(node->output). Called once for each
       tarn_backward() in which the output got a gradient; must not change what is saved. NULL: the
       operation passes no gradient on itself (a view, a comparison). */
    void (*backward)(const tarn_node *node);
} tarn_op;

/* One entry of a tape. */
struct tarn_node {
    const tarn_op *op;
    tarn_tensor *output;
    tarn_tensor **inputs;
    int input_count;
    int number;                /* of this entry, 1 for the first */
    void *saved;               /* what tarn_op_save() gave, or NULL */
    size_t saved_size;         /* in bytes */
    const tarn_node *previous; /* recorded just before; NULL for the first */
    tarn_precision precision;  /* of forward, and so of backward */
    double operations;         /* of forward, in floating-point; see tarn_tape_print() */
    float forward_seconds, backward_seconds; /* 0 unless tarn_tape_time() asked for them */
};

/* tarn_op_result(&op, shape, a, b): a new tensor of that shape on the innermost tape, its values
   not yet set, recorded as computed by op from the inputs. Returns NULL if an input is NULL (no
   report), if no tape is open (a mistake), or when memory runs out. */
#define tarn_op_result(op, shape, ...)                                                             \
    TARN_LIST_AFTER(tarn_op_result_of, (op, shape), tarn_tensor *, __VA_ARGS__)
tarn_tensor *tarn_op_result_of(const tarn_op *op, tarn_shape shape, int input_count,
                               tarn_tensor *const *inputs);

/* Memory of that size for what backward needs beside inputs and output; backward finds it at
   node->saved. Lives until backward is past the operation, when a gradient may take its place;
   where that was told to .keep, until the end of the tape. At most one call for a result. NULL when
   memory runs out. */
void *tarn_op_save(tarn_tensor *result, size_t size);

/* How many floating-point operations compute the result. Without this call it is the number of
   elements of the result, or of the first input if that has more. See tarn_tape_print(). */
void tarn_op_operations(tarn_tensor *result, double count);

/* In backward: the gradient of an input, to be added to; NULL if the input needs none. */
tarn_real *tarn_op_gradient(tarn_tensor *input);

/* The same for a loop that writes every element: *add says whether to add to what is there or, for
   the first gradient to arrive, to overwrite: what is there then has no meaning, and every element
   must be written. Saves a pass over memory. */
tarn_real *tarn_op_gradient_to_write(tarn_tensor *input, bool *add);

TARN_API_END

#endif
