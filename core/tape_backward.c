/* Backward: one walk over a tape, from the newest operation to the oldest. Those of a tape stand in
   the order in which they were computed, so that each gradient is complete when its turn comes. */
#include "core/base/error_internal.h"
#include "core/life.h"
#include "core/op_internal.h"
#include "core/tape.h"
#include "core/tape_internal.h"

/* Whether the last backward of this thread ran out of memory. */
static _Thread_local bool backward_incomplete;

/* After a failure none of them is complete, and some may not even be set. */
static void forget_gradients(const tarn_tape *tape)
{
    for (const tarn_node *node = tape->last; node; node = node->previous)
        for (int i = 0; i < node->input_count; i++)
            if (!tarn__life_over(node->inputs[i]))
                tarn_zero_grad(node->inputs[i]);
}

/* So that backward can run again: what it left on the tape's own results has been carried on. A
   view may be of what is not the tape's, whose gradient stays. */
static void forget_results(const tarn_tape *tape)
{
    for (const tarn_node *node = tape->last; node; node = node->previous) {
        tarn_tensor *holder = tarn__holder(node->output);
        if (holder->tape == tape)
            tarn_zero_grad(holder);
    }
}

/* In debug builds, whether all that an operation was computed from is still there, and as it was.
 */
static bool inputs_intact(const tarn_node *node)
{
    for (int i = 0; i < node->input_count; i++) {
        if (tarn__life_over(node->inputs[i]))
            return tarn_fail("backward: input %d of %s was freed before", i, node->op->name);
        const bool is_parameter = node->inputs[i]->requires_grad;
        if (tarn__life_changed(node, i))
            return tarn_fail("backward: input %d of %s, %s of shape %s, was changed since it was "
                             "used; backward must run before %s or whatever else changes it",
                             i, node->op->name,
                             is_parameter ? "a parameter" : "a tensor of a loader or module",
                             tarn_shape_to_text(node->inputs[i]->shape).text,
                             is_parameter ? "a step" : "the next batch");
    }
    return true;
}

/* ---- Telling when gradients are complete */

/* Whether y was computed from the operation's result. What others were computed from may have been
   freed. */
static bool is_reached(const tarn_node *node, const tarn_tensor *y)
{
    return node->output->requires_grad && (node->output == y || node->output->last_use);
}

/* Notes for each tensor that y was computed from the first operation that used it, behind which
   backward adds nothing more to its gradient. */
static void note_last_uses(const tarn_tape *tape, const tarn_tensor *y)
{
    for (const tarn_node *node = tape->last; node; node = node->previous)
        for (int i = 0; i < node->input_count && is_reached(node, y); i++) {
            tarn_tensor *input = node->inputs[i];
            if (input->requires_grad)
                input->last_use = tarn__holder(input)->last_use = node;
        }
}

/* Backward is past the operation. */
static void tell_ready(const tarn_tape *tape, const tarn_node *node)
{
    for (int i = 0; i < node->input_count; i++) {
        tarn_tensor *holder = tarn__holder(node->inputs[i]);
        if (holder->tape || !holder->requires_grad || holder->last_use != node)
            continue;
        holder->last_use = NULL; /* once, also if it is two inputs */
        tape->ready(holder, tape->ready_context);
    }
}

/* ---- Backward */

/* Of one operation, in the precision of its forward. False where the observer says that it failed.
 */
static bool run_backward(tarn_tape *tape, const tarn_node *node)
{
    const tarn_precision callers = tarn_precision_now();
    bool complete = true;
    tarn_set_precision(node->precision);
    if (!tape->observer)
        node->op->backward(node);
    else
        complete = tape->observer->backward(tape, node);
    tarn_set_precision(callers);
    return complete;
}

