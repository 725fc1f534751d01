#include "core/tape.h"

#include "core/base/error.h"
#include "core/inspect/life.h"
#include "core/inspect/watch.h"
#include "core/internal.h"

static _Thread_local tarn_tape *innermost;

/* How many tapes of this thread are missing for want of memory: begun within the innermost, and not
   ended. */
static _Thread_local int missing;

/* Whether the last backward of this thread ran out of memory. */
static _Thread_local bool incomplete;

static tarn_tape *begin(bool records)
{
    tarn__arena *arena = tarn__arena_take();
    tarn_tape *tape = arena ? tarn__arena_alloc(arena, sizeof *tape) : NULL;
    if (!tape) {
        if (arena)
            tarn__arena_give(arena);
        missing++;
        return NULL;
    }
    missing = 0;
    *tape = (tarn_tape){.arena = arena,
                        .below = innermost,
                        .records = records,
                        .watch.what = tarn__watch_at_first(),
                        .watch.reported = innermost && innermost->watch.reported};
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
        missing -= missing > 0;
        return;
    }
    missing = 0;
    if (tape != innermost) {
        tarn_fail("tape_end: the tape is not the innermost one open on this thread");
        return;
    }
    if (tape->watch.what)
        tarn__watch_forward(tape);
    innermost = tape->below;
    tarn__life_end_all(tape);
    tarn__arena_give(tape->arena);
}

bool tarn__tape_is_open(const tarn_tape *tape)
{
    const tarn_tape *open = innermost;
    while (open && open != tape)
        open = open->below;
    return open;
}

bool tarn__usable(const char *op, const char *what, const tarn_tensor *t)
{
    if (tarn__life_over(t))
        return tarn_fail("%s: %s was freed, or its tape has ended", op, what);
    if (t->tape && !tarn__tape_is_open(t->tape))
        return tarn_fail("%s: %s belongs to a tape that is not open on this thread", op, what);
    return true;
}

/* Whether all inputs are there and may be used on this thread. */
static bool check_inputs(const tarn_op *op, int count, tarn_tensor *const *inputs)
{
    if (missing)
        return false; /* where it belongs there is no tape, and tarn_error() says why */
    for (int i = 0; i < count; i++)
        if (!inputs[i])
            return false;
    for (int i = 0; i < count; i++)
        if (tarn__life_over(inputs[i]))
            return tarn_fail("%s: input %d was freed, or its tape has ended", op->name, i);
    if (!innermost)
        return tarn_fail("%s: no tape is open; call tarn_tape_begin() first", op->name);
    for (int i = 0; i < count; i++)
        if (inputs[i]->tape && !tarn__tape_is_open(inputs[i]->tape))
            return tarn_fail("%s: input %d belongs to a tape that is not open on this thread",
                             op->name, i);
    return true;
}

/* A tensor on the tape with neither values nor node. */
static tarn_tensor *tensor_on(tarn_tape *tape, const tarn_op *op, tarn_shape shape, int input_count,
                              tarn_tensor *const *inputs)
{
    if (!check_inputs(op, input_count, inputs))
        return NULL;
    int64_t size = tarn_shape_size(shape);
    if (size < 0)
        return tarn_fail("%s: the result's shape %s is invalid or too large", op->name,
                         tarn_shape_to_text(shape).text);
    if (tape->watch.what && !tarn__watch_forward(tape))
        return NULL;
    tarn_tensor *t = tarn__life_begin(tape);
    if (t) {
        t->shape = shape;
        t->size = size;
        t->tape = tape;
    }
    return t;
}

/* Puts the node of a result on its tape. Returns the result, or NULL when out of memory. */
static tarn_tensor *record(const tarn_op *op, tarn_tensor *output, int input_count,
                           tarn_tensor *const *inputs)
{
    tarn_tape *tape = output->tape;
    if (!tape->records && !tape->watch.what)
        return output;
    tarn_node *node = tarn__arena_alloc(tape->arena, sizeof *node);
    tarn_tensor **own = tarn__arena_alloc(tape->arena, (size_t)input_count * sizeof *own);
    if (!node || !own)
        return NULL;
    for (int i = 0; i < input_count; i++) {
        own[i] = inputs[i];
        output->requires_grad |= tape->records && inputs[i]->requires_grad;
    }
    const int64_t first = input_count > 0 ? inputs[0]->size : 0;
    *node = (tarn_node){.op = op,
                        .output = output,
                        .inputs = own,
                        .input_count = input_count,
                        .previous = tape->last,
                        .number = tape->last ? tape->last->number + 1 : 1,
                        .operations = (double)(output->size > first ? output->size : first)};
    output->node = tape->last = node;
    return tape->watch.what && !tarn__watch_recorded(tape, node) ? NULL : output;
}

