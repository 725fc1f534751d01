#include <omp.h>
#include <stdlib.h>

#include "tests/optim/replay.h"

/* ---- Gradients and which parameters move */

/* All elements are the same, and are not the first ones' 1 any more. */
static void expect_all_moved(const char *name, const tarn_tensor *w)
{
    const tarn_real *values = tarn_values(w);
    cr_expect_neq(values[0], 1, "%s does not move", name);
    for (int64_t i = 1; i < tarn_size(w); i++)
        cr_assert_eq(values[i], values[0], "%s: element %lld", name, (long long)i);
}

/* A step is divided into pieces of 2,048 elements: at their borders none may be left out or moved
   twice, nor may its average. All start alike and have the same gradient, and so have to end alike.
 */
static void expect_alike(const char *name, tarn_optim *optimizer, tarn_tensor *w)
{
    cr_assert(optimizer, "%s", tarn_error());
    for (int step = 0; step < 5; step++)
        step_with(optimizer, w, 0.5);
    expect_all_moved(name, w);
    if (tarn_optim_swap(optimizer))
        expect_all_moved(name, w);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

#define EXPECT_ALIKE(...) /* the optimizer of w */                                                 \
    do {                                                                                           \
        tarn_tensor *w = new_param(3 * 2048 + 77, 1);                                              \
        expect_alike(#__VA_ARGS__, __VA_ARGS__, w);                                                \
    } while (0);
#define EXPECT_DEFAULT(name) EXPECT_ALIKE(tarn_optim_##name(tarn_params_of(w)))

Test(optim, every_element_moves_once){
    TARN_OPTIMIZERS(EXPECT_DEFAULT) TARN_OPTIMIZERS_EXTRA(EXPECT_DEFAULT)
        EXPECT_ALIKE(tarn_optim_sgd(tarn_params_of(w), .momentum = 0.9))
            EXPECT_ALIKE(tarn_optim_sgd(tarn_params_of(w), .momentum = 0.9, .nesterov = true))
                EXPECT_ALIKE(tarn_optim_sgd(tarn_params_of(w), .momentum = 0.9, .ema = true))
                    EXPECT_ALIKE(tarn_optim_sgd(tarn_params_of(w), .weight_decay = 0.1, .l1 = 0.01))
                        EXPECT_ALIKE(tarn_optim_rmsprop(tarn_params_of(w), .centered = true,
                                                        .momentum = 0.9))
                            EXPECT_ALIKE(tarn_optim_adam(tarn_params_of(w), .amsgrad = true))
                                EXPECT_ALIKE(tarn_optim_asgd(tarn_params_of(w), .t0 = 0))}

Test(optim, gradients_accumulate_until_zeroed)
{
    tarn_tensor *w = new_param(1, 0);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 1);
    tarn_op_gradient(w)[0] += 2;
    tarn_op_gradient(w)[0] += 3;
    tarn_optim_step(optimizer);
    assert_close(tarn_item(w), -5);
    tarn_optim_step(optimizer); /* the gradient is still there */
    assert_close(tarn_item(w), -10);

    tarn_optim_zero_grad(optimizer);
    cr_assert(tarn_gradients(w)[0] == 0);
    tarn_optim_step(optimizer);
    assert_close(tarn_item(w), -10);
    tarn_optim_zero_grad(optimizer);
    tarn_op_gradient(w)[0] += 1;
    tarn_optim_step(optimizer);
    assert_close(tarn_item(w), -11);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(optim, parameter_without_gradient_stays)
{
    tarn_tensor *a = new_param(2, 1), *b = new_param(2, 1), *empty = new_param(0, 1);
    tarn_optim *optimizer = tarn_optim_adamw(tarn_params_of(a, b, empty), .lr = 0.1);
    tarn_optim_zero_grad(optimizer); /* before any gradient */
    tarn_optim_step(optimizer);
    cr_assert(tarn_values(a)[0] == 1);
    tarn_op_gradient(empty);
    step_with(optimizer, b, 1);
    cr_assert(tarn_values(a)[0] == 1 && tarn_values(a)[1] == 1);
    cr_assert(tarn_values(b)[0] < 1 && tarn_values(b)[1] < 1);
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
    tarn_free(empty);
}

Test(optim, frozen_parameter_stays)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adamw(tarn_params_of(w), .lr = 0.1);
    step_with(optimizer, w, 1);
    const tarn_real before = tarn_item(w);
    tarn_requires_grad(w, false);
    tarn_optim_step(optimizer);
    cr_assert(tarn_item(w) == before);
    tarn_requires_grad(w, true);
    tarn_optim_step(optimizer);
    cr_assert(tarn_item(w) < before);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(optim, list_is_copied)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_tensor *list[] = {w};
    tarn_optim *optimizer = tarn_optim_sgd(((tarn_params){1, list, NULL}), .lr = 1);
    list[0] = NULL;
    step_with(optimizer, w, 1);
    assert_close(tarn_item(w), 0);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* ---- The rate */

Test(optim, rate_can_change_and_be_zero)
{
    tarn_tensor *w = new_param(1, 10);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 0.5);
    cr_assert(tarn_optim_lr(optimizer) == 0.5);
    step_with(optimizer, w, 2);
    tarn_optim_set_lr(optimizer, 0.25);
    step_with(optimizer, w, 2);
    tarn_optim_set_lr(optimizer, 0);
    step_with(optimizer, w, 2);
    cr_assert(tarn_optim_lr(optimizer) == 0);
    assert_close(tarn_item(w), 10 - 1 - 0.5);

    record_mistakes();
    const double bad[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        tarn_optim_set_lr(optimizer, bad[i]);
        cr_assert_eq(mistakes(), 1);
        cr_assert(strstr(last_mistake(), "optim_set_lr: lr is "));
        cr_assert(tarn_optim_lr(optimizer) == 0);
    }
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* ---- Penalties */

static double after_one_step(double weight, tarn_optim_sgd_args args)
{
    tarn_tensor *w = new_param(1, weight);
    args.params = tarn_params_of(w);
    tarn_optim *optimizer = tarn_optim_sgd_with(args);
    step_with(optimizer, w, 3);
    const double after = (double)tarn_item(w);
    tarn_optim_free(optimizer);
    tarn_free(w);
    return after;
}

Test(optim, penalties)
{
    const tarn_optim_sgd_args l1 = {.lr = 0.1, .l1 = 0.5}, l2 = {.lr = 0.1, .weight_decay = 0.5};
    tarn_optim_sgd_args decoupled = l2, all = l2;
    decoupled.decoupled = all.decoupled = true;
    all.l1 = 0.5;
    assert_close(after_one_step(-2, l1), -2 - 0.1 * (3 - 0.5));
    assert_close(after_one_step(0, l1), 0 - 0.1 * 3);
    assert_close(after_one_step(-2, l2), -2 - 0.1 * (3 - 0.5 * 2));
    assert_close(after_one_step(-2, decoupled), -2 * (1 - 0.1 * 0.5) - 0.1 * 3);
    assert_close(after_one_step(-2, all), -2 * (1 - 0.1 * 0.5) - 0.1 * (3 - 0.5));
}

/* Whatever the rule, climbing f is descending -f; the penalties stay. */
Test(optim, every_rule_climbs)
{
    for (const tarn_optim_entry *e = tarn_optim_entry_at(0); e;) {
        tarn_tensor *up = new_param(1, 1), *down = new_param(1, 1);
        tarn_optim *climbing =
            tarn_optim_by_name(e->name, tarn_params_of(up), "maximize=true,weight_decay=0.5");
        tarn_optim *descending =
            tarn_optim_by_name(e->name, tarn_params_of(down), "weight_decay=0.5");
        for (int t = 1; t <= 5; t++) {
            step_with(climbing, up, t - 2.5);
            step_with(descending, down, 2.5 - t);
            cr_assert(tarn_item(up) == tarn_item(down), "%s, step %d", e->name, t);
            cr_assert(tarn_gradients(up)[0] == (tarn_real)(t - 2.5));
        }
        tarn_optim_free(climbing);
        tarn_optim_free(descending);
        tarn_free(up);
        tarn_free(down);
        for (int i = 0; tarn_optim_entry_at(i); i++)
            if (tarn_optim_entry_at(i) == e) {
                e = tarn_optim_entry_at(i + 1);
                break;
            }
    }
}

/* The decay of the schedule's part of the first rate, whatever the rate and the group's. */
Test(optim, independent_decay_follows_the_schedule)
{
    tarn_tensor *a = new_param(1, 8), *b = new_param(1, 8);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(a, b), .lr = 0.01, .weight_decay = 0.25,
                                           .decoupled = true, .independent = true);
    tarn_optim_group_of(optimizer, tarn_params_of(b), .lr_scale = 3, .weight_decay = 0.5);
    set_gradient(a, 0);
    step_with(optimizer, b, 0);
    assert_close(tarn_item(a), 6);
    assert_close(tarn_item(b), 4);
    tarn_optim_set_lr(optimizer, 0.005);
    tarn_optim_step(optimizer);
    assert_close(tarn_item(a), 6 * 0.875);
    assert_close(tarn_item(b), 3);
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
}

Test(optim, penalties_leave_the_gradient_alone)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .weight_decay = 1, .l1 = 1);
    step_with(optimizer, w, 3);
    cr_assert(tarn_gradients(w)[0] == 3);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* ---- Threads, pieces, state */

