#include "tests/nn/nn_test.h"

/* What the summary prints; the caller frees it. */
static char *summary(tarn_module *module, tarn_shape input, bool expected)
{
    FILE *stream = tmpfile();
    cr_assert(stream);
    cr_assert_eq(tarn_nn_summary(module, input, stream), expected);
    long size = ftell(stream);
    char *text = calloc(1, (size_t)size + 1);
    rewind(stream);
    cr_assert_eq(fread(text, 1, (size_t)size, stream), (size_t)size);
    fclose(stream);
    return text;
}

static void check(tarn_module *module, tarn_shape input, const char *expected)
{
    char *text = summary(module, input, true);
    cr_assert_str_eq(text, expected, "\n%s\n%s", text, expected);
    free(text);
}

Test(summary, is_a_table)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 32, 3), tarn_nn_relu(), tarn_nn_conv2d(32, 64, 3), tarn_nn_relu(),
        tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25), tarn_nn_flatten(), tarn_nn_linear(9216, 128),
        tarn_nn_relu(), tarn_nn_dropout(0.5), tarn_nn_linear(128, 10));
    check(model, tarn_shape(1, 28, 28, 1),
          "Name   Layer              Output        Parameters\n"
          "0      Conv2d(1, 32, 3)   (1,26,26,32)         320\n"
          "1      ReLU()             (1,26,26,32)           0\n"
          "2      Conv2d(32, 64, 3)  (1,24,24,64)      18,496\n"
          "3      ReLU()             (1,24,24,64)           0\n"
          "4      MaxPool2d(2)       (1,12,12,64)           0\n"
          "5      Dropout(0.25)      (1,12,12,64)           0\n"
          "6      Flatten()          (1,9216)               0\n"
          "7      Linear(9216, 128)  (1,128)        1,179,776\n"
          "8      ReLU()             (1,128)                0\n"
          "9      Dropout(0.5)       (1,128)                0\n"
          "10     Linear(128, 10)    (1,10)             1,290\n"
          "Total                                    1,199,882\n");
    tarn_nn_free(model);
}

Test(summary, shows_numbers_that_are_not_the_default)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_conv2d(2, 4, 3, .stride = 2, .padding = 1, .dilation = 2,
                                          .groups = 2, .bias = false),
                           tarn_nn_sequential(tarn_nn_avg_pool2d(3, .stride = 1, .padding = 1)),
                           tarn_nn_flatten(), tarn_nn_linear(64, 1, .bias = false));
    char *text = summary(model, tarn_shape(3, 9, 9, 2), true);
    cr_assert(strstr(text, "0      Conv2d(2, 4, 3, .stride = 2, .padding = 1, .dilation = 2, "
                           ".groups = 2, .bias = 0)  (3,4,4,4)"));
    cr_assert(strstr(text, "1      Sequential() "));
    cr_assert(strstr(text, "1.0    AvgPool2d(3, .stride = 1, .padding = 1) "));
    cr_assert(strstr(text, "3      Linear(64, 1, .bias = 0) "));
    free(text);
    tarn_nn_free(model);
}

Test(summary, of_a_single_layer)
{
    tarn_module *layer = tarn_nn_linear(3, 2);
    check(layer, tarn_shape(4, 3),
          "Name   Layer         Output  Parameters\n"
          "       Linear(3, 2)  (4,2)            8\n"
          "Total                                 8\n");
    tarn_nn_free(layer);
}

Test(summary, leaves_no_trace)
{
    tarn_module *dropout = tarn_nn_dropout(0.5), *relu = tarn_nn_relu();
    tarn_module *model = tarn_nn_sequential(relu, dropout);
    tarn_nn_train(relu, false);
    uint64_t state = tarn_random_state();
    free(summary(model, tarn_shape(1, 3), true));
    cr_assert_eq(tarn_random_state(), state);
    cr_assert(model->training && dropout->training && !relu->training);
    tarn_nn_free(model);
}

Test(summary, works_within_an_open_tape)
{
    tarn_module *model = tarn_nn_linear(3, 2);
    tarn_tensor *x = tarn_full(tarn_shape(1, 3), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_nn_forward(model, x));
    free(summary(model, tarn_shape(1, 3), true));
    cr_assert(tarn_backward(loss));
    cr_assert_eq(tarn_gradients(parameter(model, "bias"))[0], 1);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(summary, shows_how_far_it_came)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_linear(3, 2), tarn_nn_linear(3, 2), tarn_nn_relu());
    record_mistakes();
    char *text = summary(model, tarn_shape(1, 3), false);
    cr_assert_eq(mistakes(), 1);
    cr_assert(strstr(text, "0      Linear(3, 2)  (1,2) "));
    cr_assert(strstr(text, "1      Linear(3, 2)  not run"));
    cr_assert(strstr(text, "2      ReLU()        not run"));
    free(text);
    tarn_nn_free(model);
}
