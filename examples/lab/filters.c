/*
 * Looks into a trained network: the filters it has learned, what each of its layers makes of a
 * digit, which classes it takes for which others, and the test images that it is most confidently
 * wrong about. What is written of filters and layers is in filters/maps.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

#include "examples/lab/filters/maps.h"
#include "examples/lab/filters/sheet.h"
#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

enum { MOST_SHOWN = 1000 };

typedef struct settings {
    digits digits;
    const char *model, *load, *folder;
    long digit, count;
} settings;

/* Names of the classes. */
static const char *const ciphers[CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const char *const clothes[CLASSES] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                             "sandal",  "shirt",   "sneaker",  "bag",   "boot"};

typedef struct mistake {
    int64_t index; /* of the image in the test data */
    int truth, guess;
    double probability, probability_of_truth; /* of the guess, and of what it is */
} mistake;

/* What the program holds. */
static struct {
    tarn_dataset *test;
    tarn_loader *loader;
    tarn_batch all; /* the test images, in one batch of the loader */
    tarn_module *network;
    const char *const *classes;
    tarn_confusion *confusion;
    mistake *mistakes; /* the most confident ones first */
    int64_t mistake_count;
} run;

static void free_run(void)
{
    free(run.mistakes);
    tarn_confusion_free(run.confusion);
    tarn_nn_free(run.network);
    tarn_loader_free(run.loader);
    tarn_dataset_free(run.test);
}

static void prepare(const settings *s)
{
    run.network = digits_network(s->model);
    if (!tarn_nn_load(run.network, s->load))
        die("--load: %s", tarn_error());
    tarn_nn_train(run.network, false);
    run.classes = is(s->digits.dataset, "fashion") ? clothes : ciphers;
    run.test = digits_read(&s->digits, TARN_TEST);
    const int64_t count = tarn_data_count(run.test);
    if (s->digit >= count)
        die("--digit %ld: there are %lld test images, expects 0 to %lld", s->digit,
            (long long)count, (long long)count - 1);
    run.loader = tarn_loader_new(run.test, count);
    run.confusion = tarn_confusion_new(CLASSES);
    run.mistakes = malloc((size_t)count * sizeof *run.mistakes);
    if (!run.confusion || !run.mistakes || !tarn_loader_next(run.loader, &run.all))
        die("%s", run.mistakes ? tarn_error() : "out of memory for the mistakes");
}

/* ---- The test */

