#include <stdio.h>
#include <unistd.h>

#include "tests/optim/replay.h"

static void fill(tarn_tensor *t, double value)
{
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_values(t)[i] = (tarn_real)value;
}

static void assert_all(const tarn_tensor *t, double expected)
{
    for (int64_t i = 0; i < tarn_size(t); i++)
        assert_close(tarn_values(t)[i], expected);
}

Test(ema, averages_and_swaps)
{
    tarn_tensor *a = new_param(3, 1), *b = new_param(2, -2), *empty = new_param(0, 0);
    tarn_ema *ema = tarn_ema_new(tarn_params_of(a, b, empty), .decay = 0.75);
    fill(a, 5);
    fill(b, 6);
    tarn_ema_update(ema);
    fill(a, 10);
    tarn_ema_update(ema);
    assert_all(a, 10); /* nothing shows before the swap */
    tarn_ema_swap(ema);
    assert_all(a, 0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 10);
    assert_all(b, 0.75 * (0.75 * -2 + 0.25 * 6) + 0.25 * 6);
    tarn_ema_swap(ema);
    assert_all(a, 10);
    assert_all(b, 6);
    tarn_ema_update(ema); /* goes on from where it was */
    tarn_ema_swap(ema);
    assert_all(a, 0.75 * 4 + 0.25 * 10);
    tarn_ema_free(ema);
    assert_all(a, 5.5); /* freed while swapped: the averages stay */
    tarn_free(a);
    tarn_free(b);
    tarn_free(empty);
}

Test(ema, begins_as_a_copy_with_decay_0_999)
{
    tarn_tensor *w = new_param(1, 3);
    tarn_ema *ema = tarn_ema_new(tarn_params_of(w));
    tarn_ema_swap(ema);
    assert_all(w, 3);
    tarn_ema_swap(ema);
    fill(w, 4);
    for (int t = 0; t < 100; t++)
        tarn_ema_update(ema);
    tarn_ema_swap(ema);
    assert_all(w, 4 - pow(0.999, 100));
    tarn_ema_free(ema);
    tarn_free(w);
}

/* Over many steps rounding does not move the average away from the weights. */
Test(ema, has_no_bias)
{
    const double tolerance = sizeof(tarn_real) == sizeof(float) ? 4e-6 : 1e-13;
    tarn_tensor *w = new_param(1, 1.5);
    tarn_ema *ema = tarn_ema_new(tarn_params_of(w));
    double expected = 1.5;
    for (int t = 0; t < 20000; t++) {
        fill(w, 1 + t * 7 % 11 / 10.0);
        expected += (1 - 0.999) * ((double)tarn_item(w) - expected);
        tarn_ema_update(ema);
    }
    tarn_ema_swap(ema);
    cr_assert_float_eq((double)tarn_item(w), expected, tolerance * expected);
    tarn_ema_free(ema);
    tarn_free(w);
}

Test(ema, list_is_copied_and_may_hold_frozen_tensors)
{
    tarn_tensor *w = tarn_full(tarn_shape(2), 1);
    tarn_tensor *list[] = {w};
    tarn_ema *ema = tarn_ema_new(((tarn_params){1, list, NULL}), .decay = 0.5);
    list[0] = NULL;
    fill(w, 2);
    tarn_ema_update(ema);
    tarn_ema_swap(ema);
    assert_all(w, 1.5);
    tarn_ema_swap(ema);
    tarn_free(w); /* before the averages: freeing these does not touch it */
    tarn_ema_free(ema);
}

Test(ema, is_the_same_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE)), *end = tarn_randn(tarn_shape(SIZE));
    tarn_tensor *averages[4];
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_tensor *w = averages[threads - 1] = tarn_clone(start);
        tarn_ema *ema = tarn_ema_new(tarn_params_of(w), .decay = 0.9);
        memcpy(tarn_values(w), tarn_values(end), SIZE * sizeof(tarn_real));
        tarn_ema_update(ema);
        tarn_ema_swap(ema);
        tarn_ema_free(ema);
        cr_assert_arr_eq(tarn_values(w), tarn_values(averages[0]), SIZE * sizeof(tarn_real));
    }
    for (int i = 0; i < SIZE; i++)
        assert_close(tarn_values(averages[0])[i],
                     0.9 * (double)tarn_values(start)[i] + 0.1 * (double)tarn_values(end)[i]);
    for (int i = 0; i < 4; i++)
        tarn_free(averages[i]);
    tarn_free(start);
    tarn_free(end);
}

/* One step of training, far enough to tell averages from weights. */
static void train(tarn_module *model, tarn_optim *optimizer, const tarn_tensor *x)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_optim_zero_grad(optimizer);
    tarn_backward(tarn_sum(tarn_square(tarn_nn_forward(model, (tarn_tensor *)x))));
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
}

