#include "tests/optim/replay.h"

#include "tests/support/heap.h"

enum { MOST = 4 };

/* What a watcher was told last. */
typedef struct record {
    tarn_optim *optimizer;
    int calls, count;
    tarn_optim_change changes[MOST];
} record;

static void note(const tarn_optim_change *changes, int count, void *context)
{
    record *r = context;
    cr_assert_leq(count, MOST);
    memcpy(r->changes, changes, (size_t)count * sizeof *changes);
    r->count = count;
    r->calls++;
}

/* ---- Values */

/* By hand, in numbers that float holds exactly. With L2 the gradient that the rule sees is
   g + 0.5 w = (4.5, -2): the update is (2.25, -1), the gradient's norm that of g alone. */
Test(optim_watch, tells_the_norms_of_a_step)
{
    tarn_tensor *w = new_param(2, 0), *other = new_param(3, 2);
    tarn_values(w)[0] = 3;
    tarn_values(w)[1] = 4;
    tarn_real *g = tarn_op_gradient(w);
    g[0] = 3;
    g[1] = -4;
    set_gradient(other, 0);
    tarn_optim *optimizer =
        tarn_optim_sgd(tarn_params_of(w, other), .lr = 0.5, .weight_decay = 0.5);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    cr_assert_eq(r.calls, 0);
    tarn_optim_step(optimizer);
    cr_assert(r.calls == 1 && r.count == 2);
    cr_assert(r.changes[0].parameter == w && r.changes[1].parameter == other);
    cr_assert_str_eq(r.changes[0].name, "");
    cr_assert(r.changes[0].weight_norm == 5 && r.changes[0].gradient_norm == 5);
    assert_close(r.changes[0].update_norm, sqrt(2.25 * 2.25 + 1));
    cr_assert(isnan(r.changes[0].cosine) && r.changes[0].gradients == g);
    cr_assert(r.changes[0].updates[0] == (tarn_real)-2.25 && r.changes[0].updates[1] == 1);
    assert_close(r.changes[1].weight_norm, sqrt(12));
    cr_assert(r.changes[1].gradient_norm == 0); /* and the decay moves it all the same */
    assert_close(r.changes[1].update_norm, sqrt(3 * 0.5 * 0.5));
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(other);
}

/* With that of the step before in which the parameter took part, over all its pieces. */
Test(optim_watch, tells_the_angle_between_gradients)
{
    enum { SIZE = 5000 };
    tarn_tensor *w = new_param(SIZE, 0), *rare = new_param(2, 0);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w, rare), .lr = 0.1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    set_gradient(rare, 1);
    step_with(optimizer, w, 2);
    cr_assert(isnan(r.changes[0].cosine) && isnan(r.changes[1].cosine));
    tarn_requires_grad(rare, false);
    step_with(optimizer, w, -3);
    cr_assert_float_eq(r.changes[0].cosine, -1, 1e-12);
    cr_assert(isnan(r.changes[1].cosine) && !r.changes[1].updates && !r.changes[1].gradients);
    tarn_requires_grad(rare, true);
    tarn_gradients(rare)[0] = 0; /* (0, 1), and (1, 1) in its last step */
    for (int i = 0; i < SIZE; i += 2)
        tarn_gradients(w)[i] = 3;
    tarn_optim_step(optimizer);
    cr_assert_float_eq(r.changes[0].cosine, 0, 1e-12);
    cr_assert_float_eq(r.changes[1].cosine, sqrt(0.5), 1e-12);
    step_with(optimizer, w, 0);
    cr_assert(isnan(r.changes[0].cosine));
    cr_assert_float_eq(r.changes[1].cosine, 1, 1e-12);
    step_with(optimizer, w, 1);
    cr_assert(isnan(r.changes[0].cosine)); /* there was no direction before */
    step_with(optimizer, w, INFINITY);
    cr_assert(isnan(r.changes[0].cosine));
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(rare);
}

/* The Euclidean distance of two tensors of the golden files, b NULL counting as 0. */
static double distance(const tarn_tensor *a, const tarn_tensor *b)
{
    double sum = 0;
    for (int64_t i = 0; i < tarn_size(a); i++) {
        const double d = (double)tarn_values(a)[i] - (b ? (double)tarn_values(b)[i] : 0);
        sum += d * d;
    }
    return sqrt(sum);
}

