/* Anomaly mode: the first operation that makes a NaN or an infinity is named. */
#include <math.h>
#include <string.h>

#include "tests/support/mistakes.h"

static tarn_tensor *x;

static void begin(void)
{
    record_mistakes();
    tarn_set_anomaly(true);
    x = tarn_requires_grad(tarn_full(tarn_shape(2, 3), 0.5), true);
}

static void end(void)
{
    tarn_set_anomaly(false);
    tarn_free(x);
}

TestSuite(watch, .init = begin, .fini = end);

static void expect_report(const char *sentence)
{
    cr_expect_eq(mistakes(), 1);
    cr_expect_str_eq(last_mistake(), sentence, "%s", last_mistake());
}

Test(watch, forward)
{
    tarn_values(x)[4] = 0;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_log(tarn_abs(tarn_flatten(x)));
    cr_expect_eq(mistakes(), 0);
    cr_expect_null(tarn_sum(y));
    expect_report("anomaly: log (entry 3): the result (2,3) of (2,3) holds an infinity at element "
                  "4; path: flatten > abs > log");
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

Test(watch, the_last_operation_is_looked_at_by_backward)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sqrt(tarn_sum(tarn_scale(x, -4)));
    cr_expect_not(tarn_backward(loss));
    expect_report("anomaly: sqrt (entry 3): the result () of () holds a NaN at element 0; path: "
                  "scale > sum > sqrt");
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

/* Each operation that only passes on what it was given is not reported. */
Test(watch, only_the_first)
{
    tarn_values(x)[1] = -1;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_sqrt(x);
    cr_expect_null(tarn_exp(y));
    cr_expect_eq(mistakes(), 1);
    cr_expect(tarn_mul(y, y));
    cr_expect(tarn_sum(y));
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

Test(watch, an_input_that_was_not_finite)
{
    tarn_values(x)[5] = (tarn_real)NAN;
    tarn_tensor *ones = tarn_full(tarn_shape(2, 3), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_mul(ones, x);
    tarn_free(ones); /* the values of an input are not needed any more */
    tarn_tape_end(tape);
    expect_report("anomaly: mul (entry 1): the result (2,3) of (2,3), (2,3) holds a NaN at element "
                  "5; its input 1 was not finite before; path: mul");
}

Test(watch, backward)
{
    tarn_values(x)[3] = 0; /* sqrt is finite there, its derivative is not */
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_mean(tarn_square(tarn_exp(tarn_sqrt(tarn_scale(x, 2)))));
    cr_expect_not(tarn_backward(loss));
    expect_report("anomaly: backward of sqrt (entry 2) with result (2,3): the gradient of input 0 "
                  "(2,3) holds an infinity at element 3; path: scale > sqrt > exp > square > mean");
    cr_expect(!tarn_gradients(x) || tarn_gradients(x)[0] == 0);
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

static void plant(const tarn_node *node)
{
    tarn_real *dx = tarn_op_gradient(node->inputs[1]);
    dx[1] = (tarn_real)NAN;
}

Test(watch, a_nan_planted_in_backward)
{
    static const tarn_op op = {"planted", plant};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_op_result(&op, tarn_shape(), x, x);
    *tarn_values(y) = 1;
    cr_expect_not(tarn_backward(tarn_exp(y)));
    cr_expect(strstr(last_mistake(),
                     "backward of planted (entry 1) with result (): the gradient of "
                     "input 0 (2,3) holds a NaN at element 1; path: planted > exp"),
              "%s", last_mistake());
    tarn_tape_end(tape);
}

Test(watch, a_nan_planted_in_forward)
{
    static const tarn_op op = {"planted", plant};
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_op_result(&op, tarn_shape(7), x);
    for (int i = 0; i < 7; i++)
        tarn_values(y)[i] = i == 6 ? (tarn_real)NAN : 0;
    cr_expect_null(tarn_square(y));
    expect_report("anomaly: planted (entry 1): the result (7) of (2,3) holds a NaN at element 6; "
                  "path: planted");
    tarn_tape_end(tape);
}

Test(watch, more_than_four_inputs_are_cut)
{
    static const tarn_op op = {"planted", plant};
    for (int count = 4; count <= 6; count++) {
        record_mistakes();
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *inputs[] = {x, x, x, x, x, x};
        *tarn_values(tarn_op_result_of(&op, tarn_shape(), count, inputs)) = (tarn_real)NAN;
        tarn_tape_end(tape);
        expect_report(count == 4
                          ? "anomaly: planted (entry 1): the result () of (2,3), (2,3), (2,3), "
                            "(2,3) holds a NaN at element 0; path: planted"
                          : "anomaly: planted (entry 1): the result () of (2,3), (2,3), (2,3), "
                            "(2,3), ... holds a NaN at element 0; path: planted");
    }
}

Test(watch, long_paths_are_cut)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = x;
    for (int i = 0; i < 20; i++)
        y = tarn_abs(y);
    y = tarn_sqrt(tarn_sub(y, y));
    for (int i = 0; i < 20; i++)
        y = tarn_neg(y);
    cr_expect_not(tarn_backward(tarn_sum(y)));
    cr_expect(strstr(last_mistake(), "path: ... > abs > abs > abs > abs > abs > abs > sub > sqrt > "
                                     "neg > neg > neg > neg > ..."),
              "%s", last_mistake());
    tarn_tape_end(tape);
}

Test(watch, inside_of_recompute)
{
    tarn_module *body = tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(3, 2)));
    tarn_params list = tarn_nn_parameters(body);
    tarn_values(list.tensors[1])[0] = (tarn_real)INFINITY;
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_nn_forward(body, x));
    tarn_tape_end(tape);
    expect_report("anomaly: linear (entry 1): the result (2,2) of (2,3), (3,2), (2) holds an "
                  "infinity at element 0; its input 2 was not finite before; path: linear");
    tarn_nn_free(body);
}

