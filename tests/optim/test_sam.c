#include "tests/optim/replay.h"

static void fill_gradient(tarn_tensor *t, const double *values)
{
    set_gradient(t, 0);
    for (int64_t i = 0; i < tarn_size(t); i++)
        tarn_gradients(t)[i] = (tarn_real)values[i];
}

Test(sam, climbs_along_the_gradient_and_returns)
{
    tarn_tensor *a = new_param(2, 1), *b = new_param(1, -2), *late = new_param(1, 5);
    tarn_sam *sam = tarn_sam_new(tarn_params_of(a, b, late), .rho = 0.5);
    fill_gradient(a, (double[]){2, -4});
    fill_gradient(b, (double[]){4});
    for (int round = 0; round < 2; round++) {
        assert_close(tarn_sam_climb(sam), 6);
        assert_close(tarn_values(a)[0], 1 + 0.5 * 2 / 6);
        assert_close(tarn_values(a)[1], 1 - 0.5 * 4 / 6);
        assert_close(tarn_values(b)[0], -2 + 0.5 * 4 / 6);
        tarn_sam_return(sam);
        cr_assert(tarn_values(a)[0] == 1 && tarn_values(b)[0] == -2 && tarn_values(late)[0] == 5);
        tarn_sam_return(sam); /* does nothing more */
    }
    tarn_sam_free(sam);
    tarn_free(a);
    tarn_free(b);
    tarn_free(late);
}

Test(sam, adaptive_does_not_depend_on_scale)
{
    tarn_tensor *a = new_param(2, 3);
    tarn_sam *sam = tarn_sam_new(tarn_params_of(a), .rho = 0.5, .adaptive = true);
    fill_gradient(a, (double[]){1, -2});
    const double norm = sqrt(9 + 36);
    assert_close(tarn_sam_climb(sam), norm);
    assert_close(tarn_values(a)[0], 3 + 0.5 * 9 / norm);
    assert_close(tarn_values(a)[1], 3 - 0.5 * 9 * 2 / norm);
    tarn_sam_return(sam);
    tarn_sam_free(sam);
    tarn_free(a);
}

/* f(w) = w^4 / 4 by steps of SGD, against the formula. */
Test(sam, a_training_with_it)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 0.1);
    tarn_sam *sam = tarn_sam_new(tarn_params_of(w), .rho = 0.05);
    double expected = 1;
    for (int step = 0; step < 5; step++) {
        for (int pass = 0; pass < 2; pass++) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_optim_zero_grad(optimizer);
            tarn_backward(tarn_scale(tarn_sum(tarn_square(tarn_square(w))), 0.25));
            tarn_tape_end(tape);
            if (pass == 0)
                tarn_sam_climb(sam);
        }
        tarn_sam_return(sam);
        tarn_optim_step(optimizer);
        expected -= 0.1 * pow(expected + 0.05, 3);
        assert_close(tarn_item(w), expected);
    }
    tarn_sam_free(sam);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(sam, stays_where_the_norm_says_nothing)
{
    tarn_tensor *a = new_param(2, 1);
    tarn_sam *sam = tarn_sam_new(tarn_params_of(a));
    const double sizes[] = {0, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        set_gradient(a, sizes[i]);
        const double norm = tarn_sam_climb(sam);
        cr_assert(i == 0 ? norm == 0 : !isfinite(norm));
        cr_assert(tarn_values(a)[0] == 1);
        tarn_sam_return(sam);
    }
    tarn_sam_free(sam);
    tarn_free(a);
}

Test(sam, mistakes)
{
    tarn_tensor *a = new_param(2, 1);
    const tarn_params list = tarn_params_of(a);
    assert_mistake(tarn_sam_new(list, .rho = -1), "sam_new: rho is -1, expects a finite number");
    assert_mistake(tarn_sam_new(list, .rho = NAN), "sam_new: rho is ");
    assert_mistake(tarn_sam_new((tarn_params){0}), "sam_new: the list of parameters is empty");
    tarn_sam *sam = tarn_sam_new(list);
    set_gradient(a, 1);
    tarn_sam_climb(sam);
    assert_mistake(!isnan(tarn_sam_climb(sam)), "sam_climb: the weights are at the point already");
    tarn_sam_free(sam);
    tarn_free(a);
}
