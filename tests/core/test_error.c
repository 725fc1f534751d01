#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error_internal.h"
#include "tests/support/mistakes.h"

static char received[2048];
static void *received_context;

static void receive(const char *message, void *context)
{
    snprintf(received, sizeof received, "%s", message);
    received_context = context;
}

Test(error, none_at_first)
{
    cr_assert_str_empty(tarn_error());
}

Test(error, a_handler_gets_message_and_context)
{
    int context;
    cr_assert_null(tarn_error_handler_now());
    tarn_set_error_handler(receive, &context);
    cr_assert_eq(tarn_error_handler_now(), receive);
    cr_assert_null(tarn_fail("%s: found %d, expects %d", "op", 3, 4));
    cr_assert_str_eq(received, "op: found 3, expects 4");
    cr_assert_eq(received_context, (void *)&context);
    cr_assert_str_eq(tarn_error(), "op: found 3, expects 4");
}

Test(error, mistakes_of_the_world_only_set_the_text)
{
    tarn_set_error_handler(receive, NULL);
    cr_assert_not(tarn_set_error("file %s is empty", "x"));
    cr_assert_str_empty(received);
    cr_assert_str_eq(tarn_error(), "file x is empty");
    tarn_set_error("opening: %s", tarn_error());
    cr_assert_str_eq(tarn_error(), "opening: file x is empty");
}

Test(error, a_long_message_is_cut)
{
    char text[5000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    tarn_set_error("%s", text);
    cr_assert_eq(strlen(tarn_error()), 1023);
}

enum { ABORTED = 70 };

/* Under an emulator, dying of the signal would print something more. */
static void note_abort(int number)
{
    (void)number;
    _exit(ABORTED);
}

/* What a program that ends with that mistake prints on stderr, and its exit status. */
static int run_child(void (*body)(void), char *output, size_t size)
{
    int ends[2], status;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, note_abort);
        dup2(ends[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n = 1; n > 0; length += (size_t)n)
        n = read(ends[0], output + length, size - 1 - length);
    output[length] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_a_mistake(void)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3));
    tarn_relu(x);
}

static void replace_and_restore(void)
{
    tarn_set_error_handler(receive, NULL);
    tarn_fail("not seen");
    tarn_set_error_handler(NULL, NULL);
    cr_assert_null(tarn_error_handler_now());
    tarn_fail("seen");
}

Test(error, by_default_one_sentence_and_abort)
{
    char output[4096];
    cr_assert_eq(run_child(make_a_mistake, output, sizeof output), ABORTED);
    cr_assert_str_eq(output, "tarn: relu: no tape is open; call tarn_tape_begin() first\n");
    cr_assert_eq(run_child(replace_and_restore, output, sizeof output), ABORTED);
    cr_assert_str_eq(output, "tarn: seen\n");
}

static void *fail_elsewhere(void *message)
{
    tarn_set_error("%s", "there");
    snprintf(message, 64, "%s", tarn_error());
    return NULL;
}

Test(error, each_thread_has_its_own)
{
    char message[64];
    pthread_t thread;
    tarn_set_error("here");
    cr_assert_eq(pthread_create(&thread, NULL, fail_elsewhere, message), 0);
    pthread_join(thread, NULL);
    cr_assert_str_eq(message, "there");
    cr_assert_str_eq(tarn_error(), "here");
}

Test(error, one_mistake_gives_one_report)
{
    tarn_tensor *x = tarn_rand(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *wrong = NULL;
    assert_mistake(wrong = tarn_matmul(x, x), "matmul");
    tarn_tensor *loss = tarn_mean(tarn_square(tarn_add(tarn_relu(wrong), x)));
    cr_assert_null(loss);
    cr_assert_not(tarn_backward(loss));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(error, caught_mistakes_are_the_worlds)
{
    record_mistakes();
    cr_assert_not(tarn__catch_mistakes(true));
    cr_assert_null(tarn_fail("of a file: %d", 3));
    cr_assert_not(tarn_fail_null("what it gave"));
    cr_assert(tarn__catch_mistakes(false));
    cr_assert_eq(mistakes(), 0);
    cr_assert_str_eq(tarn__error_unread(), "of a file: 3");
    cr_assert_not(tarn_fail_null("what it gave"));
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "of a file: 3");
}

/* Which error NULL comes of: the last, unless it was dealt with. */
Test(error, an_error_that_was_dealt_with_is_no_cause)
{
    record_mistakes();
    tarn_set_error("file x is empty");
    cr_assert_str_eq(tarn_error(), "file x is empty");
    cr_assert_not(tarn_fail_null("step: the optimizer"));
    cr_assert_str_eq(last_mistake(), "step: the optimizer is NULL");

    tarn_module *model = tarn_nn_linear(2, 2);
    cr_assert_not(tarn_nn_load(model, "/nowhere/weights"));
    cr_assert_not(tarn_backward(NULL));
    cr_assert_str_eq(last_mistake(), "backward: the loss is NULL");
    tarn_nn_free(model);

    tarn_set_error("file y is empty");
    cr_assert_not(tarn_data_print(NULL, stdout)); /* fails in silence: that of y is still unknown */
    cr_assert_not(tarn_fail_null("step: the optimizer"));
    cr_assert_str_eq(last_mistake(), "file y is empty");
}

/* The NULLs that follow from a mistake are not reported, those after a step that went well are. */
Test(error, a_mistake_is_over_after_the_next_backward)
{
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(2)), true);
    assert_mistake(tarn_relu(w), "relu: no tape is open");
    cr_assert_not(tarn_backward(NULL));
    cr_assert_eq(mistakes(), 0);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(w)));
    tarn_tape_end(tape);
    assert_mistake(tarn_backward(NULL), "backward: the loss is NULL");
    tarn_free(w);
}
