/* The body runs twice and nobody can tell, but from the memory. */
#include <math.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/op_internal.h"
#include "nn/module.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

/* ---- Same bits: each network is made with and without, and trained */

typedef tarn_module *wrapper(tarn_module *body);

static tarn_module *bare(tarn_module *body)
{
    return body;
}

/* y = body(body(x)): the body is used twice on one tape. */
static tarn_tensor *twice_forward(tarn_module *self, tarn_tensor *x)
{
    return tarn_nn_forward(self->parts[0].child, tarn_nn_forward(self->parts[0].child, x));
}

static tarn_module *twice(tarn_module *body)
{
    static const tarn_module_type type = {.name = "Twice", .forward = twice_forward};
    tarn_module *self = tarn_nn_new(&type, sizeof *self);
    cr_assert(tarn_nn_add_child(self, "body", body));
    return self;
}

/* y = tanh(x w) w + x: parameter and input are used twice. */
static tarn_tensor *tied_forward(tarn_module *self, tarn_tensor *x)
{
    tarn_tensor *w = self->parts[0].parameter;
    return tarn_add(tarn_matmul(tarn_tanh(tarn_matmul(x, w)), w), x);
}

static tarn_module *tied(int size)
{
    static const tarn_module_type type = {.name = "Tied", .forward = tied_forward};
    tarn_module *self = tarn_nn_new(&type, sizeof *self);
    cr_assert(tarn_nn_add_parameter(self, "w", tarn_randn(tarn_shape(size, size))));
    return self;
}

/* y = x count, where count is a buffer that goes up with each call in training. */
static tarn_tensor *counting_forward(tarn_module *self, tarn_tensor *x)
{
    tarn_tensor *count = self->parts[0].buffer;
    tarn_tensor *now = tarn_zeros(tarn_shape());
    tarn_values(now)[0] = tarn_values(count)[0];
    if (self->training)
        tarn_values(count)[0] += 1;
    tarn_tensor *y = tarn_scale(x, (double)tarn_item(now));
    tarn_free(now);
    return y;
}

static tarn_module *counting(void)
{
    static const tarn_module_type type = {.name = "Counting", .forward = counting_forward};
    tarn_module *self = tarn_nn_new(&type, sizeof *self);
    cr_assert(tarn_nn_add_buffer(self, "count", tarn_full(tarn_shape(), 1)));
    return self;
}

static tarn_module *blocks(wrapper *wrap)
{
    return tarn_nn_sequential(
        wrap(tarn_nn_sequential(tarn_nn_conv2d(3, 16, 3, .padding = 1), tarn_nn_batch_norm2d(16),
                                tarn_nn_relu(), tarn_nn_dropout(0.3))),
        tarn_nn_dropout(0.1),
        wrap(tarn_nn_sequential(tarn_nn_conv2d(16, 16, 3, .padding = 1), tarn_nn_relu(),
                                tarn_nn_max_pool2d(2))),
        tarn_nn_flatten(), tarn_nn_linear(16 * 4 * 4, 5));
}

static tarn_module *around_a_residual(wrapper *wrap)
{
    return tarn_nn_sequential(wrap(tarn_nn_residual(tarn_nn_sequential(
                                  tarn_nn_batch_norm2d(3), tarn_nn_conv2d(3, 3, 3, .padding = 1)))),
                              tarn_nn_flatten(), tarn_nn_linear(192, 5));
}

static tarn_module *in_a_residual(wrapper *wrap)
{
    return tarn_nn_sequential(tarn_nn_conv2d(3, 4, 3, .padding = 1),
                              tarn_nn_residual(wrap(tarn_nn_sequential(
                                  tarn_nn_conv2d(4, 4, 3, .padding = 1), tarn_nn_dropout(0.2)))),
                              tarn_nn_relu(), tarn_nn_global_avg_pool2d(), tarn_nn_linear(4, 5));
}

static tarn_module *in_itself(wrapper *wrap)
{
    return tarn_nn_sequential(
        tarn_nn_flatten(), wrap(tarn_nn_sequential(
                               tarn_nn_linear(192, 20), tarn_nn_dropout(0.5),
                               wrap(tarn_nn_sequential(tarn_nn_linear(20, 20), tarn_nn_dropout(0.5),
                                                       tarn_nn_gelu(), wrap(tarn_nn_dropout(0.4)))),
                               tarn_nn_linear(20, 5))));
}

