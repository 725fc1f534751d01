/* Parameters that are added to an optimizer later. */
#include "optim/rule.h"
#include "tests/optim/replay.h"

static void ignore(const tarn_optim_change *changes, int count, void *context)
{
    (void)changes;
    (void)count;
    (void)context;
}

/* For every rule, as if they had been there from the beginning, without a gradient. */
Test(params, added_ones_move_like_late_ones)
{
    const tarn_optim_entry *e;
    for (int i = 0; (e = tarn_optim_entry_at(i)); i++) {
        tarn_tensor *w[4];
        for (int k = 0; k < 4; k++)
            w[k] = tarn_requires_grad(tarn_full(tarn_shape(k % 2 ? 70 : 3, 50), 1), true);
        tarn_optim *adding = tarn_optim_by_name(e->name, tarn_params_of(w[0]), NULL);
        tarn_optim *whole = tarn_optim_by_name(e->name, tarn_params_of(w[2], w[3]), NULL);
        cr_assert(adding && whole, "%s", tarn_error());
        for (int t = 0; t < 6; t++) {
            if (t == 3)
                cr_assert(tarn_optim_add(adding, tarn_params_of(w[1])), "%s", tarn_error());
            for (int k = 0; k < 4; k++)
                if (k % 2 == 0 || t >= 3)
                    set_gradient(w[k], t - 1.75);
            tarn_optim_step(adding);
            tarn_optim_step(whole);
        }
        for (int k = 0; k < 2; k++)
            cr_assert_arr_eq(tarn_values(w[k]), tarn_values(w[k + 2]),
                             (size_t)tarn_size(w[k]) * sizeof(tarn_real), "%s", e->name);
        cr_assert(tarn_values(w[1])[0] != 1, "%s", e->name);
        tarn_optim_free(adding);
        tarn_optim_free(whole);
        for (int k = 0; k < 4; k++)
            tarn_free(w[k]);
    }
}

Test(params, added_ones_have_names_and_groups)
{
    tarn_tensor *a = new_param(1, 1), *b = new_param(1, 1);
    tarn_tensor *first[] = {a}, *second[] = {b};
    const char *first_name[] = {"body.weight"}, *second_name[] = {"head.weight"};
    tarn_optim *optimizer =
        tarn_optim_sgd(((tarn_params){1, first, first_name}), .lr = 1, .weight_decay = 0.5);
    cr_assert(tarn_optim_add(optimizer, (tarn_params){1, second, second_name}));
    cr_assert_eq(tarn_optim_group(optimizer, "head.*", .lr_scale = 0.25, .weight_decay = 0), 1);
    set_gradient(a, 0);
    step_with(optimizer, b, 1);
    assert_close(tarn_item(a), 0.5);
    assert_close(tarn_item(b), 0.75);
    cr_assert_eq(tarn_optim_state_bytes(optimizer), 0);
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
}

Test(params, refuses_bad_lists)
{
    tarn_tensor *w = new_param(1, 1), *plain = tarn_zeros(tarn_shape(2));
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w));
    assert_mistake(tarn_optim_add(optimizer, (tarn_params){0}),
                   "optim_add: the list of parameters is empty, expects at least one");
    assert_mistake(tarn_optim_add(optimizer, tarn_params_of(w)),
                   "optim_add: parameter 0 of the list is one of the optimizer's already");
    assert_mistake(tarn_optim_add(optimizer, tarn_params_of(plain)),
                   "optim_add: parameter 0 has shape (2) and requires no gradient");
    tarn_requires_grad(plain, true);
    cr_assert(tarn_optim_watch(optimizer, ignore, NULL));
    assert_mistake(tarn_optim_add(optimizer, tarn_params_of(plain)),
                   "optim_add: the optimizer is watched, expects the watch to end before");
    cr_assert_eq(optimizer->param_count, 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(plain);
}
