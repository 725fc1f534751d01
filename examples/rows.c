/*
 * Recurrent networks as modules of one's own: digits row by row. Each row is a vector x of a
 * series, and what has been seen of them is in h, of size S (and c, which gates guard from being
 * forgotten).
 *
 *     LSTM (Hochreiter and Schmidhuber 1997)     i, f, g, o = the quarters of  x W + h U + b
 *         c = sigmoid(f) c + sigmoid(i) tanh(g)
 *         h = sigmoid(o) tanh(c)
 *     GRU (Cho et al. 2014)                      r, z, n = the thirds of  x W + b,  of  h U + d
 *         h = (1 - z) n + z h    of z = sigmoid(zx + zh), n = tanh(nx + sigmoid(rx + rh) nh)
 *
 * as in PyTorch, of which these are composed. W and U are linear layers; that of x sees all rows at
 * once. The gradient goes back through all rows by itself.
 */
#include <err.h>
#include <stdio.h>

#include <tarn.h>

enum { SIDE = 28, SIZE = 64 };

/* ---- The modules: (N,T,in) to the last h, (N,size) */

typedef struct recurrent {
    tarn_module module;
    tarn_module *of_input, *of_state;
} recurrent;

/* Part i of so many of the last dimension. */
static tarn_tensor *part(tarn_tensor *x, int i)
{
    return tarn_slice(x, -1, (int64_t)i * SIZE, (int64_t)(i + 1) * SIZE);
}

/* What the layer made of row t of all samples. */
static tarn_tensor *row(tarn_tensor *all, int64_t t)
{
    return tarn_reshape(tarn_slice(all, 1, t, t + 1),
                        tarn_shape(tarn_dim(all, 0), tarn_dim(all, 2)));
}

static tarn_tensor *lstm_forward(tarn_module *module, tarn_tensor *x)
{
    const recurrent *self = (const recurrent *)module;
    tarn_tensor *all = tarn_nn_forward(self->of_input, x), *h = NULL, *c = NULL;
    for (int64_t t = 0; all && t < tarn_dim(x, 1); t++) {
        tarn_tensor *gates = row(all, t);
        if (t > 0)
            gates = tarn_add(gates, tarn_nn_forward(self->of_state, h));
        tarn_tensor *new = tarn_mul(tarn_sigmoid(part(gates, 0)), tarn_tanh(part(gates, 2)));
        c = t > 0 ? tarn_add(tarn_mul(tarn_sigmoid(part(gates, 1)), c), new) : new;
        h = tarn_mul(tarn_sigmoid(part(gates, 3)), tarn_tanh(c));
    }
    return h;
}

static tarn_tensor *gru_forward(tarn_module *module, tarn_tensor *x)
{
    const recurrent *self = (const recurrent *)module;
    tarn_tensor *all = tarn_nn_forward(self->of_input, x);
    tarn_tensor *h = tarn_scale(part(row(all, 0), 0), 0); /* zeros */
    for (int64_t t = 0; all && t < tarn_dim(x, 1); t++) {
        tarn_tensor *a = row(all, t), *b = tarn_nn_forward(self->of_state, h);
        tarn_tensor *r = tarn_sigmoid(tarn_add(part(a, 0), part(b, 0)));
        tarn_tensor *z = tarn_sigmoid(tarn_add(part(a, 1), part(b, 1)));
        tarn_tensor *n = tarn_tanh(tarn_add(part(a, 2), tarn_mul(r, part(b, 2))));
        h = tarn_add(n, tarn_mul(z, tarn_sub(h, n)));
    }
    return h;
}

static tarn_module *recurrent_new(const tarn_module_type *type, int gates, bool bias, int in)
{
    recurrent *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->of_input = tarn_nn_linear(in, gates * SIZE);
    self->of_state = tarn_nn_linear(SIZE, gates * SIZE, .bias = bias);
    if (tarn_nn_add_child(&self->module, "input", self->of_input) &&
        tarn_nn_add_child(&self->module, "state", self->of_state))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}

static tarn_module *lstm(int in)
{
    static const tarn_module_type type = {.name = "LSTM", .forward = lstm_forward};
    return recurrent_new(&type, 4, false, in);
}

static tarn_module *gru(int in)
{
    static const tarn_module_type type = {.name = "GRU", .forward = gru_forward};
    return recurrent_new(&type, 3, true, in);
}

/* An image is a series of its rows. */
static tarn_tensor *logits_of(tarn_module *model, tarn_tensor *images)
{
    return tarn_nn_forward(model,
                           tarn_reshape(images, tarn_shape(tarn_dim(images, 0), SIDE, SIDE)));
}

static double train(tarn_module *model, tarn_loader *loader, tarn_loader *test)
{
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 3e-3);
    tarn_batch batch;
    for (int epoch = 0; epoch < 3; epoch++)
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *loss = tarn_cross_entropy(logits_of(model, batch.images), batch.labels);
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            tarn_tape_end(tape);
        }
    tarn_optim_free(optimizer);
    long correct = 0, images = 0;
    for (; tarn_loader_next(test, &batch); images += batch.count) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(logits_of(model, batch.images), batch.labels);
        tarn_tape_end(tape);
    }
    return 100 * (double)correct / (double)images;
}

int main(void)
{
    tarn_dataset *digits = tarn_data_samples(TARN_SAMPLES, TARN_TRAIN);
    tarn_dataset *test_digits = tarn_data_samples(TARN_SAMPLES, TARN_TEST);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    tarn_loader *test = tarn_loader_new(test_digits, 250);
    tarn_module *(*const makers[])(int) = {lstm, gru};
    for (int i = 0; i < 2; i++) {
        tarn_seed(1);
        tarn_module *model = tarn_nn_sequential(makers[i](SIDE), tarn_nn_linear(SIZE, 10));
        if (!loader || !test || !model)
            errx(1, "%s", tarn_error());
        printf("%s of %d: %lld parameters, test accuracy %.2f%%\n",
               tarn_nn_child(model, 0)->type->name, SIZE, (long long)tarn_nn_parameter_count(model),
               train(model, loader, test));
        tarn_nn_free(model);
    }
    tarn_loader_free(test), tarn_loader_free(loader);
    tarn_dataset_free(test_digits), tarn_dataset_free(digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
