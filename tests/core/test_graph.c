/* Tapes as tables and pictures, and the operations that they count. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/mistakes.h"

/* ---- The number of operations */

static tarn_tape *tape;
static tarn_tensor *made[32];
static int made_count;

static tarn_tensor *tensor(tarn_shape shape)
{
    return made[made_count++] = tarn_requires_grad(tarn_full(shape, 0.5), true);
}

static void begin(void)
{
    made_count = 0;
    tape = tarn_tape_begin();
}

static void end(void)
{
    tarn_tape_end(tape);
    for (int i = 0; i < made_count; i++)
        tarn_free(made[i]);
}

#define assert_operations(expression, expected)                                                    \
    do {                                                                                           \
        cr_assert(expression);                                                                     \
        cr_assert_eq(tarn_tape_last(tape)->operations, expected, "%s: %g", #expression,            \
                     tarn_tape_last(tape)->operations);                                            \
    } while (0)

Test(graph, operations_of_products)
{
    begin();
    tarn_tensor *x = tensor(tarn_shape(3, 4)), *w = tensor(tarn_shape(4, 5));
    tarn_tensor *bias = tensor(tarn_shape(5)), *stack = tensor(tarn_shape(7, 2, 3));
    assert_operations(tarn_matmul(x, w), 2 * 3 * 4 * 5);
    assert_operations(tarn_matmul(stack, x), 7 * 2 * 2 * 3 * 4);
    assert_operations(tarn_linear(x, w, NULL), 2 * 3 * 4 * 5);
    assert_operations(tarn_linear(x, w, bias), 2 * 3 * 4 * 5 + 15);
    assert_operations(tarn_linear(x, w, bias, .relu = true), 2 * 3 * 4 * 5 + 15 + 15);
    assert_operations(tarn_matmul(tensor(tarn_shape(3, 0)), tensor(tarn_shape(0, 5))), 0);
    end();
}

Test(graph, operations_of_convolutions)
{
    begin();
    tarn_tensor *x = tensor(tarn_shape(2, 7, 6, 4)), *w = tensor(tarn_shape(3, 2, 4, 8));
    tarn_tensor *grouped = tensor(tarn_shape(3, 2, 2, 8)), *bias = tensor(tarn_shape(8));
    const int taps = 3 * 2 * 4, pixels = 2 * 5 * 5 * 8;
    assert_operations(tarn_conv2d(x, w, NULL), pixels * 2 * taps);
    assert_operations(tarn_conv2d(x, w, bias), pixels * (2 * taps + 1));
    assert_operations(tarn_conv2d(x, grouped, bias, .groups = 2), pixels * (taps + 1));
    assert_operations(tarn_conv2d(x, w, NULL, .stride = 2, .padding = 1), 2 * 4 * 4 * 8 * 2 * taps);
    assert_operations(tarn_conv2d(x, w, NULL, .relu = true), pixels * (2 * taps + 1));
    /* 4 x 4 of the 5 x 5 pixels lie in whole windows. */
    assert_operations(tarn_conv2d(x, w, bias, .relu = true, .max_pool = 2),
                      pixels * (2 * taps + 2) + 2 * 4 * 4 * 8);
    cr_assert_str_eq(tarn_tape_last(tape)->op->name, "conv2d+relu+max_pool");

    tarn_tensor *small = tensor(tarn_shape(2, 5, 5, 8));
    assert_operations(tarn_conv_transpose2d(small, w, NULL), pixels * 2 * taps);
    assert_operations(tarn_conv_transpose2d(small, w, tensor(tarn_shape(4))),
                      pixels * 2 * taps + 2 * 7 * 6 * 4);
    assert_operations(tarn_max_pool2d(x, 2), 2 * 3 * 3 * 4 * 4);
    assert_operations(tarn_avg_pool2d(x, 3, .stride = 1, .padding = 1), 2 * 7 * 6 * 4 * 9);
    end();
}