/* Gradients may now lie where the operation had saved something. Small ones are not worth it. */
static void spare_saved(tarn_tape *tape, const tarn_node *node)
{
    enum { WORTH_IT = 1 << 14 };
    if (tape->keeps || node->saved_size < WORTH_IT)
        return;
    tarn__spare *spare = node->saved;
    *spare = (tarn__spare){tape->spares, node->saved_size};
    tape->spares = spare;
}

bool tarn__backward_from(tarn_tape *tape, tarn_tensor *y, const tarn_real *dy)
{
    tape->backward_done = true;
    if (tape->observer && !tape->observer->ended(tape))
        return false;
    bool add;
    tarn_real *seed = tarn_op_gradient_to_write(y, &add);
    for (int64_t i = 0; seed && i < y->size; i++)
        seed[i] = add ? seed[i] + dy[i] : dy[i];
    /* From the newest node, not from y: backward over an inner tape may have left gradients on
       results that are newer. */
    if (tape->ready)
        note_last_uses(tape, y);
    for (const tarn_node *node = tape->last; node; node = node->previous) {
        if (node->op->backward && node->output->requires_grad &&
            tarn__gradients_now(node->output)) {
            if (!inputs_intact(node) || !run_backward(tape, node))
                return false;
            spare_saved(tape, node);
        }
        if (tape->ready && is_reached(node, y))
            tell_ready(tape, node);
    }
    return !tape->backward_failed;
}

bool tarn__backward_incomplete(void)
{
    return backward_incomplete;
}

void tarn__set_backward_incomplete(bool value)
{
    backward_incomplete = value;
}

/* False after reporting a mistake. */
static bool can_begin(const tarn_tensor *loss, const tarn_tensor *gradient)
{
    const tarn_tape *tape = loss->tape;
    if (gradient && !tarn__usable("backward", "the gradient", gradient))
        return false;
    if (gradient && !tarn_shape_equal(gradient->shape, loss->shape))
        return tarn_fail("backward: the gradient has shape %s, the loss expects its own, %s",
                         tarn_shape_to_text(gradient->shape).text,
                         tarn_shape_to_text(loss->shape).text);
    if (!gradient && loss->size != 1)
        return tarn_fail("backward: the loss has shape %s, expects one element, or a .gradient of "
                         "that shape",
                         tarn_shape_to_text(loss->shape).text);
    if (!tape)
        return tarn_fail(
            "backward: the loss is not the result of an operation, expects one computed on "
            "an open tape");
    if (!tarn__tape_is_open(tape))
        return tarn_fail("backward: the tape of the loss is not open on this thread");
    if (!tape->records)
        return tarn_fail("backward: the tape of the loss was begun with no_grad, expects one of "
                         "tarn_tape_begin()");
    if (tape->backward_done)
        return tarn_fail("backward: has already run over this tape; begin a new one, or give .keep "
                         "to the first");
    if (!loss->requires_grad)
        return tarn_fail(
            "backward: the loss depends on no tensor that requires a gradient, expects one "
            "that tarn_requires_grad() was called for, or a module's parameter that is "
            "not frozen");
    return true;
}

bool tarn_backward_with(tarn_backward_args args)
{
    tarn_tensor *loss = args.loss;
    backward_incomplete = false;
    if (!loss)
        return tarn_fail_null("backward: the loss");
    if (!tarn__life_check("backward", loss) || !can_begin(loss, args.gradient))
        return false;
    tarn_tape *tape = loss->tape;
    tarn__memory_failed();
    const tarn_real *gradient = args.gradient ? args.gradient->values : &(const tarn_real){1};
    tape->ready = args.ready;
    tape->ready_context = args.context;
    tape->keeps = args.keep;
    const bool complete = tarn__backward_from(tape, loss, gradient);
    backward_incomplete = tarn__memory_failed();
    if (complete && !backward_incomplete) {
        if (args.keep)
            forget_results(tape);
        tape->backward_done = !args.keep;
        tarn__recovered();
        return true;
    }
    forget_gradients(tape);
    return false;
}
