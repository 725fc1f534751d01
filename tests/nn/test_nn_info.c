#include <math.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static char path[] = "/tmp/tarn-test-info-XXXXXX";

static void begin(void)
{
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
}

static void end(void)
{
    unlink(path);
}

TestSuite(info, .init = begin, .fini = end);

static const char *const names[] = {"cat", "two words", "line\nbreak \"quoted\" \\", "",
                                    "\xc3\xa9"};
static const double mean[] = {0.1, 1.0 / 3, -7e-300}, deviation[] = {1e-5, 0.25, 3};

static tarn_module *described(void)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(12, 5));
    cr_assert(tarn_nn_describe(model, .input = tarn_shape(2, 2, 3), .class_count = 5,
                               .class_names = names, .channels = 3, .mean = mean,
                               .deviation = deviation),
              "%s", tarn_error());
    return model;
}

static void assert_described(const tarn_module *model)
{
    const tarn_nn_description *about = tarn_nn_info(model);
    cr_assert(tarn_shape_equal(about->input, tarn_shape(2, 2, 3)));
    cr_assert_eq(about->class_count, 5);
    for (int i = 0; i < 5; i++)
        cr_assert_str_eq(about->class_names[i], names[i]);
    cr_assert_eq(about->channels, 3);
    cr_assert_arr_eq(about->mean, mean, sizeof mean);
    cr_assert_arr_eq(about->deviation, deviation, sizeof deviation);
}

static void assert_unknown(const tarn_module *model)
{
    const tarn_nn_description *about = tarn_nn_info(model);
    cr_assert_eq(about->input.ndim, -1);
    cr_assert_eq(about->class_count, 0);
    cr_assert_eq(about->channels, 0);
}

Test(info, goes_with_the_file_and_back)
{
    tarn_module *model = described(), *other = tarn_nn_sequential(tarn_nn_linear(2, 3)),
                *same = tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(12, 5));
    assert_described(model);
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    assert_described(rebuilt);
    assert_unknown(same);
    cr_assert(tarn_nn_load(same, path), "%s", tarn_error());
    assert_described(same);
    cr_assert_not(tarn_nn_load(other, path));
    assert_unknown(other);
    tarn_nn_free(rebuilt);
    tarn_nn_free(same);
    tarn_nn_free(other);
    tarn_nn_free(model);
}

Test(info, is_unknown_at_first_and_replaced_as_a_whole)
{
    tarn_module *model = tarn_nn_relu();
    assert_unknown(NULL);
    assert_unknown(model);
    cr_assert(tarn_nn_describe(model, .input = tarn_shape()));
    cr_assert_eq(tarn_nn_info(model)->input.ndim, 0); /* a number is known */
    cr_assert(tarn_nn_describe(model, .class_count = 2, .class_names = names));
    cr_assert_eq(tarn_nn_info(model)->input.ndim, -1);
    cr_assert(tarn_nn_describe(model));
    assert_unknown(model);
    tarn_nn_free(model);
}

Test(info, of_a_file_without_one_leaves_what_is_known)
{
    tarn_module *model = described(),
                *plain = tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(12, 5));
    cr_assert(tarn_nn_save(plain, path));
    tarn_module *rebuilt = tarn_nn_from_file(path);
    assert_unknown(rebuilt);
    tarn_nn_free(rebuilt);
    tarn_nn_free(plain);
    tarn_nn_free(model);
}

Test(info, impossible_ones_are_mistakes)
{
    const double zero = 0, not_a_number = NAN;
    const char *const no_name[] = {"a", NULL};
    tarn_module *model = described();
    assert_mistake(tarn_nn_describe(model, .class_count = -1), "class_count is -1");
    assert_mistake(tarn_nn_describe(model, .channels = -2), "channels is -2");
    assert_mistake(tarn_nn_describe(model, .class_count = 2), "the name of class 0 is NULL");
    assert_mistake(tarn_nn_describe(model, .class_count = 2, .class_names = no_name),
                   "the name of class 1 is NULL");
    assert_mistake(tarn_nn_describe(model, .channels = 1, .mean = mean), "the deviation of 1");
    assert_mistake(tarn_nn_describe(model, .channels = 1, .mean = mean, .deviation = &zero),
                   "channel 0 has mean 0.1 and deviation 0");
    assert_mistake(
        tarn_nn_describe(model, .channels = 1, .mean = &not_a_number, .deviation = deviation),
        "expects finite numbers");
    const tarn_shape negative = {1, {-3}};
    assert_mistake(tarn_nn_describe(model, .input = negative), "the input (-3)");
    assert_described(model);
    tarn_nn_free(model);
}

Test(info, names_are_utf8)
{
    const char *const folder[] = {"fine", "caf\xe9"};
    tarn_module *model = described();
    cr_assert_not(tarn_nn_describe(model, .class_count = 2, .class_names = folder));
    cr_assert_str_eq(tarn_error(), "nn_describe: the name of class 1, \"caf?\", is not UTF-8");
    assert_described(model);
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(info, memory_that_runs_out)
{
    tarn_module *model = described();
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool done = tarn_nn_describe(model, .class_count = 1, .class_names = names);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "out of memory"), "%s", tarn_error());
        if (!done)
            assert_described(model);
    }
    cr_assert_eq(tarn_nn_info(model)->class_count, 1);
    tarn_nn_free(model);
}
#endif