tarn_tensor *tarn_op_result_of(const tarn_op *op, tarn_shape shape, int input_count,
                               tarn_tensor *const *inputs)
{
    if (!op || (input_count > 0 && !inputs))
        return tarn_fail("op_result: the %s is NULL", op ? "list of inputs" : "operation");
    return tarn__result_on(innermost, op, shape, input_count, inputs);
}

tarn_tensor *tarn__result_on(tarn_tape *tape, const tarn_op *op, tarn_shape shape, int input_count,
                             tarn_tensor *const *inputs)
{
    tarn_tensor *output = tensor_on(tape, op, shape, input_count, inputs);
    if (!output)
        return NULL;
    size_t bytes = (size_t)output->size * sizeof *output->values;
    output->values = tarn__arena_alloc(output->tape->arena, bytes);
    return output->values ? record(op, output, input_count, inputs) : NULL;
}

tarn_tensor *tarn__view(const tarn_op *op, tarn_tensor *source, tarn_shape shape)
{
    tarn_tensor *output = tensor_on(innermost, op, shape, 1, &source);
    if (!output)
        return NULL;
    output->base = source->base ? source->base : source;
    output->values = source->values;
    output = record(op, output, 1, &source);
    tarn_op_operations(output, 0);
    return output;
}

void *tarn_op_save(tarn_tensor *result, size_t size)
{
    if (!result)
        return NULL;
    void *saved = tarn__arena_alloc(result->tape->arena, size);
    if (result->node)
        result->node->saved = saved;
    return saved;
}

void tarn_op_operations(tarn_tensor *result, double count)
{
    if (result && result->node)
        result->node->operations = count;
}

tarn__arena_position tarn__scratch_push(void)
{
    return tarn__arena_mark(innermost->arena);
}

void *tarn__scratch_take(size_t size)
{
    return tarn__arena_alloc(innermost->arena, size);
}

void tarn__scratch_pop(tarn__arena_position position)
{
    tarn__arena_release(innermost->arena, position);
}

/* After a failure none of them is complete, and some may not even be set. */
static void forget_gradients(const tarn_tape *tape)
{
    for (const tarn_node *node = tape->last; node; node = node->previous)
        for (int i = 0; i < node->input_count; i++)
            if (!tarn__life_over(node->inputs[i]))
                tarn_zero_grad(node->inputs[i]);
}

/* In debug builds, whether all that an operation was computed from is still there. */
static bool inputs_live(const tarn_node *node)
{
    for (int i = 0; i < node->input_count; i++)
        if (tarn__life_over(node->inputs[i]))
            return tarn_fail("backward: input %d of %s was freed before", i, node->op->name);
    return true;
}

bool tarn__backward_from(tarn_tape *tape, tarn_tensor *y, const tarn_real *dy)
{
    tape->backward_done = true;
    if (tape->watch.what && !tarn__watch_forward(tape))
        return false;
    bool add;
    tarn_real *seed = tarn_op_gradient_to_write(y, &add);
    for (int64_t i = 0; seed && i < y->size; i++)
        seed[i] = add ? seed[i] + dy[i] : dy[i];
    /* From the newest node, not from y: backward over an inner tape may have left gradients on
       results that are newer. */
    for (const tarn_node *node = tape->last; node; node = node->previous)
        if (node->op->backward && node->output->requires_grad && tarn_gradients(node->output)) {
            if (!inputs_live(node))
                return false;
            if (!tape->watch.what)
                node->op->backward(node);
            else if (!tarn__watch_backward(tape, node))
                return false;
        }
    return !tape->backward_failed;
}

bool tarn__backward_incomplete(void)
{
    return incomplete;
}

bool tarn_backward(tarn_tensor *loss)
{
    incomplete = false;
    if (!loss)
        return tarn_fail_null("backward: the loss");
    if (!tarn__life_check("backward", loss))
        return false;
    tarn_tape *tape = loss->tape;
    if (loss->size != 1)
        return tarn_fail("backward: the loss has shape %s, expects one element",
                         tarn_shape_to_text(loss->shape).text);
    if (!tape)
        return tarn_fail("backward: the loss is not the result of an operation");
    if (!tarn__tape_is_open(tape))
        return tarn_fail("backward: the tape of the loss is not open on this thread");
    if (!tape->records)
        return tarn_fail("backward: the tape of the loss was begun with no_grad");
    if (tape->backward_done)
        return tarn_fail("backward: has already run over this tape; begin a new one");
    if (!loss->requires_grad)
        return tarn_fail("backward: the loss depends on no tensor that requires a gradient");

    tarn__memory_failed();
    const bool complete = tarn__backward_from(tape, loss, &(const tarn_real){1});
    incomplete = tarn__memory_failed();
    if (complete && !incomplete)
        return true;
    forget_gradients(tape);
    return false;
}
