/*
 * An optimizer of one's own: signum (Bernstein et al. 2018), momentum of which only the signs are
 * followed, so that every weight moves by the same amount.
 *
 *     v = momentum v + (1 - momentum) g         v is 0 at first
 *     w -= lr sign(v)                           sign(0) = 0
 *
 * A struct that begins with tarn_optim, the loop over a piece of one parameter and a constructor
 * are all it takes: penalties, groups, clipping and schedules come with it. The program trains a
 * small network on digits with it, and the same network by plain gradient descent.
 */
#include <err.h>
#include <stdio.h>

#include <tarn.h>

/* ---- The optimizer */

#define SIGNUM_OPTIONS(OPTION)                                                                     \
    OPTION(double, lr, 1e-3, AT_LEAST_0)                                                           \
    OPTION(double, momentum, 0.9, FRACTION)                                                        \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct signum_args {
    tarn_params params;
    TARN_OPTIONS(SIGNUM_OPTIONS)
} signum_args;

typedef struct signum {
    tarn_optim base;
    double momentum;
} signum;

static void update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_real momentum = (tarn_real)((const signum *)base)->momentum;
    const tarn_real lr = (tarn_real)piece->lr;
    tarn_real *w = piece->weights, *v = piece->state[0];
    for (int64_t i = 0; i < piece->count; i++) {
        v[i] = momentum * v[i] + (1 - momentum) * piece->gradients[i];
        w[i] -= lr * (tarn_real)((v[i] > 0) - (v[i] < 0));
    }
}

typedef signum_args tarn_option_args;
static const tarn_option options[] = {SIGNUM_OPTIONS(TARN_OPTION)};
static const tarn_optim_rule rule = {
    .name = "signum", .update = update, .options = TARN_OPTION_LIST(options)};

static tarn_optim *signum_with(signum_args args)
{
    if (!tarn_optim_check(&rule, &args))
        return NULL;
    const int state_count = 1; /* v */
    signum *self = tarn_optim_new(&rule, sizeof *self, state_count, TARN_OPTIM_COMMON_OF(args));
    if (!self)
        return NULL;
    self->momentum = args.momentum;
    return &self->base;
}
#define make_signum(...) TARN_CALL(signum_with, signum_args, SIGNUM_OPTIONS, .params = __VA_ARGS__)

/* ---- Training with it */

static tarn_module *network(void)
{
    tarn_seed(1);
    return tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_linear(784, 64), tarn_nn_relu(),
                              tarn_nn_linear(64, 10));
}

static double accuracy(tarn_module *model, tarn_loader *loader)
{
    long correct = 0, images = 0;
    tarn_batch batch;
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        images += batch.count;
        tarn_tape_end(tape);
    }
    return (double)correct / (double)images;
}

/* Takes both over. */
static void train(const char *name, tarn_module *model, tarn_optim *optimizer, tarn_dataset *digits,
                  tarn_loader *test)
{
    enum { EPOCHS = 3 };
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    if (!model || !optimizer || !loader)
        errx(1, "%s", tarn_error());
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        double loss_sum = 0;
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *logits = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(logits, batch.labels);
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            loss_sum += (double)tarn_item(loss);
            tarn_tape_end(tape);
        }
        printf("%-6s  epoch %d  loss %.3f  test accuracy %.2f%%\n", name, epoch,
               loss_sum / (double)tarn_loader_batches(loader), 100 * accuracy(model, test));
        fflush(stdout);
    }
    tarn_loader_free(loader);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

int main(void)
{
    tarn_dataset *digits = tarn_data_samples(TARN_SAMPLES, TARN_TRAIN);
    tarn_dataset *test_digits = tarn_data_samples(TARN_SAMPLES, TARN_TEST);
    tarn_loader *test = tarn_loader_new(test_digits, 250);
    if (!digits || !test)
        errx(1, "%s", tarn_error());

    tarn_module *model = network();
    train("sgd", model, tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.1), digits, test);
    model = network();
    train("signum", model, make_signum(tarn_nn_parameters(model)), digits, test);

    tarn_loader_free(test);
    tarn_dataset_free(test_digits);
    tarn_dataset_free(digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
