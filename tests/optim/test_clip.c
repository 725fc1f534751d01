#include "tests/optim/replay.h"

static void fill_gradient(tarn_tensor *t, const double *values)
{
    tarn_real *g = tarn_op_gradient(t);
    for (int64_t i = 0; i < tarn_size(t); i++)
        g[i] = (tarn_real)values[i];
}

Test(clip, scales_to_the_norm)
{
    tarn_tensor *a = new_param(2, 0), *b = new_param(1, 0);
    tarn_params list = tarn_params_of(a, b);
    fill_gradient(a, (double[]){2, -4});
    fill_gradient(b, (double[]){4});
    assert_close(tarn_clip_grad_norm(list, 1.5), 6);
    assert_close(tarn_gradients(a)[0], 0.5);
    assert_close(tarn_gradients(a)[1], -1);
    assert_close(tarn_gradients(b)[0], 1);
    assert_close(tarn_clip_grad_norm(list, 10), 1.5);
    tarn_free(a);
    tarn_free(b);
}

/* max / norm is denormal, or 0. */
Test(clip, scales_by_a_factor_too_small_for_a_number)
{
    const bool single = sizeof(tarn_real) == sizeof(float);
    const double large = single ? 0x1p127 : 0x1p500,
                 maxima[] = {0x1p-4, 0x1p-24, single ? 0x1p-100 : 0x1p-700};
    for (int k = 0; k < 3; k++) {
        tarn_tensor *a = new_param(4, 0);
        fill_gradient(a, (double[]){large, -large, large, large});
        assert_close(tarn_clip_grad_norm(tarn_params_of(a), maxima[k]) / (2 * large), 1);
        assert_close(tarn_gradients(a)[0] / maxima[k], 0.5);
        assert_close(tarn_gradients(a)[1] / maxima[k], -0.5);
        tarn_free(a);
    }
}

Test(clip, leaves_a_smaller_norm_alone)
{
    tarn_tensor *a = new_param(2, 0);
    fill_gradient(a, (double[]){0.1, 0.7});
    tarn_clip_grad_norm(tarn_params_of(a), 1);
    tarn_clip_grad_norm(tarn_params_of(a), INFINITY);
    cr_assert(tarn_gradients(a)[0] == (tarn_real)0.1 && tarn_gradients(a)[1] == (tarn_real)0.7);
    tarn_free(a);
}

Test(clip, leaves_gradients_that_are_not_finite)
{
    tarn_tensor *a = new_param(2, 0);
    fill_gradient(a, (double[]){1, INFINITY});
    cr_assert(isinf(tarn_clip_grad_norm(tarn_params_of(a), 0.5)));
    cr_assert(tarn_gradients(a)[0] == 1);
    tarn_gradients(a)[1] = (tarn_real)NAN;
    cr_assert(isnan(tarn_clip_grad_norm(tarn_params_of(a), 0.5)));
    cr_assert(tarn_gradients(a)[0] == 1);
    tarn_free(a);
}

Test(clip, passes_over_what_has_no_gradient)
{
    tarn_tensor *a = new_param(2, 0), *without = new_param(3, 0), *empty = new_param(0, 0);
    fill_gradient(a, (double[]){3, 4});
    tarn_op_gradient(empty);
    assert_close(tarn_clip_grad_norm(tarn_params_of(without, a, NULL, empty), 1), 5);
    assert_close(tarn_gradients(a)[0], 0.6);
    cr_assert_null(tarn_gradients(without));
    cr_assert(tarn_clip_grad_norm((tarn_params){0}, 1) == 0);
    tarn_free(a);
    tarn_free(without);
    tarn_free(empty);
}

Test(clip, is_the_same_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE));
    double norms[4];
    tarn_real *first = NULL;
    tarn_tensor *params[4];
    for (int threads = 1; threads <= 4; threads++) {
        tarn_tensor *w = params[threads - 1] = new_param(SIZE, 0);
        memcpy(tarn_op_gradient(w), tarn_values(start), SIZE * sizeof(tarn_real));
        tarn_set_threads(threads);
        norms[threads - 1] = tarn_clip_grad_norm(tarn_params_of(w), 2);
        first = tarn_gradients(params[0]);
        cr_assert(norms[threads - 1] == norms[0]);
        cr_assert_arr_eq(tarn_gradients(w), first, SIZE * sizeof *first);
    }
    double sum = 0;
    for (int i = 0; i < SIZE; i++)
        sum += (double)tarn_values(start)[i] * (double)tarn_values(start)[i];
    cr_assert_float_eq(norms[0], sqrt(sum), 1e-12 * sqrt(sum));
    for (int i = 0; i < 4; i++)
        tarn_free(params[i]);
    tarn_free(start);
}

