/*
 * What debug builds know of a tensor's life: they are made with -Dbuildtype=debug, which defines
 * TARN_DEBUG. This is a part of what owns tensors, in tensor.c, op.c and tape*.c, and no observer.
 *
 * They know which tensors are gone: one that was freed, or whose tape has ended, is marked, and its
 * struct (not its values) is held back from the heap until 65,536 others have gone after it, so
 * that asking it is defined behaviour. Every use in an operation, or of its values or gradient, is
 * then a mistake with a sentence. The shape stays as it was: that the tensor is gone is told by
 * what would have used its values.
 *
 * And they know whether a parameter, or the images of a batch, still are what an operation was
 * computed from: the bytes are summed when that is recorded, and again before backward, which may
 * read them.
 *
 * In other builds all this is nothing, and a tensor's struct is part of its tape's memory.
 */
#ifndef TARN_CORE_LIFE_H
#define TARN_CORE_LIFE_H

#include <stdlib.h>

#include "core/tape_internal.h"

#ifdef TARN_DEBUG

/* The zeroed struct of a tensor on a tape. NULL when out of memory. */
tarn_tensor *tarn__life_begin(tarn_tape *tape);

void tarn__life_end(tarn_tensor *t);        /* of one that the caller owns */
void tarn__life_end_all(tarn_tape *tape);   /* of what belongs to the tape */
bool tarn__life_over(const tarn_tensor *t); /* also where t is a view of what was freed */

/* Notes what the node is computed from; false when memory runs out. */
bool tarn__life_note(const tarn_node *node);

/* Whether the input is a parameter, or a loader's or a module's, and has other values than those
   noted. */
bool tarn__life_changed(const tarn_node *node, int input);

/* Whether t can be used; false for NULL, and after a report for what is gone. */
bool tarn__life_check(const char *function, const tarn_tensor *t);

#else

static inline tarn_tensor *tarn__life_begin(tarn_tape *tape)
{
    tarn_tensor *t = tarn__arena_alloc(tape->arena, sizeof *t);
    if (t)
        *t = (tarn_tensor){.size = 0};
    return t;
}

static inline void tarn__life_end(tarn_tensor *t)
{
    free(t);
}

static inline void tarn__life_end_all(tarn_tape *tape)
{
    (void)tape;
}

static inline bool tarn__life_over(const tarn_tensor *t)
{
    (void)t;
    return false;
}

static inline bool tarn__life_note(const tarn_node *node)
{
    (void)node;
    return true;
}

static inline bool tarn__life_changed(const tarn_node *node, int input)
{
    (void)node, (void)input;
    return false;
}

static inline bool tarn__life_check(const char *function, const tarn_tensor *t)
{
    (void)function;
    return t;
}

#endif
#endif