/* On the tape on which backward runs the body again. */
Test(watch, backward_inside_of_recompute)
{
    const tarn_real big = (tarn_real)(sizeof(tarn_real) == 4 ? 1e30 : 1e200);
    tarn_module *body = tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(3, 2)));
    tarn_values(tarn_nn_parameters(body).tensors[0])[0] = big;
    for (int i = 0; i < 6; i++)
        tarn_values(x)[i] = 1 / big;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_scale(tarn_nn_forward(body, x), (double)big));
    cr_expect_eq(mistakes(), 0);
    cr_expect_not(tarn_backward(loss));
    expect_report(
        "anomaly: backward of linear (entry 1) with result (2,2): the gradient of input 0 "
        "(2,3) holds an infinity at element 0; path: linear");
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
    tarn_nn_free(body);
}

/* Backward runs the body, which makes an infinity out of numbers, once more. */
Test(watch, what_was_reported_inside_of_recompute_is_not_again)
{
    const tarn_real big = (tarn_real)(sizeof(tarn_real) == 4 ? 3e38 : 1e308);
    tarn_module *body = tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(3, 2)));
    tarn_tensor *weight = tarn_nn_parameters(body).tensors[0];
    for (int i = 0; i < 6; i++)
        tarn_values(weight)[i] = big;
    for (int i = 0; i < 6; i++)
        tarn_values(x)[i] = 2;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_nn_forward(body, x));
    cr_expect_eq(mistakes(), 1);
    cr_expect(loss);
    cr_expect_not(tarn_backward(loss));
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
    tarn_nn_free(body);
}

/* From a step that nobody watched, and whose gradient was not zeroed. */
Test(watch, a_gradient_that_was_not_finite)
{
    tarn_set_anomaly(false);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_backward(tarn_sum(tarn_sqrt(tarn_scale(x, 0)))));
    tarn_tape_end(tape);
    tarn_set_anomaly(true);
    tape = tarn_tape_begin();
    cr_expect_not(tarn_backward(tarn_sum(tarn_square(x))));
    tarn_tape_end(tape);
    expect_report(
        "anomaly: backward of square (entry 1) with result (2,3): the gradient of input 0 "
        "(2,3) holds a NaN at element 0; it was not finite before; path: square > sum");
}