Test(clip, refuses_a_bad_maximum)
{
    tarn_tensor *a = new_param(1, 0);
    fill_gradient(a, (double[]){2});
    const double bad[] = {0, -1, NAN};
    record_mistakes();
    for (int i = 0; i < 3; i++) {
        cr_assert(isnan(tarn_clip_grad_norm(tarn_params_of(a), bad[i])));
        cr_assert_eq(mistakes(), 1);
        cr_assert(strstr(last_mistake(), "clip_grad_norm: max is "));
        cr_assert(strstr(last_mistake(), "expects a number above 0"));
    }
    cr_assert(tarn_gradients(a)[0] == 2);
    tarn_free(a);
}

Test(clip, moves_values_into_the_range)
{
    tarn_tensor *a = new_param(7, 0), *without = new_param(3, 0), *empty = new_param(0, 0);
    const double tiny = sizeof(tarn_real) == sizeof(float) ? 0x1p-140 : 0x1p-1070;
    const double from[] = {3, -0.5, -INFINITY, NAN, 2, tiny, INFINITY};
    const double to[] = {2, -0.5, -2, NAN, 2, tiny, 2};
    fill_gradient(a, from);
    tarn_op_gradient(empty);
    tarn_params list = tarn_params_of(without, a, NULL, empty);
    cr_assert_eq(tarn_clip_grad_value(list, INFINITY), 0);
    cr_assert_eq(tarn_clip_grad_value(list, 2), 3);
    for (int i = 0; i < 7; i++)
        cr_assert(i == 3 ? isnan(tarn_gradients(a)[i]) : tarn_gradients(a)[i] == (tarn_real)to[i],
                  "element %d is %g", i, (double)tarn_gradients(a)[i]);
    cr_assert_null(tarn_gradients(without));
    cr_assert_eq(tarn_clip_grad_value(list, 2), 0);
    tarn_zero_grad(a);
    cr_assert_eq(tarn_clip_grad_value(list, 1), 0);
    cr_assert(tarn_gradients(a)[0] == 0);
    tarn_requires_grad(a, false); /* what has a gradient is clipped, frozen or not */
    tarn_gradients(a)[0] = 5;
    cr_assert_eq(tarn_clip_grad_value(list, 1), 1);
    cr_assert_eq(tarn_clip_grad_value((tarn_params){0}, 1), 0);
    tarn_free(a);
    tarn_free(without);
    tarn_free(empty);
}

Test(clip, clips_values_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE)), *w = new_param(SIZE, 0);
    int64_t expected = 0;
    for (int i = 0; i < SIZE; i++)
        expected += fabs((double)tarn_values(start)[i]) > 0.5;
    for (int threads = 1; threads <= 4; threads++) {
        memcpy(tarn_op_gradient(w), tarn_values(start), SIZE * sizeof(tarn_real));
        tarn_set_threads(threads);
        cr_assert_eq(tarn_clip_grad_value(tarn_params_of(w), 0.5), expected);
        for (int i = 0; i < SIZE; i++) {
            const double x = (double)tarn_values(start)[i];
            cr_assert((double)tarn_gradients(w)[i] == fmin(fmax(x, -0.5), 0.5));
        }
    }
    tarn_free(w);
    tarn_free(start);
}

Test(clip, refuses_a_bad_largest_value)
{
    tarn_tensor *a = new_param(1, 0);
    fill_gradient(a, (double[]){2});
    const double bad[] = {0, -1, NAN};
    record_mistakes();
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(tarn_clip_grad_value(tarn_params_of(a), bad[i]), -1);
        cr_assert_eq(mistakes(), 1);
        cr_assert(strstr(last_mistake(), "clip_grad_value: max is "));
    }
    cr_assert(tarn_gradients(a)[0] == 2);
    tarn_free(a);
}

