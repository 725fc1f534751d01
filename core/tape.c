/* Tapes begin and end. Their memory is core/base/memory.c's; what puts an operation on a tape is in
   core/op.c, what walks back over one in core/tape_backward.c. */
#include "core/tape.h"

#include "core/base/error.h"
#include "core/life.h"
#include "core/tape_internal.h"

static _Thread_local tarn_tape *innermost;

/* How many tapes of this thread are missing for want of memory: begun within the innermost, and not
   ended. */
static _Thread_local int tapes_missing;

static tarn__tape_visitor *_Atomic visitor;

void tarn__tape_visit(tarn__tape_visitor *next)
{
    visitor = next;
}

static tarn_tape *begin(bool records)
{
    tarn__arena *arena = tarn__arena_take();
    tarn_tape *tape = arena ? tarn__arena_alloc(arena, sizeof *tape) : NULL;
    if (!tape) {
        if (arena)
            tarn__arena_give(arena);
        tapes_missing++;
        return NULL;
    }
    *tape = (tarn_tape){.arena = arena,
                        .below = innermost,
                        .records = records,
                        .rehearses = innermost && innermost->rehearses,
                        .onlooker = innermost ? innermost->onlooker : NULL};
    tarn__tape_visitor *visit = visitor;
    if (visit && !visit(tape)) {
        tarn__arena_give(arena);
        tapes_missing++;
        return NULL;
    }
    tapes_missing = 0;
    innermost = tape;
    return tape;
}

tarn_tape *tarn__tape_innermost(void)
{
    return innermost;
}

tarn_tape *tarn_tape_begin(void)
{
    return begin(true);
}

tarn_tape *tarn_tape_begin_no_grad(void)
{
    return begin(false);
}

void tarn_tape_end(tarn_tape *tape)
{
    if (!tape) {
        tapes_missing -= tapes_missing > 0;
        return;
    }
    tapes_missing = 0;
    if (tape != innermost) {
        tarn_fail("tape_end: the tape is not the innermost one open on this thread, expects that "
                  "those begun after it have ended");
        return;
    }
    if (tape->observer)
        tape->observer->ended(tape);
    innermost = tape->below;
    tarn__life_end_all(tape);
    tarn__arena_give(tape->arena);
}

bool tarn__tape_is_missing(void)
{
    return tapes_missing > 0;
}

bool tarn__tape_is_open(const tarn_tape *tape)
{
    const tarn_tape *open = innermost;
    while (open && open != tape)
        open = open->below;
    return open;
}
