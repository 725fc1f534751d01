/* Of debug builds: what is gone is known to be gone (core/life.h). The library that this is
   linked with is compiled with TARN_DEBUG, whatever the rest is. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "core/tensor_internal.h"
#include "tests/support/mistakes.h"

static tarn_tensor *freed(void)
{
    tarn_tensor *t = tarn_full(tarn_shape(), 3);
    tarn_free(t);
    return t;
}

static tarn_tensor *of_an_ended_tape(void)
{
    tarn_tensor *w = tarn_full(tarn_shape(), 3);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_square(w);
    tarn_tape_end(tape);
    tarn_free(w);
    return y;
}

static void expect_found(tarn_tensor *gone)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 2), true);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_relu(gone), "relu: input 0 was freed, or its tape has ended");
    assert_mistake(tarn_mul(w, gone), "mul: input 1 was freed, or its tape has ended");
    assert_mistake(tarn_reshape(gone, tarn_shape(1)),
                   "reshape: input 0 was freed, or its tape has ended");
    assert_mistake(tarn_backward(gone), "backward: the tensor was freed, or its tape has ended");
    assert_mistake(tarn_values(gone), "values: the tensor was freed, or its tape has ended");
    assert_mistake(tarn_gradients(gone), "gradients: the tensor was freed");
    assert_mistake(tarn_clone(gone), "clone: the tensor was freed");
    assert_mistake(tarn_requires_grad(gone, true), "requires_grad: the tensor was freed");
    assert_mistake(!isnan(tarn_item(gone)), "item: the tensor was freed");
    assert_mistake((tarn_free(gone), NULL), "free: the tensor was freed, or its tape has ended");
    assert_mistake((tarn_zero_grad(gone), NULL), "zero_grad: the tensor was freed");
    cr_expect(tarn_backward(tarn_square(w)), "the tape is as it was");
    tarn_tape_end(tape);
    assert_mistake(tarn_relu(gone), "relu: input 0 was freed, or its tape has ended");
    cr_expect_eq(tarn_ndim(gone), 0, "the shape stays");
    cr_expect_eq(tarn_size(gone), 1);
    tarn_free(w);
}

Test(life, of_a_freed_tensor)
{
    expect_found(freed());
}

Test(life, of_the_result_of_an_ended_tape)
{
    expect_found(of_an_ended_tape());
}

/* Backward would read the new ones. */
Test(life, a_parameter_that_was_changed_before_backward)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2, 2), 3), true);
    tarn_tensor *x = tarn_full(tarn_shape(1, 2), 1);
    for (int viewed = 0; viewed <= 1; viewed++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *of = viewed ? tarn_reshape(w, tarn_shape(2, 2)) : w;
        tarn_tensor *loss = tarn_sum(tarn_matmul(x, of));
        tarn_values(w)[3] += 1;
        assert_mistake(tarn_backward(loss),
                       "backward: input 1 of matmul, a parameter of shape (2,2), was changed since "
                       "it was used");
        tarn_tape_end(tape);
    }
    /* What is no parameter may be written over, and a parameter put back. */
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_sub(tarn_matmul(x, w), x));
    const tarn_real before = tarn_values(w)[0];
    tarn_values(w)[0] = 7;
    tarn_values(w)[0] = before;
    tarn_values(x)[0] = 2;
    cr_expect(tarn_backward(loss), "%s", tarn_error());
    tarn_tape_end(tape);
    tarn_free(w);
    tarn_free(x);
}

/* tarn_loader_next() before tarn_backward(). */
Test(life, the_images_of_the_next_batch)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2, 2), 3), true);
    tarn_tensor *images = tarn_full(tarn_shape(1, 2), 1);
    images->lent = true;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_matmul(images, w));
    tarn_values(images)[1] = 2;
    assert_mistake(
        tarn_backward(loss),
        "backward: input 0 of matmul, a tensor of a loader or module of shape (1,2), was "
        "changed since it was used; backward must run before the next batch");
    tarn_tape_end(tape);
    images->lent = false;
    tarn_free(images);
    tarn_free(w);
}