/* What a network is told not to look at, with minus infinity, is no anomaly. */
Test(watch, minus_infinities_of_a_mask_are_meant)
{
    tarn_tensor *mask = tarn_zeros(tarn_shape(2, 3)), *ones = tarn_full(tarn_shape(2, 3), 1);
    tarn_tensor *low = tarn_full(tarn_shape(), (tarn_real)-INFINITY);
    tarn_values(mask)[1] = (tarn_real)-INFINITY;
    tarn_values(ones)[4] = 0;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *masked = tarn_where(ones, tarn_add(x, mask), low);
    tarn_tensor *loss = tarn_mean(tarn_square(tarn_softmax(tarn_scale(masked, 2))));
    cr_expect(tarn_backward(loss), "%s", last_mistake());
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
    tarn_zero_grad(x);

    /* A whole row: the softmax of nothing. */
    for (int i = 0; i < 3; i++)
        tarn_values(mask)[i] = (tarn_real)-INFINITY;
    tape = tarn_tape_begin();
    cr_expect_null(tarn_sum(tarn_softmax(tarn_add(x, mask))));
    expect_report("anomaly: softmax (entry 2): the result (2,3) of (2,3) holds a NaN at element 0; "
                  "its input 0 was not finite before; path: add > softmax");
    tarn_tape_end(tape);
    tarn_free(mask);
    tarn_free(ones);
    tarn_free(low);
}

/* In a parameter they are not, nor in what an operation makes of numbers. */
Test(watch, other_minus_infinities_are_not_meant)
{
    tarn_values(x)[2] = (tarn_real)-INFINITY;
    tarn_tape *tape = tarn_tape_begin();
    tarn_scale(x, 2);
    tarn_tape_end(tape);
    expect_report(
        "anomaly: scale (entry 1): the result (2,3) of (2,3) holds an infinity at element "
        "2; its input 0 was not finite before; path: scale");
}

/* The operation of the outer tape that nothing there followed yet is the first. */
Test(watch, nested_tapes)
{
    tarn_tape *outer = tarn_tape_begin();
    tarn_tensor *y = tarn_log(tarn_sub(x, x));
    tarn_tape *inner = tarn_tape_begin();
    cr_expect_null(tarn_mul(y, y));
    expect_report("anomaly: log (entry 2): the result (2,3) of (2,3) holds an infinity at element "
                  "0; path: sub > log");
    tarn_tape_end(inner);
    tarn_tape_end(outer);
    cr_expect_eq(mistakes(), 0);
}

/* A program whose handler returned, and that goes on with the result that was reported. */
Test(watch, backward_fails_without_another_report)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_log(tarn_sub(x, x));
    cr_expect_null(tarn_sum(y));
    cr_expect_eq(mistakes(), 1);
    cr_expect_not(tarn_backward(tarn_sum(y)));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

Test(watch, fused_operations)
{
    tarn_tensor *weight = tarn_full(tarn_shape(1, 1, 1, 2), (tarn_real)0.5);
    tarn_tensor *image = tarn_full(tarn_shape(1, 2, 2, 1), 1);
    tarn_values(image)[3] = (tarn_real)NAN;
    tarn_tape *tape = tarn_tape_begin();
    tarn_conv2d(image, weight, NULL, .relu = true, .max_pool = 2);
    tarn_tape_end(tape);
    expect_report("anomaly: conv2d+relu+max_pool (entry 1): the result (1,1,1,2) of (1,2,2,1), "
                  "(1,1,1,2) holds a NaN at element 0; its input 0 was not finite before; path: "
                  "conv2d+relu+max_pool");
    tarn_values(x)[1] = (tarn_real)NAN;
    tape = tarn_tape_begin();
    cr_expect_null(tarn_sum(tarn_add_relu(x, x)));
    cr_expect(strstr(last_mistake(), "anomaly: add_relu (entry 1)"), "%s", last_mistake());
    tarn_tape_end(tape);
    tarn_tensor *square = tarn_full(tarn_shape(3, 3), 1);
    tape = tarn_tape_begin();
    cr_expect_null(tarn_sum(tarn_linear(x, square, NULL, .relu = true)));
    cr_expect(strstr(last_mistake(), "anomaly: linear+relu (entry 1)"), "%s", last_mistake());
    tarn_tape_end(tape);
    tarn_free(weight);
    tarn_free(image);
    tarn_free(square);
}

Test(watch, finite_numbers_give_no_report)
{
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_backward(tarn_mean(tarn_square(tarn_log(x)))));
    cr_expect(tarn_tape_last(tape)->forward_seconds == 0, "is not timed as well");
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}

Test(watch, off)
{
    tarn_set_anomaly(false);
    tarn_values(x)[0] = 0;
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(tarn_backward(tarn_sum(tarn_log(x))));
    tarn_tape_end(tape);
    cr_expect_eq(mistakes(), 0);
}
