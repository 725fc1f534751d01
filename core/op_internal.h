/* What operations of the library use, beside core/op.h. */
#ifndef TARN_CORE_OP_INTERNAL_H
#define TARN_CORE_OP_INTERNAL_H

#include "core/tape_internal.h"

/* tarn_op_result_of() on the given tape, which is open on this thread but need not be the
   innermost. */
tarn_tensor *tarn__result_on(tarn_tape *tape, const tarn_op *op, tarn_shape shape, int input_count,
                             tarn_tensor *const *inputs);

/* A result that is the source seen in another shape, of the same size or smaller: no values are
   copied, and the gradient is the source's. A smaller one begins at the source's first element;
   the caller then moves result->values on to select another part. */
tarn_tensor *tarn__view(const tarn_op *op, tarn_tensor *source, tarn_shape shape);

/* Whether an operation may read t, which the message calls `what`. For tensors that are no inputs,
   or are read before tarn_op_result(), which checks the inputs. False after a report to the
   handler. */
bool tarn__usable(const char *op, const char *what, const tarn_tensor *t);

/* Memory for the inside of one operation, on the innermost tape, so that it is recycled. Pop gives
   back all that was taken from the tape since the push, gradients and what tarn_op_save() gave
   too: ask for these before. Take gives NULL when memory runs out. */
tarn__arena_position tarn__scratch_push(void);
void *tarn__scratch_take(size_t size);
void tarn__scratch_pop(tarn__arena_position position);

/* Turns axis -1 into the last, and so on; -1 and a report to the handler if there is no such axis.
 */
int tarn__axis(const char *op, const tarn_tensor *x, int axis);

/* Whether threads may write two gradients of so many elements in one pass. Of two slices of one
   tensor, which overlap, they would meet in the same elements. One, or both, may be NULL. */
static inline bool tarn__apart(const tarn_real *a, const tarn_real *b, int64_t size)
{
    return !a || !b || a == b || a + size <= b || b + size <= a;
}

#endif