/* The first two steps of a golden run: the norms are those of the weights that PyTorch has after
   each, or the published rule. */
static void assert_norms(const char *inputs, const char *file, const char *variant,
                         tarn_optim *constructor(tarn_params))
{
    replay run;
    replay_open_with(&run, inputs, file, variant);
    tarn_tensor *before[REPLAY_PARAMS], *after;
    for (int p = 0; p < REPLAY_PARAMS; p++)
        before[p] = tarn_clone(run.tensors[p]);
    tarn_optim *optimizer = constructor(run.params);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    for (int step = 1; step <= 2; step++) {
        tarn_optim_zero_grad(optimizer);
        for (int p = 0; p < REPLAY_PARAMS; p++)
            replay_gradient(&run, p, step);
        tarn_optim_step(optimizer);
        cr_assert(r.calls == step && r.count == REPLAY_PARAMS);
        for (int p = 0; p < REPLAY_PARAMS; p++) {
            char name[32];
            snprintf(name, sizeof name, "w%d_%d", p, step);
            after = golden_tensor(run.variant, name);
            cr_assert(after, "%s has no %s", file, name);
            const tarn_real *g = tarn_gradients(run.tensors[p]);
            double gradient = 0;
            for (int64_t i = 0; i < tarn_size(run.tensors[p]); i++)
                gradient += (double)g[i] * (double)g[i];
            assert_close(r.changes[p].weight_norm, distance(before[p], NULL));
            assert_close(r.changes[p].gradient_norm, sqrt(gradient));
            assert_close(r.changes[p].update_norm, distance(after, before[p]));
            for (int64_t i = 0; i < tarn_size(after); i++)
                assert_close(r.changes[p].updates[i],
                             (double)tarn_values(after)[i] - (double)tarn_values(before[p])[i]);
            tarn_free(before[p]);
            before[p] = after;
        }
    }
    tarn_optim_free(optimizer);
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        tarn_free(before[p]);
        tarn_free(run.tensors[p]);
        tarn_free(run.gradients[p]);
    }
    golden_close(run.file);
    golden_close(run.inputs);
}

#define CONSTRUCTOR(name, call, ...)                                                               \
    static tarn_optim *name(tarn_params params)                                                    \
    {                                                                                              \
        return call(params, __VA_ARGS__);                                                          \
    }

CONSTRUCTOR(momentum_l1_l2, tarn_optim_sgd, .lr = 0.01, .momentum = 0.9, .l1 = 0.05,
            .weight_decay = 0.1)
CONSTRUCTOR(adam, tarn_optim_adam, .l1 = 0)
CONSTRUCTOR(adamw, tarn_optim_adamw, .lr = 0.01, .weight_decay = 0.2)
CONSTRUCTOR(adagrad, tarn_optim_adagrad, .l1 = 0)
CONSTRUCTOR(lion, tarn_optim_lion, .lr = 0.01, .weight_decay = 0.5)
CONSTRUCTOR(muon, tarn_optim_muon, .lr = 0.01, .weight_decay = 0.5)
CONSTRUCTOR(muon_default, tarn_optim_muon, .l1 = 0)

Test(optim_watch, agrees_with_golden_weights)
{
    assert_norms("inputs", "sgd", "l1_l2_momentum", momentum_l1_l2);
    assert_norms("inputs", "adam", "default", adam);
    assert_norms("inputs", "adam", "adamw_weight_decay", adamw);
    assert_norms("inputs", "adagrad", "default", adagrad);
    assert_norms("inputs", "lion", "weight_decay", lion);
    assert_norms("matrices", "muon_matrices", "weight_decay", muon);
    assert_norms("kernels", "muon_kernels", "default", muon_default);
}

/* An optimizer of one's own: every weight falls by the rate. */
static void fall(const tarn_optim *self, const tarn_optim_piece *piece)
{
    (void)self;
    for (int64_t i = 0; i < piece->count; i++)
        piece->weights[i] -= (tarn_real)piece->lr;
}

