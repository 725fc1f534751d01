#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { MOST_IDS = 16 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_IDS] = {0};
    const int count = (int)golden_number(context, "count", 0);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "id%d", i);
        ids[i] = (int32_t)golden_number(context, name, -1);
    }
    return tarn_gather_rows(x[0], tarn_labels(count, count ? ids : NULL));
}

OPERATION_TESTS(gather_rows, run)

Test(gather_rows, ids_are_not_needed_after_the_call)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(3, 2)), true);
    int32_t ids[] = {1, 1};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_gather_rows(x, tarn_labels(2, ids));
    ids[0] = ids[1] = 2;
    cr_assert(tarn_backward(tarn_sum(y)));
    const double expected[] = {0, 0, 2, 2, 0, 0};
    for (int i = 0; i < 6; i++)
        cr_assert_eq((double)tarn_gradients(x)[i], expected[i]);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(gather_rows, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3, 2)), *scalar = tarn_zeros(tarn_shape());
    tarn_tensor *empty = tarn_zeros(tarn_shape(0, 2));
    const int32_t good[] = {0, 2}, high[] = {2, 3}, low[] = {-1, 0};
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_gather_rows(x, tarn_labels(2, high)),
                   "gather_rows: id 3 at position 1, input (3,2) has 3 rows");
    assert_mistake(tarn_gather_rows(x, tarn_labels(2, low)), "gather_rows: id -1 at position 0");
    assert_mistake(tarn_gather_rows(empty, tarn_labels(2, good)), "input (0,2) has 0 rows");
    assert_mistake(tarn_gather_rows(x, tarn_labels(-1, good)),
                   "gather_rows: -1 ids, expects an array of 0 or more");
    assert_mistake(tarn_gather_rows(x, tarn_labels(2, NULL)), "gather_rows: 2 ids at NULL");
    assert_mistake(tarn_gather_rows(scalar, tarn_labels(2, good)),
                   "gather_rows: input () has no rows, expects (N, ...)");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(scalar);
    tarn_free(empty);
}
