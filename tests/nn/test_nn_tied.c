/* Tied weights, as docs/networks.md shows them, which quotes the module from here: a parameter that
   is used twice is one in all that is done with it. */
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

typedef struct autoencoder {
    tarn_module module;
    struct sizes {
        int in, code;
    } sizes;
    tarn_tensor *weight, *to_code, *to_output;
} autoencoder;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const autoencoder *self = (const autoencoder *)module;
    tarn_tensor *code = tarn_tanh(tarn_linear(x, self->weight, self->to_code));
    return tarn_linear(code, tarn_transpose(self->weight, 0, 1), self->to_output);
}

static tarn_module *autoencoder_new(int in, int code);

typedef struct sizes tarn_option_args;
static const tarn_option sizes[] = {TARN_OPTION(int, in, 0, COUNT)
                                        TARN_OPTION(int, code, 0, COUNT)};

static tarn_module *make(const void *from, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    const struct sizes *s = from;
    return autoencoder_new(s->in, s->code);
}

static const tarn_module_type type = {.name = "Autoencoder",
                                      .forward = forward,
                                      TARN_MODULE_NUMBERS(sizes, 2, autoencoder, sizes),
                                      .make = make};

static tarn_module *autoencoder_new(int in, int code)
{
    autoencoder *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->sizes = (struct sizes){in, code};
    self->weight = tarn_zeros(tarn_shape(in, code));
    self->to_code = tarn_zeros(tarn_shape(code));
    self->to_output = tarn_zeros(tarn_shape(in));
    if (tarn_nn_add_parameter(&self->module, "weight", self->weight) &&
        tarn_nn_add_parameter(&self->module, "to_code", self->to_code) &&
        tarn_nn_add_parameter(&self->module, "to_output", self->to_output) &&
        tarn_init_xavier_normal(self->weight, 1))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}

/* ---- The tests */

enum { IN = 6, CODE = 3, BATCH = 5 };

static tarn_tensor *loss_of(tarn_module *model, tarn_tensor *x)
{
    return tarn_mse(tarn_nn_forward(model, x), x, .reduction = TARN_SUM);
}

Test(tied, is_counted_once)
{
    tarn_module *model = tarn_nn_sequential(autoencoder_new(IN, CODE));
    const tarn_params list = tarn_nn_parameters(model);
    cr_assert_eq(list.count, 3);
    cr_expect_str_eq(list.names[0], "0.weight");
    cr_expect_eq(tarn_nn_parameter_count(model), IN * CODE + CODE + IN);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cr_assert(tarn_nn_summary(model, tarn_shape(1, IN), stream));
    fclose(stream);
    cr_expect(strstr(text, "Autoencoder(6, 3)") && strstr(text, "27"), "%s", text);
    free(text);
    tarn_nn_free(model);
}

/* As two layers that are not tied, with the same numbers in both, which get one's gradient each. */
Test(tied, gradients_of_both_uses_add_up)
{
    tarn_module *model = autoencoder_new(IN, CODE);
    tarn_tensor *x = tarn_randn(tarn_shape(BATCH, IN)), *weight = parameter(model, "weight");
    tarn_tensor *a = tarn_requires_grad(tarn_clone(weight), true);
    tarn_tensor *b = tarn_requires_grad(tarn_clone(weight), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(loss_of(model, x)));
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    tarn_tensor *code = tarn_tanh(tarn_linear(x, a, parameter(model, "to_code")));
    tarn_tensor *y = tarn_linear(code, tarn_transpose(b, 0, 1), parameter(model, "to_output"));
    cr_assert(tarn_backward(tarn_mse(y, x, .reduction = TARN_SUM)));
    tarn_tape_end(tape);
    for (int i = 0; i < IN * CODE; i++) {
        const double of_a = (double)tarn_gradients(a)[i], of_b = (double)tarn_gradients(b)[i];
        cr_expect_float_eq((double)tarn_gradients(weight)[i], of_a + of_b,
                           1e-5 * (fabs(of_a) + fabs(of_b)));
        cr_expect(of_a != 0 && of_b != 0);
    }
    tarn_free(a), tarn_free(b), tarn_free(x);
    tarn_nn_free(model);
}