/* Steps of Adam with every penalty on a random parameter; the weights after. */
static tarn_tensor *train_large(int64_t size, const tarn_tensor *start, const tarn_tensor *g)
{
    tarn_tensor *w = tarn_requires_grad(tarn_clone(start), true);
    tarn_optim *optimizer =
        tarn_optim_adam(tarn_params_of(w), .lr = 0.01, .weight_decay = 0.1, .l1 = 0.01);
    for (int t = 1; t <= 5; t++) {
        tarn_optim_zero_grad(optimizer);
        memcpy(tarn_op_gradient(w), tarn_values(g), (size_t)size * sizeof(tarn_real));
        tarn_optim_step(optimizer);
    }
    tarn_optim_free(optimizer);
    return w;
}

Test(optim, same_bits_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE)), *g = tarn_randn(tarn_shape(SIZE));
    tarn_set_threads(1);
    tarn_tensor *expected = train_large(SIZE, start, g);
    for (int threads = 2; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_tensor *w = train_large(SIZE, start, g);
        cr_assert_arr_eq(tarn_values(w), tarn_values(expected), SIZE * sizeof(tarn_real));
        tarn_free(w);
    }
    tarn_free(start);
    tarn_free(g);
    tarn_free(expected);
}

/* A parameter of many pieces moves as its elements would one by one. */
Test(optim, pieces_do_not_show)
{
    enum { SIZE = 40000, STRIDE = 1999 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE)), *g = tarn_randn(tarn_shape(SIZE));
    tarn_tensor *all = train_large(SIZE, start, g);
    for (int i = 0; i < SIZE; i += STRIDE) {
        tarn_tensor *one_start = tarn_from_array(tarn_shape(1), tarn_values(start) + i);
        tarn_tensor *one_g = tarn_from_array(tarn_shape(1), tarn_values(g) + i);
        tarn_tensor *one = train_large(1, one_start, one_g);
        assert_close(tarn_values(all)[i], (double)tarn_item(one));
        tarn_free(one_start);
        tarn_free(one_g);
        tarn_free(one);
    }
    tarn_free(start);
    tarn_free(g);
    tarn_free(all);
}

