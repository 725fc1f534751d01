#include <stdio.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { MOST_IDS = 32 };

static tarn_labels ids_of(const golden_case *c, int32_t ids[MOST_IDS])
{
    const int count = (int)golden_number(c, "ids", 0);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "id%d", i);
        ids[i] = (int32_t)golden_number(c, name, -1);
    }
    return tarn_labels(count, ids);
}

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int32_t ids[MOST_IDS];
    return tarn_gather(x[0], (int)golden_number(context, "axis", 0), ids_of(context, ids));
}

OPERATION_TESTS(gather, run)

Test(gather, of_nothing)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *none = tarn_zeros(tarn_shape(0, 3));
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_shape_equal(tarn_shape_get(tarn_gather(x, 1, tarn_labels(0, NULL))),
                               tarn_shape(2, 0)));
    cr_expect_eq(tarn_size(tarn_gather(none, 1, tarn_labels(0, NULL))), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
}

Test(gather, bad_input)
{
    const int32_t ids[] = {0, 1, 3};
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *none = tarn_zeros(tarn_shape(0, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_gather(x, 2, tarn_labels(2, ids)), "gather: input (2,3) has no axis 2");
    assert_mistake(tarn_gather(x, 1, tarn_labels(3, ids)),
                   "gather: 3 ids for axis 1 of input (2,3), expects as many for each of the 2 "
                   "lines along it");
    assert_mistake(tarn_gather(x, 0, tarn_labels(3, ids)),
                   "gather: id 3 at position 2, axis 0 of input (2,3) expects 0 or more and less "
                   "than 2");
    assert_mistake(tarn_gather(x, 0, tarn_labels(3, NULL)), "gather: 3 ids at NULL");
    assert_mistake(tarn_gather(none, 1, tarn_labels(1, ids)), "gather: 1 ids for axis 1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
}