static int by_confidence(const void *left, const void *right)
{
    const mistake *a = left, *b = right;
    if (a->probability != b->probability)
        return a->probability > b->probability ? -1 : 1;
    if (a->probability_of_truth != b->probability_of_truth)
        return a->probability_of_truth < b->probability_of_truth ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

enum { AT_ONCE = 250 };

/* Notes which of the images from begin to end, AT_ONCE at most, are taken for something else. */
static void test_some(int64_t begin, int64_t end)
{
    const tarn_labels labels = tarn_labels(end - begin, run.all.labels.ids + begin);
    int32_t guesses[AT_ONCE];
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *logits = tarn_nn_forward(run.network, tarn_slice(run.all.images, 0, begin, end));
    tarn_tensor *probabilities = tarn_softmax(logits); /* (N, 10) */
    tarn_tensor *sum = tarn_sum(probabilities);
    if (!sum || !tarn_confusion_add(run.confusion, logits, labels) ||
        !tarn_argmax_axis(logits, 1, guesses))
        die("%s", tarn_error());
    if (!isfinite((double)tarn_item(sum)))
        die("the network's answers are not numbers (NaN): its training went wrong");
    for (int64_t i = begin; i < end; i++) {
        const tarn_real *row = tarn_values(probabilities) + (i - begin) * CLASSES;
        const int truth = labels.ids[i - begin], guess = guesses[i - begin];
        if (guess != truth)
            run.mistakes[run.mistake_count++] =
                (mistake){i, truth, guess, (double)row[guess], (double)row[truth]};
    }
    tarn_tape_end(tape);
}

static void test_all(void)
{
    tarn_progress bar = tarn_progress_begin("testing");
    for (int64_t begin = 0; begin < run.all.count; begin += AT_ONCE) {
        const int64_t end = begin + AT_ONCE < run.all.count ? begin + AT_ONCE : run.all.count;
        test_some(begin, end);
        tarn_progress_show(&bar, (long)end, run.all.count, NAN);
    }
    tarn_progress_end(&bar);
    qsort(run.mistakes, (size_t)run.mistake_count, sizeof *run.mistakes, by_confidence);
}

/* ---- What it gets wrong */

static void report_confusion(const settings *s)
{
    table *to = table_in(s->folder, "confusion.csv", "model,dataset,truth,guess,count");
    for (int truth = 0; truth < CLASSES; truth++)
        for (int guess = 0; guess < CLASSES; guess++)
            table_row(to, "%s,%s,%s,%s,%lld", s->model, s->digits.dataset, run.classes[truth],
                      run.classes[guess],
                      (long long)tarn_confusion_count(run.confusion, truth, guess));
    table_end(to);
    puts("How often each class (row) was taken for each other (column):");
    check(tarn_confusion_print(run.confusion, run.classes, stdout));
}

static void write_mistakes(const settings *s)
{
    table *to =
        table_in(s->folder, "mistakes.csv", "index,truth,guess,probability,probability_of_truth");
    for (int64_t i = 0; i < run.mistake_count; i++) {
        const mistake *m = &run.mistakes[i];
        table_row(to, "%lld,%s,%s,%.9g,%.9g", (long long)m->index, run.classes[m->truth],
                  run.classes[m->guess], m->probability, m->probability_of_truth);
    }
    table_end(to);
}

/* Their images side by side, which is the first sheet of the picture; there is at least one. */
static void write_images(const settings *s, int shown)
{
    enum { COLUMNS = 12, GAP = 3, BELOW = 20 /* where three lines of text have room */ };
    int32_t indexes[MOST_SHOWN];
    for (int i = 0; i < shown; i++)
        indexes[i] = (int32_t)run.mistakes[i].index;
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const int64_t pixels = tarn_size(run.all.images) / run.all.count;
    tarn_tensor *rows = tarn_reshape(run.all.images, tarn_shape(run.all.count, pixels));
    tarn_tensor *images =
        tarn_transpose(ink_of(tarn_gather_rows(rows, tarn_labels(shown, indexes))), 0, 1);
    check(images);
    const grid g = {.maps = shown,
                    .height = (int)tarn_dim(run.all.images, 1),
                    .width = (int)tarn_dim(run.all.images, 2),
                    .gap = GAP,
                    .below = BELOW,
                    .columns = COLUMNS};
    char title[200];
    snprintf(title, sizeof title, "%s on %s: the %d most confident of %lld mistakes in %d images",
             s->model, s->digits.dataset, shown, (long long)run.mistake_count, run.all.count);
    sheet to = sheet_begin(s->folder, "mistakes_images");
    sheet_add(&to, title, &g, tarn_values(images));
    sheet_end(&to);
    tarn_tape_end(tape);
}

/* The most confident mistakes, and the first of them in words. */
static void draw_mistakes(const settings *s)
{
    if (run.mistake_count == 0) {
        printf("None of the %d test images is taken for another class.\n", run.all.count);
        remove(output_in(s->folder, "mistakes.png").text); /* An earlier network's. */
        remove(output_in(s->folder, "mistakes.svg").text);
        return;
    }
    const int shown = run.mistake_count < s->count ? (int)run.mistake_count : (int)s->count;
    const mistake *m = &run.mistakes[0];
    write_images(s, shown);
    printf("the %d most confident of %lld mistakes in %d images; the first is image %lld, %s taken "
           "for %s, %.4f%%\n",
           shown, (long long)run.mistake_count, run.all.count, (long long)m->index,
           run.classes[m->truth], run.classes[m->guess], 100 * m->probability);
    draw_plots("mistakes", s->folder,
               (drawing[]){{"mistakes", "the mistakes it is surest of"}, {0}});
}

/* ---- What is in it */

static void draw_digit(const settings *s)
{
    char title[100];
    snprintf(title, sizeof title, "Test image %ld of %s, truth %s", s->digit, s->digits.dataset,
             run.classes[run.all.labels.ids[s->digit]]);
    puts(title);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    draw_feature_maps(run.network, tarn_slice(run.all.images, 0, s->digit, s->digit + 1), title,
                      run.classes, s->folder);
    tarn_tape_end(tape);
}

int main(int argc, char **argv)
{
    static settings s = {
        .model = "lenet", .load = "lenet.safetensors", .folder = OUTPUT_FOLDER, .count = 48};
    const option options[] = {
        DIGITS_OPTIONS(&s.digits),
        NETWORK_OPTION(&s.model),
        OPTION_TEXT_AT(&s.load, "load", "FILE",
                       "its parameters, which ./run train --save FILE writes; default "
                       "lenet.safetensors (./run filters trains one)"),
        OPTION_COUNT_AT(&s.digit, "digit", "N",
                        "the test image, counted from 0, that goes through the layers; default 0",
                        0, 1e9),
        OPTION_COUNT_AT(&s.count, "count", "N", "of mistakes to draw; default 48", 1, MOST_SHOWN),
        OUTPUT_OPTION(&s.folder),
        OPTIONS_END};
    parse_options(argc, argv, "Draws what a trained network has learned, sees, and gets wrong.",
                  options);

    digits_choose(&s.digits);
    prepare(&s);
    printf("%s with the parameters of %s, on %d test images of %s\n", s.model, s.load,
           run.all.count, s.digits.dataset);
    test_all();
    report_confusion(&s);
    write_mistakes(&s);
    draw_mistakes(&s);
    draw_filters(run.network, s.model, s.folder);
    draw_digit(&s);
    draw_plots("confusion", s.folder,
               (drawing[]){{"confusion", "which class is taken for which other"}, {0}});
    free_run();
    check_stdout();
    return 0;
}
