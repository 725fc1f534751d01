#include <pthread.h>
#include <string.h>

#include "tests/support/mistakes.h"

/* A parameter of one element. */
static tarn_tensor *number(double value)
{
    return tarn_requires_grad(tarn_full(tarn_shape(), value), true);
}

Test(tape, needed_for_operations)
{
    tarn_tensor *w = number(3);
    assert_mistake(tarn_square(w), "square: no tape is open; call tarn_tape_begin() first");
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_square(w));
    tarn_tape_end(tape);
    assert_mistake(tarn_square(w), "square: no tape is open");
    tarn_free(w);
}

Test(tape, backward)
{
    tarn_tensor *w = number(3);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_square(w), *loss = tarn_add(tarn_mul(y, w), y);
    cr_assert_eq(tarn_item(loss), 36);
    cr_assert(tarn_backward(loss));
    cr_assert_eq(tarn_gradients(w)[0], 33, "3 w^2 + 2 w");
    cr_assert_eq(tarn_gradients(y)[0], 4);
    cr_assert_eq(tarn_gradients(loss)[0], 1);
    tarn_tape_end(tape);
    tarn_free(w);
}

/* 2^60 paths from w to the loss: each node is visited once. */
Test(tape, backward_is_one_walk)
{
    tarn_tensor *w = number(1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_scale(w, 1);
    for (int i = 0; i < 60; i++)
        y = tarn_add(y, y);
    cr_assert(tarn_backward(y));
    cr_assert_eq(tarn_gradients(w)[0], (tarn_real)0x1p60);
    tarn_tape_end(tape);
    tarn_free(w);
}

Test(tape, a_long_chain)
{
    tarn_tensor *w = number(1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = w;
    for (int i = 0; i < 100000; i++)
        y = tarn_scale(y, 1);
    cr_assert(tarn_backward(y));
    cr_assert_eq(tarn_gradients(w)[0], 1);
    tarn_tape_end(tape);
    tarn_free(w);
}

Test(tape, what_is_not_on_the_way_to_the_loss_gets_nothing)
{
    tarn_tensor *w = number(3), *unused = number(4), *constant = tarn_full(tarn_shape(), 5);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *aside = tarn_mul(w, unused);
    tarn_tensor *loss = tarn_mul(w, constant);
    tarn_tensor *later = tarn_square(loss);
    cr_assert(tarn_backward(loss));
    cr_assert_eq(tarn_gradients(w)[0], 5);
    cr_assert_null(tarn_gradients(unused));
    cr_assert_null(tarn_gradients(constant));
    cr_assert_null(tarn_gradients(aside));
    cr_assert_null(tarn_gradients(later));
    tarn_tape_end(tape);
    tarn_free(w);
    tarn_free(unused);
    tarn_free(constant);
}

Test(tape, gradients_accumulate_until_zeroed)
{
    tarn_tensor *w = number(3);
    for (int i = 1; i <= 3; i++) {
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_square(w)));
        tarn_tape_end(tape);
        cr_assert_eq(tarn_gradients(w)[0], (tarn_real)(6 * i));
    }
    tarn_free(w);
}

Test(tape, mistakes_of_backward)
{
    tarn_tensor *w = tarn_requires_grad(tarn_rand(tarn_shape(2, 3)), true), *one = number(1);
    tarn_tensor *constant = tarn_full(tarn_shape(), 1), *empty = tarn_zeros(tarn_shape(0));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_square(w)),
                   "backward: the loss has shape (2,3), expects one element");
    assert_mistake(tarn_backward(tarn_square(empty)),
                   "backward: the loss has shape (0), expects one element");
    assert_mistake(tarn_backward(one), "backward: the loss is not the result of an operation");
    assert_mistake(tarn_backward(tarn_square(constant)),
                   "backward: the loss depends on no tensor that requires a gradient");
    cr_assert_not(tarn_backward(NULL));
    cr_assert_eq(mistakes(), 0);
    tarn_tensor *loss = tarn_sum(w);
    cr_assert(tarn_backward(loss), "mistakes leave the tape as it was");
    assert_mistake(tarn_backward(loss),
                   "backward: has already run over this tape; begin a new one");
    assert_mistake(tarn_backward(tarn_mean(w)), "backward: has already run over this tape");
    cr_assert_eq(tarn_gradients(w)[0], 1);
    tarn_tape_end(tape);
    tarn_free(w);
    tarn_free(one);
    tarn_free(constant);
    tarn_free(empty);
}