Test(graph, operations_of_the_rest)
{
    begin();
    tarn_tensor *x = tensor(tarn_shape(3, 4)), *row = tensor(tarn_shape(4));
    assert_operations(tarn_exp(x), 12);
    assert_operations(tarn_add(x, row), 12);
    assert_operations(tarn_mul(row, x), 12);
    assert_operations(tarn_add_relu(x, x), 24);
    assert_operations(tarn_sum(x), 12);
    assert_operations(tarn_mean_axis(x, 0), 12);
    assert_operations(tarn_mse(x, x), 12);
    assert_operations(tarn_reshape(x, tarn_shape(12)), 0);
    assert_operations(tarn_flatten(x), 0);
    assert_operations(tarn_slice(x, 0, 0, 2), 0);
    assert_operations(tarn_slice(x, 1, 0, 2), 0);
    assert_operations(tarn_upsample_nearest2d(tensor(tarn_shape(1, 2, 2, 1)), 4, 4), 0);
    assert_operations(tarn_permute(x, tarn_axes(1, 0)), 0);
    assert_operations(tarn_concat(0, x, x), 0);
    assert_operations(tarn_pad(x, tarn_shape(1, 1), tarn_shape(1, 1)), 0);
    assert_operations(tarn_gather_rows(x, tarn_labels_of(2, (const int32_t[]){0, 1})), 0);
    end();
}

/* ---- Tables and pictures */

/* What was written to a stream of memory. */
static char *text;
static size_t text_size;

static FILE *memory(void)
{
    free(text);
    text = NULL;
    return open_memstream(&text, &text_size);
}

/* loss = mean((x w)^2) of parameters x and w, and a view. */
static void record_small(void)
{
    begin();
    tarn_tensor *x = tensor(tarn_shape(2, 2)), *w = tensor(tarn_shape(2, 1));
    tarn_requires_grad(x, false);
    tarn_tensor *y = tarn_flatten(tarn_matmul(x, w));
    cr_assert(tarn_backward(tarn_mean(tarn_mul(y, y))));
}

static tarn_params names_of_small(void)
{
    static const char *names[] = {"a \"w\\"};
    return (tarn_params){1, &made[1], names};
}

static const char table_of_small[] =
    "#  Op       Inputs            Output  Parameters  Operations  Forward us  Backward us     "
    "|value|  |gradient|\n"
    "1  matmul   (2,2) a \"w\\(2,1)  (2,1)            2           8           -            -      "
    "0.7071      0.7071\n"
    "2  flatten  #1(2,1)           (2,1)            0           0           -            -      "
    "0.7071      0.7071\n"
    "3  mul      #2(2,1) #2(2,1)   (2,1)            0           2           -            -      "
    "0.3536      0.7071\n"
    "4  mean     #3(2,1)           ()               0           2           -            -        "
    "0.25           1\n"
    "   Total                                       2          12           -            -        "
    "                \n";

Test(graph, a_small_table)
{
    record_small();
    FILE *stream = memory();
    cr_assert(tarn_tape_print(tape, stream, .params = names_of_small()));
    fclose(stream);
    cr_expect_str_eq(text, table_of_small, "%s", text);
    end();
}

