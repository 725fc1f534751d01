/* Trainings that PyTorch began, tests/golden/exchange.py, go on as there. */
#include <stdio.h>
#include <unistd.h>

#include "optim/rule.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#define GOLDEN TARN_SOURCE_DIR "/tests/golden/nn/exchange/"

static tarn_module *network(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 2, 2), tarn_nn_tanh(), tarn_nn_flatten(),
                              tarn_nn_linear(8, 2));
}

static tarn_optim *optimizer_for(const char *name, tarn_module *model)
{
    const tarn_params list = tarn_nn_parameters(model);
    return !strcmp(name, "sgd")
               ? tarn_optim_sgd(list, .lr = 0.125, .momentum = 0.5, .nesterov = true)
           : !strcmp(name, "adam") ? tarn_optim_adam(list, .lr = 0.125, .amsgrad = true)
                                   : tarn_optim_adamw(list, .lr = 0.125, .weight_decay = 0.5);
}

static const char *file_of(const char *name, const char *what)
{
    static char path[500];
    snprintf(path, sizeof path, GOLDEN "%s_%s.safetensors", name, what);
    return path;
}

static double step(tarn_module *model, tarn_optim *optimizer, tarn_tensor *x, tarn_tensor *target)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_mse(tarn_nn_forward(model, x), target);
    tarn_optim_zero_grad(optimizer);
    tarn_backward(loss);
    tarn_optim_step(optimizer);
    const double value = (double)tarn_item(loss);
    tarn_tape_end(tape);
    return value;
}

static void go_on(const golden_case *c)
{
    const char *name = golden_name(c);
    tarn_module *model = network();
    tarn_optim *optimizer = optimizer_for(name, model);
    tarn_tensor *x = golden_tensor(c, "x0"), *target = golden_tensor(c, "x1");
    step(model, optimizer, x, target); /* which is forgotten */
    cr_assert(tarn_nn_load(model, file_of(name, "model"), .layout = TARN_LAYOUT_TORCH), "%s",
              tarn_error());
    cr_assert(tarn_nn_load_optim(optimizer, model, file_of(name, "state")), "%s", tarn_error());
    tarn_real losses[3];
    for (int i = 0; i < 3; i++)
        losses[i] = (tarn_real)step(model, optimizer, x, target);
    assert_close(c, "y", tarn_shape(3), losses);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_free(x);
    tarn_free(target);
}

Test(state, trainings_go_on)
{
    golden *file = golden_open("nn/exchange/training");
    int count = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), count++)
        go_on(c);
    cr_assert_eq(count, 3);
    golden_close(file);
}

/* ---- What Tarn writes is what PyTorch wrote */

