#include "tests/optim/replay.h"

enum { STEPS = 200 };

/* The factors of the case, of its metrics times sign. */
static void assert_factors(const char *name, tarn_plateau plateau, double sign)
{
    golden *file = golden_open("optim/plateaus");
    const golden_case *c = find_case(file, name);
    tarn_tensor *metrics = golden_tensor(c, "metrics");
    tarn_real factors[STEPS];
    for (int t = 0; t < STEPS; t++)
        factors[t] =
            (tarn_real)tarn_plateau_update(&plateau, sign * (double)tarn_values(metrics)[t]);
    const double difference = golden_difference(c, "factors", tarn_shape(STEPS), factors);
    cr_assert(difference <= (sizeof(tarn_real) == sizeof(float) ? 1e-7 : 1e-12),
              "%s: differs by %g", name, difference);
    cr_assert_float_eq(plateau.scale, (double)factors[STEPS - 1], 1e-7);
    tarn_free(metrics);
    golden_close(file);
}

/* Also mirrored at 0, where PyTorch is wrong: what falls here rises there. */
static void assert_plateau(const char *name, tarn_plateau plateau)
{
    assert_factors(name, plateau, 1);
    tarn_plateau_args options = plateau.options;
    options.maximize = !options.maximize;
    assert_factors(name, tarn_plateau_with(options), -1);
}

Test(plateau, equals_pytorch)
{
    assert_plateau("default", tarn_plateau());
    assert_plateau("options",
                   tarn_plateau(.factor = 0.5, .patience = 3, .threshold = 0.02, .cooldown = 4));
    assert_plateau("absolute",
                   tarn_plateau(.factor = 0.5, .patience = 3, .threshold = 0.05, .absolute = true));
    assert_plateau("min", tarn_plateau(.factor = 0.5, .patience = 1, .min = 0.03));
    assert_plateau("maximize", tarn_plateau(.maximize = true, .factor = 0.6, .patience = 4));
    assert_plateau("no_patience", tarn_plateau(.factor = 0.9, .patience = 0));
    assert_plateau("nan", tarn_plateau(.factor = 0.5, .patience = 5));
    assert_plateau("only_nan", tarn_plateau(.patience = 20));
}

Test(plateau, a_negative_metric_is_reduced_as_a_positive)
{
    tarn_plateau constant = tarn_plateau(.patience = 2);
    const double factors[] = {1, 1, 1, 0.1, 0.1, 0.1, 0.01};
    for (int t = 0; t < 7; t++) {
        const double factor = tarn_plateau_update(&constant, -1);
        cr_assert_float_eq(factor, factors[t], 1e-12);
    }
    tarn_plateau worsening = tarn_plateau(.patience = 9, .threshold = 0.1);
    for (double metric = -1; metric < -0.8; metric += 0.04)
        tarn_plateau_update(&worsening, metric);
    cr_assert(worsening.best == -1);
}

Test(plateau, state_can_be_read)
{
    tarn_plateau plateau = tarn_plateau(.patience = 1, .factor = 0.5, .cooldown = 2);
    cr_assert(tarn_plateau_update(&plateau, NAN) == 1);
    cr_assert(plateau.best == INFINITY && plateau.waited == 1);
    cr_assert(tarn_plateau_update(&plateau, 3) == 1);
    cr_assert(plateau.best == 3 && plateau.waited == 0);
    tarn_plateau_update(&plateau, 3);
    cr_assert(tarn_plateau_update(&plateau, 4) == 0.5);
    cr_assert(plateau.best == 3 && plateau.pause == 2 && plateau.scale == 0.5);
}

#define assert_refused(plateau, words)                                                             \
    do {                                                                                           \
        tarn_plateau p = plateau;                                                                  \
        assert_mistake(!isnan(tarn_plateau_update(&p, 1)), words);                                 \
        cr_assert_eq(p.waited, 0);                                                                 \
    } while (0)
#define PLATEAU(...) (tarn_plateau(__VA_ARGS__))

Test(plateau, refuses_bad_options)
{
    assert_refused(PLATEAU(.patience = -1), "plateau_update: patience is -1, expects at least 0");
    assert_refused(PLATEAU(.cooldown = -2), "plateau_update: cooldown is -2, expects at least 0");
    assert_refused(PLATEAU(.factor = 1), "plateau_update: factor is 1, expects a number in [0, 1)");
    assert_refused(PLATEAU(.factor = NAN), "plateau_update: factor is ");
    assert_refused(PLATEAU(.threshold = 1),
                   "plateau_update: threshold is 1, expects a number in [0, 1)");
    assert_refused(PLATEAU(.threshold = INFINITY, .absolute = true),
                   "plateau_update: threshold is inf, expects a finite number of at least 0");
    assert_refused(PLATEAU(.min = -1), "plateau_update: min is -1, expects a number in [0, 1]");
    record_mistakes();
    cr_assert(isnan(tarn_plateau_update(NULL, 1)));
    cr_assert_eq(mistakes(), 0);
}
