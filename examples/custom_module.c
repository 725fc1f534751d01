/*
 * A module of one's own: squeeze and excitation (Hu, Shen, Sun 2018), which lets a network turn the
 * channels of its images up and down, image by image.
 *
 *     s = sigmoid(linear2(relu(linear1(mean of each channel of x))))      (N, C)
 *     y[n,h,w,c] = strength[c] x[n,h,w,c] s[n,c]                          as x (N, H, W, C)
 *
 * The strengths are a parameter of the module itself (the paper has none: they are here to show
 * one); the two linear layers are its children. A struct that begins with tarn_module, a forward
 * function and a constructor are all it takes to print the summary of a network that holds it, to
 * train and to save it like any other. With a table of its numbers it is also rebuilt from a file.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tarn.h>

/* ---- The module */

typedef struct squeeze_excite {
    tarn_module module;
    struct numbers {
        int channels, squeezed;
    } numbers;
    tarn_tensor *strength; /* (C) */
    tarn_module *gate;     /* (N, C) to (N, C) */
} squeeze_excite;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const squeeze_excite *self = (const squeeze_excite *)module;
    if (tarn_ndim(x) != 4 || tarn_dim(x, 3) != self->numbers.channels)
        return tarn_fail("squeeze_excite: input %s, expects (N,H,W,%d)",
                         tarn_shape_to_text(tarn_shape_get(x)).text, self->numbers.channels);
    tarn_tensor *s = tarn_nn_forward(self->gate, tarn_global_avg_pool2d(x));
    s = tarn_mul(s, self->strength);
    return tarn_mul(x, tarn_reshape(s, tarn_shape(tarn_dim(x, 0), 1, 1, self->numbers.channels)));
}

static tarn_module *make_squeeze_excite(int channels, int squeezed);

/* What a file and the summary say of it, and how it is made from that. */
typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN_OPTION(int, channels, 0, COUNT)
                                          TARN_OPTION(int, squeezed, 0, COUNT)};

static tarn_module *remake(const void *from, int count, tarn_module *const *children)
{
    (void)count, (void)children; /* the constructor makes its own */
    const struct numbers *n = from;
    return make_squeeze_excite(n->channels, n->squeezed);
}

static const tarn_module_type type = {.name = "SqueezeExcite",
                                      .forward = forward,
                                      TARN_MODULE_NUMBERS(numbers, 2, squeeze_excite, numbers),
                                      .make = remake};

static tarn_module *make_squeeze_excite(int channels, int squeezed)
{
    squeeze_excite *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->numbers = (struct numbers){channels, squeezed};
    self->strength = tarn_full(tarn_shape(channels), 2); /* a sigmoid is 1/2 on average */
    self->gate = tarn_nn_sequential(tarn_nn_linear(channels, squeezed), tarn_nn_relu(),
                                    tarn_nn_linear(squeezed, channels), tarn_nn_sigmoid());
    /* From here on the module owns both. */
    if (tarn_nn_add_parameter(&self->module, "strength", self->strength) &&
        tarn_nn_add_child(&self->module, "gate", self->gate))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}

/* ---- A network with it. Images come in as (N, 28, 28, 1). */

static tarn_module *network(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 16, 3), tarn_nn_batch_norm2d(16), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_conv2d(16, 32, 3),
                              tarn_nn_batch_norm2d(32), tarn_nn_relu(), make_squeeze_excite(32, 8),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(800, 10));
}

static void train(tarn_module *model, tarn_loader *loader)
{
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 3e-3);
    for (int epoch = 0; epoch < 2; epoch++) {
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *loss =
                tarn_cross_entropy(tarn_nn_forward(model, batch.images), batch.labels);
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            tarn_tape_end(tape);
        }
    }
    tarn_optim_free(optimizer);
}

static double accuracy(tarn_module *model, tarn_loader *loader)
{
    long correct = 0, images = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        images += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    return (double)correct / (double)images;
}

int main(void)
{
    char path[] = "/tmp/custom_module-XXXXXX"; /* a new file, for a moment */
    tarn_seed(1);
    tarn_dataset *digits = tarn_data_samples(TARN_SAMPLES, TARN_TRAIN);
    tarn_dataset *test = tarn_data_samples(TARN_SAMPLES, TARN_TEST);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    tarn_loader *test_loader = tarn_loader_new(test, 250);
    tarn_module *model = network(), *copy = NULL;
    if (!loader || !test_loader || !model || !tarn_nn_register(&type))
        errx(1, "%s", tarn_error());

    tarn_nn_summary(model, tarn_shape(1, 28, 28, 1), stdout);
    train(model, loader);
    const int file = mkstemp(path);
    if (file < 0)
        err(1, "%s", path);
    if (!tarn_nn_save(model, path) || !(copy = tarn_nn_from_file(path)))
        errx(1, "%s", tarn_error());
    close(file), remove(path);
    printf("test accuracy: %.2f%%, of one rebuilt from its file: %.2f%%\n",
           100 * accuracy(model, test_loader), 100 * accuracy(copy, test_loader));

    tarn_nn_free(copy), tarn_nn_free(model);
    tarn_loader_free(test_loader), tarn_loader_free(loader);
    tarn_dataset_free(test), tarn_dataset_free(digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