Test(optim_watch, watches_optimizers_of_ones_own_and_groups)
{
    static const tarn_optim_rule rule = {.name = "fall", .update = fall};
    tarn_tensor *a = new_param(4100, 1), *b = new_param(1, -2); /* two pieces and a bit */
    tarn_params list = {2, (tarn_tensor *[]){a, b}, (const char *[]){"a.weight", "b.weight"}};
    tarn_optim *optimizer = tarn_optim_new(&rule, sizeof(tarn_optim), 0,
                                           (tarn_optim_common){.params = list, .lr = 0.5});
    cr_assert_eq(tarn_optim_group(optimizer, "b.*", .lr_scale = 4), 1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    for (int step = 0; step < 2; step++) {
        set_gradient(a, 2);
        set_gradient(b, -3);
        tarn_optim_step(optimizer);
        cr_assert_str_eq(r.changes[0].name, "a.weight");
        cr_assert_str_eq(r.changes[1].name, "b.weight");
        assert_close(r.changes[0].weight_norm, sqrt(4100) * (1 - 0.5 * step));
        assert_close(r.changes[0].gradient_norm, sqrt(4100) * 2);
        assert_close(r.changes[0].update_norm, sqrt(4100) * 0.5);
        cr_assert(r.changes[1].weight_norm == 2 + 2 * step);
        cr_assert(r.changes[1].gradient_norm == 3 && r.changes[1].update_norm == 2);
    }
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
}

Test(optim_watch, sees_clipped_gradients)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    set_gradient(w, 8);
    tarn_clip_grad_norm(tarn_params_of(w), 2);
    tarn_optim_step(optimizer);
    cr_assert(r.changes[0].gradient_norm == 2 && r.changes[0].update_norm == 2);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(optim_watch, is_the_same_at_any_number_of_threads)
{
    enum { SIZE = 100003 };
    tarn_tensor *start = tarn_randn(tarn_shape(SIZE)), *gradient = tarn_randn(tarn_shape(SIZE));
    record records[4] = {0};
    for (int threads = 1; threads <= 4; threads++) {
        record *r = &records[threads - 1];
        tarn_tensor *w = tarn_requires_grad(tarn_clone(start), true);
        tarn_tensor *small = new_param(3, 1);
        tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w, small), .weight_decay = 0.1);
        cr_assert(tarn_optim_watch(optimizer, note, r));
        tarn_set_threads(threads);
        for (int step = 0; step < 2; step++) {
            tarn_optim_zero_grad(optimizer);
            set_gradient(small, 1);
            memcpy(tarn_op_gradient(w), tarn_values(gradient), SIZE * sizeof(tarn_real));
            tarn_optim_step(optimizer);
        }
        for (int i = 0; i < 2; i++)
            cr_assert(r->changes[i].weight_norm == records[0].changes[i].weight_norm &&
                      r->changes[i].gradient_norm == records[0].changes[i].gradient_norm &&
                      r->changes[i].update_norm == records[0].changes[i].update_norm &&
                      r->changes[i].cosine == records[0].changes[i].cosine);
        tarn_optim_free(optimizer);
        tarn_free(w);
        tarn_free(small);
    }
    cr_assert_float_eq(records[0].changes[0].gradient_norm, distance(gradient, NULL), 1e-9);
    tarn_free(start);
    tarn_free(gradient);
}

/* To be watched changes nothing. */
Test(optim_watch, leaves_the_step_as_it_is)
{
    tarn_tensor *params[2];
    for (int watched = 0; watched < 2; watched++) {
        tarn_tensor *w = params[watched] = new_param(5000, 0.3);
        tarn_optim *optimizer = tarn_optim_radam(tarn_params_of(w), .l1 = 1e-3);
        record r = {0};
        if (watched)
            cr_assert(tarn_optim_watch(optimizer, note, &r));
        for (int step = 1; step <= 20; step++)
            step_with(optimizer, w, 0.1 * step);
        cr_assert_eq(r.calls, watched ? 20 : 0);
        tarn_optim_free(optimizer);
    }
    cr_assert_arr_eq(tarn_values(params[0]), tarn_values(params[1]), 5000 * sizeof(tarn_real));
    tarn_free(params[0]);
    tarn_free(params[1]);
}

