/* Averages that a rule keeps, in the place of the weights. */
#include "tests/optim/replay.h"

Test(swap, twice_is_nothing_to_the_bit)
{
    const char *const names[] = {"asgd", "schedule_free_sgd", "schedule_free_adamw"};
    for (int i = 0; i < 3; i++) {
        tarn_tensor *w = new_param(5000, 1), *late = new_param(2, 1);
        tarn_optim *optimizer =
            tarn_optim_by_name(names[i], tarn_params_of(w, late), i == 0 ? "t0=0" : NULL);
        cr_assert(tarn_optim_swap(optimizer)); /* before any step there is no average */
        cr_assert(tarn_values(w)[0] == 1);
        cr_assert(tarn_optim_swap(optimizer));
        for (int t = 1; t <= 3; t++)
            step_with(optimizer, w, t);
        const tarn_real before = tarn_values(w)[4999];
        cr_assert(tarn_optim_swap(optimizer));
        cr_assert(tarn_values(w)[4999] > before, "%s", names[i]);
        cr_assert(tarn_values(late)[0] == 1);
        record_mistakes();
        tarn_optim_step(optimizer);
        cr_assert_eq(mistakes(), 1);
        cr_assert(
            strstr(last_mistake(), "optim_step: the averages are in the place of the weights"));
        cr_assert(tarn_optim_swap(optimizer));
        cr_assert(tarn_values(w)[4999] == before);
        tarn_optim_free(optimizer);
        tarn_free(w);
        tarn_free(late);
    }
}

Test(swap, other_rules_have_none)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w));
    step_with(optimizer, w, 1);
    const tarn_real before = tarn_item(w);
    cr_assert_not(tarn_optim_swap(optimizer));
    cr_assert(tarn_item(w) == before);
    cr_assert_not(tarn_optim_swap(NULL));
    tarn_optim_free(optimizer);
    tarn_free(w);
}