Test(tape, no_grad)
{
    tarn_tensor *w = number(3);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *loss = tarn_square(tarn_reshape(w, tarn_shape(1)));
    cr_assert_eq(tarn_values(loss)[0], 9);
    assert_mistake(tarn_backward(loss), "backward: the tape of the loss was begun with no_grad");
    cr_assert_null(tarn_gradients(w));
    tarn_tape_end(tape);
    tarn_free(w);
}

/* What a no_grad tape made is a constant for the tapes inside it. */
Test(tape, inside_no_grad)
{
    tarn_tensor *w = number(3);
    tarn_tape *outer = tarn_tape_begin_no_grad();
    tarn_tensor *constant = tarn_square(w);
    tarn_tape *inner = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_mul(constant, w)));
    cr_assert_eq(tarn_gradients(w)[0], 9);
    cr_assert_null(tarn_gradients(constant));
    tarn_tape_end(inner);
    tarn_tape_end(outer);
    tarn_free(w);
}

Test(tape, order_of_ending)
{
    record_mistakes();
    tarn_tape *outer = tarn_tape_begin(), *inner = tarn_tape_begin();
    tarn_tape_end(outer);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "tape_end: the tape is not the innermost one open on this "
                                     "thread, expects that those begun after it have ended");
    tarn_tape_end(inner);
    tarn_tape_end(outer);
    tarn_tape_end(NULL);
    cr_assert_eq(mistakes(), 0);
}

Test(tape, results_belong_to_the_innermost)
{
    tarn_tensor *w = number(3);
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *before = tarn_scale(w, 2);
    for (int i = 0; i < 3; i++) {
        tarn_tape *inner = tarn_tape_begin();
        tarn_tensor *y = before;
        for (int k = 0; k < 50; k++)
            y = tarn_scale(y, 1);
        cr_assert_eq(tarn_item(y), 6);
        tarn_tape_end(inner);
    }
    tarn_tensor *loss = tarn_square(before);
    cr_assert_eq(tarn_item(loss), 36);
    cr_assert(tarn_backward(loss));
    cr_assert_eq(tarn_gradients(w)[0], 24);
    tarn_tape_end(outer);
    tarn_free(w);
}

/* Backward of an inner tape reaches the results of outer tapes that it used, where the gradient
   waits until backward of the outer tape carries it on. */
Test(tape, nested_gradients)
{
    tarn_tensor *w = number(3);
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *y = tarn_square(w);
    tarn_tape *inner = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_mul(y, w)));
    cr_assert_eq(tarn_gradients(w)[0], 9);
    cr_assert_eq(tarn_gradients(y)[0], 3);
    tarn_tape_end(inner);
    cr_assert(tarn_backward(tarn_scale(y, 10)));
    cr_assert_eq(tarn_gradients(w)[0], 9 + (3 + 10) * 6);
    tarn_tape_end(outer);
    tarn_free(w);
}

/* The loss of an outer tape, while an inner one is open. */
Test(tape, backward_of_the_outer_inside_the_inner)
{
    tarn_tensor *x = tarn_rand(tarn_shape(1, 5, 5, 2));
    tarn_tensor *w = tarn_requires_grad(tarn_rand(tarn_shape(3, 3, 2, 2)), true);
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_conv2d(tarn_scale(x, 1), w, NULL));
    tarn_tape *inner = tarn_tape_begin();
    cr_assert(tarn_backward(loss));
    tarn_tape_end(inner);
    cr_assert_gt(tarn_gradients(w)[0], 0);
    cr_assert_eq(tarn_gradients(w)[0], tarn_gradients(w)[1]);
    tarn_tape_end(outer);
    tarn_free(x);
    tarn_free(w);
}

