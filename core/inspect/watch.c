#include "core/inspect/watch.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "core/base/error.h"
#include "core/life.h"
#include "core/tape_internal.h"

enum { TIMES = 1, ANOMALIES = 2 };

typedef struct watch {
    tarn__observer observer;
    int what;
    tarn_node *running; /* recorded last, if it has not ended; else NULL */
    double started;     /* when it began */
    tarn_shape *shapes; /* of its inputs */
    int odd_input;      /* the last of them that was not finite; -1 if all were */
    bool passed_on;     /* one that was not is a result of a watched tape, */
    bool masked;        /* or has but minus infinities, which are meant */
    bool reported;      /* an anomaly, here, on a tape within or, before it began, around */
} watch;

/* NULL if the tape is not watched. There is no other observer. */
static watch *watch_of(const tarn_tape *tape)
{
    return tape ? (watch *)tape->observer : NULL;
}

static bool looks_for_anomalies(const tarn_tape *tape)
{
    const watch *w = watch_of(tape);
    return w && w->what & ANOMALIES;
}

static bool has_ended(tarn_tape *tape);
/* Seconds since some time in the past. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool has_been_recorded(tarn_tape *tape, tarn_node *node);
static bool run_backward(tarn_tape *tape, const tarn_node *node);

/* Begins to watch a tape. False when memory runs out. */
static bool begin_watch(tarn_tape *tape, int what)
{
    watch *w = tarn__arena_alloc(tape->arena, sizeof *w);
    if (!w)
        return false;
    *w = (watch){.observer = {has_ended, has_been_recorded, run_backward},
                 .what = what,
                 .reported = tape->below && tape->below->backward_failed};
    tape->observer = &w->observer;
    return true;
}

static bool look_for_anomalies(tarn_tape *tape)
{
    return begin_watch(tape, ANOMALIES);
}

void tarn_set_anomaly(bool on)
{
    tarn__tape_visit(on ? look_for_anomalies : NULL);
}

void tarn_tape_time(tarn_tape *tape, bool on)
{
    if (!tape)
        return;
    if (!tarn__tape_is_open(tape)) {
        tarn_fail("tape_time: the tape is not open on this thread");
        return;
    }
    watch *w = watch_of(tape);
    if (w) {
        has_ended(tape);
        w->what = on ? w->what | TIMES : w->what & ~TIMES;
        if (!w->what)
            tape->observer = NULL;
    } else if (on) {
        begin_watch(tape, TIMES);
    }
}

/* ---- What is not finite */

/* The first such element, passing over minus infinities if these are meant; -1 if there is none. */
static int64_t first_odd(int64_t size, const tarn_real *values, bool masks_are_meant)
{
    for (int64_t i = 0; i < size; i++)
        if (!isfinite(values[i]) && !(masks_are_meant && values[i] == -INFINITY))
            return i;
    return -1;
}

static const char *word_for(tarn_real value)
{
    return isnan(value) ? "a NaN" : "an infinity";
}

/* ---- The path of operations */

typedef struct text {
    char characters[640];
    size_t length;
} text;

