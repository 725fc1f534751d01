/* Optimizers and schedules by name. */
#include <math.h>

#include "optim/rule.h"
#include "tests/optim/replay.h"

/* The weight after three steps with gradients of 1, -2, 3. */
static tarn_real after(tarn_optim *optimizer, tarn_tensor *w)
{
    cr_assert(optimizer, "%s", tarn_error());
    for (int t = 1; t <= 3; t++)
        step_with(optimizer, w, t == 2 ? -2 : t);
    const tarn_real weight = tarn_item(w);
    tarn_optim_free(optimizer);
    tarn_free(w);
    return weight;
}

#define ASSERT_SAME(name, options, constructor, ...)                                               \
    do {                                                                                           \
        tarn_tensor *a = new_param(1, 1), *b = new_param(1, 1);                                    \
        const tarn_real by_name = after(tarn_optim_by_name(name, tarn_params_of(a), options), a);  \
        const tarn_real direct = after(constructor(tarn_params_of(b), __VA_ARGS__), b);            \
        cr_expect(by_name == direct, "%s, %s", name, #options);                                    \
    } while (0)

Test(by_name, is_the_constructor)
{
    ASSERT_SAME("sgd", NULL, tarn_optim_sgd, .l1 = 0);
    ASSERT_SAME("sgd", "lr=0.1,momentum=0.5,nesterov=true", tarn_optim_sgd, .lr = 0.1,
                .momentum = 0.5, .nesterov = true);
    ASSERT_SAME("momentum", "", tarn_optim_sgd, .momentum = 0.9);
    ASSERT_SAME("momentum", "momentum=0.5", tarn_optim_sgd, .momentum = 0.5);
    ASSERT_SAME("momentum-ema", "lr=1", tarn_optim_sgd, .lr = 1, .momentum = 0.9, .ema = true);
    ASSERT_SAME("nesterov", NULL, tarn_optim_sgd, .momentum = 0.9, .nesterov = true);
    ASSERT_SAME("adagrad", "eps=1e-3", tarn_optim_adagrad, .eps = 1e-3);
    ASSERT_SAME("rmsprop", "rho=0,centered=true", tarn_optim_rmsprop, .rho = 0, .centered = true);
    ASSERT_SAME("adadelta", "rho=0.5", tarn_optim_adadelta, .rho = 0.5);
    ASSERT_SAME("adam", "lr=1e-3,beta1=0.8", tarn_optim_adam, .lr = 1e-3, .beta1 = 0.8);
    ASSERT_SAME("amsgrad", "beta2=0.5", tarn_optim_adam, .beta2 = 0.5, .amsgrad = true);
    ASSERT_SAME("adamw", "weight_decay=0", tarn_optim_adam, .weight_decay = 0);
    ASSERT_SAME("adamax", NULL, tarn_optim_adamax, .l1 = 0);
    ASSERT_SAME("nadam", NULL, tarn_optim_nadam, .l1 = 0);
    ASSERT_SAME("radam", NULL, tarn_optim_radam, .l1 = 0);
    ASSERT_SAME("lion", "lr=0.01", tarn_optim_lion, .lr = 0.01);
    ASSERT_SAME("muon", "adam_lr=0.1", tarn_optim_muon, .adam_lr = 0.1);
}

/* Each optimizer of the list has tests of its own, which are built. */
Test(by_name, every_optimizer_has_tests)
{
    for (int i = 0; tarn_optim_entry_at(i); i++) {
        const tarn_optim_entry *e = tarn_optim_entry_at(i);
        char line[256], text[64];
        bool found = e->preset[0] || strcmp(e->name, "adamw") == 0; /* adam, by another name */
        FILE *file = fopen(TARN_SOURCE_DIR "/tests/optim/meson.build", "r");
        cr_assert(file);
        snprintf(text, sizeof text, "'test_%s.c'", e->name);
        while (!found && fgets(line, sizeof line, file))
            found = strstr(line, text);
        fclose(file);
        cr_expect(found, "%s has no tests in tests/optim/test_%s.c", e->name, e->name);
    }
}

Test(by_name, every_entry_makes_an_optimizer)
{
    int count = 0;
    for (const tarn_optim_entry *e; (e = tarn_optim_entry_at(count)); count++) {
        tarn_tensor *w = new_param(1, 1);
        cr_expect_eq(tarn_optim_entry_of(e->name), e);
        cr_expect_str_eq(e->rule->options.options[0].name, "lr");
        cr_expect(after(tarn_optim_by_name(e->name, tarn_params_of(w), NULL), w) != 1, "%s",
                  e->name);
    }
#ifdef TARN_WITHOUT_EXTRAS
    cr_expect_geq(count, 15);
#else
    cr_expect_geq(count, 22);
#endif
    cr_expect_null(tarn_optim_entry_at(-1));
}

/* What comes from outside is no mistake of the program's. */
static void assert_refused(const char *name, const char *options, const char *words)
{
    tarn_tensor *w = new_param(1, 1);
    record_mistakes();
    cr_expect_null(tarn_optim_by_name(name, tarn_params_of(w), options));
    cr_expect_eq(mistakes(), 0, "%s, %s", name, options);
    cr_expect(strstr(tarn_error(), words), "%s, %s: %s", name, options, tarn_error());
    tarn_free(w);
}

Test(by_name, wrong_texts_are_refused)
{
    assert_refused("adm", NULL, "there is no optimizer \"adm\", expects one of sgd, adagrad, ");
    assert_refused("adam", "beta3=1",
                   "adam: there is no option \"beta3\", expects one of lr, beta1");
    assert_refused("adam", "beta1=1", "adam: beta1 is \"1\", expects a number in [0, 1)");
    assert_refused("adam", "lr=0.1,lr=0.2", "adam: lr is set twice");
    const char *const numbers[] = {
        "lr",   "lr=",   "lr=x", "lr=0,1", "lr=1x",   "lr=nan",  "lr=-inf",   "lr=1e400",
        "lr= ", "lr=-1", "=",    "lr=1,,", "lr=true", "amsgrad", "amsgrad=1", "amsgrad=yes"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_refused("adam", numbers[i], "adam: ");
}

/* 0 is 0, and not the default. */
Test(by_name, zero_is_zero)
{
    tarn_tensor *w = new_param(1, 1), *a = new_param(1, 1), *b = new_param(1, 1);
    cr_expect(after(tarn_optim_adam(tarn_params_of(w), .lr = 0), w) == 1);
    const tarn_real undecayed = after(tarn_optim_adamw(tarn_params_of(a), .weight_decay = 0), a);
    cr_expect(undecayed == after(tarn_optim_adam(tarn_params_of(b), .l1 = 0), b));

    /* Without the first average Adam goes by the present gradient alone: the sign of its first. */
    tarn_tensor *c = new_param(1, 1);
    tarn_optim *adam =
        tarn_optim_adam(tarn_params_of(c), .lr = 0.25, .beta1 = 0, .beta2 = 0, .eps = 1e-30);
    step_with(adam, c, -3);
    assert_close(tarn_item(c), 1.25);
    step_with(adam, c, 5);
    assert_close(tarn_item(c), 1);
    tarn_optim_group_of(adam, tarn_params_of(c), .lr_scale = 0);
    step_with(adam, c, 5);
    assert_close(tarn_item(c), 1);
    tarn_optim_free(adam);
    tarn_free(c);
}

/* ---- Schedules */

Test(by_name, a_schedule_is_its_function)
{
    for (int64_t t = 0; t < 120; t += 7) {
        const double by_name[] = {
            tarn_schedule_by_name("step:every=30", t, 100),
            tarn_schedule_by_name("exponential:gamma=0.9", t, 100),
            tarn_schedule_by_name("warmup:steps=50,start=0.5", t, 100),
            tarn_schedule_by_name("linear", t, 100),
            tarn_schedule_by_name("polynomial:power=2", t, 100),
            tarn_schedule_by_name("cosine:min=0.25", t, 100),
            tarn_schedule_by_name("cosine_restarts:first=10,multiply=2", t, 100),
            tarn_schedule_by_name("one_cycle:rise=0.2,linear=true", t, 100),
            tarn_schedule_by_name("warmup:steps=10*cosine", t, 100),
            tarn_schedule_by_name("constant:steps=40,factor=0.25", t, 100),
            tarn_schedule_by_name("cyclic:up=10,down=5,shrink=0.5", t, 100),
            tarn_schedule_by_name("wsd:root=true", t, 100),
            tarn_schedule_by_name("cosine:periodic=true", t, 40),
            tarn_schedule_by_name("warmup:steps=30 @30 cosine*exponential @70 linear", t, 100),
        };
        const double direct[] = {
            tarn_schedule_step(t, 30, 0.1),
            tarn_schedule_exponential(t, 0.9),
            tarn_schedule_warmup(t, 50, .start = 0.5),
            tarn_schedule_linear(t, 100),
            tarn_schedule_polynomial(t, 100, .power = 2),
            tarn_schedule_cosine(t, 100, .min = 0.25),
            tarn_schedule_cosine_restarts(t, 10, .multiply = 2),
            tarn_schedule_one_cycle(t, 100, .rise = 0.2, .linear = true),
            tarn_schedule_warmup(t, 10) * tarn_schedule_cosine(t, 100),
            tarn_schedule_constant(t, 40, .factor = 0.25),
            tarn_schedule_cyclic(t, 10, 5, .shrink = 0.5),
            tarn_schedule_wsd(t, 100, .root = true),
            tarn_schedule_cosine(t, 40, .periodic = true),
            t < 30   ? tarn_schedule_warmup(t, 30)
            : t < 70 ? tarn_schedule_cosine(t - 30, 40) * tarn_schedule_exponential(t - 30, 0.99)
                     : tarn_schedule_linear(t - 70, 30),
        };
        for (size_t i = 0; i < sizeof direct / sizeof *direct; i++)
            cr_expect(by_name[i] == direct[i], "schedule %zu at %lld", i, (long long)t);
    }
    int count = 0;
    while (tarn_schedule_entry_at(count))
        count++;
    cr_expect_eq(count, 11);
}

Test(by_name, wrong_schedules_are_refused)
{
    const struct {
        const char *text, *words;
    } wrong[] = {
        {"cos", "there is no schedule \"cos\", expects one of step, exponential, warmup"},
        {"", "there is no schedule \"\""},
        {"cosine*", "there is no schedule \"\""},
        {"cos*lin", "there is no schedule \"cos\""},
        {"warmup", "warmup: steps has no default, expects a whole number of at least 1"},
        {"warmup:steps=0", "warmup: steps is \"0\""},
        {"warmup:steps=1.5", "warmup: steps is \"1.5\""},
        {"cosine:min=2", "cosine: min is \"2\", expects a number in [0, 1]"},
        {NULL, "the text is NULL"},
        {"cosine@5 linear", "\"@5 linear\" begins no other schedule, expects the step between"},
        {"cosine @5", "begins no other schedule"},
        {"@5 cosine", "begins no other schedule"},
        {"cosine @0 linear", "begins no other schedule"},
        {"cosine @x linear", "begins no other schedule"},
        {"cosine @99999999999999999999 linear", "begins no other schedule"},
        {"cosine @7 linear @7 cosine", "begins no other schedule"},
        {"cosine @7 lin", "there is no schedule \"lin\""},
        {"cosine @7 ", "there is no schedule \"\""},
    };
    record_mistakes();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect(isnan(tarn_schedule_by_name(wrong[i].text, 1, 10)), "%s", wrong[i].text);
        cr_expect(strstr(tarn_error(), wrong[i].words), "%s", tarn_error());
    }
    cr_expect_eq(mistakes(), 0);
    assert_mistake(!isnan(tarn_schedule_by_name("cosine", 1, 0)), "schedule_cosine: total is 0");
}

/* Options that do not go together were told by text: an error, and no report of a mistake. */
Test(by_name, options_that_do_not_go_together_are_errors)
{
    tarn_tensor *w = new_param(1, 1);
    record_mistakes();
    cr_expect_null(tarn_optim_by_name("adam", tarn_params_of(w), "decoupled=true"));
    cr_expect(strstr(tarn_error(), "weight_decay"), "%s", tarn_error());
    cr_expect_null(tarn_optim_by_name("nesterov", tarn_params_of(w), "momentum=0"));
    cr_expect(strstr(tarn_error(), "nesterov"), "%s", tarn_error());
    cr_expect_eq(mistakes(), 0);
    tarn_free(w);
}