/* What reads values without an operation between. */
Test(life, nn_reads_no_values_that_are_gone)
{
    tarn_tensor *gone = tarn_zeros(tarn_shape(2, 3));
    tarn_free(gone);
    const tarn_labels labels = tarn_labels(2, ((const int32_t[]){0, 1}));
    tarn_confusion *confusion = tarn_confusion_new(3);
    tarn_module *embedding = tarn_nn_embedding(4, 5);
    const char *report = "values: the tensor was freed, or its tape has ended";
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake((tarn_count_correct(gone, labels), NULL), report);
    assert_mistake((tarn_count_top_k(gone, labels, 1), NULL), report);
    assert_mistake(!isnan(tarn_accuracy(gone, labels)), report);
    assert_mistake(tarn_confusion_add(confusion, gone, labels), report);
    assert_mistake(tarn_init_constant(gone, 1), report);
    assert_mistake(tarn_init_uniform(gone, 1), report);
    assert_mistake(tarn_init_normal(gone, 1), report);
    assert_mistake(tarn_init_xavier_normal(gone, 0), report);
    assert_mistake(tarn_init_orthogonal(gone, 0), report);
    assert_mistake(tarn_nn_forward(embedding, gone), report);
    tarn_tape_end(tape);
    tarn_confusion_free(confusion);
    tarn_nn_free(embedding);
}

/* A view has the values of its source. */
Test(life, of_a_view)
{
    tarn_tensor *x = tarn_full(tarn_shape(2, 3), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *view = tarn_flatten(x);
    cr_assert(tarn_values(view));
    tarn_free(x);
    assert_mistake(tarn_sum(view), "sum: input 0 was freed");
    assert_mistake(tarn_values(view), "values: the tensor was freed");
    tarn_tape_end(tape);
}

/* What operations read beside their inputs, or before the inputs are checked. */
Test(life, of_what_is_no_input)
{
    int32_t ids[2] = {0, 1};
    const tarn_labels labels = tarn_labels(2, ids);
    tarn_tensor *x = tarn_full(tarn_shape(2, 3), 0.5), *c = tarn_full(tarn_shape(3), 1);
    tarn_tensor *row = tarn_full(tarn_shape(3), 1), *same = tarn_full(tarn_shape(2, 3), 1);
    tarn_free(row);
    tarn_free(same);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_batch_norm2d(x, c, c, row, c), "batch_norm2d: running_mean was freed");
    assert_mistake(tarn_batch_norm2d(x, c, c, c, row), "batch_norm2d: running_var was freed");
    assert_mistake(tarn_cross_entropy(x, labels, .class_weights = row),
                   "cross_entropy: class_weights was freed");
    assert_mistake(tarn_nll(x, labels, .class_weights = row), "nll: class_weights was freed");
    assert_mistake(tarn_binary_cross_entropy(x, same), "binary_cross_entropy: target was freed");
    assert_mistake(tarn_kl_div(x, same), "kl_div: p was freed, or its tape has ended");
    assert_mistake(tarn_argmax_axis(same, 1, ids), "argmax_axis: the input was freed");
    assert_mistake(tarn_argmin_axis(same, 1, ids), "argmin_axis: the input was freed");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(c);
}

Test(life, of_what_backward_needs)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(3), 2), true);
    tarn_tensor *x = tarn_full(tarn_shape(3), 5), *z = tarn_requires_grad(tarn_clone(x), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_add(tarn_mul(w, x), z));
    tarn_free(x);
    assert_mistake(tarn_backward(loss), "backward: input 1 of mul was freed before");
    cr_expect_eq(tarn_gradients(z)[0], 0, "no gradient is left half done");
    tarn_tape_end(tape);
    tarn_free(w);
    tarn_free(z);
}

/* More than are held back. */
Test(life, of_many)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 1), true);
    for (int i = 0; i < 1000; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = w;
        for (int k = 0; k < 100; k++)
            y = tarn_scale(y, 1);
        cr_assert(tarn_backward(y));
        tarn_tape_end(tape);
        assert_mistake(tarn_item(y) > 0, "item: the tensor was freed");
        tarn_free(tarn_clone(w));
    }
    cr_assert_eq(tarn_gradients(w)[0], 1000);
    tarn_free(w);
}

static void *use_many(void *unused)
{
    (void)unused;
    tarn_tensor *w = tarn_full(tarn_shape(4), 1);
    for (int i = 0; i < 2000; i++) {
        tarn_tape *tape = tarn_tape_begin();
        for (int k = 0; k < 20; k++)
            tarn_scale(w, 1);
        tarn_tape_end(tape);
    }
    tarn_free(w);
    return NULL;
}

Test(life, on_several_threads)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use_many, NULL), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
}

static tarn_tensor *scaled(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_scale(x[0], 2);
}

Test(life, in_the_gradient_check)
{
    tarn_tensor *gone = freed();
    assert_mistake(tarn_gradcheck(scaled, tarn_params_of(gone)), "gradcheck: the tensor was freed");
}
