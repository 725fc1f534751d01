/* Tapes from inside the library, beside core/tape.h: what a tape is, who may look on, memory. */
#ifndef TARN_CORE_TAPE_INTERNAL_H
#define TARN_CORE_TAPE_INTERNAL_H

#include "core/base/memory.h"
#include "core/op.h"
#include "core/tensor_internal.h"

/* Who looks on at a tape, such as core/inspect/watch.c: a struct that begins with this, in memory
   of the tape. A tape that nobody looks at costs one test of a pointer for each operation. */
typedef struct tarn__observer {
    /* The operation recorded last has ended: another begins, or backward, or the tape ends. False,
       after a report, if what it computed is not to be used. */
    bool (*ended)(tarn_tape *tape);
    /* An operation has been recorded, and will now be computed; false when memory runs out. */
    bool (*recorded)(tarn_tape *tape, tarn_node *node);
    /* Runs the node's backward function. False, after a report, to end backward there. */
    bool (*backward)(tarn_tape *tape, const tarn_node *node);
} tarn__observer;

/* At the beginning of a block that an operation had saved, when backward is past it: a gradient may
   lie there, in memory that the caches know already. */
typedef struct tarn__spare {
    struct tarn__spare *next;
    size_t size; /* in bytes */
} tarn__spare;

struct tarn_tape {
    tarn__arena *arena; /* holds this struct too */
    tarn_tape *below;   /* the tape that was innermost before */
    tarn_node *last;
    bool records, backward_done;
    bool rehearses;       /* also tapes begun within: operations leave no trace but their results */
    bool backward_failed; /* what looks on has stopped it, at a NaN; not for want of memory */
    tarn__observer *observer; /* NULL if nobody looks on */
    const void *onlooker; /* at what is above operations: nn/module_internal.h; also for tapes begun
                             within; NULL for nobody */
    tarn_gradient_ready *ready; /* of this backward; NULL if nobody wants to know */
    void *ready_context;
    bool keeps;          /* what operations saved, for another backward */
    tarn__spare *spares; /* newest first */
#ifdef TARN_DEBUG
    tarn_tensor *tensors; /* all that belong to it */
#endif
};

/* From now on, is called with every tape that begins, on any thread, and may set its observer;
   false when memory runs out. NULL for nobody. */
typedef bool tarn__tape_visitor(tarn_tape *tape);
void tarn__tape_visit(tarn__tape_visitor *visitor);

/* Whether the tape is open on this thread. */
bool tarn__tape_is_open(const tarn_tape *tape);

/* The innermost tape open on this thread, or NULL. */
tarn_tape *tarn__tape_innermost(void);

/* Whether the tape that belongs here could not begin for want of memory. */
bool tarn__tape_is_missing(void);

/* Adds dy to the gradient of y and carries it back over the tape, as tarn_backward() does with a 1.
   y is a result on this tape, or a parameter or result of an outer one. Returns false if a backward
   function failed, or an input was freed; that memory ran out, tarn__memory_failed() tells. */
bool tarn__backward_from(tarn_tape *tape, tarn_tensor *y, const tarn_real *dy);

/* Whether memory ran out in the last tarn_backward() of this thread: its gradients are not to be
   stepped by. */
bool tarn__backward_incomplete(void);
void tarn__set_backward_incomplete(bool value);

#endif