Test(optim, state_of_parameters_is_separate)
{
    tarn_tensor *together[] = {new_param(3, 1), new_param(2, 1)};
    tarn_tensor *alone[] = {new_param(3, 1), new_param(2, 1)};
    tarn_optim *both = tarn_optim_rmsprop(((tarn_params){2, together, NULL}), .momentum = 0.9);
    tarn_optim *each[] = {tarn_optim_rmsprop(tarn_params_of(alone[0]), .momentum = 0.9),
                          tarn_optim_rmsprop(tarn_params_of(alone[1]), .momentum = 0.9)};
    for (int t = 1; t <= 5; t++) {
        for (int p = 0; p < 2; p++) {
            set_gradient(together[p], 3 * p + t);
            step_with(each[p], alone[p], 3 * p + t);
        }
        tarn_optim_step(both);
    }
    for (int p = 0; p < 2; p++) {
        cr_assert_arr_eq(tarn_values(together[p]), tarn_values(alone[p]),
                         (size_t)tarn_size(alone[p]) * sizeof(tarn_real));
        tarn_optim_free(each[p]);
        tarn_free(together[p]);
        tarn_free(alone[p]);
    }
    tarn_optim_free(both);
}

/* Products are rounded before they are added to, whatever instructions the processor has for both
   at once: every machine gives the same bits. */