Test(tape, a_clone_outlives_it)
{
    tarn_tensor *w = number(3);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_clone(tarn_square(w)), *view = tarn_clone(tarn_reshape(w, tarn_shape(1)));
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    for (int i = 0; i < 100; i++)
        tarn_scale(w, 17);
    tarn_tape_end(tape);
    cr_assert_eq(tarn_item(y), 9);
    cr_assert_eq(tarn_item(view), 3);
    tarn_free(y);
    tarn_free(view);
    tarn_free(w);
}

/* Each thread has tapes of its own. */
static void *train(void *result)
{
    tarn_tensor *w = number(1);
    for (int i = 0; i < 300; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_zero_grad(w);
        if (!tarn_backward(tarn_square(tarn_reshape(w, tarn_shape(1, 1)))))
            return NULL;
        tarn_values(w)[0] -= (tarn_real)0.1 * tarn_gradients(w)[0];
        tarn_tape_end(tape);
    }
    *(double *)result = (double)tarn_item(w);
    tarn_free(w);
    return result;
}

Test(tape, threads_do_not_meet)
{
    enum { COUNT = 4 };
    pthread_t threads[COUNT];
    double results[COUNT];
    tarn_tensor *w = number(1);
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < COUNT; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, train, &results[i]), 0);
    for (int i = 0; i < COUNT; i++) {
        void *done;
        pthread_join(threads[i], &done);
        cr_assert(done);
        cr_assert_eq(results[i], results[0]);
    }
    cr_assert(tarn_backward(tarn_square(w)));
    tarn_tape_end(tape);
    tarn_free(w);
}

/* The gradient that backward over an inner tape leaves on a result of an outer one is carried on
   even if that result is newer than the outer loss. */
Test(tape, gradients_left_on_newer_results_are_carried_on)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 3), true);
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *loss = tarn_scale(w, 1);
    tarn_tensor *newer = tarn_square(w);
    tarn_tape *inner = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_scale(newer, 1)));
    tarn_tape_end(inner);
    cr_assert(tarn_backward(loss));
    cr_assert_eq(*tarn_gradients(w), 1 + 6);
    tarn_tape_end(outer);
    tarn_free(w);
}

static void *loss_of_another_thread(void *loss)
{
    record_mistakes();
    return tarn_backward(loss) ? loss : NULL;
}

Test(tape, backward_from_another_thread_is_a_mistake)
{
    pthread_t thread;
    void *result;
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 3), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_square(w);
    cr_assert_eq(pthread_create(&thread, NULL, loss_of_another_thread, loss), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert_null(result);
    cr_assert(strstr(last_mistake(), "backward: the tape of the loss is not open on this thread"));
    tarn_tape_end(tape);
    tarn_free(w);
}

static void *use_of_another_thread(void *x)
{
    record_mistakes();
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *own = tarn_full(tarn_shape(), 1);
    tarn_tensor *y = tarn_mul(own, x);
    tarn_tape_end(tape);
    tarn_free(own);
    return y;
}

static void *statistics_of_another_thread(void *running)
{
    record_mistakes();
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *x = tarn_full(tarn_shape(2, 1), 1), *one = tarn_full(tarn_shape(1), 1);
    tarn_tensor *y = tarn_batch_norm2d(x, one, one, running, running, .training = true);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(one);
    return y;
}

Test(tape, running_statistics_of_another_thread_are_foreign)
{
    pthread_t thread;
    void *result;
    tarn_tensor *w = tarn_full(tarn_shape(1), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *running = tarn_square(w);
    cr_assert_eq(pthread_create(&thread, NULL, statistics_of_another_thread, running), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert_null(result);
    cr_assert_str_eq(last_mistake(),
                     "batch_norm2d: running_mean belongs to a tape that is not "
                     "open on this thread; tarn_clone() makes a copy that outlives its tape");
    tarn_tape_end(tape);
    tarn_free(w);
}

Test(tape, what_belongs_to_a_tape_of_another_thread_is_foreign)
{
    pthread_t thread;
    void *result;
    tarn_tensor *w = number(3);
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *y = tarn_square(w);
    tarn_tape *inner = tarn_tape_begin();
    cr_assert_eq(pthread_create(&thread, NULL, use_of_another_thread, y), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert_null(result);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "mul: input 1 belongs to a tape that is not open on this "
                                     "thread; tarn_clone() makes a copy that outlives its tape");
    cr_assert_eq(pthread_create(&thread, NULL, use_of_another_thread, w), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert(result, "what belongs to nobody's tape may be used by all");
    cr_assert_eq(tarn_item(tarn_mul(y, w)), 27, "outer tapes of the same thread are open");
    tarn_tape_end(inner);
    tarn_tape_end(outer);
    tarn_free(w);
}

/* Also where it is used through a view. */
Test(tape, what_is_frozen_before_backward_gets_no_gradient)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2), 3), true);
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1, 2), 3), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *view = tarn_reshape(w, tarn_shape(1, 2));
    tarn_tensor *loss = tarn_sum(tarn_add(tarn_square(view), tarn_square(x)));
    tarn_requires_grad(w, false);
    cr_assert(tarn_backward(loss));
    cr_assert_null(tarn_gradients(w));
    cr_assert_eq(tarn_gradients(x)[1], 6);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(w);
}

