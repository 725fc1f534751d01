#include "examples/lab/predict/pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/text.h"

typedef struct guess {
    const char *name;
    double probability;
} guess;

/* ---- One picture */

/* The most probable first. */
static int by_probability(const void *a, const void *b)
{
    const double x = ((const guess *)a)->probability, y = ((const guess *)b)->probability;
    return (x < y) - (x > y);
}

static void normalize(tarn_tensor *picture, const tarn_nn_description *about)
{
    for (int64_t k = 0; about->channels > 0 && k < tarn_size(picture); k++) {
        const int64_t c = k % about->channels;
        tarn_real *value = tarn_values(picture) + k;
        *value = (tarn_real)(((double)*value - about->mean[c]) / about->deviation[c]);
    }
}

/* Fills guesses, one for each class; false after a sentence if the picture cannot be read. */
static bool classify(tarn_module *model, const char *path, guess *guesses)
{
    const tarn_nn_description *about = tarn_nn_info(model);
    tarn_tensor *picture =
        tarn_data_picture(path, (int)about->input.dim[0], (int)about->input.dim[1],
                          .channels = (int)about->input.dim[2]);
    if (!picture) {
        complain("%s", tarn_error());
        return false;
    }
    normalize(picture, about);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *result = tarn_softmax(tarn_nn_forward(model, picture));
    if (!result)
        die("%s", tarn_error());
    if (tarn_size(result) != about->class_count)
        die("the network gives %lld numbers for %d classes", (long long)tarn_size(result),
            about->class_count);
    for (int c = 0; c < about->class_count; c++)
        if (isnan(tarn_values(result)[c]))
            die("%s: the network gives no numbers for it (NaN): are its weights damaged?", path);
    for (int c = 0; c < about->class_count; c++)
        guesses[c] = (guess){about->class_names[c], (double)tarn_values(result)[c]};
    tarn_tape_end(tape);
    tarn_free(picture);
    qsort(guesses, (size_t)about->class_count, sizeof *guesses, by_probability);
    return true;
}

/* ---- Output: a line for each picture, the most probable classes first */

static void print_text(const char *path, const guess *guesses, int count)
{
    text_print(stdout, path);
    for (int i = 0; i < count; i++) {
        printf("%s ", i > 0 ? "," : ":");
        text_print(stdout, guesses[i].name);
        printf(" %.1f%%", 100 * guesses[i].probability);
    }
    printf("\n");
}

/* An object a line. */
static void print_json(const char *path, const guess *guesses, int count)
{
    printf("{\"picture\": ");
    text_print_json(stdout, path);
    printf(", \"classes\": [");
    for (int i = 0; i < count; i++) {
        printf("%s{\"class\": ", i > 0 ? ", " : "");
        text_print_json(stdout, guesses[i].name);
        printf(", \"probability\": %.6f}", guesses[i].probability);
    }
    printf("]}\n");
}

/* Byte by byte as it is, in quotes where a table needs them (RFC 4180). */
static void print_cell(const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++)
        printf(*text == '"' ? "\"\"" : "%c", *text);
    putchar('"');
}

/* A row for each picture and class. */
static void print_csv(const char *path, const guess *guesses, int count)
{
    for (int i = 0; i < count; i++) {
        print_cell(path);
        printf(",%d,", i + 1);
        print_cell(guesses[i].name);
        printf(",%.6f\n", guesses[i].probability);
    }
}

/* ---- The program */

static tarn_module *load(const char *path)
{
    static tarn_module *model; /* no leak where it dies */
    model = tarn_nn_from_file(path);
    if (!model)
        die("--model: %s", tarn_error());
    const tarn_nn_description *about = tarn_nn_info(model);
    if (about->input.ndim >= 0 && about->input.ndim != 3)
        die("--model %s: is a network for samples of %s, which are no pictures", path,
            tarn_shape_to_text(about->input).text);
    if (about->input.ndim != 3 || !about->class_names ||
        (about->input.dim[2] != 1 && about->input.dim[2] != 3))
        die("--model %s: does not say what pictures and classes it is for, as the files of train "
            "FOLDER do",
            path);
    tarn_nn_train(model, false);
    return model;
}

bool wants_model(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--model", 7) == 0)
            return true;
    return false;
}

int predict_pictures(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false, csv = false;
    long top = 3;
    files images = {0};
    const option table[] = {
        OPTION_FILES_AT(&images, "IMAGE", "pictures (PNG, JPEG, BMP, PNM, GIF)"),
        OPTION_TEXT_AT(&path, "model", "FILE", "a network, as train FOLDER leaves it"),
        OPTION_COUNT_AT(&top, "top", "N", "the most probable classes; default 3", 1, 1e6),
        OPTION_FLAG_AT(&json, "json", "print lines of JSON"),
        OPTION_FLAG_AT(&csv, "csv", "print a table"),
        {.name = NULL}};
    parse_options(argc, argv, "Tells what is in pictures, by a network trained on others.", table);
    if (images.count == 0)
        die("expects pictures");
    if (json && csv)
        die("--json: does not go with --csv");
    tarn_module *model = load(path);
    const int classes = tarn_nn_info(model)->class_count,
              count = top < classes ? (int)top : classes;
    guess *guesses = malloc((size_t)classes * sizeof *guesses);
    if (!guesses)
        die("out of memory for %d classes", classes);
    int failed = 0;
    if (csv)
        printf("picture,rank,class,probability\n");
    for (int i = 0; i < images.count; i++) {
        if (classify(model, images.paths[i], guesses))
            (json ? print_json : csv ? print_csv : print_text)(images.paths[i], guesses, count);
        else
            failed = 1;
    }
    free(guesses);
    tarn_nn_free(model);
    check_stdout();
    return failed;
}
