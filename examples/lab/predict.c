/*
 * Tells which digits are in photos or drawings. Each is prepared as MNIST was prepared
 * (examples/lab/predict/prepare.c), and given to a network that was trained on MNIST.
 */
#include <glob.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/text.h"
#include "examples/lab/predict/pictures.h"
#include "examples/lab/predict/prepare.h"

/* ---- One image */

/* Fills digit from the file; else says what is wrong, and the other files have their turn. */
static bool read_digit(const char *path, float digit[DIGIT_SIZE * DIGIT_SIZE])
{
    tarn_tensor *photo = tarn_data_pixels(path);
    if (!photo) {
        complain("%s", tarn_error());
        return false;
    }
    const char *problem = prepare_digit(photo, digit);
    tarn_free(photo);
    if (problem)
        complain("%s: %s", path, problem);
    return !problem;
}

/* Dies of a network that a file says to be for something else; of older ones nothing is known. */
static void check_for_digits(const tarn_module *model, const char *path)
{
    const tarn_nn_description *about = tarn_nn_info(model);
    if (about->input.ndim >= 0 &&
        !tarn_shape_equal(about->input, tarn_shape(DIGIT_SIZE, DIGIT_SIZE, 1)))
        die("--load %s: is a network for %s of %s, expects one for digits, pictures of (28,28,1)%s",
            path, about->input.ndim == 3 ? "pictures" : "samples",
            tarn_shape_to_text(about->input).text,
            about->input.ndim == 3 ? "; --model FILE IMAGE... uses it" : "");
    for (int c = 0; about->class_names && c < about->class_count; c++)
        if (!is(about->class_names[c], (const char[]){(char)('0' + c % CLASSES), '\0'}))
            die("--load %s: is a network that tells %s and others, expects one for digits; --model "
                "FILE IMAGE... uses it",
                path, about->class_names[c]);
}

static void classify(tarn_module *model, const float *digit, double probabilities[CLASSES])
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *image = tarn_zeros(tarn_shape(1, DIGIT_SIZE, DIGIT_SIZE, 1));
    for (int i = 0; image && i < DIGIT_SIZE * DIGIT_SIZE; i++)
        tarn_values(image)[i] = (tarn_real)(((double)digit[i] - DIGITS_MEAN) / DIGITS_DEVIATION);
    tarn_tensor *result = tarn_softmax(tarn_nn_forward(model, image)); /* (1, 10) */
    check(result);
    if (tarn_size(result) != CLASSES)
        die("the network tells %lld classes apart, expects one of the ten digits; --model FILE "
            "takes any",
            (long long)tarn_size(result));
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

/* Returns how many letters the bar takes. */
static int print_bar(int class, double probability, int width)
{
    const int filled = (int)lround(width * probability);
    printf("    %d %5.1f%%", class, 100 * probability);
    for (int i = 0; i < filled; i++)
        printf("%s%s", i == 0 ? " " : "", utf8 ? "\u2588" : "#");
    return filled > 0 ? filled + 1 : 0;
}

/* In two columns, so that several images fit the terminal. */
static void print_bars(const double probabilities[CLASSES])
{
    enum { ROWS = CLASSES / 2, WIDTH = 20 };
    for (int i = 0; i < ROWS; i++) {
        const int used = print_bar(i, probabilities[i], WIDTH);
        printf("%*s", 1 + WIDTH - used, "");
        print_bar(i + ROWS, probabilities[i + ROWS], WIDTH);
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
    text_print(stdout, path);
    printf(": %d (%.1f%%)\n", best, 100 * probabilities[best]);
    if (show)
        print_digit(digit);
    print_bars(probabilities);
    return true;
}

/* ---- The run */

/* The images that come with Tarn, by name. */
static files find_samples(glob_t *found)
{
    const char *pattern = TARN_DIGITS "/[0-9]-*";
    if (glob(pattern, 0, NULL, found) != 0)
        die("%s: there are no such files", pattern);
    return (files){(int)found->gl_pathc, found->gl_pathv};
}

int main(int argc, char **argv)
{
    if (wants_model(argc, argv))
        return predict_pictures(argc, argv);
    const char *load = "lenet.safetensors";
    bool show = false;
    files images = {0};
    const option options[] = {
        OPTION_FILES_AT(&images, "IMAGE",
                        "PNG, JPEG, ... of one digit; default: examples/lab/digits"),
        OPTION_TEXT_AT(&load, "load", "FILE", "trained parameters; default lenet.safetensors"),
        OPTION_FLAG_AT(&show, "show", "draw what the network sees"), OPTIONS_END};
    parse_options(argc, argv,
                  "Tells which digits are in photos or drawings. With --model "
                  "FILE IMAGE...: what is in pictures, by a network of train FOLDER; predict "
                  "--model FILE --help has more.",
                  options);
    setlocale(LC_CTYPE, "");
    utf8 = is(nl_langinfo(CODESET), "UTF-8");

    glob_t samples = {0};
    static tarn_module *model; /* no leak where it dies */
    model = tarn_nn_from_file(load);
    check(model);
    check_for_digits(model, load);
    tarn_nn_train(model, false);

    if (images.count == 0)
        images = find_samples(&samples);
    int failed = 0;
    for (int i = 0; i < images.count; i++)
        failed += !predict(model, images.paths[i], show);
    tarn_nn_free(model);
    globfree(&samples);
    check_stdout();
    return failed > 0;
}
