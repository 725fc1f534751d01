#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

Test(one_hot, rows)
{
    const int32_t ids[] = {2, 0, 2};
    const tarn_real expected[] = {0, 0, 1, 1, 0, 0, 0, 0, 1};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_one_hot(tarn_labels(3, ids), 3);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(3, 3)));
    cr_expect_arr_eq(tarn_values(y), expected, sizeof expected);
    cr_expect_eq(tarn_size(tarn_one_hot(tarn_labels(0, NULL), 3)), 0);
    tarn_tape_end(tape);
}

Test(one_hot, bad_input)
{
    const int32_t ids[] = {2, -1};
    assert_mistake(tarn_one_hot(tarn_labels(1, ids), 3), "one_hot: no tape is open");
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_one_hot(tarn_labels(1, ids), 2),
                   "one_hot: label 2 at row 0, expects 0 to 1");
    assert_mistake(tarn_one_hot(tarn_labels(2, ids), 3), "one_hot: label -1 at row 1");
    assert_mistake(tarn_one_hot(tarn_labels(2, NULL), 3), "one_hot: 2 labels at NULL");
    assert_mistake(tarn_one_hot(tarn_labels(0, ids), -1), "one_hot: 0 labels and -1 classes");
    tarn_tape_end(tape);
}
