/* Shared between the files of the library, not part of its interface. */
#ifndef TARN_CORE_INTERNAL_H
#define TARN_CORE_INTERNAL_H

#include "core/base/memory.h"
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
#ifdef TARN_DEBUG /* see core/inspect/life.h; at the end, so that tests without it see the rest */
    bool dead;
    tarn_tensor *next; /* of the same tape, or of those held back */
#endif
};

/* Of a tape that is watched (core/inspect/watch.h). */
typedef struct tarn__watch {
    int what;           /* 0: nothing, and the rest is not used */
    tarn_node *running; /* recorded last, if it has not ended; else NULL */
    double started;     /* when it began */
    tarn_shape *shapes; /* of its inputs */
    int odd_input;      /* the last of them that was not finite; -1 if all were */
    bool passed_on;     /* one that was not is a result of a watched tape, */
    bool masked;        /* or has but minus infinities, which are meant */
    bool reported;      /* an anomaly, here, on a tape within or, before it began, around */
} tarn__watch;

struct tarn_tape {
    tarn__arena *arena; /* holds this struct too */
    tarn_tape *below;   /* the tape that was innermost before */
    tarn_node *last;
    bool records, backward_done;
    bool backward_failed; /* for another reason than memory */
    tarn__watch watch;
#ifdef TARN_DEBUG
    tarn_tensor *tensors; /* all that belong to it */
#endif
};

/* Frees a tensor marked as lent, for its owner. Safe on NULL. */
void tarn__free_lent(tarn_tensor *t);

/* A result that is the source seen in another shape, of the same size or smaller: no values are
   copied, and the gradient is the source's. A smaller one begins at the source's first element;
   moving its values on makes it another part. */
tarn_tensor *tarn__view(const tarn_op *op, tarn_tensor *source, tarn_shape shape);

/* The gradient as it is in memory; NULL if there is none, or it is zero by decree. */
const tarn_real *tarn__gradients_now(const tarn_tensor *t);

/* Whether the tape is open on this thread. */
bool tarn__tape_is_open(const tarn_tape *tape);

/* 1199882 as "1,199,882". */
void tarn__count_to_text(double count, char *text, size_t size);

/* The innermost tape open on this thread, or NULL. */
tarn_tape *tarn__tape_innermost(void);

/* tarn_op_result_of() on any open tape of this thread. */
tarn_tensor *tarn__result_on(tarn_tape *tape, const tarn_op *op, tarn_shape shape, int input_count,
                             tarn_tensor *const *inputs);

/* Adds dy to the gradient of y and carries it back over the tape, as tarn_backward() does with a 1.
   y is a result on this tape, or something older that needs no node. Returns false if a backward
   function failed, or an input was freed; that memory ran out, tarn__memory_failed() tells. */
bool tarn__backward_from(tarn_tape *tape, tarn_tensor *y, const tarn_real *dy);

/* Whether memory ran out in the last tarn_backward() of this thread: its gradients are not to be
   stepped by. */
bool tarn__backward_incomplete(void);

/* Whether an operation may touch t, called what: for what is no input, or is looked at before the
   result is asked for, which checks the inputs. False after a report to the handler. */
bool tarn__usable(const char *op, const char *what, const tarn_tensor *t);

/* Memory for the inside of one operation, on the innermost tape, so that it is recycled. Pop gives
   back all that was taken since the push. Take gives NULL when memory runs out. */
tarn__arena_position tarn__scratch_push(void);
void *tarn__scratch_take(size_t size);
void tarn__scratch_pop(tarn__arena_position position);

/* Turns axis -1 into the last, and so on; -1 and a report to the handler if there is no such axis.
 */
int tarn__axis(const char *op, const tarn_tensor *x, int axis);

#endif
