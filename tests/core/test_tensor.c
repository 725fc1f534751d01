#include <math.h>

#include "tests/support/mistakes.h"

static const int64_t huge = (int64_t)1 << 40;

Test(tensor, shapes)
{
    tarn_shape scalar = tarn_shape(), s = tarn_shape(2, 3, 4);
    cr_assert_eq(scalar.ndim, 0);
    cr_assert_eq(tarn_shape_size(scalar), 1);
    cr_assert_eq(s.ndim, 3);
    cr_assert_eq(s.dim[2], 4);
    cr_assert_eq(tarn_shape_size(s), 24);
    cr_assert_eq(tarn_shape_size(tarn_shape(5, 0, 3)), 0);
    cr_assert_eq(tarn_shape(1, 2, 3, 4, 5, 6, 7, 8).ndim, TARN_MAX_NDIM);
    cr_assert(tarn_shape_equal(s, tarn_shape(2, 3, 4)));
    cr_assert_not(tarn_shape_equal(s, tarn_shape(2, 3)));
    cr_assert_not(tarn_shape_equal(s, tarn_shape(2, 3, 5)));
    cr_assert_not(tarn_shape_equal(scalar, tarn_shape(1)));
}

Test(tensor, axes)
{
    tarn_axes none = tarn_axes(), two = tarn_axes(0, -1);
    cr_assert_eq(none.count, 0);
    cr_assert_eq(two.count, 2);
    cr_assert_eq(two.axis[0], 0);
    cr_assert_eq(two.axis[1], -1);
    record_mistakes();
    cr_assert_eq(tarn_axes(0, 1, 2, 3, 4, 5, 6, 7, 8).count, -1);
    cr_assert_str_eq(last_mistake(), "axes: there are 9 of them, at most 8 are possible");
    cr_assert_eq(tarn_axes_of(-1, NULL).count, -1);
}

Test(tensor, shapes_too_large)
{
    cr_assert_eq(tarn_shape_size(tarn_shape(huge, huge)), -1);
    cr_assert_eq(tarn_shape_size(tarn_shape(INT64_MAX)), -1);
    cr_assert_eq(tarn_shape_size(tarn_shape(huge, 0, huge)), -1);
    cr_assert_eq(tarn_shape_size((tarn_shape){.ndim = -1}), -1);
    const tarn_shape too_many = {.ndim = INT32_MAX};
    cr_assert_eq(tarn_shape_size(too_many), -1);
    cr_assert_not(tarn_shape_equal(too_many, too_many));
    cr_assert_eq(tarn_shape_size((tarn_shape){.ndim = 1, .dim = {-3}}), -1);
}

Test(tensor, shapes_that_are_mistakes)
{
    record_mistakes();
    cr_assert_eq(tarn_shape(2, -3).ndim, -1);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "shape: dimension 1 is -3, expects 0 or more");
    cr_assert_eq(tarn_shape(1, 1, 1, 1, 1, 1, 1, 1, 1).ndim, -1);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(), "shape: has 9 dimensions, at most 8 are possible");
    cr_assert_eq(tarn_shape_of(-1, NULL).ndim, -1);
    cr_assert_eq(mistakes(), 1);
}

Test(tensor, shapes_as_text)
{
    cr_assert_str_eq(tarn_shape_to_text(tarn_shape()).text, "()");
    cr_assert_str_eq(tarn_shape_to_text(tarn_shape(7)).text, "(7)");
    cr_assert_str_eq(tarn_shape_to_text(tarn_shape(64, 28, 28, 1)).text, "(64,28,28,1)");
    cr_assert_str_eq(tarn_shape_to_text((tarn_shape){.ndim = -1}).text, "(invalid)");
    tarn_shape longest = {.ndim = TARN_MAX_NDIM};
    for (int i = 0; i < TARN_MAX_NDIM; i++)
        longest.dim[i] = INT64_MIN;
    cr_assert_eq(strlen(tarn_shape_to_text(longest).text), 8 * 20 + 7 + 2);
}

Test(tensor, constructors)
{
    const tarn_real numbers[] = {1, 2, 3, 4, 5, 6};
    tarn_tensor *zeros = tarn_zeros(tarn_shape(2, 3)), *full = tarn_full(tarn_shape(2, 3), -1.5);
    tarn_tensor *array = tarn_from_array(tarn_shape(2, 3), numbers);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(tarn_values(zeros)[i], 0);
        cr_assert_eq(tarn_values(full)[i], -1.5);
        cr_assert_eq(tarn_values(array)[i], (tarn_real)(i + 1));
    }
    cr_assert_neq(tarn_values(array), (const tarn_real *)numbers, "copies");
    cr_assert_eq(tarn_ndim(array), 2);
    cr_assert_eq(tarn_size(array), 6);
    cr_assert_eq(tarn_dim(array, 0), 2);
    cr_assert_eq(tarn_dim(array, -1), 3);
    cr_assert(tarn_shape_equal(tarn_shape_get(array), tarn_shape(2, 3)));
    cr_assert_null(tarn_gradients(array));
    tarn_free(zeros);
    tarn_free(full);
    tarn_free(array);
}