/* ---- Odd parameters and numbers */

Test(optim_watch, counts_what_takes_no_part_as_unchanged)
{
    tarn_tensor *w = new_param(4, 1), *frozen = new_param(1, -3), *without = new_param(1, 2),
                *empty = new_param(0, 0);
    tarn_optim *optimizer =
        tarn_optim_sgd(tarn_params_of(w, frozen, without, empty), .weight_decay = 0.1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    tarn_optim_step(optimizer); /* nothing has a gradient yet */
    cr_assert(r.calls == 1 && r.count == 4);
    for (int i = 0; i < 4; i++)
        cr_assert(r.changes[i].gradient_norm == 0 && r.changes[i].update_norm == 0);
    cr_assert(r.changes[0].weight_norm == 2);
    set_gradient(w, 1);
    set_gradient(frozen, 1);
    tarn_op_gradient(empty);
    tarn_requires_grad(frozen, false);
    tarn_optim_step(optimizer);
    cr_assert(r.calls == 2 && r.changes[0].gradient_norm == 2 && r.changes[0].update_norm > 0);
    const double weights[] = {2, 3, 2, 0};
    for (int i = 1; i < 4; i++)
        cr_assert(r.changes[i].weight_norm == weights[i] && r.changes[i].gradient_norm == 0 &&
                  r.changes[i].update_norm == 0);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(frozen);
    tarn_free(without);
    tarn_free(empty);
}

Test(optim_watch, shows_what_is_not_finite)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    step_with(optimizer, w, INFINITY);
    cr_assert(isfinite(r.changes[0].weight_norm));
    cr_assert(isinf(r.changes[0].gradient_norm) && isinf(r.changes[0].update_norm));
    step_with(optimizer, w, NAN);
    cr_assert(isinf(r.changes[0].weight_norm));
    cr_assert(isnan(r.changes[0].gradient_norm) && isnan(r.changes[0].update_norm));
    step_with(optimizer, w, 1);
    cr_assert(isnan(r.changes[0].weight_norm) && isnan(r.changes[0].update_norm));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* Squares that leave the range of float, and denormal numbers, which the step takes as 0. */
Test(optim_watch, sums_large_and_small_numbers)
{
    const double tiny = sizeof(tarn_real) == sizeof(float) ? 0x1p-140 : 0x1p-1070;
    tarn_tensor *w = new_param(4, 1e30), *denormal = new_param(4, tiny);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w, denormal), .lr = 1);
    record r = {0};
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    set_gradient(w, 1e30);
    set_gradient(denormal, tiny);
    tarn_optim_step(optimizer);
    assert_close(r.changes[0].weight_norm / 2e30, 1);
    assert_close(r.changes[0].gradient_norm / 2e30, 1);
    assert_close(r.changes[0].update_norm / 2e30, 1);
    cr_assert(r.changes[1].weight_norm == 0 && r.changes[1].gradient_norm == 0 &&
              r.changes[1].update_norm == 0);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(denormal);
}

/* ---- Beginning and ending */

static void halve_the_rate(const tarn_optim_change *changes, int count, void *context)
{
    note(changes, count, context);
    tarn_optim *optimizer = ((record *)context)->optimizer;
    tarn_optim_set_lr(optimizer, tarn_optim_lr(optimizer) / 2);
}

static void end_the_watch(const tarn_optim_change *changes, int count, void *context)
{
    note(changes, count, context);
    cr_assert(tarn_optim_watch(((record *)context)->optimizer, NULL, NULL));
    cr_assert(changes[0].weight_norm == 1 || changes[0].weight_norm == 0.5); /* still there */
}

static void hand_over(const tarn_optim_change *changes, int count, void *context)
{
    note(changes, count, context);
    cr_assert(tarn_optim_watch(((record *)context)->optimizer, end_the_watch, context));
}