Test(op, saves_only_with_results_of_operations)
{
    tarn_tensor *w = tarn_zeros(tarn_shape(2));
    assert_mistake(tarn_op_save(w, 8), "no operation's result");
    tarn_free(w);
}

/* ---- With a gradient of the caller's, and over a tape that is kept */

Test(tape, backward_of_any_shape_with_a_gradient)
{
    const tarn_real values[] = {1, 2, 3, 4}, from_above[] = {1, -1, 0.5, 0};
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(2, 2), values), true);
    tarn_tensor *dy = tarn_from_array(tarn_shape(2, 2), from_above);
    tarn_tensor *row = tarn_zeros(tarn_shape(4)), *none = tarn_zeros(tarn_shape(0));
    tarn_requires_grad(none, true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_square(x);
    assert_mistake(tarn_backward(y, .gradient = row),
                   "backward: the gradient has shape (4), the loss expects its own, (2,2)");
    cr_assert(tarn_backward(y, .gradient = dy));
    for (int i = 0; i < 4; i++)
        cr_expect_eq(tarn_gradients(x)[i], 2 * values[i] * from_above[i]);
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_square(none), .gradient = none));
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    tarn_tape *inner = tarn_tape_begin();
    tarn_tensor *gone = tarn_square(dy);
    cr_assert(tarn_backward(tarn_square(x), .gradient = gone));
    tarn_tape_end(inner);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(dy);
    tarn_free(row);
    tarn_free(none);
}

/* Two losses over a shared part, one after the other, with an operation added between. */
Test(tape, a_kept_tape)
{
    tarn_tensor *w = number(3);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_square(w), *first = tarn_scale(y, 2);
    cr_assert(tarn_backward(first, .keep = true));
    cr_expect_eq(tarn_gradients(w)[0], 12);
    cr_assert(tarn_backward(first, .keep = true));
    cr_expect_eq(tarn_gradients(w)[0], 24);
    tarn_zero_grad(w);
    cr_assert(tarn_backward(tarn_mul(y, w)));
    cr_expect_eq(tarn_gradients(w)[0], 27);
    assert_mistake(tarn_backward(first), "backward: has already run over this tape; begin a new "
                                         "one, or give .keep to the first");
    tarn_tape_end(tape);
    tarn_free(w);
}

/* A view of a parameter has its gradient, which stays. Results that only an unrelated loss reached
   are left alone by the next: 0 times the slope at 0 would be NaN. */
