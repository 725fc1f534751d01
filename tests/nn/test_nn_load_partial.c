/* Loading what fits of a file. */
#include <unistd.h>

#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

static char path[] = "/tmp/tarn-test-partial-XXXXXX";

static tarn_module *network(int classes, bool more)
{
    return tarn_nn_sequential(tarn_nn_linear(4, 3), tarn_nn_relu(),
                              tarn_nn_sequential(tarn_nn_linear(3, 3)),
                              tarn_nn_linear(3, classes, .bias = more));
}

static void begin(void)
{
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_module *trained = network(2, true);
    const tarn_params list = tarn_nn_parameters(trained);
    for (int i = 0; i < list.count; i++)
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            tarn_values(list.tensors[i])[k] = (tarn_real)(i + 1);
    cr_assert(tarn_nn_save(trained, path));
    tarn_nn_free(trained);
}

static void end(void)
{
    unlink(path);
}

TestSuite(load_partial, .init = begin, .fini = end);

/* How many parameters have the values of the file. */
static int loaded(tarn_module *model)
{
    const tarn_params list = tarn_nn_parameters(model);
    int count = 0;
    for (int i = 0; i < list.count; i++) {
        const tarn_real value = tarn_values(list.tensors[i])[0];
        bool same = value >= 1 && value == (tarn_real)(int)value;
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            same &= tarn_values(list.tensors[i])[k] == value;
        count += same;
    }
    return count;
}

static void assert_fit(tarn_nn_fit fit, int fitting, int missing, int unexpected, int different)
{
    cr_assert_eq(fit.fitting, fitting);
    cr_assert_eq(fit.missing, missing);
    cr_assert_eq(fit.unexpected, unexpected);
    cr_assert_eq(fit.different, different);
}

Test(load_partial, reports_and_changes_nothing_unless_asked)
{
    tarn_nn_fit fit;
    char *text = NULL;
    size_t size;
    FILE *report = open_memstream(&text, &size);
    tarn_module *model = network(5, true);
    cr_assert(tarn_nn_load_partial(model, path, .fit = &fit, .report = report), "%s", tarn_error());
    fclose(report);
    assert_fit(fit, 4, 0, 0, 2);
    cr_assert_eq(loaded(model), 0);
    char expected[400];
    snprintf(expected, sizeof expected,
             "different   3.weight: %s [3,2] in the file, %s (3,5) in the module\n"
             "different   3.bias: %s [2] in the file, %s (5) in the module\n"
             "4 fit, 0 missing, 0 unexpected, 2 different\n",
             sizeof(tarn_real) == 8 ? "F64" : "F32", sizeof(tarn_real) == 8 ? "F64" : "F32",
             sizeof(tarn_real) == 8 ? "F64" : "F32", sizeof(tarn_real) == 8 ? "F64" : "F32");
    cr_assert_str_eq(text, expected);
    free(text);
    cr_assert(tarn_nn_load_partial(model, path, .apply = true));
    cr_assert_eq(loaded(model), 4);
    tarn_nn_free(model);
}

Test(load_partial, all_but_the_head)
{
    tarn_nn_fit fit;
    tarn_module *model = network(2, true);
    cr_assert(tarn_nn_load_partial(model, path, .skip = "3.*", .apply = true, .fit = &fit));
    assert_fit(fit, 4, 0, 0, 0);
    cr_assert_eq(loaded(model), 4);
    cr_assert_eq(tarn_values(parameter(model, "2.0.bias"))[2], 4);
    cr_assert_neq(tarn_values(parameter(model, "3.weight"))[0], 5);
    tarn_nn_free(model);
}

Test(load_partial, names_that_only_one_has)
{
    tarn_nn_fit fit;
    char *text = NULL;
    size_t size;
    FILE *report = open_memstream(&text, &size);
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(4, 3), tarn_nn_batch_norm2d(3));
    cr_assert(tarn_nn_load_partial(model, path, .fit = &fit, .report = report));
    fclose(report);
    assert_fit(fit, 2, 4, 4, 0);
    cr_assert(strstr(text, "missing     1.running_mean\n"), "%s", text);
    cr_assert(strstr(text, "unexpected  2.0.weight\n"), "%s", text);
    free(text);
    tarn_nn_free(model);
}

/* A part of the file's network, into a module of its own. */
Test(load_partial, under_another_name)
{
    tarn_nn_fit fit;
    tarn_module *part = tarn_nn_linear(3, 3), *model = network(2, true);
    cr_assert(tarn_nn_load_partial(part, path, .from = "2.0.", .apply = true, .fit = &fit));
    assert_fit(fit, 2, 0, 0, 0);
    cr_assert_eq(tarn_values(parameter(part, "weight"))[8], 3);
    cr_assert(tarn_nn_load_partial(tarn_nn_child(model, 2), path, .from = "2.", .apply = true));
    cr_assert_eq(loaded(model), 2);
    tarn_nn_free(part);
    tarn_nn_free(model);
}

Test(load_partial, what_is_refused)
{
    tarn_module *model = network(2, true), *other = tarn_nn_linear(9, 9);
    cr_assert(tarn_nn_load_partial(other, path));
    cr_assert_not(tarn_nn_load_partial(other, path, .apply = true));
    cr_assert(strstr(tarn_error(), "none of its tensors fits the module"));
    cr_assert_not(tarn_nn_load_partial(model, "/nowhere"));
    assert_mistake(tarn_nn_load_partial(model, NULL), "the path is NULL");
    /* Cut off: the header still says that all is there. */
    cr_assert_eq(truncate(path, 1200), 0);
    cr_assert_not(tarn_nn_load_partial(model, path, .apply = true));
    cr_assert_eq(loaded(model), 0);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(load_partial, of_a_checkpoint)
{
    tarn_nn_fit fit;
    tarn_module *model = network(2, true), *other = network(3, true);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model));
    cr_assert(tarn_nn_load(model, path));
    cr_assert(
        tarn_checkpoint_save(&(tarn_checkpoint){.model = model, .optimizer = optimizer}, path));
    cr_assert(tarn_nn_load_partial(other, path, .apply = true, .fit = &fit), "%s", tarn_error());
    assert_fit(fit, 4, 0, 0, 2);
    cr_assert_eq(loaded(other), 4);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(load_partial, memory_that_runs_out)
{
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        tarn_module *model = network(2, true);
        heap_calls_left = calls;
        const bool done = tarn_nn_load_partial(model, path, .apply = true);
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert_eq(loaded(model), done ? 6 : 0);
        tarn_nn_free(model);
    }
}
#endif
