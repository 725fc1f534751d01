/* Trains LeNet-5 on MNIST and tests it: a whole program around such a loop as the README has.
   examples/lab/train.c has other networks and optimizers, a log and more. */
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

static const char help[] =
    "Usage: mnist [OPTION]...   (./run mnist --watch draws what the optimizer saw and did)\n"
    "  --data DIR   the four files of MNIST; default: where ./run puts them, $TARN_DATA/mnist\n"
    "  --epochs N   passes over the training images; default 2\n"
    "  --seed N     of the weights and of the images' order; default 1\n"
    "  --save FILE  write the trained weights there (safetensors)\n";
enum { DATA, EPOCHS, SEED, SAVE, HELP };
static const char *given[] = {[EPOCHS] = "2", [SEED] = "1", [SAVE] = NULL};
static const double mean = 0.1307, deviation = 0.3081; /* of the training pixels */

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {{"data", 1, NULL, DATA}, {"epochs", 1, NULL, EPOCHS},
                                            {"seed", 1, NULL, SEED}, {"save", 1, NULL, SAVE},
                                            {"help", 0, NULL, HELP}, {0}};
    int o;
    while ((o = getopt_long(argc, argv, "", options, NULL)) >= DATA && o <= SAVE)
        given[o] = optarg;
    if (o != -1 || optind < argc)
        exit(fputs(help, o == HELP ? stdout : stderr) < 0 || fflush(stdout) != 0 || o != HELP);
}

static long whole_number(const char *text, long least)
{
    char *end;
    const long number = strtol(text, &end, 10);
    if (end == text || *end || number < least || number > 1000000)
        errx(1, "%s: expects a whole number from %ld to a million", text, least);
    return number;
}

/* From the folder that was given, or else from where ./run puts MNIST; without it a sample. */
static tarn_dataset *read_digits(tarn_split split)
{
    char usual[4096];
    const char *data = getenv("TARN_DATA");
    snprintf(usual, sizeof usual, "%s/mnist", data ? data : ".");
    tarn_dataset *digits = tarn_data_mnist(given[DATA] ? given[DATA] : usual, split);
    if (!digits && !given[DATA]) {
        printf("%s: taking the sample of MNIST\n", tarn_error());
        digits = tarn_data_samples(TARN_SAMPLES, split);
    }
    if (!digits)
        errx(1, "%s", tarn_error());
    tarn_data_normalize(digits, mean, deviation);
    return digits;
}

static tarn_module *lenet(void)
{
    return tarn_nn_sequential(                                            // images (N,28,28,1)
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),            // (N, 28, 28, 6)
        tarn_nn_max_pool2d(2),                                            // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2),  // (N, 5, 5, 16)
        tarn_nn_flatten(), tarn_nn_linear(400, 120), tarn_nn_relu(),      // (N, 120)
        tarn_nn_linear(120, 84), tarn_nn_relu(), tarn_nn_linear(84, 10)); // (N, 10)
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
        for (int i = 0; i < batch.count; i++)
            most = fmax(most, ++of_class[batch.labels.ids[i]]);
        images += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    if (correct <= most)
        errx(1, "test accuracy %.2f%%: the network has learned nothing", 100 * correct / images);
    return correct / images;
}

/* The file says which layers these are, for tarn_nn_from_file(), and what the images are like. */
static void save(tarn_module *model, const char *path)
{
    const char *const classes[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    tarn_nn_describe(model, .input = tarn_shape(28, 28, 1), .channels = 1, .mean = &mean,
                     .deviation = &deviation, .class_count = 10, .class_names = classes);
    if (!tarn_nn_save(model, path))
        errx(1, "%s", tarn_error());
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* lines come at once */
    read_options(argc, argv);
    const long epochs = whole_number(given[EPOCHS], 1);
    const uint64_t seed = (uint64_t)whole_number(given[SEED], 0);
    tarn_seed(seed);
    tarn_dataset *digits = read_digits(TARN_TRAIN), *test_digits = read_digits(TARN_TEST);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = seed);
    tarn_loader *test_loader = tarn_loader_new(test_digits, 1000);
    tarn_module *model = lenet();
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 4e-3);

    const int64_t batches = tarn_loader_batches(loader);
    for (long epoch = 0; epoch < epochs; epoch++) {
        tarn_progress bar = tarn_progress_begin("training");
        double loss_sum = 0;
        tarn_batch batch;
        for (int64_t done = 1; tarn_loader_next(loader, &batch); done++) {
            tarn_tape *tape = tarn_tape_begin();

            tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);

            const int64_t step = epoch * batches + done - 1; /* the rate falls to 0 in the end */
            tarn_optim_set_lr(optimizer, 4e-3 * tarn_schedule_linear(step, epochs * batches));
            tarn_optim_step(optimizer);

            loss_sum += (double)tarn_item(loss);
            tarn_progress_show(&bar, done, batches, loss_sum / (double)done);
            tarn_tape_end(tape);
        }
        tarn_progress_end(&bar);
        const double loss = loss_sum / (double)batches;
        if (!(loss < 5)) /* twice that of guessing, or not a number */
            errx(1, "the mean loss is %g: training has diverged", loss);
        printf("epoch %ld/%ld  loss %.4f  test accuracy %.2f%%\n", epoch + 1, epochs, loss,
               100 * test(model, test_loader));
    }
    if (given[SAVE])
        save(model, given[SAVE]);

    tarn_optim_free(optimizer), tarn_nn_free(model);
    tarn_loader_free(loader), tarn_loader_free(test_loader);
    tarn_dataset_free(digits), tarn_dataset_free(test_digits);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
