/*
 * The room Digits: LeNet on the sample of MNIST, in a worker of the page. Called from JavaScript,
 * by the names below. What comes back as a pointer is an array that lives until the next call.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/playground/lenet.h"
#include "examples/playground/report.h"

enum { SIDE = LENET_SIDE, PIXELS = LENET_PIXELS, CLASSES = LENET_CLASSES };
enum { LAYERS = 12, MISTAKES = 24, TESTED = 500 };

static struct {
    tarn_dataset *digits[2]; /* to train on, to test on */
    tarn_loader *loader, *test_loader;
    tarn_module *model;
    tarn_optim *optimizer;
    char *schedule;
    double lr;
    int step, total;
} d;

/* Reads the digits of a folder. "" or what is wrong, here and below. */
const char *pg_digits(const char *folder)
{
    report_begin();
    return report_text(lenet_read(folder, d.digits) &&
                       (d.test_loader = tarn_loader_new(d.digits[1], TESTED)));
}

/* A new network, and training that begins: options and schedule as tarn_optim_by_name() and
   tarn_schedule_by_name() take them, "" for none. */
const char *pg_begin(const char *optimizer, const char *options, const char *schedule, int batch,
                     int epochs, int seed)
{
    report_begin();
    tarn_optim_free(d.optimizer), tarn_nn_free(d.model), tarn_loader_free(d.loader);
    free(d.schedule);
    tarn_seed((uint64_t)seed);
    d.loader = tarn_loader_new(d.digits[0], batch, .shuffle = true, .seed = (uint64_t)seed);
    d.model = lenet_make();
    d.optimizer = tarn_optim_by_name(optimizer, tarn_nn_parameters(d.model), options);
    d.schedule = strdup(schedule);
    d.lr = tarn_optim_lr(d.optimizer);
    d.step = 0;
    d.total = epochs * (int)tarn_loader_batches(d.loader);
    bool ok = d.loader && d.model && d.optimizer;
    if (ok && *schedule)
        ok = !isnan(tarn_schedule_by_name(schedule, 0, d.total));
    return report_text(ok);
}

int pg_steps(void)
{
    return d.total;
}