Test(optim, rounds_every_operation)
{
    enum { SIZE = 1000 };
    tarn_seed(1);
    tarn_tensor *w = tarn_requires_grad(tarn_randn(tarn_shape(SIZE)), true);
    tarn_tensor *before = tarn_clone(w), *g = tarn_randn(tarn_shape(SIZE));
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 0.3);
    memcpy(tarn_op_gradient(w), tarn_values(g), SIZE * sizeof(tarn_real));
    tarn_optim_step(optimizer);
    for (int i = 0; i < SIZE; i++) {
        volatile tarn_real product = (tarn_real)0.3 * tarn_values(g)[i];
        cr_assert(tarn_values(w)[i] == tarn_values(before)[i] - product, "element %d", i);
    }
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(before);
    tarn_free(g);
}

/* ---- Every rule */

enum {
    SGD,
    ADAGRAD,
    RMSPROP,
    ADADELTA,
    ADAM,
    AMSGRAD,
    ADAMW,
    ADAMAX,
    NADAM,
    RADAM,
    MUON,
    LION,
    RULES
};

static tarn_optim *make(int which, tarn_params list)
{
    switch (which) {
    case SGD:
        return tarn_optim_sgd(list, .momentum = 0.9, .nesterov = true);
    case ADAGRAD:
        return tarn_optim_adagrad(list);
    case RMSPROP:
        return tarn_optim_rmsprop(list, .momentum = 0.9);
    case ADADELTA:
        return tarn_optim_adadelta(list);
    case ADAM:
        return tarn_optim_adam(list);
    case AMSGRAD:
        return tarn_optim_adam(list, .amsgrad = true);
    case ADAMW:
        return tarn_optim_adamw(list);
    case ADAMAX:
        return tarn_optim_adamax(list);
    case NADAM:
        return tarn_optim_nadam(list);
    case RADAM:
        return tarn_optim_radam(list);
    case MUON:
        return tarn_optim_muon(list); /* Adam, in a vector */
    case LION:
        return tarn_optim_lion(list);
    default:
        return NULL;
    }
}

/* The weights after three steps, of a parameter that is large enough for threads. */
static tarn_tensor *train_by(int which, const tarn_tensor *start, int threads)
{
    tarn_set_threads(threads);
    tarn_tensor *w = tarn_requires_grad(tarn_clone(start), true);
    tarn_optim *optimizer = make(which, tarn_params_of(w));
    for (int t = 1; t <= 3; t++) {
        tarn_optim_zero_grad(optimizer);
        memcpy(tarn_op_gradient(w), tarn_values(w), (size_t)tarn_size(w) * sizeof(tarn_real));
        tarn_optim_step(optimizer);
    }
    tarn_optim_free(optimizer);
    return w;
}