Test(tensor, empty_and_scalar)
{
    tarn_tensor *empty = tarn_from_array(tarn_shape(0, 3), NULL),
                *scalar = tarn_full(tarn_shape(), 4);
    cr_assert_eq(tarn_size(empty), 0);
    cr_assert_eq(tarn_size(scalar), 1);
    cr_assert_eq(tarn_ndim(scalar), 0);
    cr_assert_eq(tarn_item(scalar), 4);
    tarn_free(empty);
    tarn_free(scalar);
}

Test(tensor, constructors_refuse_impossible_shapes)
{
    const tarn_shape large = tarn_shape(huge, huge);
    assert_mistake(tarn_zeros(large),
                   "zeros: shape (1099511627776,1099511627776) is invalid or too large");
    assert_mistake(tarn_full(large, 1), "full: shape (1099511627776,1099511627776) is invalid");
    assert_mistake(tarn_rand(large), "too large");
    assert_mistake(tarn_randn(large), "too large");
    assert_mistake(tarn_from_array(large, NULL), "from_array: shape (1099511627776,1099511627776)");
    assert_mistake(tarn_from_array(tarn_shape(2, 3), NULL),
                   "from_array: the values are NULL, expects 6 of them for shape (2,3)");
    assert_mistake(tarn_zeros((tarn_shape){.ndim = 99}), "zeros: shape (invalid) is invalid");
    assert_mistake(tarn_zeros(tarn_shape(2, -1)), "shape: dimension 1 is -1");
}

Test(tensor, null_is_accepted)
{
    record_mistakes();
    tarn_free(NULL);
    tarn_zero_grad(NULL);
    cr_assert_null(tarn_clone(NULL));
    cr_assert_null(tarn_requires_grad(NULL, true));
    cr_assert_null(tarn_values(NULL));
    cr_assert_null(tarn_gradients(NULL));
    cr_assert_eq(tarn_ndim(NULL), 0);
    cr_assert_eq(tarn_dim(NULL, 3), 0);
    cr_assert_eq(tarn_size(NULL), 0);
    cr_assert_eq(mistakes(), 0);
    assert_mistake(!isnan(tarn_item(NULL)), "item: the tensor is NULL");
}

Test(tensor, mistakes)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    record_mistakes();
    cr_assert_eq(tarn_dim(x, 2), 0);
    cr_assert_str_eq(
        last_mistake(),
        "dim: a tensor of shape (2,3) has no dimension 2, expects at least -2 and less than 2");
    cr_assert_eq(tarn_dim(x, -3), 0);
    cr_assert(isnan(tarn_item(x)));
    cr_assert_str_eq(last_mistake(), "item: a tensor of shape (2,3) has 6 elements, expects 1");
    cr_assert_eq(mistakes(), 3);
    tarn_free(x);
}

Test(tensor, a_result_is_neither_freed_nor_marked)
{
    tarn_tensor *x = tarn_rand(tarn_shape(2));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_scale(x, 2), *view = tarn_reshape(x, tarn_shape(2, 1));
    assert_mistake(tarn_requires_grad(y, true),
                   "requires_grad: a tensor of shape (2) is the result of an operation; only "
                   "tensors made by a constructor can be differentiated by");
    record_mistakes();
    tarn_free(y);
    cr_assert_eq(mistakes(), 1);
    cr_assert_str_eq(last_mistake(),
                     "free: a tensor of shape (2) belongs to a tape and dies at its end");
    tarn_free(view);
    cr_assert_eq(mistakes(), 1);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(tensor, clone_copies_values_only)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(x)));
    tarn_tape_end(tape);
    tarn_tensor *copy = tarn_clone(x);
    cr_assert_null(tarn_gradients(copy));
    tarn_values(x)[0] = 9;
    cr_assert_neq(tarn_values(copy)[0], 9);
    tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_sum(copy)), "requires a gradient");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(copy);
}

Test(tensor, gradients_are_zeroed_and_overwritten)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3)), true);
    tarn_zero_grad(x);
    cr_assert_null(tarn_gradients(x));
    for (int round = 0; round < 3; round++) {
        tarn_zero_grad(x);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_scale(x, 4))));
        tarn_tape_end(tape);
        cr_assert_eq(tarn_gradients(x)[2], 4);
    }
    tarn_zero_grad(x);
    cr_assert_eq(tarn_gradients(x)[2], 0);
    tarn_gradients(x)[2] = 7; /* what is written there stays */
    cr_assert_eq(tarn_gradients(x)[2], 7);
    tarn_free(x);
}

Test(tensor, lists)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(1)), *b = tarn_zeros(tarn_shape(2));
    tarn_params params = tarn_params_of(a, b);
    cr_assert_eq(params.count, 2);
    cr_assert_eq(params.tensors[1], b);
    cr_assert_null(params.names);
    const int32_t ids[] = {4, 5};
    tarn_labels labels = tarn_labels(2, ids);
    cr_assert_eq(labels.count, 2);
    cr_assert_eq(labels.ids[1], 5);
    tarn_free(a);
    tarn_free(b);
}