/* One step of training, unless all are done; an epoch ends in between. The loss, or NaN. */
double pg_train(void)
{
    report_begin();
    tarn_batch batch;
    if (d.step >= d.total || !d.optimizer)
        return NAN;
    if (!tarn_loader_next(d.loader, &batch) && !tarn_loader_next(d.loader, &batch))
        return NAN;
    tarn_tape *tape = tarn_tape_begin();

    tarn_tensor *predictions = tarn_nn_forward(d.model, batch.images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

    tarn_optim_zero_grad(d.optimizer);
    tarn_backward(loss);

    if (*d.schedule)
        tarn_optim_set_lr(d.optimizer, d.lr * tarn_schedule_by_name(d.schedule, d.step, d.total));
    tarn_optim_step(d.optimizer);
    d.step++;
    const double value = (double)tarn_item(loss);
    tarn_tape_end(tape);
    return value;
}

/* ---- How good it is */

typedef struct mistake {
    float index, label, said, confidence, pixels[PIXELS];
} mistake;

static struct {
    float accuracy, confusion[CLASSES][CLASSES], count; /* row: the digit, column: what was said */
    mistake mistakes[MISTAKES];                         /* the surest first */
} outcome;

static void add_mistake(mistake m, const tarn_real *pixels)
{
    int at = (int)outcome.count;
    while (at > 0 && outcome.mistakes[at - 1].confidence < m.confidence)
        at--;
    if (at == MISTAKES)
        return;
    if (outcome.count < MISTAKES)
        outcome.count++;
    memmove(outcome.mistakes + at + 1, outcome.mistakes + at,
            sizeof m * (size_t)((int)outcome.count - at - 1));
    for (int i = 0; i < PIXELS; i++)
        m.pixels[i] = (float)((double)pixels[i] * lenet_deviation + lenet_mean);
    outcome.mistakes[at] = m;
}

/* Tests on the digits that were not trained on; the address of the outcome. */
const float *pg_test(void)
{
    report_begin();
    memset(&outcome, 0, sizeof outcome);
    tarn_batch batch;
    int index = 0, correct = 0;
    tarn_nn_train(d.model, false);
    while (tarn_loader_next(d.test_loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *said = tarn_softmax(tarn_nn_forward(d.model, batch.images));
        for (int i = 0; said && i < batch.count; i++, index++) {
            const tarn_real *p = tarn_values(said) + CLASSES * i;
            const int label = batch.labels.ids[i];
            int best = 0;
            for (int k = 1; k < CLASSES; k++)
                best = p[k] > p[best] ? k : best;
            correct += best == label;
            outcome.confusion[label][best]++;
            if (best != label)
                add_mistake((mistake){(float)index, (float)label, (float)best, p[best], {0}},
                            tarn_values(batch.images) + PIXELS * i);
        }
        tarn_tape_end(tape);
    }
    tarn_nn_train(d.model, true);
    outcome.accuracy = (float)correct / (float)tarn_data_count(d.digits[1]);
    return (const float *)&outcome;
}

/* ---- What it sees */

static struct {
    float *values[LAYERS + 1]; /* of the picture, normalized, and of each layer's output */
    int size[LAYERS + 1];
} seen;

static bool keep(int at, tarn_tensor *t)
{
    free(seen.values[at]);
    seen.size[at] = t ? (int)tarn_size(t) : 0;
    seen.values[at] = t ? malloc(sizeof(float) * (size_t)seen.size[at]) : NULL;
    if (seen.values[at])
        memcpy(seen.values[at], tarn_values(t), sizeof(float) * (size_t)seen.size[at]);
    return seen.values[at];
}

/* Looks at a picture of 28 x 28 numbers from 0 (paper) to 1 (ink). */
const char *pg_look(const float *pixels)
{
    report_begin();
    tarn_tensor *picture = tarn_zeros(tarn_shape(1, SIDE, SIDE, 1));
    for (int i = 0; i < PIXELS; i++)
        tarn_values(picture)[i] = (tarn_real)(((double)pixels[i] - lenet_mean) / lenet_deviation);
    tarn_nn_train(d.model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *x = picture;
    bool ok = keep(0, x);
    for (int i = 0; ok && i < LAYERS; i++) {
        x = tarn_nn_forward(tarn_nn_child(d.model, i), x);
        ok = keep(i + 1, i == LAYERS - 1 ? tarn_softmax(x) : x);
    }
    tarn_tape_end(tape);
    tarn_nn_train(d.model, true);
    tarn_free(picture);
    return report_text(ok);
}

/* The output of a layer, from 1 on, or the picture: (height, width, channels) or numbers, the last
   those of softmax. */
const float *pg_seen(int layer)
{
    return seen.values[layer];
}

int pg_seen_size(int layer)
{
    return seen.size[layer];
}

/* The numbers of a parameter: 0 are the filters of the first layer (5, 5, 1, 6), 1 its biases, 2
   and 3 those of the second (5, 5, 6, 16). */
const float *pg_weights(int i)
{
    return tarn_values(tarn_nn_parameters(d.model).tensors[i]);
}

/* ---- Files, in the file system of the page */

const char *pg_save(const char *path)
{
    report_begin();
    const char *const classes[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    tarn_nn_describe(d.model, .input = tarn_shape(SIDE, SIDE, 1), .channels = 1,
                     .mean = &lenet_mean, .deviation = &lenet_deviation, .class_count = CLASSES,
                     .class_names = classes);
    return report_text(tarn_nn_save(d.model, path));
}

const char *pg_load(const char *path)
{
    report_begin();
    return report_text(tarn_nn_load(d.model, path));
}
