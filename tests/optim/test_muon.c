#include <omp.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "tests/optim/replay.h"

/* Through five steps of Newton-Schulz, which take small singular values apart by up to 3.4^5, and
   100 of the optimizer. The variants differ by at most 9e-7 in float and 3e-15 in
   double. */
static void assert_muon_with(const char *inputs, const char *file, const char *variant,
                             tarn_optim_muon_args args)
{
    replay run;
    replay_open_with(&run, inputs, file, variant);
    args.params = run.params;
    const double difference = replay_run(&run, tarn_optim_muon_with(args));
    cr_assert(difference <= REPLAY_TOLERANCE, "%s, %s: differs by %g", file, variant, difference);
}

/* Matrices with more rows and with more columns, a square one, kernels, a vector and a scalar. */
static void assert_muon_of(const char *variant, tarn_optim_muon_args args)
{
    assert_muon_with("matrices", "muon_matrices", variant, args);
    assert_muon_with("kernels", "muon_kernels", variant, args);
}

static tarn_optim_muon_args same(tarn_optim_muon_args args)
{
    return args;
}
#define assert_muon(variant, ...)                                                                  \
    assert_muon_of(variant,                                                                        \
                   TARN_CALL(same, tarn_optim_muon_args, TARN_OPTIM_MUON_OPTIONS, __VA_ARGS__))

Test(muon, equals_the_published_rule)
{
    assert_muon("default", .params = {0});
    assert_muon("momentum", .lr = 0.01, .momentum = 0.8, .nesterov = false);
    assert_muon("weight_decay", .lr = 0.01, .weight_decay = 0.5);
    assert_muon("adam", .adam_lr = 0.01, .adam_beta1 = 0.8, .adam_beta2 = 0.9, .adam_eps = 0.01);
    assert_muon("match_rms", .lr = 0.01, .ns_steps = 3, .match_rms = true);
    assert_muon("new_lr", .lr = 0.04, .adam_lr = 0.01);
}

static tarn_tensor *new_matrix(int64_t in, int64_t out, double value)
{
    return tarn_requires_grad(tarn_full(tarn_shape(in, out), value), true);
}

/* Of a multiple of the identity all singular values are the same, and known. */
Test(muon, singular_values_come_near_one)
{
    for (int64_t n = 1; n <= 70; n += 23) {
        tarn_tensor *w = new_matrix(n, n, 0);
        tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w), .lr = 1);
        tarn_real *g = tarn_op_gradient(w);
        for (int64_t i = 0; i < n; i++)
            g[i * n + i] += 100;
        tarn_optim_step(optimizer);
        double s = 195 / (195 * sqrt((double)n) + 1e-7); /* of g + 0.95 v */
        for (int i = 0; i < 5; i++)
            s = (3.4445 - 4.7750 * s * s + 2.0315 * s * s * s * s) * s;
        cr_assert(s > 0.68 && s < 1.14);
        for (int64_t i = 0; i < n * n; i++)
            assert_close(tarn_values(w)[i], i % (n + 1) == 0 ? -s : 0);
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

Test(muon, vectors_move_by_adam)
{
    tarn_tensor *a = new_param(50000, 1), *b = new_param(50000, 1), *w = new_matrix(2, 2, 1);
    tarn_optim *muon =
        tarn_optim_muon(tarn_params_of(w, a), .adam_lr = 0.02, .lr = 0.04, .weight_decay = 0.5);
    tarn_optim *adam = tarn_optim_adamw(tarn_params_of(b), .lr = 0.02, .beta2 = 0.95, .eps = 1e-10,
                                        .weight_decay = 0.5);
    for (int t = 1; t <= 5; t++) {
        step_with(muon, a, t - 2);
        step_with(adam, b, t - 2);
    }
    cr_assert_arr_eq(tarn_values(a), tarn_values(b), 50000 * sizeof(tarn_real));
    cr_assert(tarn_values(w)[0] == 1); /* it had no gradient */
    tarn_optim_free(muon);
    tarn_optim_free(adam);
    tarn_free(a);
    tarn_free(b);
    tarn_free(w);
}

/* A group's scale is of both rates. */
Test(muon, rates_keep_their_ratio)
{
    tarn_tensor *list[] = {new_matrix(3, 2, 1), new_param(2, 1), new_matrix(3, 2, 1),
                           new_param(2, 1)};
    tarn_optim *scaled = tarn_optim_muon(tarn_params_of(list[0], list[1]), .lr = 0.5, .adam_lr = 1,
                                         .weight_decay = 0.5);
    tarn_optim *plain = tarn_optim_muon(tarn_params_of(list[2], list[3]), .lr = 0.125,
                                        .adam_lr = 0.25, .weight_decay = 0.5);
    tarn_optim_group_of(scaled, tarn_params_of(list[0], list[1]), .lr_scale = 0.25);
    for (int t = 0; t < 5; t++) {
        for (int i = 0; i < 4; i++)
            set_gradient(list[i], t - 2);
        tarn_optim_step(scaled);
        tarn_optim_step(plain);
    }
    cr_assert(tarn_values(list[0])[0] != 1 && tarn_values(list[1])[0] != 1);
    cr_assert_arr_eq(tarn_values(list[0]), tarn_values(list[2]), 6 * sizeof(tarn_real));
    cr_assert_arr_eq(tarn_values(list[1]), tarn_values(list[3]), 2 * sizeof(tarn_real));
    tarn_optim_free(scaled);
    tarn_optim_free(plain);
    for (int i = 0; i < 4; i++)
        tarn_free(list[i]);
}

