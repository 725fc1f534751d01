/* Trains LeNet-5 on MNIST and tests it: a whole program around such a loop as the README has.
   examples/lab/train.c has other networks and optimizers, a log and more. */
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <tarn.h>

static const char help[] =
    "Usage: mnist [OPTION]...   (./run mnist --watch draws what the optimizer saw and did)\n"
    "  --data DIR   the four files of MNIST; default: where ./run puts them\n"
    "  --epochs N   passes over the training images; default 2\n"
    "  --seed N     of the weights and of the images' order; default 1\n"
    "  --save FILE  write the trained weights there (safetensors)\n";
static const double mean = 0.1307, deviation = 0.3081; /* of the training pixels */

static long whole_number(const char *text, long least)
{
    char *end;
    const long number = strtol(text, &end, 10);
    if (end == text || *end || number < least || number > 1000000)
        errx(1, "%s: expects a whole number from %ld to a million", text, least);
    return number;
}

/* From the folder, or without one from where ./run puts MNIST, or else the sample of it. */
static tarn_dataset *read_digits(const char *folder, tarn_split split)
{
    char usual[4096];
    const char *data = getenv("TARN_DATA"), *cache = getenv("XDG_CACHE_HOME");
    const char *at = data ? data : cache ? cache : getenv("HOME");
    snprintf(usual, sizeof usual, "%s%s/mnist", at, data ? "" : cache ? "/tarn" : "/.cache/tarn");
    tarn_dataset *digits = tarn_data_mnist(folder ? folder : usual, split);
    if (!digits && !folder && printf("%s: taking the sample of MNIST\n", tarn_error()))
        digits = tarn_data_samples(TARN_SAMPLES, split);
    if (!digits)
        errx(1, "%s", tarn_error());
    tarn_data_normalize(digits, mean, deviation);
    return digits;
}

/* On a terminal: a bar, and the time that is left. */
static void show_progress(long done, long total, double loss, time_t start)
{
    const double part = (double)done / (double)total, seconds = difftime(time(NULL), start);
    if (isatty(STDOUT_FILENO))
        printf("\r[%-30.*s] loss %.4f  ETA %.0f s\033[K%s", (int)(30 * part),
               "##############################", loss, seconds / part - seconds,
               done < total ? "" : "\r\033[K");
    fflush(stdout);
}

/* One pass over the images; returns the mean loss. The rate falls, over all epochs to 0. */
static double train(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, long epoch,
                    long epochs)
{
    const long batches = (long)tarn_loader_batches(loader);
    const time_t start = time(NULL);
    double loss_sum = 0;
    tarn_batch batch;
    for (long done = 1; tarn_loader_next(loader, &batch); done++) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);

        const long step = epoch * batches + done - 1;
        tarn_optim_set_lr(optimizer, 4e-3 * tarn_schedule_linear(step, epochs * batches));
        tarn_optim_step(optimizer);

        loss_sum += (double)tarn_item(loss);
        tarn_tape_end(tape);
        show_progress(done, batches, loss_sum / (double)done, start);
    }
    return loss_sum / (double)batches;
}

/* The share of the images that the model tells rightly; it must be more than any one answer is. */
static double test(tarn_module *model, tarn_loader *loader)
{
    double correct = 0, images = 0, of_class[10] = {0}, most = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        for (int i = 0; i < batch.count; i++, images++)
            most = fmax(most, ++of_class[batch.labels.ids[i]]);
        tarn_tape_end(tape);
    }
    if (correct <= most)
        errx(1, "test accuracy %.2f%%: the network has learned nothing", 100 * correct / images);
    tarn_nn_train(model, true);
    return correct / images;
}

int main(int argc, char **argv)
{
    enum { DATA, EPOCHS, SEED, SAVE, HELP };
    static const struct option options[] = {{"data", 1, NULL, DATA}, {"epochs", 1, NULL, EPOCHS},
                                            {"seed", 1, NULL, SEED}, {"save", 1, NULL, SAVE},
                                            {"help", 0, NULL, HELP}, {0}};
    const char *given[] = {NULL, "2", "1", NULL};
    int o;
    while ((o = getopt_long(argc, argv, "", options, NULL)) >= DATA && o <= SAVE)
        given[o] = optarg;
    if (o != -1 || optind < argc)
        return fputs(help, o == HELP ? stdout : stderr) < 0 || fflush(stdout) != 0 || o != HELP;
    const long epochs = whole_number(given[EPOCHS], 1), seed = whole_number(given[SEED], 0);
    tarn_seed((uint64_t)seed), setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* lines come at once */
    tarn_dataset *digits = read_digits(given[DATA], TARN_TRAIN);
    tarn_dataset *test_digits = read_digits(given[DATA], TARN_TEST);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = (uint64_t)seed);
    tarn_loader *test_loader = tarn_loader_new(test_digits, 1000);
    /* clang-format off */
    tarn_module *model = tarn_nn_sequential(                                   // images (N,28,28,1)
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),                 // (N, 28, 28, 6)
        tarn_nn_max_pool2d(2),                                                 // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2),       // (N, 5, 5, 16)
        tarn_nn_flatten(), tarn_nn_linear(400, 120), tarn_nn_relu(),           // (N, 120)
        tarn_nn_linear(120, 84), tarn_nn_relu(), tarn_nn_linear(84, 10));      // (N, 10)
    /* clang-format on */
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 4e-3);

    for (long epoch = 0; epoch < epochs; epoch++) {
        const double loss = train(model, loader, optimizer, epoch, epochs);
        if (!(loss < 5)) /* twice that of guessing, or not a number */
            errx(1, "the mean loss is %g: training has diverged", loss);
        printf("epoch %ld/%ld  loss %.4f  test accuracy %.2f%%\n", epoch + 1, epochs, loss,
               100 * test(model, test_loader));
    }
    /* The file says which layers these are, for tarn_nn_from_file(), and this beside. */
    const char *const classes[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    tarn_nn_describe(model, .input = tarn_shape(28, 28, 1), .channels = 1, .mean = &mean,
                     .deviation = &deviation, .class_count = 10, .class_names = classes);
    if (given[SAVE] && !tarn_nn_save(model, given[SAVE]))
        errx(1, "%s", tarn_error());
    tarn_optim_free(optimizer), tarn_nn_free(model), tarn_loader_free(loader);
    tarn_loader_free(test_loader), tarn_dataset_free(digits), tarn_dataset_free(test_digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
