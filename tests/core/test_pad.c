#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_shape counts(const golden_case *c, const char *stem, int ndim)
{
    tarn_shape shape = {.ndim = ndim};
    for (int i = 0; i < ndim; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s%d", stem, i);
        shape.dim[i] = (int64_t)golden_number(c, name, 0);
    }
    return shape;
}

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int ndim = tarn_ndim(x[0]);
    return tarn_pad(x[0], counts(context, "before", ndim), counts(context, "after", ndim),
                    .value = golden_number(context, "value", 0),
                    .mode = (tarn_pad_mode)golden_number(context, "mode", 0));
}

OPERATION_TESTS(pad, run)

Test(pad, modes_golden)
{
    check_golden("pad_modes", run);
}

Test(pad, modes_reuse)
{
    check_reuse("pad_modes", run);
}

#ifdef TARN_DOUBLE
Test(pad, modes_gradients)
{
    check_gradients("pad_modes", run);
}
#endif

/* The rows of the header. */
Test(pad, modes_of_an_axis)
{
    const tarn_real values[] = {1, 2, 3, 4};
    const tarn_real expected[][8] = {
        {3, 2, 1, 2, 3, 4, 3, 2}, {1, 1, 1, 2, 3, 4, 4, 4}, {3, 4, 1, 2, 3, 4, 1, 2}};
    tarn_tensor *x = tarn_from_array(tarn_shape(4), values);
    for (int mode = TARN_PAD_REFLECT; mode <= TARN_PAD_CIRCULAR; mode++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_pad(x, tarn_shape(2), tarn_shape(2), .mode = (tarn_pad_mode)mode);
        cr_assert_arr_eq(tarn_values(y), expected[mode - 1], sizeof expected[0]);
        tarn_tape_end(tape);
    }
    tarn_free(x);
}

Test(pad, modes_bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(2, 0));
    const tarn_shape none = tarn_shape(0, 0), three = tarn_shape(0, 3), four = tarn_shape(0, 4);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_pad(x, three, none, .mode = TARN_PAD_REFLECT),
                   "pad: input (2,3), 3 elements before axis 1 and 0 after, expects at most 2 in "
                   "this mode");
    assert_mistake(tarn_pad(x, none, four, .mode = TARN_PAD_CIRCULAR), "at most 3 in this mode");
    assert_mistake(tarn_pad(empty, three, none, .mode = TARN_PAD_REPLICATE), "at most 0 in");
    assert_mistake(tarn_pad(empty, three, none, .mode = TARN_PAD_REFLECT), "at most 0 in");
    assert_mistake(tarn_pad(x, none, none, .mode = (tarn_pad_mode)4), "pad: mode 4, expects TARN_");
    assert_mistake(tarn_pad(x, none, none, .mode = (tarn_pad_mode)-1), "pad: mode -1, expects");
    assert_mistake(tarn_pad(x, none, none, .mode = TARN_PAD_REFLECT, .value = 1),
                   "pad: value 1, expects none unless mode is TARN_PAD_CONSTANT");
    cr_assert(tarn_shape_equal(
        tarn_shape_get(tarn_pad(empty, none, none, .mode = TARN_PAD_CIRCULAR)), tarn_shape(2, 0)));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(empty);
}

Test(pad, of_a_scalar_is_a_copy)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(), 3), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_pad(x, tarn_shape(), tarn_shape(), .value = 7);
    cr_assert_eq(tarn_item(y), 3);
    cr_assert(tarn_backward(y));
    cr_assert_eq(tarn_gradients(x)[0], 1);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* In rows of several threads none writes into another's. */
Test(pad, before_and_after_by_several_threads)
{
    enum { ROWS = 9000, COLUMNS = 5 };
    tarn_tensor *x = tarn_rand(tarn_shape(ROWS, COLUMNS));
    tarn_set_threads(4);
    for (int before = 0; before < 3; before++)
        for (int after = 0; after < 3; after++) {
            tarn_tape *tape = tarn_tape_begin();
            const tarn_real *y =
                tarn_values(tarn_pad(x, tarn_shape(0, before), tarn_shape(0, after), .value = 7));
            for (int row = 0; row < ROWS; row++)
                for (int i = -before; i < COLUMNS + after; i++, y++)
                    cr_assert_eq(*y, i < 0 || i >= COLUMNS ? 7 : tarn_values(x)[row * COLUMNS + i]);
            tarn_tape_end(tape);
        }
    tarn_free(x);
}

Test(pad, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(0));
    const tarn_shape none = tarn_shape(0, 0);
    const tarn_shape negative = {2, {0, -1}}, huge = {2, {0, INT64_MAX}}, large = {2, {1 << 30, 0}};
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_pad(x, tarn_shape(1), none),
                   "pad: input (2,3), before (1), after (0,0), expects as many dimensions in all "
                   "three, none negative or too large");
    assert_mistake(tarn_pad(x, none, tarn_shape(0, 0, 0)), "after (0,0,0)");
    assert_mistake(tarn_pad(x, negative, none), "before (0,-1)");
    assert_mistake(tarn_pad(x, none, negative), "after (0,-1)");
    assert_mistake(tarn_pad(x, huge, none), "before (0,9223372036854775807)");
    assert_mistake(tarn_pad(x, none, huge), "after (0,9223372036854775807)");
    assert_mistake(tarn_pad(empty, tarn_shape(INT64_MAX), tarn_shape(0)),
                   "pad: the result's shape (9223372036854775807) is invalid or too large");
    assert_mistake(tarn_pad(x, large, (tarn_shape){2, {0, (int64_t)1 << 33}}),
                   "pad: the result's shape (1073741826,8589934595) is invalid or too large");
    assert_mistake(tarn_pad(x, tarn_shape(-1, 0), none), "shape: dimension 0 is -1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(empty);
}