Test(tape, a_kept_tape_with_views_and_infinite_slopes)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2), 3), true);
    tarn_tensor *zero = tarn_requires_grad(tarn_zeros(tarn_shape(2)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *view = tarn_reshape(w, tarn_shape(2, 1)), *other = tarn_sum(tarn_sqrt(zero));
    tarn_tensor *loss = tarn_sum(tarn_square(tarn_slice(view, 0, 0, 1)));
    cr_assert(tarn_backward(other, .keep = true));
    tarn_zero_grad(zero);
    cr_assert(tarn_backward(loss, .keep = true));
    cr_assert(tarn_backward(loss));
    cr_expect(tarn_gradients(w)[0] == 12 && tarn_gradients(w)[1] == 0);
    cr_expect(tarn_gradients(zero)[0] == 0);
    tarn_tape_end(tape);
    tarn_free(w);
    tarn_free(zero);
}

/* What operations keep for backward is still there the second time. */
Test(tape, a_kept_tape_gives_the_same_gradients_again)
{
    const int32_t ids[] = {1, 0};
    tarn_seed(3);
    tarn_tensor *x = tarn_randn(tarn_shape(2, 6, 6, 3)),
                *weight = tarn_randn(tarn_shape(3, 3, 3, 4));
    tarn_tensor *scale = tarn_full(tarn_shape(4), 1), *shift = tarn_zeros(tarn_shape(4));
    tarn_tensor *mean = tarn_zeros(tarn_shape(4)), *var = tarn_full(tarn_shape(4), 1);
    tarn_tensor *all[] = {x, weight, scale};
    tarn_real first[3][256];
    for (int i = 0; i < 3; i++)
        tarn_requires_grad(all[i], true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_conv2d(x, weight, NULL, .relu = true, .max_pool = 2);
    y = tarn_dropout(tarn_batch_norm2d(y, scale, shift, mean, var, .training = true), 0.25);
    y = tarn_softmax(tarn_layer_norm(y, scale, shift));
    tarn_tensor *loss = tarn_cross_entropy(tarn_flatten(y), tarn_labels(2, ids));
    for (int times = 1; times <= 2; times++) {
        cr_assert(tarn_backward(loss, .keep = true));
        for (int i = 0; i < 3; i++)
            for (int64_t k = 0; k < tarn_size(all[i]); k++)
                if (times == 1)
                    first[i][k] = tarn_gradients(all[i])[k];
                else
                    cr_expect_eq(tarn_gradients(all[i])[k], first[i][k]);
        for (int i = 0; i < 3; i++)
            tarn_zero_grad(all[i]);
    }
    tarn_tape_end(tape);
    for (int i = 0; i < 3; i++)
        tarn_free(all[i]);
    tarn_free(shift);
    tarn_free(mean);
    tarn_free(var);
}

/* ---- Gradients where operations had saved something */

enum { MANY = 8192, TIMES = 3 };

/* dx = saved dy, element by element, as far as was saved. */
static void scaled_backward(const tarn_node *node)
{
    const tarn_real *saved = node->saved, *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    const size_t count = node->saved_size / sizeof *saved;
    for (size_t i = 0; i < MANY; i++)
        dx[i] += saved[i % count] * dy[i];
}

/* A chain of three from x, to its sum; saved: what the last of them kept. */
typedef struct chain {
    tarn_tape *tape;
    tarn_tensor *x, *y[TIMES], *loss;
    tarn_real *saved;
} chain;

static chain chain_of(size_t saved_by_last)
{
    static const tarn_op scaled = {.name = "scaled", .backward = scaled_backward};
    chain c = {.tape = tarn_tape_begin(),
               .x = tarn_requires_grad(tarn_full(tarn_shape(MANY), 1), true)};
    for (int i = 0; i < TIMES; i++) {
        tarn_tensor *from = i == 0 ? c.x : c.y[i - 1];
        const size_t count = i == TIMES - 1 ? saved_by_last : MANY;
        c.y[i] = tarn_op_result(&scaled, tarn_shape(MANY), from);
        c.saved = tarn_op_save(c.y[i], count * sizeof *c.saved);
        for (size_t k = 0; k < count; k++)
            c.saved[k] = (tarn_real)(i + 2);
        for (size_t k = 0; k < MANY; k++)
            tarn_values(c.y[i])[k] = tarn_values(from)[k] * (tarn_real)(i + 2);
    }
    c.loss = tarn_sum(c.y[TIMES - 1]);
    return c;
}

static void expect_gradients(const chain *c, double x)
{
    for (int64_t k = 0; k < MANY; k++)
        cr_assert(tarn_gradients(c->x)[k] == x && tarn_gradients(c->y[0])[k] == 12 &&
                  tarn_gradients(c->y[1])[k] == 4 && tarn_gradients(c->y[2])[k] == 1);
}

static void end_chain(chain *c)
{
    tarn_tape_end(c->tape);
    tarn_free(c->x);
}

Test(tape, gradients_take_the_place_of_what_was_saved)
{
    chain c = chain_of(MANY);
    cr_assert(tarn_backward(c.loss));
    cr_expect_eq(tarn_gradients(c.y[0]), c.saved);
    expect_gradients(&c, 24);
    end_chain(&c);
}

Test(tape, gradients_take_no_place_that_is_too_small)
{
    chain c = chain_of(MANY - 1);
    cr_assert(tarn_backward(c.loss));
    cr_expect_neq(tarn_gradients(c.y[0]), c.saved);
    expect_gradients(&c, 24);
    end_chain(&c);
}

Test(tape, what_was_saved_stays_on_a_kept_tape)
{
    chain c = chain_of(MANY);
    for (int times = 1; times <= 2; times++) {
        cr_assert(tarn_backward(c.loss, .keep = true));
        for (int64_t k = 0; k < MANY; k++)
            cr_assert(c.saved[k] == 4 && tarn_gradients(c.x)[k] == (tarn_real)(24 * times));
    }
    cr_assert(tarn_backward(c.loss));
    expect_gradients(&c, 72);
    end_chain(&c);
}

/* ---- Told when gradients are complete */

enum { MOST_READY = 8 };

static struct {
    int count;
    const tarn_tensor *tensors[MOST_READY];
    tarn_real gradients[MOST_READY];
    bool with_context;
} told;

static void note_ready(tarn_tensor *tensor, void *context)
{
    cr_assert(told.count < MOST_READY);
    told.tensors[told.count] = tensor;
    told.gradients[told.count++] = tarn_gradients(tensor) ? tarn_gradients(tensor)[0] : -1;
    told.with_context = context == &told;
}

/* loss = (a b + a)^2 b: each once, with its whole gradient, and b, which was used first, last. */
Test(tape, tells_when_a_gradient_is_complete)
{
    tarn_tensor *a = number(2), *b = number(3), *c = number(5);
    tarn_tensor *constant = tarn_full(tarn_shape(), 1);
    for (int again = 0; again < 2; again++) {
        told.count = 0;
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *used_first = tarn_mul(b, b);
        tarn_tensor *other = number(7), *unrelated = tarn_mul(a, other);
        tarn_free(other); /* backward has no business with it */
        tarn_tensor *sum = tarn_add(tarn_mul(tarn_reshape(a, tarn_shape(1)), b), a);
        tarn_tensor *loss = tarn_mul(tarn_mul(tarn_square(sum), c), tarn_mul(used_first, constant));
        cr_assert(unrelated);
        cr_assert(tarn_backward(tarn_sum(loss), .ready = note_ready, .context = &told));
        cr_assert(told.count == 3 && told.with_context);
        const tarn_tensor *expected[] = {c, a, b};
        for (int i = 0; i < 3; i++) {
            cr_assert_eq(told.tensors[i], expected[i], "%d", i);
            cr_assert_eq(told.gradients[i], tarn_gradients((tarn_tensor *)expected[i])[0]);
        }
        tarn_tape_end(tape);
        tarn_zero_grad(a);
        tarn_zero_grad(b);
        tarn_zero_grad(c);
    }
    tarn_free(a);
    tarn_free(b);
    tarn_free(c);
    tarn_free(constant);
}

/* One that is used within a body that is computed again, and beside it. */
Test(tape, tells_of_what_recomputing_uses)
{
    told.count = 0;
    tarn_module *layer = tarn_nn_linear(1, 1);
    tarn_module *body = tarn_nn_recompute(layer);
    tarn_tensor *x = tarn_full(tarn_shape(1, 1), 2);
    const tarn_params params = tarn_nn_parameters(body);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *within = tarn_nn_forward(body, x);
    tarn_tensor *beside = tarn_mul(params.tensors[0], params.tensors[0]);
    cr_assert(tarn_backward(tarn_sum(tarn_add(within, beside)), .ready = note_ready));
    cr_assert_eq(told.count, 2);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(told.gradients[i], tarn_gradients((tarn_tensor *)told.tensors[i])[0]);
    tarn_tape_end(tape);
    tarn_nn_free(body);
    tarn_free(x);
}
