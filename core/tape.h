/*
 * The tape: a scope that owns the result of every operation called while it is the innermost one
 * open on its thread, and remembers them in order for tarn_backward().
 *
 * Creation order is a topological order, so backward is one walk over the tape, newest first.
 */
#ifndef TARN_CORE_TAPE_H
#define TARN_CORE_TAPE_H

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_tape tarn_tape;

/* Opens a tape on this thread. Tapes nest. NULL with tarn_error() set when memory runs out;
   operations then give NULL until tarn_tape_end(NULL) is called, the enclosing tape ends, or
   another tape does begin. */
tarn_tape *tarn_tape_begin(void);

/* Opens a tape that owns results but records nothing to differentiate: for evaluation. */
tarn_tape *tarn_tape_begin_no_grad(void);

/* Closes the tape: every tensor made on it is gone. Safe on NULL. Ending a tape that is not the
   innermost of its thread is a mistake. Its memory is kept for the next tape, so that a steady
   training step asks the system for none. */
void tarn_tape_end(tarn_tape *tape);

/* Adds d(loss)/d(t) to the gradient of every t that loss was computed from and that requires a
   gradient. loss must have one element and stand on an open tape on which backward has not run
   yet; all else is a mistake. NULL is one, too, see core/base/error.h.

   Returns whether the gradients are complete: false after a mistake, or with tarn_error() set when
   memory runs out; then they are zero, with what had been added before.

   Results of outer tapes, if loss was computed from such, receive their gradient, which a later
   tarn_backward() over their own tape carries on.

   With .gradient, loss may have any shape, which is that of the gradient too: the sum of gradient
   times loss is differentiated. With .keep backward may run over the tape again, from this loss or
   another, and more operations may be added before; the gradients of the tape's own results are
   gone after each.

   ready is called with the context and each tensor that loss was computed from, requires a gradient
   and is no result of an operation, such as a parameter: once, as soon as its gradient is complete,
   so that it can be sent, say, while backward goes on. It computes nothing on the tape. */
typedef void tarn_gradient_ready(tarn_tensor *tensor, void *context);
#define TARN_BACKWARD_OPTIONS(OPTION)                                                              \
    OPTION(const tarn_tensor *, gradient, NULL) /* NULL: 1 */                                      \
    OPTION(bool, keep, false)                                                                      \
    OPTION(tarn_gradient_ready *, ready, NULL)                                                     \
    OPTION(void *, context, NULL)
typedef struct tarn_backward_args {
    tarn_tensor *loss;
    TARN_OPTIONS(TARN_BACKWARD_OPTIONS)
} tarn_backward_args;
bool tarn_backward_with(tarn_backward_args args);
#define tarn_backward(...)                                                                         \
    TARN_CALL(tarn_backward_with, tarn_backward_args, TARN_BACKWARD_OPTIONS, .loss = __VA_ARGS__)

TARN_API_END

#endif