Test(ema, saves_what_is_swapped_in)
{
    char path[] = "/tmp/tarn-ema-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_module *model =
                    tarn_nn_sequential(tarn_nn_linear(3, 4), tarn_nn_relu(), tarn_nn_linear(4, 2)),
                *loaded =
                    tarn_nn_sequential(tarn_nn_linear(3, 4), tarn_nn_relu(), tarn_nn_linear(4, 2));
    tarn_tensor *x = tarn_randn(tarn_shape(5, 3)), *weight = tarn_nn_parameters(model).tensors[0];
    tarn_tensor *average = tarn_clone(weight);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.01);
    tarn_ema *ema = tarn_ema_new(tarn_nn_parameters(model), .decay = 0.5);
    for (int t = 0; t < 3; t++) {
        train(model, optimizer, x);
        tarn_ema_update(ema);
        for (int64_t i = 0; i < tarn_size(average); i++)
            tarn_values(average)[i] = (tarn_values(average)[i] + tarn_values(weight)[i]) / 2;
    }
    tarn_tensor *trained = tarn_clone(weight);
    tarn_ema_swap(ema);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_ema_swap(ema);
    cr_assert(tarn_nn_load(loaded, path), "%s", tarn_error());
    const tarn_real *read = tarn_values(tarn_nn_parameters(loaded).tensors[0]);
    for (int64_t i = 0; i < tarn_size(average); i++) {
        assert_close(read[i], (double)tarn_values(average)[i]);
        cr_assert(tarn_values(weight)[i] == tarn_values(trained)[i]);
    }
    cr_assert(memcmp(read, tarn_values(weight), sizeof *read * (size_t)tarn_size(weight)) != 0);
    unlink(path);
    tarn_ema_free(ema);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_nn_free(loaded);
    tarn_free(x);
    tarn_free(average);
    tarn_free(trained);
}

Test(ema, mistakes)
{
    tarn_tensor *w = new_param(1, 1);
    assert_mistake(tarn_ema_new(tarn_params_of(w), .decay = 1),
                   "ema_new: decay is 1, expects a number in [0, 1)");
    assert_mistake(tarn_ema_new(tarn_params_of(w), .decay = -0.5), "ema_new: decay is -0.5");
    assert_mistake(tarn_ema_new(tarn_params_of(w), .decay = NAN), "ema_new: decay is ");
    assert_mistake(tarn_ema_new((tarn_params){0}), "ema_new: the list of parameters is empty");
    assert_mistake(tarn_ema_new(tarn_params_of(w, NULL)), "ema_new: parameter 1 is NULL");
    assert_mistake(tarn_ema_new(tarn_params_of(w, w)),
                   "ema_new: parameter 1 is the same tensor as parameter 0");
    tarn_ema *ema = tarn_ema_new(tarn_params_of(w), .decay = 0.5);
    fill(w, 3);
    tarn_ema_swap(ema);
    record_mistakes();
    tarn_ema_update(ema);
    cr_assert_eq(mistakes(), 1);
    cr_assert(strstr(last_mistake(), "ema_update: the averages are in the place of the weights"));
    assert_all(w, 1);
    tarn_ema_swap(ema);
    assert_all(w, 3);
    tarn_ema_update(ema);
    tarn_ema_update(NULL);
    tarn_ema_swap(NULL);
    tarn_ema_free(NULL);
    cr_assert_eq(mistakes(), 0);
    tarn_ema_free(ema);
    tarn_free(w);
}

/* Lookahead: two steps of the fast weights, then half of the way back. */
Test(ema, put_makes_them_the_weights)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_ema *slow = tarn_ema_new(tarn_params_of(w), .decay = 0.5);
    fill(w, 5);
    tarn_ema_update(slow);
    tarn_ema_put(slow);
    assert_all(w, 3);
    fill(w, 4);
    tarn_ema_update(slow);
    tarn_ema_put(slow);
    assert_all(w, 3.5);
    tarn_ema_swap(slow);
    record_mistakes();
    tarn_ema_put(slow);
    cr_assert_eq(mistakes(), 1);
    cr_assert(strstr(last_mistake(), "ema_put: the averages are in the place of the weights"));
    tarn_ema_free(slow);
    tarn_free(w);
}

/* ---- Stochastic weight averaging */

Test(swa, is_the_mean)
{
    tarn_tensor *w = new_param(3, 1);
    tarn_ema *mean = tarn_swa_new(tarn_params_of(w));
    tarn_ema_swap(mean);
    assert_all(w, 1); /* those of its making */
    tarn_ema_swap(mean);
    double sum = 0;
    for (int n = 1; n <= 20; n++) {
        fill(w, 100 + n * n);
        sum += 100 + n * n;
        tarn_ema_update(mean);
        tarn_ema_swap(mean);
        assert_all(w, sum / n);
        if (n == 1)
            cr_assert(tarn_values(w)[0] == 101); /* to the bit */
        tarn_ema_swap(mean);
        assert_all(w, 100 + n * n);
    }
    tarn_ema_free(mean);
    tarn_free(w);
}

Test(swa, refuses_bad_lists)
{
    assert_mistake(tarn_swa_new((tarn_params){0}),
                   "swa_new: the list of parameters is empty, expects at least one");
}
