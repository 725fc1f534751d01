/*
 * Recomputation (Chen et al. 2016, "Training deep nets with sublinear memory cost").
 *
 *     forward    runs the body on a tape that records nothing, and copies the output off it
 *     backward   runs the body again, on a tape that records, and carries dy back over that
 *
 * The second run sees what the first saw: the input and the parameters, which are still there, and
 * the random numbers, buffers and modes of the modules, which are kept. It leaves these three as
 * they were before it.
 */
#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/base/random.h"
#include "core/op_internal.h"
#include "nn/layer.h"

/* The numbers of what a module and all below it hold. */
typedef struct extent {
    int64_t modules, parameters, buffered; /* elements of buffers */
} extent;

/* What a run begins with. The buffers of the body follow behind the struct, then the modes of its
   modules. */
typedef struct start {
    tarn_module *body;
    extent size;
    uint64_t random;
} start;

static void measure(const tarn_module *module, extent *size)
{
    size->modules++;
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        size->parameters += part->parameter != NULL;
        size->buffered += tarn_size(part->buffer);
        if (part->child)
            measure(part->child, size);
    }
}

static tarn_tensor **list_parameters(const tarn_module *module, tarn_tensor **to)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        if (part->parameter)
            *to++ = part->parameter;
        if (part->child)
            to = list_parameters(part->child, to);
    }
    return to;
}

static size_t bytes_of(extent size)
{
    return sizeof(start) + (size_t)size.buffered * sizeof(tarn_real) +
           (size_t)size.modules * sizeof(bool);
}

/* Copies buffers and modes out of the module and all below, or back into them. */
static void copy_state(tarn_module *module, bool back, tarn_real **buffers, bool **modes)
{
    bool *mode = (*modes)++;
    *(back ? &module->training : mode) = *(back ? mode : &module->training);
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        if (part->buffer) {
            tarn_real *own = tarn_values(part->buffer), *kept = *buffers;
            const size_t bytes = (size_t)tarn_size(part->buffer) * sizeof *own;
            memcpy(back ? own : kept, back ? kept : own, bytes);
            *buffers += tarn_size(part->buffer);
        }
        if (part->child)
            copy_state(part->child, back, buffers, modes);
    }
}

/* Notes what a run begins with, or takes body and generator back there. */
static void copy_start(start *s, bool back)
{
    tarn_real *buffers = (tarn_real *)(s + 1);
    bool *modes = (bool *)(buffers + s->size.buffered);
    copy_state(s->body, back, &buffers, &modes);
    if (back)
        tarn_set_random_state(s->random);
    else
        s->random = tarn_random_state();
}

/* The present state of the body, in memory of the innermost tape. NULL when memory runs out. */
static start *look(tarn_module *body)
{
    extent size = {0};
    measure(body, &size);
    start *s = tarn__scratch_take(bytes_of(size));
    if (s) {
        *s = (start){.body = body, .size = size};
        copy_start(s, false);
    }
    return s;
}

/* ---- The second run */

static bool run_again(const tarn_node *node, tarn_tape *tape)
{
    start *first = node->saved;
    start *present = look(first->body);
    if (!present)
        return false;
    if (memcmp(&present->size, &first->size, sizeof first->size) != 0)
        return tarn_fail("nn_recompute: the body was changed between forward and backward");
    copy_start(first, true);
    tarn_tensor *y = tarn_nn_forward(first->body, node->inputs[0]);
    copy_start(present, true);
    if (y && !tarn_shape_equal(y->shape, node->output->shape))
        return tarn_fail("nn_recompute: the body gave %s in forward and %s in backward",
                         tarn_shape_to_text(node->output->shape).text,
                         tarn_shape_to_text(y->shape).text);
    return y && tarn__backward_from(tape, y, tarn_gradients(node->output));
}

static void recompute_backward(const tarn_node *node)
{
    tarn_tape *tape = tarn_tape_begin();
    if (!tape || !run_again(node, tape))
        node->output->tape->backward_failed = true;
    tarn_tape_end(tape);
}

static const tarn_op recompute_op = {"recompute", recompute_backward};

/* ---- The first run */

typedef struct copy_job {
    const tarn_real *from;
    tarn_real *to;
} copy_job;

static void copy_elements(const void *context, int64_t first, int64_t end)
{
    const copy_job *j = context;
    memcpy(j->to + first, j->from + first, (size_t)(end - first) * sizeof *j->to);
}

/* The innermost tape is for the run; the result goes on the outer one. */
static tarn_tensor *run_first(tarn_module *body, tarn_tensor *x, tarn_tape *outer)
{
    start *s = look(body);
    tarn_tensor **inputs =
        s ? tarn__scratch_take((size_t)(1 + s->size.parameters) * sizeof *inputs) : NULL;
    tarn_tensor *y = inputs ? tarn_nn_forward(body, x) : NULL;
    if (!y)
        return NULL;
    inputs[0] = x;
    list_parameters(body, inputs + 1);
    tarn_tensor *result =
        tarn__result_on(outer, &recompute_op, y->shape, 1 + (int)s->size.parameters, inputs);
    void *kept = result ? tarn_op_save(result, bytes_of(s->size)) : NULL;
    if (!kept)
        return NULL;
    memcpy(kept, s, bytes_of(s->size));
    tarn_op_operations(result, 0); /* those of the body are not known here */
    tarn__share(y->size, y->size, copy_elements, &(copy_job){y->values, result->values});
    return result;
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    tarn_module *body = module->parts[0].child;
    tarn_tape *outer = tarn__tape_innermost();
    if (!module->training || !outer || !outer->records)
        return tarn_nn_forward(body, x);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *result = tape ? run_first(body, x, outer) : NULL;
    tarn_tape_end(tape);
    return result;
}

static tarn_module *make(const void *numbers, int count, tarn_module *const *children)
{
    (void)numbers, (void)count;
    return tarn_nn_recompute(children[0]);
}

const tarn_module_type tarn__nn_recompute = {
    .name = "Recompute", .forward = forward, .make = make, .least_children = 1, .most_children = 1};

tarn_module *tarn_nn_recompute(tarn_module *body)
{
    tarn_module *self = tarn_nn_new(&tarn__nn_recompute, sizeof *self);
    if (tarn_nn_add_child(self, "body", body))
        return self;
    tarn_nn_free(self);
    return NULL;
}
