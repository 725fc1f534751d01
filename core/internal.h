/* Shared between the files of the library, not part of its interface. */
#ifndef TARN_CORE_INTERNAL_H
#define TARN_CORE_INTERNAL_H

#include "core/memory.h"
#include "core/op.h"

struct tarn_tensor {
    tarn_shape shape;
    int64_t size;
    tarn_real *values;
    tarn_real *gradients; /* NULL before any */
    bool gradients_stale; /* zero by decree: the bytes are old, and the next writer overwrites */
    bool requires_grad;
    tarn_tape *tape;   /* the owner; NULL if no tape is */
    bool lent;         /* owned by a module or a loader, which frees it; not the caller's to free */
    tarn_tensor *base; /* for a view, the tensor that has the values and the gradient */
    tarn_node *node;   /* how it was computed, where recorded */
};

struct tarn_tape {
    tarn__arena *arena; /* holds this struct too */
    tarn_tape *below;   /* the tape that was innermost before */
    tarn_node *last;
    bool records, backward_done;
};

/* Frees a tensor marked as lent, for its owner. Safe on NULL. */
void tarn__free_lent(tarn_tensor *t);

/* A result that is the source seen in another shape, of the same size or smaller: no values are
   copied, and the gradient is the source's. A smaller one begins at the source's first element;
   moving its values on makes it another part. */
tarn_tensor *tarn__view(const tarn_op *op, tarn_tensor *source, tarn_shape shape);

/* Memory for the inside of one operation, on the innermost tape, so that it is recycled. Pop gives
   back all that was taken since the push. Take gives NULL when memory runs out. */
tarn__arena_position tarn__scratch_push(void);
void *tarn__scratch_take(size_t size);
void tarn__scratch_pop(tarn__arena_position position);

/* Turns axis -1 into the last, and so on; -1 and a report to the handler if there is no such axis.
 */
int tarn__axis(const char *op, const tarn_tensor *x, int axis);

#endif