Test(optim_watch, ends_and_begins_at_any_time)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 0.5);
    record r = {.optimizer = optimizer}, other = {.optimizer = optimizer};
    cr_assert(tarn_optim_watch(optimizer, NULL, NULL)); /* nobody watched */
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    cr_assert(tarn_optim_watch(optimizer, halve_the_rate, &other));
    step_with(optimizer, w, 1);
    cr_assert(r.calls == 0 && other.calls == 1 && tarn_optim_lr(optimizer) == 0.25);
    cr_assert(other.changes[0].update_norm == 0.5);
    cr_assert(tarn_optim_watch(optimizer, NULL, NULL));
    step_with(optimizer, w, 0);
    cr_assert(other.calls == 1);
    cr_assert(tarn_optim_watch(optimizer, hand_over, &r));
    for (int step = 0; step < 4; step++)
        step_with(optimizer, w, 0);
    cr_assert(r.calls == 2 && !optimizer->observer);
    cr_assert(!tarn_optim_watch(NULL, note, &r));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

static void step_again(const tarn_optim_change *changes, int count, void *context)
{
    note(changes, count, context);
    tarn_optim_step(((record *)context)->optimizer);
}

static void free_it(const tarn_optim_change *changes, int count, void *context)
{
    note(changes, count, context);
    tarn_optim_free(((record *)context)->optimizer);
}

static void assert_refused(tarn_optim_watcher *watcher, const char *words)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 0.5);
    record r = {.optimizer = optimizer};
    cr_assert(tarn_optim_watch(optimizer, watcher, &r));
    record_mistakes();
    for (int step = 1; step <= 2; step++) {
        step_with(optimizer, w, 0.5);
        cr_assert_eq(mistakes(), 1);
        cr_assert(strstr(last_mistake(), words), "%s", last_mistake());
        cr_assert(r.calls == step && tarn_values(w)[0] == 1 - (tarn_real)0.25 * (tarn_real)step);
    }
    tarn_optim_free(optimizer);
    cr_assert_eq(mistakes(), 0);
    tarn_free(w);
}

Test(optim_watch, refuses_to_step_or_to_free_in_the_watcher)
{
    assert_refused(step_again, "optim_step: called by the watcher of the same optimizer");
    assert_refused(free_it, "optim_free: called by the watcher of the same optimizer");
}

/* ---- Memory */

#ifdef TARN_TESTS_HEAP_IS_WATCHED

#include <sys/resource.h>

Test(optim_watch, asks_for_memory_only_when_it_begins)
{
    tarn_tensor *w = new_param(40000, 1), *b = new_param(10, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w, b), .lr = 1e-3);
    record r = {0};
    set_gradient(w, 1);
    set_gradient(b, 1);
    tarn_optim_step(optimizer); /* threads begin */
    /* clang's OpenMP asks for a little memory at each region, of which a watched step has three. */
    long per_step = -heap_calls;
    tarn_optim_step(optimizer);
    per_step = 3 * (per_step + heap_calls);
    const long before = heap_live;
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    cr_assert_gt(heap_live, before);
    const long calls = heap_calls;
    for (int step = 0; step < 10; step++) {
        tarn_optim_zero_grad(optimizer);
        tarn_optim_step(optimizer);
    }
    cr_assert_leq(heap_calls - calls, 10 * per_step, "%ld", heap_calls - calls);
    cr_assert(tarn_optim_watch(optimizer, NULL, NULL));
    cr_assert_eq(heap_live, before);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(b);
}

#ifndef __aarch64__ /* where the tests run in an emulator, which sets no limit */

Test(optim_watch, says_when_memory_runs_out)
{
    tarn_tensor *w = new_param(1 << 20, 1); /* too much for what the heap has already */
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 1);
    record r = {0};
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4096;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    const bool watched = tarn_optim_watch(optimizer, note, &r);
    limit.rlim_cur = before;
    setrlimit(RLIMIT_AS, &limit);
    cr_assert_not(watched);
    cr_assert(strstr(tarn_error(), "optim_watch: out of memory"), "%s", tarn_error());
    step_with(optimizer, w, 1);
    cr_assert(r.calls == 0 && tarn_values(w)[0] == 0);
    cr_assert(tarn_optim_watch(optimizer, note, &r));
    step_with(optimizer, w, 1);
    cr_assert(r.calls == 1 && r.changes[0].weight_norm == 0 && r.changes[0].update_norm == 1024);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

#endif

#endif