Test(optim, every_rule_gives_the_same_bits_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE));
    for (int which = 0; which < RULES; which++) {
        tarn_tensor *expected = train_by(which, start, 1);
        cr_assert(tarn_values(expected)[0] != tarn_values(start)[0]);
        for (int threads = 2; threads <= 4; threads++) {
            tarn_tensor *w = train_by(which, start, threads);
            cr_assert_arr_eq(tarn_values(w), tarn_values(expected), SIZE * sizeof(tarn_real),
                             "rule %d, %d threads", which, threads);
            tarn_free(w);
        }
        tarn_free(expected);
    }
    tarn_free(start);
}

/* The element that had one never is finite again, but for Lion's infinity; its neighbour goes on.
 */
Test(optim, gradients_that_are_not_finite_stay)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int which = 0; which < RULES; which++)
        for (int i = 0; i < 3; i++) {
            tarn_tensor *w = new_param(2, 1);
            tarn_optim *optimizer = make(which, tarn_params_of(w));
            for (int t = 1; t <= 10; t++) {
                set_gradient(w, 1);
                if (t == 3)
                    tarn_gradients(w)[0] = (tarn_real)bad[i];
                tarn_optim_step(optimizer);
                const bool is_finite = isfinite((double)tarn_values(w)[0]);
                const bool lion = which == LION && i > 0;
                cr_assert_eq(is_finite, t < 3 || lion, "rule %d, %g, step %d", which, bad[i], t);
            }
            cr_assert(tarn_values(w)[1] < 1);
            if (which == LION && i > 0) /* against the sign, forever */
                assert_close(tarn_values(w)[0], 1 - 2e-4 - 8e-4 * (i == 1 ? 1 : -1));
            tarn_optim_free(optimizer);
            tarn_free(w);
        }
}

/* A root of squares that is infinite stops the weight; Adamax and Lion have no squares, and RAdam
   stops once it trusts v. */