/* ---- Other norms */

Test(clip, by_other_norms)
{
    const double p[] = {1, 2, 3, 7.5, INFINITY}, values[] = {3, -4, 0, 0.5, -2};
    for (int k = 0; k < 5; k++) {
        tarn_tensor *a = new_param(2, 0), *b = new_param(3, 0);
        fill_gradient(a, values);
        fill_gradient(b, values + 2);
        double norm = 0;
        for (int i = 0; i < 5; i++)
            norm = isinf(p[k]) ? fmax(norm, fabs(values[i])) : norm + pow(fabs(values[i]), p[k]);
        norm = isinf(p[k]) ? norm : pow(norm, 1 / p[k]);
        const tarn_params list = tarn_params_of(a, b);
        assert_close(tarn_clip_grad_norm(list, INFINITY, .p = p[k]), norm);
        assert_close(tarn_clip_grad_norm(list, 0.25, .p = p[k]), norm);
        assert_close(tarn_gradients(a)[1], -4 * 0.25 / norm);
        assert_close(tarn_gradients(b)[1], 0.5 * 0.25 / norm);
        assert_close(tarn_clip_grad_norm(list, 1, .p = p[k]), 0.25);
        tarn_free(a);
        tarn_free(b);
    }
}

/* No power is infinite, or 0, on the way. */
Test(clip, by_a_norm_of_huge_and_tiny_numbers)
{
    const double sizes[] = {1e30, 1e-30};
    for (int k = 0; k < 2; k++) {
        tarn_tensor *a = new_param(2, 0);
        set_gradient(a, sizes[k]);
        assert_close(tarn_clip_grad_norm(tarn_params_of(a), INFINITY, .p = 50) / sizes[k],
                     pow(2, 1 / 50.0));
        set_gradient(a, 0);
        cr_assert(tarn_clip_grad_norm(tarn_params_of(a), 1, .p = 3) == 0);
        tarn_free(a);
    }
}

Test(clip, other_norms_have_the_same_bits_at_any_number_of_threads)
{
    tarn_seed(3);
    tarn_tensor *a = tarn_requires_grad(tarn_randn(tarn_shape(100003)), true);
    memcpy(tarn_op_gradient(a), tarn_values(a), 100003 * sizeof(tarn_real));
    const double p[] = {1, 3, INFINITY};
    for (int k = 0; k < 3; k++) {
        tarn_set_threads(1);
        const double one = tarn_clip_grad_norm(tarn_params_of(a), INFINITY, .p = p[k]);
        tarn_set_threads(3);
        cr_assert(tarn_clip_grad_norm(tarn_params_of(a), INFINITY, .p = p[k]) == one);
    }
    tarn_free(a);
}

Test(clip, a_norm_that_is_not_finite_can_be_a_mistake)
{
    tarn_tensor *a = new_param(2, 0), *b = new_param(3, 0), *list[] = {a, b};
    const char *names[] = {"0.weight", "0.bias"};
    set_gradient(a, 1);
    set_gradient(b, 1);
    const tarn_params params = {2, list, names};
    assert_close(tarn_clip_grad_norm(params, 10, .finite = true), sqrt(5));
    const double bad[] = {NAN, INFINITY, -INFINITY}, p[] = {2, 3, INFINITY};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 3; i++) {
            tarn_gradients(b)[i] = (tarn_real)bad[k];
            cr_assert(!isfinite(tarn_clip_grad_norm(params, 0.1, .p = p[i])));
            assert_mistake(!isnan(tarn_clip_grad_norm(params, 0.1, .p = p[i], .finite = true)),
                           "expects a finite one: the gradient of parameter 1 (0.bias) has an "
                           "element of ");
            cr_assert(tarn_gradients(a)[0] == 1);
            tarn_gradients(b)[i] = 1;
        }
    assert_mistake(!isnan(tarn_clip_grad_norm(params, 1, .p = 0.5)),
                   "clip_grad_norm: p is 0.5, expects a number of at least 1, or INFINITY");
    assert_mistake(!isnan(tarn_clip_grad_norm(params, 1, .p = NAN)), "clip_grad_norm: p is ");
    tarn_free(a);
    tarn_free(b);
}