static tarn_module *used_twice(wrapper *wrap)
{
    return tarn_nn_sequential(
        tarn_nn_flatten(), tarn_nn_linear(192, 6),
        twice(wrap(tarn_nn_sequential(tied(6), tarn_nn_dropout(0.5), counting()))),
        wrap(twice(wrap(tied(6)))), tarn_nn_linear(6, 5));
}

/* The body gives its input, a view of it, and what depends on no parameter. */
static tarn_module *of_nothing(wrapper *wrap)
{
    return tarn_nn_sequential(wrap(tarn_nn_dropout(0.5)), tarn_nn_conv2d(3, 4, 1),
                              wrap(tarn_nn_sequential_of(0, NULL)), wrap(tarn_nn_flatten()),
                              wrap(tarn_nn_linear(256, 5)));
}

/* What a training left behind: numbers one after the other. */
typedef struct record {
    tarn_real values[40000];
    int64_t count;
} record;

static void note(record *r, const tarn_real *values, int64_t count)
{
    cr_assert_leq(r->count + count, (int64_t)(sizeof r->values / sizeof *values));
    if (count > 0)
        memcpy(r->values + r->count, values, (size_t)count * sizeof *values);
    r->count += count;
}

static void note_tensors(record *r, const tarn_module *module)
{
    for (int i = 0; i < module->part_count; i++) {
        const tarn_module_part *part = &module->parts[i];
        note(r, tarn_values(part->parameter), tarn_size(part->parameter));
        note(r, tarn_gradients(part->parameter), tarn_size(part->parameter));
        note(r, tarn_values(part->buffer), tarn_size(part->buffer));
        if (part->child)
            note_tensors(r, part->child);
    }
}

enum { BATCH = 6 };

static void train(record *r, tarn_module *network(wrapper *), wrapper *wrap, bool differentiable)
{
    static const int32_t ids[BATCH] = {0, 1, 2, 3, 4, 0};
    tarn_seed(5);
    tarn_module *model = network(wrap);
    tarn_tensor *images =
        tarn_requires_grad(tarn_randn(tarn_shape(BATCH, 8, 8, 3)), differentiable);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.1, .momentum = 0.9);
    cr_assert(optimizer && images);
    r->count = 0;
    for (int i = 0; i < 3; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(model, images);
        note(r, tarn_values(y), tarn_size(y));
        tarn_tensor *loss = tarn_cross_entropy(y, tarn_labels(BATCH, ids));
        note(r, tarn_values(loss), 1);
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(loss), "%s", tarn_error());
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
        note_tensors(r, model);
        if (differentiable)
            note(r, tarn_gradients(images), tarn_size(images));
    }
    const uint64_t state = tarn_random_state();
    for (int i = 0; i < 4; i++)
        note(r, &(tarn_real){(tarn_real)(state >> 16 * i & 0xffff)}, 1);
    tarn_optim_free(optimizer);
    tarn_free(images);
    tarn_nn_free(model);
}

#define FOR_EACH_NETWORK(network)                                                                  \
    for (int n_ = 0; n_ < (int)(sizeof networks / sizeof *networks); n_++)                         \
        for (tarn_module * (*network)(wrapper *) = networks[n_]; network; network = NULL)

static tarn_module *(*const networks[])(wrapper *) = {blocks,    around_a_residual, in_a_residual,
                                                      in_itself, used_twice,        of_nothing};

Test(recompute, same_bits)
{
    static record expected, found;
    for (int differentiable = 0; differentiable < 2; differentiable++)
        FOR_EACH_NETWORK(network)
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        if (threads == 1)
            train(&expected, network, bare, differentiable);
        train(&found, network, tarn_nn_recompute, differentiable);
        cr_assert_eq(found.count, expected.count);
        for (int64_t i = 0; i < found.count; i++)
            cr_assert(memcmp(&found.values[i], &expected.values[i], sizeof(tarn_real)) == 0,
                      "network %d, %d threads: number %lld is %g, expects %g", n_, threads,
                      (long long)i, (double)found.values[i], (double)expected.values[i]);
    }
}

/* ---- A module like any other */

Test(recompute, names_and_table)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(3, 2), tarn_nn_relu())));
    tarn_params list = tarn_nn_parameters(model);
    cr_assert_eq(list.count, 2);
    cr_expect_str_eq(list.names[0], "0.body.0.weight");
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_expect(tarn_nn_summary(model, tarn_shape(1, 3), stream));
    fclose(stream);
    cr_expect(strstr(text, "Recompute()"), "%s", text);
    cr_expect(strstr(text, "0.body.0"), "%s", text);
    free(text);
    tarn_nn_free(model);
    record_mistakes();
    cr_expect_null(tarn_nn_recompute(NULL));
    cr_expect_eq(mistakes(), 0);
    cr_expect_null(tarn_nn_forward(NULL, NULL));
}