Test(graph, a_small_picture)
{
    record_small();
    FILE *stream = memory();
    cr_assert(tarn_tape_dot(tape, stream, .params = names_of_small()));
    fclose(stream);
    static const char *const lines[] = {
        "\n  t1_0 [shape=box, style=filled, fillcolor=\"#eeeeee\", ",
        "label=\"constant\\n(2,2)\"]\n",
        "label=\"a \\\"w\\\\\\n(2,1)\"]\n",
        "\n  n2 [shape=box, style=\"rounded,filled,dashed\", ",
        "label=\"2 flatten\\n(2,1)\"]\n  n1 -> n2 [weight=20]\n",
        "\n  n2 -> n3 [weight=20]\n  n2 -> n3 [weight=20]\n",
        "\n  t1_0 -> n1\n",
        "\n  t1_1 -> n1\n",
        "\n  n3 -> n4 [weight=20]\n}\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect(strstr(text, lines[i]), "no %s in\n%s", lines[i], text);
    end();
}

/* Of small tensors the values, and the gradients where there are any. */
Test(graph, values_and_gradients_in_the_boxes)
{
    begin();
    tarn_tensor *w =
        tarn_requires_grad(tarn_from_array(tarn_shape(2), (const tarn_real[]){3, -0.125}), true);
    tarn_tensor *large = tarn_zeros(tarn_shape(3));
    tarn_tensor *odd = tarn_from_array(tarn_shape(2), (const tarn_real[]){-(tarn_real)NAN, 0});
    tarn_tensor *squares = tarn_square(w), *loss = tarn_sum(squares);
    tarn_mul(odd, odd);
    tarn_exp(large);
    tarn_backward(loss);
    const char *names[] = {"w", "loss"};
    tarn_tensor *named[] = {w, loss};
    FILE *stream = memory();
    cr_assert(tarn_tape_dot(tape, stream, .params = {2, named, names}, .values = 2));
    fclose(stream);
    static const char *const labels[] = {
        "\"w\\n(2)\\nvalue 3 -0.125\\ngradient 6 -0.25\"",
        "\"1 square\\n(2)\\nvalue 9 0.01562\\ngradient 1 1\"",
        "\"2 sum: loss\\n()\\nvalue 9.016\\ngradient 1\"",
        "\"constant\\n(2)\\nvalue nan 0\"",
        "\"4 exp\\n(3)\"",
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        cr_expect(strstr(text, labels[i]), "no %s in\n%s", labels[i], text);
    tarn_free(w);
    tarn_free(large);
    tarn_free(odd);
    end();
}

/* A parameter that is used in two places is one box and counted once. */
Test(graph, shared_and_outer_tensors)
{
    begin();
    tarn_tensor *w = tensor(tarn_shape(3));
    tarn_tensor *outer = tarn_exp(w);
    tarn_tape *inner = tarn_tape_begin();
    tarn_mul(w, tarn_mul(w, outer));
    tarn_mul(w, w);
    FILE *stream = memory();
    cr_assert(tarn_tape_print(inner, stream));
    cr_assert(tarn_tape_dot(inner, stream));
    fclose(stream);
    cr_expect(strstr(text, "   Total                              3           9 "), "%s", text);
    cr_expect(strstr(text, "parameter\\n(3)"));
    cr_expect(strstr(text, "outer tape\\n(3)"));
    cr_expect(strstr(text, "  t1_0 -> n2\n  n1 -> n2 [weight=20]\n"), "%s", text);
    tarn_tape_end(inner);
    end();
}

/* Of one that an operation has twice, the box belongs to the first input, before its edges. */
Test(graph, a_tensor_twice_in_one_operation)
{
    begin();
    tarn_tensor *w = tensor(tarn_shape(3));
    tarn_mul(w, w);
    FILE *stream = memory();
    cr_assert(tarn_tape_dot(tape, stream));
    fclose(stream);
    const char *box = strstr(text, "  t1_0 [shape=box"), *edge = strstr(text, "  t1_0 -> n1\n");
    cr_expect(box && edge && box < edge, "%s", text);
    cr_expect_not(strstr(text, "t1_1"), "%s", text);
    end();
}

Test(graph, many_inputs_are_cut)
{
    begin();
    tarn_tensor *x[40];
    for (int i = 0; i < 40; i++)
        x[i] = i ? x[0] : tensor(tarn_shape(10, 10));
    tarn_concat_of(0, 40, x);
    FILE *stream = memory();
    cr_assert(tarn_tape_print(tape, stream));
    fclose(stream);
    cr_expect(strstr(text, "(10,10) ...  (400,10)"), "%s", text);
    cr_expect_leq(strcspn(text, "\n"), 200);
    end();
}

Test(graph, long_names_are_cut)
{
    static char name[1000];
    static const char *names[] = {name};
    memset(name, 'n', sizeof name - 1);
    begin();
    tarn_tensor *w = tensor(tarn_shape(2));
    tarn_mul(tarn_exp(w), w);
    FILE *stream = memory();
    cr_assert(tarn_tape_print(tape, stream, .params = {1, &w, names}));
    fclose(stream);
    cr_expect(strstr(text, "  #1(2) ...  "), "%s", text);
    cr_expect_leq(strcspn(text, "\n"), 200);
    end();
}

/* In a name only quotes, backslashes and control characters have a meaning in DOT. */
Test(graph, odd_names_in_a_picture)
{
    static const char *names[] = {"<b>\n\t\x01{|}%s;]\xc3\xa9\\\"\\", ""};
    begin();
    tarn_tensor *w[] = {tensor(tarn_shape(2)), tensor(tarn_shape(2))};
    tarn_mul(w[0], w[1]);
    char path[] = "/tmp/tarn-test-XXXXXX", command[64];
    FILE *stream = fdopen(mkstemp(path), "w");
    cr_assert(stream);
    cr_assert(tarn_tape_dot(tape, stream, .params = {2, w, names}));
    fclose(stream);
    stream = memory();
    cr_assert(tarn_tape_dot(tape, stream, .params = {2, w, names}));
    fclose(stream);
    cr_expect(strstr(text, "label=\"<b>   {|}%s;]\xc3\xa9\\\\\\\"\\\\\\n(2)\"]\n"), "%s", text);
    snprintf(command, sizeof command, "dot -Tsvg %s >/dev/null", path);
    if (system("command -v dot >/dev/null") == 0)
        cr_expect_eq(system(command), 0);
    remove(path);
    end();
}

Test(graph, a_nan_has_no_sign)
{
    begin();
    tarn_sqrt(tarn_neg(tensor(tarn_shape(1))));
    FILE *stream = memory();
    cr_assert(tarn_tape_print(tape, stream));
    fclose(stream);
    cr_expect(strstr(text, " nan "), "%s", text);
    end();
}

/* Neither the time nor the stack that is needed grows faster than the tape. */
Test(graph, a_long_tape)
{
    enum { LONG = 30000 };
    begin();
    tarn_tensor *w = tensor(tarn_shape(1)), *y = w;
    for (int i = 0; i < LONG; i++)
        y = tarn_add(y, w);
    cr_assert(tarn_backward(y));
    FILE *stream = memory();
    cr_assert(tarn_tape_dot(tape, stream));
    fclose(stream);
    cr_expect(strstr(text, "\n  n30000 ["));
    stream = memory();
    cr_assert(tarn_tape_print(tape, stream));
    fclose(stream);
    cr_expect(strstr(text, "\n30000  add "));
    cr_expect(strstr(text, "  1      30,000  "), "%s", strstr(text, "Total"));
    end();
}

Test(graph, a_tape_without_entries)
{
    begin();
    FILE *stream = memory();
    cr_expect_null(tarn_tape_last(tape));
    cr_expect(tarn_tape_print(tape, stream));
    cr_expect(tarn_tape_dot(tape, stream));
    fclose(stream);
    cr_expect(strstr(text, "Total"));
    end();
}

Test(graph, times_only_if_asked_for)
{
    record_small();
    for (const tarn_node *node = tarn_tape_last(tape); node; node = node->previous)
        cr_expect(node->forward_seconds == 0 && node->backward_seconds == 0);
    end();

    begin();
    tarn_tape_time(tape, true);
    tarn_tensor *x = tensor(tarn_shape(100, 100));
    tarn_tensor *y = tarn_exp(tarn_square(x));
    tarn_tape_time(tape, false);
    tarn_tensor *loss = tarn_sum(y);
    tarn_tape_time(tape, true);
    cr_assert(tarn_backward(loss));
    const tarn_node *sum = tarn_tape_last(tape);
    cr_expect(sum->forward_seconds == 0);
    for (const tarn_node *node = sum->previous; node; node = node->previous)
        cr_expect(node->forward_seconds > 0);
    for (const tarn_node *node = sum; node; node = node->previous)
        cr_expect(node->backward_seconds > 0);
    FILE *stream = memory();
    cr_assert(tarn_tape_print(tape, stream));
    fclose(stream);
    cr_expect_null(strstr(strstr(text, "Total"), "- "), "%s", text);
    end();
    tarn_tape_time(NULL, true);
}

Test(graph, mistakes)
{
    begin();
    tarn_exp(tensor(tarn_shape(2)));
    cr_expect_not(tarn_tape_print(NULL, stdout));
    cr_expect_not(tarn_tape_dot(tape, NULL));
    cr_expect_null(tarn_tape_last(NULL));
    tarn_tape *silent = tarn_tape_begin_no_grad();
    assert_mistake(tarn_tape_print(silent, stdout), "tape_print: the tape was begun with no_grad");
    assert_mistake(tarn_tape_dot(silent, stdout), "tape_dot: the tape was begun with no_grad");
    tarn_tape_end(silent);
    assert_mistake(tarn_tape_print(silent, stdout), "tape_print: the tape is not open");
    assert_mistake(tarn_tape_last(silent), "tape_last: the tape is not open");
    assert_mistake((tarn_tape_time(silent, true), false), "tape_time: the tape is not open");
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        cr_expect_not(tarn_tape_print(tape, full));
        cr_expect(strstr(tarn_error(), "tape_print: cannot write: No space left"), "%s",
                  tarn_error());
        fclose(full);
    }
    end();
}
