/*
 * Tells which digits are in photos or drawings. Each file is read (examples/photo.c), prepared as
 * MNIST was prepared (examples/prepare.c), and given to a network that was trained on MNIST.
 */
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/digits.h"
#include "examples/options.h"
#include "examples/photo.h"
#include "examples/prepare.h"

enum { CLASSES = 10 };

/* ---- One image */

/* Fills digit from the file; else says what is wrong, and the other files have their turn. */
static bool read_digit(const char *path, float digit[DIGIT_SIZE * DIGIT_SIZE])
{
    tarn__image photo;
    fflush(stdout); /* what was said of the files before comes first */
    if (!photo_read(&photo, path)) {
        fprintf(stderr, "predict: %s\n", tarn_error());
        return false;
    }
    const char *problem =
        prepare_digit(photo.pixels, photo.height, photo.width, photo.channels, digit);
    free(photo.pixels);
    if (problem)
        fprintf(stderr, "predict: %s: %s\n", path, problem);
    return !problem;
}

static void classify(tarn_module *model, const float *digit, double probabilities[CLASSES])
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *image = tarn_zeros(tarn_shape(1, DIGIT_SIZE, DIGIT_SIZE, 1));
    for (int i = 0; image && i < DIGIT_SIZE * DIGIT_SIZE; i++)
        tarn_values(image)[i] = (tarn_real)(((double)digit[i] - DIGITS_MEAN) / DIGITS_DEVIATION);
    tarn_tensor *result = tarn_softmax(tarn_nn_forward(model, image)); /* (1, 10) */
    if (!result)
        die("%s", tarn_error());
    for (int i = 0; i < CLASSES; i++)
        probabilities[i] = (double)tarn_values(result)[i];
    tarn_free(image);
    tarn_tape_end(tape);
}

/* ---- Output */

static bool utf8; /* whether the terminal shows blocks */

static int most_probable(const double probabilities[CLASSES])
{
    int best = 0;
    for (int i = 1; i < CLASSES; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    return best;
}

/* Two rows of pixels are a line of text, whose letters are about twice as high as wide. Letters of
   the upper half, the lower half and both show ink above a half; without them, one of five shades
   shows the mean. */
static void print_digit(const float digit[DIGIT_SIZE * DIGIT_SIZE])
{
    static const char *const halves[] = {" ", "\u2580", "\u2584", "\u2588"};
    for (int y = 0; y < DIGIT_SIZE; y += 2) {
        printf("    |");
        for (int x = 0; x < DIGIT_SIZE; x++) {
            const float upper = digit[y * DIGIT_SIZE + x], lower = digit[(y + 1) * DIGIT_SIZE + x];
            if (utf8)
                fputs(halves[(upper > 0.5f) + 2 * (lower > 0.5f)], stdout);
            else
                putchar(" .:+#"[lround(2 * (double)(upper + lower))]);
        }
        printf("|\n");
    }
}

static void print_bars(const double probabilities[CLASSES])
{
    enum { WIDTH = 40 };
    for (int i = 0; i < CLASSES; i++) {
        printf("    %d %5.1f%% ", i, 100 * probabilities[i]);
        for (long j = lround(WIDTH * probabilities[i]); j > 0; j--)
            fputs(utf8 ? "\u2588" : "#", stdout);
        putchar('\n');
    }
}

static bool predict(tarn_module *model, const char *path, bool show)
{
    float digit[DIGIT_SIZE * DIGIT_SIZE];
    double probabilities[CLASSES];
    if (!read_digit(path, digit))
        return false;
    classify(model, digit, probabilities);
    const int best = most_probable(probabilities);
    printf("%s: %d (%.1f%%)\n", path, best, 100 * probabilities[best]);
    if (show)
        print_digit(digit);
    print_bars(probabilities);
    return true;
}

/* ---- The run */

static tarn_module *model; /* freed at exit on whichever way it ends */

static void free_model(void)
{
    tarn_nn_free(model);
}

/* The samples in examples/digits, named in an order that does not depend on the file system. */
static files sample_files(void)
{
    static char *names[] = {
        TARN_DIGITS "/0-ballpoint.jpg",   TARN_DIGITS "/1-pencil.jpg",
        TARN_DIGITS "/2-chalk.png",       TARN_DIGITS "/3-red.png",
        TARN_DIGITS "/4-transparent.png", TARN_DIGITS "/5-shadow.jpg",
        TARN_DIGITS "/6-felt.jpg",        TARN_DIGITS "/7-yellow-note.png",
        TARN_DIGITS "/8-chalk.jpg",       TARN_DIGITS "/9-thin.png",
    };
    return (files){sizeof names / sizeof *names, names};
}

int main(int argc, char **argv)
{
    static const char *const models[] = {"lenet", "cnn", NULL};
    const char *load = "lenet.safetensors", *network = "lenet";
    bool show = false;
    files images = {0};
    const option table[] = {
        OPTION_FILES_AT(&images, "IMAGE", "PNG or JPEG of one digit; default: examples/digits"),
        OPTION_TEXT_AT(&load, "load", "FILE", "trained parameters; default lenet.safetensors"),
        OPTION_CHOICE_AT(&network, "model", "lenet|cnn", "what was trained; default lenet", models),
        OPTION_FLAG_AT(&show, "show", "draw what the network sees"),
        {0}};
    parse_options(argc, argv, "Tells which digits are in photos or drawings.", table);
    die_of_mistakes();
    setlocale(LC_CTYPE, "");
    utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

    atexit(free_model);
    model = strcmp(network, "lenet") == 0 ? lenet() : cnn();
    if (!model || !tarn_nn_load(model, load))
        die("%s", tarn_error());
    tarn_nn_train(model, false);

    if (images.count == 0)
        images = sample_files();
    int failed = 0;
    for (int i = 0; i < images.count; i++)
        failed += !predict(model, images.paths[i], show);
    check_stdout();
    return failed > 0;
}
