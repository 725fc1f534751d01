#include "tests/optim/replay.h"

/* How many of the metrics are taken in until training stops; one more than there are if it goes
   on. */
static int stops_after(tarn_early_stopping *s, int count, const double *metrics)
{
    for (int i = 0; i < count; i++)
        if (tarn_early_stopping_update(s, metrics[i]))
            return i + 1;
    return count + 1;
}

Test(early_stopping, waits_for_patience)
{
    const double losses[] = {3, 2, 2.5, 2, 1, 1.5, 1, 1.25, 0.5};
    tarn_early_stopping s = tarn_early_stopping(.patience = 3);
    cr_assert_eq(stops_after(&s, 9, losses), 8);
    cr_assert(s.best == 1 && s.best_step == 4 && s.steps == 8);
    s = tarn_early_stopping(.patience = 4);
    cr_assert_eq(stops_after(&s, 9, losses), 10);
    cr_assert(s.best == 0.5 && s.best_step == 8);
    s = tarn_early_stopping(.patience = 1);
    cr_assert_eq(stops_after(&s, 9, losses), 3);
}

Test(early_stopping, default_patience_is_ten)
{
    tarn_early_stopping s = tarn_early_stopping();
    double losses[20] = {0};
    cr_assert_eq(stops_after(&s, 20, losses), 11); /* the first is the best */
    s = tarn_early_stopping(.patience = 0);
    cr_assert_eq(stops_after(&s, 20, losses), 2);
}

Test(early_stopping, can_maximize)
{
    const double accuracies[] = {0.5, 0.75, 0.5, 0.75};
    tarn_early_stopping s = tarn_early_stopping(.patience = 2, .maximize = true);
    cr_assert_eq(stops_after(&s, 4, accuracies), 4);
    cr_assert(s.best == 0.75 && s.best_step == 1);
}

Test(early_stopping, small_improvements_do_not_count)
{
    const double losses[] = {4, 3.75, 3.5, 3};
    tarn_early_stopping s = tarn_early_stopping(.patience = 2, .min_delta = 0.5);
    cr_assert_eq(stops_after(&s, 4, losses), 3); /* 3.5 is not less than 4 - 0.5 */
    s = tarn_early_stopping(.patience = 3, .min_delta = 0.5);
    cr_assert_eq(stops_after(&s, 4, losses), 5);
    cr_assert(s.best == 3 && s.best_step == 3);
    const double rising[] = {1, 1.5, 2};
    s = tarn_early_stopping(.patience = 5, .min_delta = 0.5, .maximize = true);
    stops_after(&s, 3, rising);
    cr_assert(s.best == 2 && s.best_step == 2);
}

Test(early_stopping, nan_is_no_improvement)
{
    const double losses[] = {NAN, 2, NAN, NAN, NAN};
    tarn_early_stopping s = tarn_early_stopping(.patience = 2);
    cr_assert_eq(stops_after(&s, 5, losses), 4);
    cr_assert(s.best == 2 && s.best_step == 1);
    s = tarn_early_stopping(.patience = 2);
    cr_assert_eq(stops_after(&s, 3, losses + 2), 2);
    cr_assert(s.best == INFINITY && s.best_step == -1);
}

Test(early_stopping, refuses_bad_options)
{
    tarn_early_stopping s = tarn_early_stopping(.patience = -1);
    assert_mistake(!tarn_early_stopping_update(&s, 1),
                   "early_stopping_update: patience is -1, expects at least 0");
    const double bad[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        s = tarn_early_stopping(.min_delta = bad[i]);
        assert_mistake(!tarn_early_stopping_update(&s, 1), "early_stopping_update: min_delta is ");
    }
    cr_assert_eq(s.steps, 0);
    record_mistakes();
    cr_assert(tarn_early_stopping_update(NULL, 1));
    cr_assert_eq(mistakes(), 0);
}
