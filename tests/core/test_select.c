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
    const int axis = (int)golden_number(context, "axis", 0);
    const int64_t begin = (int64_t)golden_number(context, "begin", 0);
    switch ((int)golden_number(context, "which", -1)) {
    case 0:
        return tarn_index_select(x[0], axis, ids_of(context, ids));
    case 1:
        return tarn_slice_step(x[0], axis, begin, (int64_t)golden_number(context, "end", 0),
                               (int64_t)golden_number(context, "step", 0));
    case 2:
        return tarn_flip(x[0], axis);
    case 3:
        return tarn_roll(x[0], axis, (int64_t)golden_number(context, "by", 0));
    default:
        return tarn_repeat(x[0], axis, (int64_t)golden_number(context, "times", 0));
    }
}

Test(select, golden)
{
    check_golden("select", run);
}

GRADIENT_TEST(select, run)

Test(select, reuse)
{
    check_reuse("select", run);
}

Test(select, edges)
{
    tarn_tensor *x = tarn_from_array(tarn_shape(3), (const tarn_real[]){1, 2, 3});
    tarn_tensor *none = tarn_zeros(tarn_shape(2, 0));
    tarn_tape *tape = tarn_tape_begin();
    cr_expect_eq(tarn_size(tarn_index_select(x, 0, tarn_labels(0, NULL))), 0);
    cr_expect_eq(tarn_size(tarn_repeat(x, 0, 0)), 0);
    cr_expect_eq(tarn_size(tarn_repeat(none, 1, INT64_MAX)), 0);
    cr_expect_eq(tarn_size(tarn_slice_step(x, 0, 2, 2, 1)), 0);
    cr_expect_eq(tarn_size(tarn_flip(none, 1)), 0);
    const tarn_tensor *last = tarn_slice_step(x, 0, -1, 3, INT64_MAX);
    cr_expect(tarn_size(last) == 1 && tarn_values(last)[0] == 3);
    const tarn_tensor *all = tarn_slice_step(x, 0, 0, 3, 1);
    cr_expect(tarn_size(all) == 3 && tarn_values(all)[2] == 3);
    const tarn_tensor *far = tarn_roll(x, 0, INT64_MIN); /* = -2 mod 3 */
    cr_expect_eq(tarn_values(far)[0], 3);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
}

Test(select, bad_input)
{
    const int32_t ids[] = {0, 3}, negative[] = {-1};
    tarn_tensor *x = tarn_zeros(tarn_shape(3, 2));
    assert_mistake(tarn_flip(x, 0), "flip: no tape is open");
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_index_select(x, 0, tarn_labels(2, ids)),
                   "index_select: id 3 at position 1, axis 0 of input (3,2) expects 0 or more and "
                   "less than 3");
    assert_mistake(tarn_index_select(x, 1, tarn_labels(1, negative)), "index_select: id -1");
    assert_mistake(tarn_index_select(x, 0, tarn_labels(1, NULL)), "index_select: 1 ids at NULL");
    assert_mistake(tarn_index_select(x, 2, tarn_labels(1, ids)),
                   "index_select: input (3,2) has no");
    assert_mistake(tarn_slice_step(x, 0, 0, 4, 1), "slice_step: elements 0 to 4 of axis 0");
    assert_mistake(tarn_slice_step(x, 0, 0, 3, 0), "a step of at least 1");
    assert_mistake(tarn_slice_step(x, 0, 2, 1, 1), "slice_step: elements 2 to 1");
    assert_mistake(tarn_slice_step(x, 2, 0, 1, 1), "slice_step: input (3,2) has no axis 2");
    assert_mistake(tarn_flip(x, -3), "flip: input (3,2) has no axis -3");
    assert_mistake(tarn_roll(x, 2, 1), "roll: input (3,2) has no axis 2");
    assert_mistake(tarn_repeat(x, 2, 1), "repeat: input (3,2) has no axis 2");
    assert_mistake(tarn_repeat(x, 0, -1), "repeat: input (3,2) -1 times");
    assert_mistake(tarn_repeat(x, 0, INT64_MAX), "repeat: input (3,2)");
    tarn_tape_end(tape);
    tarn_free(x);
}