/* Those of the body run on tapes of their own. */
Test(recompute, counts_no_operations)
{
    tarn_module *module = tarn_nn_recompute(tarn_nn_linear(3, 2));
    tarn_tensor *x = tarn_zeros(tarn_shape(4, 3));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_nn_forward(module, x));
    cr_expect_eq(tarn_tape_last(tape)->operations, 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(module);
}

Test(recompute, in_evaluation_it_is_the_body)
{
    tarn_module *model = tarn_nn_recompute(tarn_nn_dropout(0.5));
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3, 4)), true);
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect_eq(tarn_nn_forward(model, x), x);
    tarn_tape_end(tape);
    tarn_nn_train(model, true);
    tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    cr_expect(y && y != x && !y->node);
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_forward(model, x), "dropout: no tape is open");
    tarn_free(x);
    tarn_nn_free(model);
}

Test(recompute, what_is_frozen_gets_no_gradient)
{
    tarn_module *model =
        tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(3, 2), tarn_nn_linear(2, 2)));
    tarn_tensor *x = tarn_rand(tarn_shape(4, 3));
    tarn_tensor *frozen = parameter(model, "body.0.weight");
    tarn_tensor *trained = parameter(model, "body.1.weight");
    tarn_requires_grad(frozen, false);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_backward(tarn_sum(tarn_nn_forward(model, x))));
    cr_expect_null(tarn_gradients(frozen));
    cr_expect(tarn_gradients(trained));
    tarn_tape_end(tape);

    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        tarn_requires_grad(list.tensors[i], false);
    tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_sum(tarn_nn_forward(model, x))),
                   "backward: the loss depends on no tensor that requires a gradient");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