Test(optim, gradients_with_infinite_squares_stop_the_weight)
{
    const double huge = sizeof(tarn_real) == sizeof(float) ? 1e25 : 1e200;
    for (int which = 1; which < RULES; which++) {
        tarn_tensor *w = new_param(1, 1);
        tarn_optim *optimizer = make(which, tarn_params_of(w));
        tarn_real before = 1;
        for (int t = 1; t <= 10; t++) {
            before = tarn_item(w);
            step_with(optimizer, w, t == 1 ? huge : 1);
            cr_assert(isfinite((double)tarn_item(w)), "rule %d, step %d", which, t);
        }
        const bool stops = which != ADAMAX && which != LION;
        if (which != ADAMW) /* AdamW decays it still */
            cr_assert_eq(tarn_item(w) == before, stops, "rule %d", which);
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

/* ---- Denormal numbers */

static const double smallest = sizeof(tarn_real) == sizeof(float) ? 0x1p-126 : 0x1p-1022;

#if defined __x86_64__ || defined __aarch64__
Test(optim, denormal_state_becomes_zero)
{
    enum { SIZE = 50000 };
    tarn_tensor *w = new_param(SIZE, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w), .lr = 0.1);
    step_with(optimizer, w, sqrt(smallest)); /* a thousandth of its square is denormal */
    cr_assert(optimizer->params[0].state[0][0] > 0);
    for (int i = 0; i < SIZE; i++)
        cr_assert(optimizer->params[0].state[1][i] == 0, "element %d", i);
    assert_close(tarn_values(w)[0], 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
}
#endif

/* Half of the smallest normal number, or 0; computed where it is called. */
static __attribute__((noinline)) tarn_real half_of_smallest(void)
{
    static volatile tarn_real number = (tarn_real)(sizeof(tarn_real) == 4 ? 0x1p-126 : 0x1p-1022);
    return number / 2;
}

/* Whether numbers become denormal, or else 0, on each of the threads of a parallel region. */
static bool denormals_are_kept(void)
{
    int zeros = 0;
#pragma omp parallel reduction(+ : zeros)
    zeros += half_of_smallest() == 0;
    return zeros == 0;
}

/* The step is the first here that needs threads, and so starts them. */
Test(optim, arithmetic_of_the_caller_stays)
{
    tarn_set_threads(4);
    tarn_tensor *w = new_param(100000, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w));
    step_with(optimizer, w, 1);
    cr_assert(denormals_are_kept());
    tarn_clip_grad_norm(tarn_params_of(w), 0.5);
    cr_assert(denormals_are_kept());
    tarn_ema *ema = tarn_ema_new(tarn_params_of(w));
    tarn_ema_update(ema);
    cr_assert(denormals_are_kept());
    tarn_ema_free(ema);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

static double fastest_step(tarn_optim *optimizer, int steps)
{
    double fastest = INFINITY;
    for (int i = 0; i < steps; i++) {
        double start = omp_get_wtime();
        tarn_optim_step(optimizer);
        fastest = fmin(fastest, omp_get_wtime() - start);
    }
    return fastest;
}

Test(optim, denormal_state_costs_no_time)
{
    tarn_set_threads(1);
    tarn_tensor *w = new_param(100000, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w));
    set_gradient(w, 1);
    const double usual = fastest_step(optimizer, 50);
    tarn_optim_free(optimizer);
    optimizer = tarn_optim_adam(tarn_params_of(w));
    set_gradient(w, sqrt(smallest));
    const double denormal = fastest_step(optimizer, 50);
    cr_assert_lt(denormal, 3 * usual);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* ---- One's own optimizer */

/* w -= lr sign(sum of all gradients so far); the second state counts the calls. */
static void sign_update(const tarn_optim *self, const tarn_optim_piece *piece)
{
    (void)self;
    for (int64_t i = 0; i < piece->count; i++) {
        piece->state[0][i] += piece->gradients[i];
        piece->state[1][i] += 1;
        cr_assert(piece->state[1][i] == (tarn_real)piece->step);
        const tarn_real sum = piece->state[0][i];
        piece->weights[i] -= (tarn_real)piece->lr * (tarn_real)((sum > 0) - (sum < 0));
    }
    cr_assert_null(piece->state[2]);
}

static const tarn_optim_rule sign_rule = {.name = "sign", .update = sign_update};

Test(optim, one_of_ones_own)
{
    tarn_tensor *small = new_param(1, 1), *large = new_param(50000, 1);
    tarn_optim *optimizer =
        tarn_optim_new(&sign_rule, sizeof *optimizer, 2,
                       (tarn_optim_common){.params = tarn_params_of(small, large), .lr = 0.25});
    cr_assert(optimizer);
    cr_assert(tarn_optim_lr(optimizer) == 0.25);
    set_gradient(small, -5);
    step_with(optimizer, large, 1);
    set_gradient(small, 2);
    step_with(optimizer, large, -2);
    cr_assert(tarn_item(small) == (tarn_real)1.5);
    for (int64_t i = 0; i < tarn_size(large); i++)
        cr_assert(tarn_values(large)[i] == 1);
    tarn_optim_free(optimizer);
    tarn_free(small);
    tarn_free(large);
}

/* A rule that looks at the whole parameter when its pieces are updated: w -= lr (mean of g). */
typedef struct whole {
    tarn_optim base;
    int calls;
    void *memory;
} whole;

static void keep_gradient(const tarn_optim *self, const tarn_optim_piece *piece)
{
    (void)self;
    for (int64_t i = 0; i < piece->count; i++)
        piece->state[0][i] = piece->gradients[i];
}

static void move_by_mean(tarn_optim *self, const tarn_optim_piece *piece)
{
    ((whole *)self)->calls++;
    cr_assert(!piece->gradients && piece->count == tarn_size(piece->param->tensor));
    cr_assert(piece->weights == tarn_values(piece->param->tensor));
    double sum = 0;
    for (int64_t i = 0; i < piece->count; i++)
        sum += (double)piece->state[0][i];
    for (int64_t i = 0; i < piece->count; i++)
        piece->weights[i] -= (tarn_real)(piece->lr * sum / (double)piece->count);
}

static void free_memory(tarn_optim *self)
{
    free(((whole *)self)->memory);
}

Test(optim, one_of_ones_own_that_finishes_whole_parameters)
{
    static const tarn_optim_rule rule = {
        .name = "whole", .update = keep_gradient, .finish = move_by_mean, .free = free_memory};
    tarn_tensor *large = new_param(50000, 1), *late = new_param(2, 1), *empty = new_param(0, 1);
    whole *self = tarn_optim_new(&rule, sizeof *self, 1,
                                 (tarn_optim_common){.params = tarn_params_of(large, late, empty),
                                                     .lr = 0.25,
                                                     .weight_decay = 0.5});
    cr_assert(self);
    self->memory = malloc(16); /* leaks if it is not freed with the optimizer */
    tarn_op_gradient(empty);
    set_gradient(large, 0);
    tarn_op_gradient(large)[49999] = 50000;
    tarn_optim_step(&self->base);
    cr_assert_eq(self->calls, 1);
    assert_close(tarn_values(large)[0], 1 - 0.25 * (1 + 0.5)); /* the decay was in the gradient */
    cr_assert(tarn_values(late)[0] == 1);
    set_gradient(large, 0);
    tarn_op_gradient(late)[0] = 4;
    tarn_optim_group_of(&self->base, tarn_params_of(late), .lr_scale = 0.5, .weight_decay = 0);
    tarn_optim_step(&self->base);
    cr_assert_eq(self->calls, 3);
    assert_close(tarn_values(late)[1], 1 - 0.25 * 0.5 * 4 / 2);
    tarn_optim_free(&self->base);
    tarn_free(large);
    tarn_free(late);
    tarn_free(empty);
}

Test(optim, one_of_ones_own_is_checked)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_optim_common common = {.params = tarn_params_of(w)};
    static const tarn_optim_rule no_update = {.name = "none"};
    assert_mistake(tarn_optim_new(&no_update, sizeof(tarn_optim), 1, common),
                   "optim_new: the rule has no name or no update function");
    assert_mistake(tarn_optim_new(&sign_rule, sizeof(tarn_optim), 5, common),
                   "optim_sign: 5 arrays of state, expects 0 to 4");
    assert_mistake(tarn_optim_new(&sign_rule, sizeof(tarn_optim), -1, common),
                   "optim_sign: -1 arrays of state");
    tarn_optim *wrong_size = NULL; /* that of a pointer, where one forgets to write the * */
    assert_mistake(tarn_optim_new(&sign_rule, sizeof wrong_size, 0, common),
                   "optim_sign: its size is ");
    tarn_free(w);
}

/* Takes the optimizer over. */
static void assert_state(tarn_optim *optimizer, int64_t numbers)
{
    cr_assert(optimizer);
    cr_expect_eq(tarn_optim_state_bytes(optimizer), numbers * (int64_t)sizeof(tarn_real),
                 "%lld bytes, expects %lld numbers", (long long)tarn_optim_state_bytes(optimizer),
                 (long long)numbers);
    tarn_optim_free(optimizer);
}

Test(optim, bytes_of_state)
{
    tarn_tensor *matrix = tarn_requires_grad(tarn_zeros(tarn_shape(3, 2)), true);
    tarn_tensor *vector = new_param(5, 1), *empty = new_param(0, 1);
    const tarn_params params = tarn_params_of(matrix, vector, empty);
    assert_state(tarn_optim_sgd(params), 0);
    assert_state(tarn_optim_sgd(params, .momentum = 0.9), 11);
    assert_state(tarn_optim_rmsprop(params), 11);
    assert_state(tarn_optim_rmsprop(params, .momentum = 0.9, .centered = true), 33);
    assert_state(tarn_optim_adam(params), 22);
    assert_state(tarn_optim_adam(params, .amsgrad = true), 33);
    assert_state(tarn_optim_lion(params), 11);
    assert_state(tarn_optim_muon(params), 22);
    cr_expect_eq(tarn_optim_state_bytes(NULL), 0);
    tarn_free(matrix);
    tarn_free(vector);
    tarn_free(empty);
}

/* ---- Mistakes */

Test(optim, refuses_bad_numbers)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_sgd(list, .lr = -0.1),
                   "optim_sgd: lr is -0.1, expects a number of at least 0 in the range of a ");
    assert_mistake(tarn_optim_sgd(list, .lr = NAN), "optim_sgd: lr is ");
    assert_mistake(tarn_optim_sgd(list, .lr = INFINITY), "optim_sgd: lr is inf");
    assert_mistake(tarn_optim_sgd(list, .weight_decay = -1),
                   "optim_sgd: weight_decay is -1, expects a number of at least 0 in the range");
    assert_mistake(tarn_optim_sgd(list, .l1 = -1), "optim_sgd: l1 is -1");
    /* Denormal numbers count as 0 in the step: 0 / (sqrt(0) + eps) would be NaN. */
    const double denormal = sizeof(tarn_real) == sizeof(float) ? 1e-40 : 1e-310;
    assert_mistake(tarn_optim_adam(list, .eps = denormal), "optim_adam: eps is 1e-");
    assert_mistake(tarn_optim_sgd(list, .lr = denormal), "optim_sgd: lr is 1e-");
    assert_mistake(tarn_optim_sgd(list, .decoupled = true),
                   "optim_sgd: decoupled is set, but weight_decay is 0");
    assert_mistake(tarn_optim_sgd(list, .weight_decay = 1, .independent = true),
                   "optim_sgd: independent is set, but decoupled is 0, expects a decoupled decay");
    assert_mistake(tarn_optim_lion(list, .independent = true),
                   "optim_lion: independent is set, but weight_decay is 0");
    assert_mistake(tarn_optim_adamw(list, .lr = 0, .independent = true),
                   "optim_adamw: independent is set, but lr is 0");
    tarn_free(w);
}

