#include "core/op.h"

#include <string.h>

#include "core/base/error.h"
#include "core/life.h"
#include "core/op_internal.h"

/* ---- Results */

#define OUTLIVE "; tarn_clone() makes a copy that outlives its tape"

bool tarn__usable(const char *op, const char *what, const tarn_tensor *t)
{
    if (tarn__life_over(t))
        return tarn_fail("%s: %s was freed, or its tape has ended", op, what);
    if (t->tape && !tarn__tape_is_open(t->tape))
        return tarn_fail("%s: %s belongs to a tape that is not open on this thread" OUTLIVE, op,
                         what);
    return true;
}

/* Whether all inputs are there and may be used on this thread. */
static bool check_inputs(const tarn_op *op, int count, tarn_tensor *const *inputs)
{
    if (tarn__tape_is_missing())
        return false; /* tarn_error() says why */
    for (int i = 0; i < count; i++)
        if (!inputs[i])
            return false;
    for (int i = 0; i < count; i++)
        if (tarn__life_over(inputs[i]))
            return tarn_fail("%s: input %d was freed, or its tape has ended", op->name, i);
    if (!tarn__tape_innermost())
        return tarn_fail("%s: no tape is open; call tarn_tape_begin() first", op->name);
    for (int i = 0; i < count; i++)
        if (inputs[i]->tape && !tarn__tape_is_open(inputs[i]->tape))
            return tarn_fail(
                "%s: input %d belongs to a tape that is not open on this thread" OUTLIVE, op->name,
                i);
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
    /* The operation before has now been computed. */
    if (tape->observer && !tape->observer->ended(tape))
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
    if (!tape->records && !tape->observer)
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
                        .precision = tarn_precision_now(),
                        .number = tape->last ? tape->last->number + 1 : 1,
                        .operations = (double)(output->size > first ? output->size : first)};
    output->node = tape->last = node;
    if (!tarn__life_note(node))
        return NULL;
    return tape->observer && !tape->observer->recorded(tape, node) ? NULL : output;
}

tarn_tensor *tarn_op_result_of(const tarn_op *op, tarn_shape shape, int input_count,
                               tarn_tensor *const *inputs)
{
    if (!op || (input_count > 0 && !inputs))
        return tarn_fail("op_result: the %s is NULL", op ? "list of inputs" : "operation");
    return tarn__result_on(tarn__tape_innermost(), op, shape, input_count, inputs);
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
    tarn_tensor *output = tensor_on(tarn__tape_innermost(), op, shape, 1, &source);
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
    if (!result->tape)
        return tarn_fail("op_save: the tensor of shape %s is no operation's result, expects what "
                         "tarn_op_result() gave",
                         tarn_shape_to_text(result->shape).text);
    void *saved = tarn__arena_alloc(result->tape->arena, size);
    if (result->node) {
        result->node->saved = saved;
        result->node->saved_size = saved ? size : 0;
    }
    return saved;
}

void tarn_op_operations(tarn_tensor *result, double count)
{
    if (result && result->node)
        result->node->operations = count;
}

/* ---- Gradients */

/* For the gradient of a tape's tensor: the smallest spare block that it fits into, or new memory.
 */
static void *gradient_memory(tarn_tape *tape, size_t bytes)
{
    tarn__spare **best = NULL;
    for (tarn__spare **at = &tape->spares; *at; at = &(*at)->next)
        if ((*at)->size >= bytes && (!best || (*at)->size < (*best)->size))
            best = at;
    if (!best)
        return tarn__arena_alloc(tape->arena, bytes);
    void *block = *best;
    *best = (*best)->next;
    return block;
}

tarn_real *tarn_op_gradient_to_write(tarn_tensor *t, bool *add)
{
    if (!add)
        return tarn_fail("op_gradient_to_write: add is NULL");
    /* tarn_detach() gives a view that takes none, and a view's base may have been frozen since. */
    if (!t || !t->requires_grad || !tarn__holder(t)->requires_grad)
        return NULL;
    tarn_tensor *base = tarn__holder(t);
    if (!base->gradients) {
        const size_t bytes = (size_t)base->size * sizeof *base->gradients;
        base->gradients =
            base->tape ? gradient_memory(base->tape, bytes) : tarn__block_alloc(bytes);
        base->gradients_stale = true;
    }
    /* Who writes a part only would leave old bytes in the rest, so they are cleared first. */
    const bool part = t->size < base->size;
    *add = part || !base->gradients_stale;
    if (!part)
        base->gradients_stale = false;
    return tarn_gradients(t);
}

tarn_real *tarn_op_gradient(tarn_tensor *t)
{
    bool add;
    tarn_real *gradients = tarn_op_gradient_to_write(t, &add);
    if (gradients && !add)
        memset(gradients, 0, (size_t)t->size * sizeof *gradients);
    return gradients;
}

/* ---- Memory, and what several check */

tarn__arena_position tarn__scratch_push(void)
{
    return tarn__arena_mark(tarn__tape_innermost()->arena);
}

void *tarn__scratch_take(size_t size)
{
    return tarn__arena_alloc(tarn__tape_innermost()->arena, size);
}

void tarn__scratch_pop(tarn__arena_position position)
{
    tarn__arena_release(tarn__tape_innermost()->arena, position);
}

int tarn__axis(const char *op, const tarn_tensor *x, int axis)
{
    int i = axis < 0 ? axis + x->shape.ndim : axis;
    if (i >= 0 && i < x->shape.ndim)
        return i;
    const int ndim = x->shape.ndim;
    if (ndim == 0)
        tarn_fail("%s: input () has no axis %d, expects at least one dimension", op, axis);
    else
        tarn_fail("%s: input %s has no axis %d, expects %d to %d", op,
                  tarn_shape_to_text(x->shape).text, axis, -ndim, ndim - 1);
    return -1;
}