/* The second run is as the first, whatever was switched between them. */
Test(recompute, modes_are_those_of_the_first_run)
{
    tarn_module *model = tarn_nn_recompute(tarn_nn_sequential(tarn_nn_dropout(0.5)));
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1000), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, x);
    tarn_nn_train(model, false);
    cr_expect(tarn_backward(tarn_sum(y)));
    cr_expect_not(model->parts[0].child->training);
    for (int i = 0; i < 1000; i++)
        cr_expect_eq(tarn_gradients(x)[i], tarn_values(y)[i]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

/* ---- Failures of the second run */

typedef enum failure { NONE, MEMORY, ANOTHER_SHAPE, A_MISTAKE } failure;

typedef struct failing {
    tarn_module module;
    failure of_the_second;
    int runs;
} failing;

static tarn_tensor *failing_forward(tarn_module *module, tarn_tensor *x)
{
    failing *self = (failing *)module;
    tarn_tensor *y = tarn_add(x, module->parts[0].parameter);
    if (self->runs++ == 0 || self->of_the_second == NONE)
        return y;
    if (self->of_the_second == ANOTHER_SHAPE)
        return tarn_reshape(y, tarn_shape(1, 2));
    if (self->of_the_second == A_MISTAKE)
        return tarn_fail("failing: on purpose");
    /* 2^46 elements */
    tarn_tensor *large = tarn_zeros(tarn_shape(1 << 23, 1)),
                *row = tarn_zeros(tarn_shape(1, 1 << 23));
    tarn_tensor *none = tarn_matmul(large, row);
    tarn_free(large);
    tarn_free(row);
    return none;
}

static tarn_module *failing_new(failure of_the_second)
{
    static const tarn_module_type type = {.name = "Failing", .forward = failing_forward};
    failing *self = tarn_nn_new(&type, sizeof *self);
    self->of_the_second = of_the_second;
    cr_assert(tarn_nn_add_parameter(&self->module, "w", tarn_zeros(tarn_shape(2))));
    return &self->module;
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void expect_failure(tarn_module *model, const char *words)
{
    tarn_tensor *before = tarn_requires_grad(tarn_full(tarn_shape(2), 1), true);
    tarn_tensor *w = tarn_nn_parameters(model).tensors[0];
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(model, tarn_square(before));
    tarn_tensor *loss = tarn_sum(tarn_mul(y, before));
    cr_assert(loss);
    record_mistakes();
    cr_expect_not(tarn_backward(loss));
    cr_expect(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_expect_leq(mistakes(), 1);
    cr_expect_eq(tarn_gradients(before)[0], 0);
    cr_expect(!tarn_gradients(w) || tarn_gradients(w)[0] == 0);
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    cr_expect(tarn_backward(tarn_sum(tarn_square(before))), "all is as before");
    tarn_tape_end(tape);
    tarn_free(before);
    tarn_nn_free(model);
}

Test(recompute, failures_reach_backward)
{
    expect_failure(tarn_nn_recompute(failing_new(MEMORY)), "out of memory");
    expect_failure(tarn_nn_recompute(failing_new(A_MISTAKE)), "failing: on purpose");
    expect_failure(tarn_nn_recompute(failing_new(ANOTHER_SHAPE)),
                   "nn_recompute: the body gave (2) in forward and (1,2) in backward");
    expect_failure(tarn_nn_recompute(tarn_nn_recompute(failing_new(A_MISTAKE))), "on purpose");
}

Test(recompute, a_body_that_was_changed)
{
    tarn_module *body = tarn_nn_sequential(tarn_nn_linear(2, 2));
    tarn_module *model = tarn_nn_recompute(body);
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 2));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_nn_forward(model, x));
    cr_assert(tarn_nn_add_child(body, "1", tarn_nn_relu()));
    assert_mistake(tarn_backward(loss),
                   "nn_recompute: the body was changed between forward and backward");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(recompute, a_body_that_fails_at_once)
{
    tarn_module *model = tarn_nn_recompute(tarn_nn_linear(2, 2));
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(model, x), "linear: ");
    cr_expect_not(tarn_nn_forward(model, NULL));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

/* ---- Less memory */

/* The emulator that tests run in on aarch64 cannot follow a fork(). */
#if defined TARN_TESTS_HEAP_IS_WATCHED && !defined __aarch64__

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static tarn_module *residual_block(void)
{
    return tarn_nn_residual(
        tarn_nn_sequential(tarn_nn_conv2d(32, 32, 3, .padding = 1, .bias = false),
                           tarn_nn_batch_norm2d(32), tarn_nn_relu(),
                           tarn_nn_conv2d(32, 32, 3, .padding = 1, .bias = false),
                           tarn_nn_batch_norm2d(32)),
        .relu = true);
}

typedef struct cost {
    double bytes, seconds;
} cost;

/* Of a steady training step of eight residual blocks: the peak of the heap above what the network
   and its input take, and the time. */
static cost step_cost(wrapper *wrap, int images)
{
    tarn_module *model = tarn_nn_sequential_of(0, NULL);
    for (int i = 0; i < 8; i++) {
        char name[] = {(char)('0' + i), '\0'};
        cr_assert(tarn_nn_add_child(model, name, wrap(residual_block())));
    }
    tarn_tensor *x = tarn_rand(tarn_shape(images, 28, 28, 32));
    const long before = heap_live;
    cost least = {INFINITY, INFINITY};
    for (int i = 0; i < 4; i++) {
        heap_peak = heap_live;
        double start = seconds();
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_mean(tarn_square(tarn_nn_forward(model, x)))));
        tarn_tape_end(tape);
        least.seconds = fmin(least.seconds, seconds() - start);
        least.bytes = fmin(least.bytes, (double)(heap_peak - before));
    }
    tarn_free(x);
    tarn_nn_free(model);
    return least;
}

/* In a process of its own, since tapes keep their memory. */
static cost step_cost_apart(wrapper *wrap, int images)
{
    int ends[2];
    cost found;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        found = step_cost(wrap, images);
        _exit(write(ends[1], &found, sizeof found) != sizeof found);
    }
    close(ends[1]);
    cr_assert_eq(read(ends[0], &found, sizeof found), sizeof found);
    close(ends[0]);
    waitpid(child, NULL, 0);
    return found;
}

/* The figures in docs/design.md: TARN_RECOMPUTE_IMAGES=64 build/tests/test_nn_recompute --verbose
 */
Test(recompute, takes_less_memory)
{
    const char *wanted = getenv("TARN_RECOMPUTE_IMAGES");
    const int images = wanted ? atoi(wanted) : 2;
    const cost with = step_cost_apart(tarn_nn_recompute, images);
    const cost without = step_cost_apart(bare, images);
    cr_log_info("%d images: %.1f MB and %.0f ms a step with, %.1f MB and %.0f ms without", images,
                with.bytes * 1e-6, with.seconds * 1e3, without.bytes * 1e-6, without.seconds * 1e3);
    cr_expect_gt(with.bytes, 0);
    cr_expect_lt(with.bytes, 0.75 * without.bytes, "%g bytes with, %g without", with.bytes,
                 without.bytes);
}

#else

Test(recompute, takes_less_memory, .disabled = true)
{
}

#endif