static void save_and_load(const char *name)
{
    char path[] = "/tmp/tarn-test-state-XXXXXX";
    close(mkstemp(path));
    tarn_module *model = network();
    tarn_optim *optimizer = optimizer_for(name, model), *copy = optimizer_for(name, model);
    cr_assert(tarn_nn_load_optim(optimizer, model, file_of(name, "state")), "%s", tarn_error());
    cr_assert(tarn_nn_save_optim(optimizer, model, path), "%s", tarn_error());
    cr_assert(tarn_nn_load_optim(copy, model, path), "%s", tarn_error());
    for (int i = 0; i < copy->param_count; i++) {
        const tarn_optim_param *a = &optimizer->params[i], *b = &copy->params[i];
        cr_assert_eq(a->step, b->step);
        for (int k = 0; k < TARN_OPTIM_MAX_STATE && a->state[k]; k++)
            cr_assert_arr_eq(a->state[k], b->state[k],
                             (size_t)tarn_size(a->tensor) * sizeof(tarn_real));
    }
    char *shown = NULL;
    size_t size;
    FILE *stream = open_memstream(&shown, &size);
    cr_assert(tarn_nn_inspect(path, stream));
    fclose(stream);
    cr_assert(strstr(shown, "[2,1,2,2]"), "PyTorch's shape: %s", shown);
    free(shown);
    unlink(path);
    tarn_optim_free(copy);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

Test(state, is_saved_as_pytorch_has_it)
{
    save_and_load("sgd");
    save_and_load("adam");
    save_and_load("adamw");
}

/* The EMA form is a dampening that is the momentum, and the file says so. */
Test(state, of_momentum_with_dampening)
{
    char path[] = "/tmp/tarn-test-state-XXXXXX";
    close(mkstemp(path));
    tarn_module *model = network();
    const tarn_params list = tarn_nn_parameters(model);
    tarn_optim *ema = tarn_optim_sgd(list, .momentum = 0.9, .ema = true),
               *other = tarn_optim_sgd(list, .momentum = 0.8, .ema = true),
               *sum = tarn_optim_sgd(list, .momentum = 0.9),
               *both = tarn_optim_sgd(list, .momentum = 0.9, .ema = true, .nesterov = true);
    ema->params[0].state[0][0] = 5;
    cr_assert(tarn_nn_save_optim(ema, model, path), "%s", tarn_error());
    ema->params[0].state[0][0] = 7;
    cr_assert(tarn_nn_load_optim(ema, model, path), "%s", tarn_error());
    cr_assert_eq(ema->params[0].state[0][0], 5);
    cr_assert_not(tarn_nn_load_optim(other, model, path));
    cr_assert(strstr(tarn_error(), "is the state of a dampening of 0.9, expects 0.8"), "%s",
              tarn_error());
    cr_assert_not(tarn_nn_load_optim(sum, model, path));
    cr_assert(strstr(tarn_error(), "of a dampening of 0.9, expects 0"), "%s", tarn_error());
    cr_assert(tarn_nn_save_optim(sum, model, path));
    cr_assert_not(tarn_nn_load_optim(ema, model, path));
    cr_assert_not(tarn_nn_save_optim(both, model, path));
    cr_assert(strstr(tarn_error(), "no momentum that is of its EMA form and Nesterov's"), "%s",
              tarn_error());
    unlink(path);
    tarn_optim_free(ema);
    tarn_optim_free(other);
    tarn_optim_free(sum);
    tarn_optim_free(both);
    tarn_nn_free(model);
}

Test(state, mistakes_of_saving)
{
    tarn_module *model = network(), *other = tarn_nn_sequential(tarn_nn_conv2d(1, 3, 2));
    tarn_optim *optimizer = optimizer_for("adam", model),
               *lion = tarn_optim_lion(tarn_nn_parameters(model));
    assert_mistake(tarn_nn_save_optim(optimizer, other, "none"),
                   "nn_save_optim: the optimizer has a parameter 0.weight that is not");
    assert_mistake(tarn_nn_save_optim(optimizer, model, NULL), "nn_save_optim: the path is NULL");
    cr_assert_not(tarn_nn_save_optim(lion, model, "none"));
    cr_assert(strstr(tarn_error(), "none: PyTorch's state is not known for the optimizer \"lion\""),
              "%s", tarn_error());
    cr_assert_not(tarn_nn_save_optim(optimizer, model, "/nowhere/none"));
    cr_assert(strstr(tarn_error(), "/nowhere/none: cannot be written"), "%s", tarn_error());
    tarn_optim_free(optimizer);
    tarn_optim_free(lion);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* ---- What does not fit changes nothing */

static void assert_refused(tarn_optim *optimizer, tarn_module *model, const char *path,
                           const char *words)
{
    optimizer->params[0].step = 7;
    cr_assert_not(tarn_nn_load_optim(optimizer, model, path), "accepted, expected \"%s\"", words);
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    cr_assert_eq(optimizer->params[0].step, 7);
    tarn_optim_free(optimizer);
}

Test(state, of_another_optimizer)
{
    tarn_module *model = network();
    assert_refused(optimizer_for("adamw", model), model, file_of("adam", "state"),
                   "is the state of \"Adam\", expects that of adamw");
    assert_refused(tarn_optim_adam(tarn_nn_parameters(model)), model, file_of("adam", "state"),
                   "has a tensor \"0.bias:max_exp_avg_sq\"");
    assert_refused(tarn_optim_sgd(tarn_nn_parameters(model)), model, file_of("sgd", "state"),
                   "has a tensor \"0.bias:momentum_buffer\"");
    assert_refused(tarn_optim_sgd(tarn_nn_parameters(model), .momentum = 0.5, .ema = true), model,
                   file_of("sgd", "state"),
                   "says no dampening, which is one of 0, expects 0.5: .ema is for a dampening");
    assert_refused(tarn_optim_lion(tarn_nn_parameters(model)), model, file_of("sgd", "state"),
                   "not known for the optimizer \"lion\", expects sgd, adam or adamw");
    assert_refused(optimizer_for("adam", model), model, file_of("adam", "model"),
                   "its metadata say no layout");
    tarn_nn_free(model);
}

Test(state, of_another_model)
{
    tarn_module *model = network(), *other = tarn_nn_sequential(tarn_nn_conv2d(1, 3, 2));
    assert_refused(optimizer_for("adam", other), other, file_of("adam", "state"),
                   "which the module does not have");
    tarn_optim *optimizer = optimizer_for("adam", model);
    assert_mistake(tarn_nn_load_optim(optimizer, other, file_of("adam", "state")),
                   "has a parameter 0.weight that is not the module's");
    assert_mistake(tarn_nn_load_optim(optimizer, model, NULL), "the path is NULL");
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

/* A parameter of which the file knows nothing begins anew. */
Test(state, of_a_part)
{
    char path[] = "/tmp/tarn-test-state-XXXXXX";
    close(mkstemp(path));
    tarn_module *model = network();
    tarn_optim *optimizer = optimizer_for("adam", model);
    tarn_module *empty = tarn_nn_relu();
    cr_assert(tarn_nn_save(empty, path, .layout = TARN_LAYOUT_TORCH)); /* no tensors */
    tarn_nn_free(empty);
    optimizer->params[0].step = 7;
    optimizer->params[0].state[1][0] = 3;
    cr_assert(tarn_nn_load_optim(optimizer, model, path), "%s", tarn_error());
    cr_assert_eq(optimizer->params[0].step, 0);
    cr_assert_eq(optimizer->params[0].state[1][0], 0);
    unlink(path);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED

Test(state, memory_that_runs_out)
{
    tarn_module *model = network();
    tarn_optim *optimizer = optimizer_for("adam", model);
    bool failed = true;
    for (long calls = 0; failed; calls++) {
        optimizer->params[0].step = 7;
        heap_calls_left = calls;
        const bool loaded = tarn_nn_load_optim(optimizer, model, file_of("adam", "state"));
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(loaded || strstr(tarn_error(), "emory"), "%s", tarn_error());
        cr_assert_eq(optimizer->params[0].step, loaded ? 3 : 7);
    }
    failed = true;
    for (long calls = 0; failed; calls++) {
        heap_calls_left = calls;
        const bool saved = tarn_nn_save_optim(optimizer, model, "/tmp/tarn-test-state-memory");
        failed = heap_calls_left < 0;
        heap_calls_left = -1;
        cr_assert(saved || strstr(tarn_error(), "emory"), "%s", tarn_error());
    }
    unlink("/tmp/tarn-test-state-memory");
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

#endif
