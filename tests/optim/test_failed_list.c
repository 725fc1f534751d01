/* What takes a list of parameters does nothing with one whose making failed, and leaves the error
   that says why. */
#include <math.h>
#include <string.h>

#include "tests/support/heap.h"
#include "tests/support/mistakes.h"

static tarn_tensor *square(tarn_tensor *const *inputs, void *context)
{
    (void)context;
    return tarn_square(inputs[0]);
}

static tarn_tensor *no_loss(void *context)
{
    (void)context;
    return NULL;
}

static void nothing_is_done_with(tarn_params failed, const char *error)
{
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(2)), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w));
    record_mistakes();
    cr_assert_eq(failed.count, -1);
    cr_assert_null(tarn_optim_sgd(failed));
    cr_assert_null(tarn_optim_adam(failed));
    cr_assert_null(tarn_optim_muon(failed));
    cr_assert_null(tarn_ema_new(failed));
    cr_assert_eq(tarn_optim_group_of(optimizer, failed), 0);
    cr_assert_not(tarn_gradcheck(square, failed));
    double v[2] = {1, 1};
    cr_assert_not(tarn_hessian_product(no_loss, failed, v, v));
    cr_assert_not(tarn_hessian_eigenvalues(no_loss, failed, 1, v));
    cr_assert_eq(mistakes(), 0, "%s", last_mistake());
    assert_mistake(!isnan(tarn_clip_grad_norm(failed, 1)), error);
    cr_assert_eq(tarn_clip_grad_value(failed, 1), -1); /* one report is enough */
    cr_assert_str_eq(tarn_error(), error);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(failed_list, of_no_module)
{
    tarn_set_error("no module");
    nothing_is_done_with(tarn_nn_parameters(NULL), "no module");
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(failed_list, for_want_of_memory)
{
    tarn_module *model = tarn_nn_linear(2, 3);
    heap_calls_left = 0;
    tarn_params failed = tarn_nn_parameters(model);
    heap_calls_left = -1;
    nothing_is_done_with(failed, "nn_parameters: out of memory for a list of 2");
    cr_assert_eq(tarn_nn_parameters(model).count, 2);
    tarn_nn_free(model);
}

#endif