/* ---- Threads */

enum { ROWS = 203, COLUMNS = 301, SIZE = ROWS * COLUMNS };

/* Three steps of a matrix that is large enough for threads and for a workspace; the threads are
 * more from the second step on. */
static tarn_tensor *train_large(const tarn_tensor *start, const tarn_tensor *g, int threads,
                                int threads_later)
{
    tarn_set_threads(threads);
    tarn_tensor *w = tarn_requires_grad(tarn_clone(start), true);
    tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w), .weight_decay = 0.1, .l1 = 0.01);
    for (int t = 1; t <= 3; t++) {
        tarn_optim_zero_grad(optimizer);
        memcpy(tarn_op_gradient(w), tarn_values(g), SIZE * sizeof(tarn_real));
        tarn_optim_step(optimizer);
        tarn_set_threads(threads_later);
    }
    cr_assert_eq(omp_get_max_threads(), threads_later);
    tarn_optim_free(optimizer);
    return w;
}

Test(muon, same_bits_at_any_number_of_threads)
{
    tarn_tensor *start = tarn_randn(tarn_shape(ROWS, COLUMNS));
    tarn_tensor *g = tarn_randn(tarn_shape(ROWS, COLUMNS));
    tarn_tensor *expected = train_large(start, g, 1, 1);
    for (int threads = 2; threads <= 4; threads++)
        for (int first = 1; first <= threads; first += threads - 1) {
            tarn_tensor *w = train_large(start, g, first, threads);
            cr_assert_arr_eq(tarn_values(w), tarn_values(expected), SIZE * sizeof(tarn_real));
            tarn_free(w);
        }
    tarn_free(start);
    tarn_free(g);
    tarn_free(expected);
}

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
Test(muon, a_step_asks_the_system_for_nothing)
{
    tarn_set_threads(1);
    tarn_tensor *w = new_matrix(ROWS, COLUMNS, 1), *b = new_param(COLUMNS, 1);
    tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w, b));
    set_gradient(w, 1);
    set_gradient(b, 1);
    tarn_optim_step(optimizer); /* OpenMP settles in */
    const struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 10; i++)
        tarn_optim_step(optimizer);
    const struct mallinfo2 after = mallinfo2();
    cr_assert_eq(after.uordblks + after.hblkhd, before.uordblks + before.hblkhd);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(b);
}
#endif

/* ---- Numbers at the edge */

Test(muon, nan_and_infinity_show_and_end)
{
    const double bad[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        tarn_tensor *w = new_matrix(5, 3, 1);
        tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w));
        set_gradient(w, 1);
        tarn_op_gradient(w)[7] = (tarn_real)bad[i];
        tarn_optim_step(optimizer);
        for (int j = 0; j < 15; j++)
            cr_assert(isnan((double)tarn_values(w)[j]));
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

Test(muon, no_gradient_no_move)
{
    tarn_tensor *w = new_matrix(3, 4, 1), *empty = new_matrix(0, 4, 1), *late = new_matrix(2, 2, 1);
    tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(empty, w, late));
    tarn_op_gradient(empty);
    step_with(optimizer, w, 0);
    cr_assert(tarn_values(w)[0] == 1); /* 0 / (0 + 1e-7) */
    step_with(optimizer, w, 1);
    const tarn_real before = tarn_values(w)[0];
    cr_assert(before < 1 && tarn_values(late)[0] == 1);
    tarn_requires_grad(w, false);
    step_with(optimizer, late, 1);
    cr_assert(tarn_values(w)[0] == before && tarn_values(late)[0] < 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(empty);
    tarn_free(late);
}

#if defined __x86_64__ || defined __aarch64__
Test(muon, denormal_state_becomes_zero)
{
    const double smallest = sizeof(tarn_real) == sizeof(float) ? 0x1p-126 : 0x1p-1022;
    tarn_tensor *w = new_matrix(2, 3, smallest);
    tarn_optim *optimizer = tarn_optim_muon(tarn_params_of(w), .momentum = 0.25, .lr = 1e-30);
    step_with(optimizer, w, smallest);
    cr_assert(optimizer->params[0].state[0][0] > 0);
    step_with(optimizer, w, 0);
    for (int i = 0; i < 6; i++)
        cr_assert(optimizer->params[0].state[0][i] == 0);
    tarn_optim_free(optimizer);
    tarn_free(w);
}
#endif

Test(muon, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_muon(list, .momentum = 1),
                   "optim_muon: momentum is 1, expects a number in [0, 1)");
    assert_mistake(tarn_optim_muon(list, .adam_lr = NAN), "optim_muon: adam_lr is ");
    assert_mistake(tarn_optim_muon(list, .adam_beta1 = -1), "optim_muon: adam_beta1 is -1");
    assert_mistake(tarn_optim_muon(list, .adam_beta2 = 2), "optim_muon: adam_beta2 is 2");
    assert_mistake(tarn_optim_muon(list, .adam_eps = -1), "optim_muon: adam_eps is -1");
    assert_mistake(tarn_optim_muon(list, .ns_steps = 0),
                   "optim_muon: ns_steps is 0, expects a whole number of at least 1");
    assert_mistake(tarn_optim_muon(list, .lr = -1), "optim_muon: lr is -1");
    tarn_free(w);
}