Test(optim, refuses_bad_lists)
{
    tarn_tensor *w = new_param(2, 1), *plain = tarn_zeros(tarn_shape(2, 3));
    const char *names[] = {"0.weight", "0.bias"};
    tarn_tensor *with_null[] = {w, NULL};
    assert_mistake(tarn_optim_adam((tarn_params){0}),
                   "optim_adam: the list of parameters is empty, expects at least one");
    assert_mistake(tarn_optim_adam(tarn_params_of(w, NULL)), "optim_adam: parameter 1 is NULL");
    assert_mistake(tarn_optim_adam(((tarn_params){2, with_null, names})),
                   "optim_adam: parameter 1 (0.bias) is NULL");
    assert_mistake(tarn_optim_adam(tarn_params_of(w, w)),
                   "optim_adam: parameter 1 is the same tensor as parameter 0, expects each once");
    assert_mistake(tarn_optim_adam(tarn_params_of(plain)),
                   "optim_adam: parameter 0 has shape (2,3) and requires no gradient");
    tarn_free(w);
    tarn_free(plain);
}

static const tarn_op nothing = {"nothing", NULL};

Test(optim, refuses_the_result_of_an_operation)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *result = tarn_op_result(&nothing, tarn_shape(2), w);
    assert_mistake(tarn_optim_sgd(tarn_params_of(result)),
                   "optim_sgd: parameter 0 has shape (2) and is the result of an operation");
    tarn_tape_end(tape);
    tarn_free(w);
}

Test(optim, null_is_accepted)
{
    record_mistakes();
    tarn_optim_zero_grad(NULL);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "optim_zero_grad: the optimizer is NULL");
    tarn_optim_step(NULL); /* one report is enough */
    tarn_optim_set_lr(NULL, 1);
    cr_assert(isnan(tarn_optim_lr(NULL)));
    tarn_optim_free(NULL);
    cr_assert_eq(mistakes(), 0);
}