TARN_PRINTF(2, 3) static void append(text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof t->characters - t->length;
    const int length = vsnprintf(t->characters + t->length, room, format, arguments);
    va_end(arguments);
    t->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* The entry that computed the first of the node's inputs that is a result of this tape. Inputs are
   compared only, since those of nobody may have been freed. */
static const tarn_node *source_of(const tarn_node *node)
{
    for (int i = 0; i < node->input_count; i++)
        for (const tarn_node *from = node->previous; from; from = from->previous)
            if (from->output == node->inputs[i])
                return from;
    return NULL;
}

/* The first entry that uses the node's result and had its gradient. */
static const tarn_node *user_of(const tarn_tape *tape, const tarn_node *node)
{
    const tarn_node *user = NULL;
    for (const tarn_node *n = tape->last; n != node; n = n->previous)
        for (int i = 0; i < n->input_count; i++)
            if (n->inputs[i] == node->output && tarn__gradients_now(n->output))
                user = n;
    return user;
}

/* "conv2d > relu > log", at most so many operations. */
static void append_path_to(text *t, const tarn_node *node)
{
    enum { MOST = 8 };
    const tarn_node *path[MOST + 1];
    int count = 0;
    for (; node && count <= MOST; node = source_of(node))
        path[count++] = node;
    if (count > MOST)
        append(t, "...");
    for (int i = (count > MOST ? MOST : count) - 1; i >= 0; i--)
        append(t, "%s%.60s", t->length ? " > " : "", path[i]->op->name);
}

/* " > sum > mean", from the node to the loss. */
static void append_path_from(text *t, const tarn_tape *tape, const tarn_node *node)
{
    const int most = 4;
    for (int i = 0; (node = user_of(tape, node)) != NULL; i++) {
        if (i == most) {
            append(t, " > ...");
            return;
        }
        append(t, " > %.60s", node->op->name);
    }
}

/* One report is enough, also for the tapes around this one, which may be given what is wrong, and
   those begun within them later (begin_watch()). */
static void set_reported(tarn_tape *tape)
{
    for (; tape; tape = tape->below) {
        tape->backward_failed = true;
        if (tape->observer)
            watch_of(tape)->reported = true;
    }
}

/* ---- Forward */

/* Whether that it is not finite was meant, or else the operation that made it was, or will be,
   reported. */
static bool is_explained(const tarn_tensor *x, bool masks_only)
{
    return x->tape ? looks_for_anomalies(x->tape) : masks_only && !x->requires_grad;
}

/* Looks at the inputs before the operation can change them, or their owner free them. */
static bool look_at_inputs(tarn_tape *tape, const tarn_node *node)
{
    watch *w = watch_of(tape);
    w->shapes = tarn__arena_alloc(tape->arena, (size_t)node->input_count * sizeof *w->shapes);
    w->odd_input = -1;
    w->passed_on = w->masked = false;
    for (int i = 0; w->shapes && i < node->input_count; i++) {
        const tarn_tensor *x = node->inputs[i];
        w->shapes[i] = x->shape;
        /* A result of an outer tape that is used on this one is complete. */
        if (x->node && x->tape->observer && watch_of(x->tape)->running == x->node &&
            !has_ended(x->tape))
            return false;
        if (first_odd(x->size, x->values, false) < 0)
            continue;
        w->odd_input = i;
        const bool masks_only = first_odd(x->size, x->values, true) < 0;
        if (is_explained(x, masks_only))
            *(masks_only ? &w->masked : &w->passed_on) = true;
    }
    return w->shapes;
}

static bool has_been_recorded(tarn_tape *tape, tarn_node *node)
{
    watch *w = watch_of(tape);
    if (w->what & ANOMALIES && !look_at_inputs(tape, node))
        return false;
    w->running = node;
    w->started = now();
    return true;
}

static bool report_forward(tarn_tape *tape, const tarn_node *node, int64_t at)
{
    const watch *w = watch_of(tape);
    set_reported(tape);
    text inputs = {.length = 0}, path = {.length = 0}, before = {.length = 0};
    for (int i = 0; i < node->input_count && i < 4; i++)
        append(&inputs, "%s%s", i ? ", " : "", tarn_shape_to_text(w->shapes[i]).text);
    append(&inputs, node->input_count > 4 ? ", ..." : "");
    append_path_to(&path, node);
    if (w->odd_input >= 0)
        append(&before, "; its input %d was not finite before", w->odd_input);
    return tarn_fail("anomaly: %s (entry %d): the result %s of %.300s holds %s at element %lld%s; "
                     "path: %.400s",
                     node->op->name, node->number, tarn_shape_to_text(node->output->shape).text,
                     inputs.characters, word_for(node->output->values[at]), (long long)at,
                     before.characters, path.characters);
}

static bool has_ended(tarn_tape *tape)
{
    watch *w = watch_of(tape);
    tarn_node *node = w->running;
    if (!node)
        return true;
    w->running = NULL;
    if (w->what & TIMES)
        node->forward_seconds = (float)(now() - w->started);
    if (!(w->what & ANOMALIES) || w->reported || w->passed_on || tarn__life_over(node->output))
        return true;
    const int64_t at = first_odd(node->output->size, node->output->values, w->masked);
    return at < 0 || report_forward(tape, node, at);
}

/* ---- Backward */

/* The first of the node's inputs whose gradient is not finite, and at which element; -1 if there is
   none. */
static int first_odd_gradient(const tarn_node *node, int64_t *at)
{
    for (int i = 0; i < node->input_count; i++) {
        const tarn_tensor *x = node->inputs[i];
        const tarn_real *dx = x->requires_grad ? tarn__gradients_now(x) : NULL;
        *at = dx ? first_odd(x->size, dx, false) : -1;
        if (*at >= 0)
            return i;
    }
    return -1;
}

/* Before the node's backward function, the gradient of input odd_before was not finite. */
static bool gradients_are_finite(tarn_tape *tape, const tarn_node *node, int odd_before)
{
    int64_t at;
    const int i = first_odd_gradient(node, &at);
    if (i < 0)
        return true;
    const tarn_tensor *x = node->inputs[i];
    set_reported(tape);
    text path = {.length = 0};
    append_path_to(&path, node);
    append_path_from(&path, tape, node);
    return tarn_fail("anomaly: backward of %s (entry %d) with result %s: the gradient of input %d "
                     "%s holds %s at element %lld%s; path: %.500s",
                     node->op->name, node->number, tarn_shape_to_text(node->output->shape).text, i,
                     tarn_shape_to_text(x->shape).text, word_for(tarn__gradients_now(x)[at]),
                     (long long)at, i == odd_before ? "; it was not finite before" : "",
                     path.characters);
}

static bool run_backward(tarn_tape *tape, const tarn_node *node)
{
    const watch *w = watch_of(tape);
    const bool looks = w->what & ANOMALIES && !w->reported;
    int64_t at;
    const int odd_before = looks ? first_odd_gradient(node, &at) : -1;
    const double start = now();
    node->op->backward(node);
    if (w->what & TIMES) /* the node is the tape's own, and so not const */
        ((tarn_node *)node)->backward_seconds = (float)(now() - start);
    return !looks || tape->backward_failed || gradients_are_finite(tape, node, odd_before);
}