/* Of a matrix that is a table of words and the logits over them, too. */
Test(tied, embedding_and_logits)
{
    const int32_t words[] = {2, 0, 2, 1};
    tarn_tensor *table = tarn_requires_grad(tarn_randn(tarn_shape(3, 4)), true);
    tarn_tensor *a = tarn_requires_grad(tarn_clone(table), true);
    tarn_tensor *b = tarn_requires_grad(tarn_clone(table), true);
    tarn_tensor *uses[][2] = {{table, table}, {a, b}};
    for (int i = 0; i < 2; i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *hidden = tarn_tanh(tarn_gather_rows(uses[i][0], tarn_labels(3, words)));
        tarn_tensor *logits = tarn_matmul(hidden, tarn_transpose(uses[i][1], 0, 1));
        cr_assert(tarn_backward(tarn_cross_entropy(logits, tarn_labels(3, words + 1))));
        tarn_tape_end(tape);
    }
    for (int i = 0; i < 12; i++)
        cr_expect_float_eq((double)tarn_gradients(table)[i],
                           (double)(tarn_gradients(a)[i] + tarn_gradients(b)[i]), 1e-6);
    tarn_free(a), tarn_free(b), tarn_free(table);
}

/* Adam's first step is as long as the rate, whatever the gradient: a second one would double it. */
Test(tied, is_stepped_once)
{
    tarn_module *model = autoencoder_new(IN, CODE);
    tarn_tensor *x = tarn_randn(tarn_shape(BATCH, IN)), *weight = parameter(model, "weight");
    tarn_tensor *before = tarn_clone(weight);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 0.01);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(loss_of(model, x)));
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
    for (int i = 0; i < IN * CODE; i++)
        cr_expect_float_eq(fabs((double)(tarn_values(weight)[i] - tarn_values(before)[i])), 0.01,
                           1e-5);
    tarn_optim_free(optimizer);
    tarn_free(before), tarn_free(x);
    tarn_nn_free(model);
}

/* Nor can a list name it twice, or a module have it as two parameters. */
Test(tied, twice_is_a_mistake)
{
    tarn_module *model = autoencoder_new(IN, CODE);
    tarn_tensor *weight = parameter(model, "weight");
    assert_mistake(tarn_optim_sgd(tarn_params_of(weight, weight), .lr = 1),
                   "optim_sgd: parameter 1 is the same tensor as parameter 0");
    assert_mistake(tarn_nn_add_parameter(model, "again", weight),
                   "the tensor for \"again\" belongs to a module");
    tarn_nn_free(model);
}

/* Of points on a line in six dimensions one number of three would do. */
Test(tied, trains_and_is_saved_and_loaded)
{
    char path[] = "/tmp/tarn-test-tied-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_seed(1);
    tarn_module *model = autoencoder_new(IN, CODE), *copy = autoencoder_new(IN, CODE);
    tarn_tensor *along = tarn_randn(tarn_shape(1, IN)), *at = tarn_rand(tarn_shape(BATCH, 1)), *x;
    tarn_tape *tape = tarn_tape_begin_no_grad();
    x = tarn_clone(tarn_matmul(at, along));
    tarn_tape_end(tape);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 0.02);
    double first = 0, last = 0;
    for (int step = 0; step < 300; step++) {
        tape = tarn_tape_begin();
        tarn_tensor *loss = loss_of(model, x);
        last = (double)tarn_item(loss);
        first = step == 0 ? last : first;
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(loss));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    cr_expect_lt(last, first / 100);

    cr_assert(tarn_nn_register(&type) && tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert(tarn_nn_load(copy, path), "%s", tarn_error());
    tarn_module *rebuilt = tarn_nn_from_file(path);
    cr_assert(rebuilt, "%s", tarn_error());
    tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = tarn_nn_forward(model, x), *of_copy = tarn_nn_forward(copy, x),
                      *of_rebuilt = tarn_nn_forward(rebuilt, x);
    const size_t bytes = (size_t)tarn_size(y) * sizeof(tarn_real);
    cr_expect_arr_eq(tarn_values(of_copy), tarn_values(y), bytes);
    cr_expect_arr_eq(tarn_values(of_rebuilt), tarn_values(y), bytes);
    tarn_tape_end(tape);
    tarn_optim_free(optimizer);
    tarn_free(x), tarn_free(at), tarn_free(along);
    tarn_nn_free(rebuilt), tarn_nn_free(copy), tarn_nn_free(model);
    unlink(path);
}
