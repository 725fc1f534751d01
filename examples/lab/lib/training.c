#include "examples/lab/lib/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/clock.h"
#include "examples/lab/lib/options.h"

double constant_rate(int64_t step, int64_t steps)
{
    (void)step, (void)steps;
    return 1;
}

void training_record(training *t)
{
    t->records = calloc((size_t)t->steps, sizeof *t->records);
    if (!t->records)
        die("out of memory for the record of %ld steps", t->steps);
}

void training_free(training *t)
{
    free(t->records);
    tarn_optim_free(t->optimizer);
    tarn_nn_free(t->model);
    tarn_loader_free(t->loader);
    *t = (training){0};
}

/* ---- A step */

double add_gradients(tarn_module *model, const tarn_batch *batch, double share, int64_t *correct)
{
    tarn_tensor *predictions = tarn_nn_forward(model, batch->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch->labels);
    if (correct)
        *correct += tarn_count_correct(predictions, batch->labels);
    if (share != 1)
        loss = tarn_scale(loss, share);
    check(tarn_backward(loss));
    return (double)tarn_item(loss);
}

/* The first of the next epoch at the end of this one. */
static tarn_batch next_batch(tarn_loader *loader)
{
    tarn_batch batch;
    check(tarn_loader_next(loader, &batch) || tarn_loader_next(loader, &batch));
    return batch;
}

static void show_part(training *t, long done, double loss)
{
    if (t->bar)
        tarn_progress_show(t->bar, done, (long)tarn_loader_batches(t->loader), loss);
}

/* Adds the gradients of a batch, which is that share of the images of the step. */
static double batch_gradients(training *t, const tarn_batch *batch, double share)
{
    tarn_tape *tape = tarn_tape_begin();
    const double loss = add_gradients(t->model, batch, share, &t->correct);
    tarn_tape_end(tape);
    t->images += batch->count;
    return loss;
}

/* The gradients of all images of an epoch; returns their mean loss. */
static double full_gradients(training *t)
{
    const int64_t end = t->images + t->full_batch;
    double loss = 0;
    for (long part = 1; t->images < end && isfinite(loss); part++) {
        const tarn_batch batch = next_batch(t->loader);
        loss += batch_gradients(t, &batch, batch.count / (double)t->full_batch);
        show_part(t, part, loss);
    }
    return loss;
}

static double linear(int64_t step, int64_t steps)
{
    return tarn_schedule_linear(step, steps);
}

static double factor_now(const training *t)
{
    if (t->schedule_name)
        return tarn_schedule_by_name(t->schedule_name, t->step, t->steps);
    return (t->schedule ? t->schedule : linear)(t->step, t->steps);
}

/* On the batch, or on all of an epoch if it is NULL. */
static bool take_step(training *t, const tarn_batch *batch, double start)
{
    tarn_optim_zero_grad(t->optimizer);
    const double loss = batch ? batch_gradients(t, batch, 1) : full_gradients(t);
    tarn_optim_set_lr(t->optimizer, t->lr * factor_now(t));
    const double before = seconds_now();
    tarn_optim_step(t->optimizer);
    const double end = seconds_now();
    t->last = (step_record){loss, end - start, end - before};
    if (t->records)
        t->records[t->step] = t->last;
    t->step++;
    return isfinite(loss);
}

bool training_step_on(training *t, const tarn_batch *batch)
{
    return take_step(t, batch, seconds_now());
}

bool training_step(training *t)
{
    const double start = seconds_now();
    if (t->full_batch)
        return take_step(t, NULL, start);
    const tarn_batch batch = next_batch(t->loader);
    return take_step(t, &batch, start);
}

/* ---- Many steps */

epoch_result train_epoch(training *t, const char *label)
{
    const double start = seconds_now();
    const int64_t images_before = t->images, correct_before = t->correct;
    const long steps = t->full_batch ? 1 : (long)tarn_loader_batches(t->loader);
    double loss_sum = 0;
    tarn_progress bar = tarn_progress_begin(label);
    epoch_result result = {0};
    t->bar = &bar;
    for (long step = 1; step <= steps && !result.diverged; step++) {
        result.diverged = !training_step(t);
        loss_sum += t->last.loss;
        if (!t->full_batch)
            show_part(t, step, loss_sum / (double)step);
    }
    t->bar = NULL;
    tarn_progress_end(&bar);
    result.loss = result.diverged ? t->last.loss : loss_sum / (double)steps;
    result.seconds = seconds_now() - start;
    const double images = (double)(t->images - images_before);
    result.accuracy = (double)(t->correct - correct_before) / images;
    result.images_per_second = images / result.seconds;
    return result;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle one of a column of the records, each step_record being three numbers. */
static double median_of(const training *t, const double *first)
{
    const size_t count = (size_t)t->step, stride = sizeof *t->records / sizeof *first;
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        die("out of memory for the record of %ld steps", t->step);
    for (size_t i = 0; i < count; i++)
        sorted[i] = first[i * stride];
    qsort(sorted, count, sizeof *sorted, compare);
    const double median = sorted[count / 2];
    free(sorted);
    return median;
}

step_record median_step(const training *t)
{
    const step_record *r = t->records;
    return (step_record){median_of(t, &r->loss), median_of(t, &r->seconds),
                         median_of(t, &r->rule_seconds)};
}

double smooth_loss(const training *t)
{
    const long count = 1 + t->step / 5;
    double sum = 0;
    for (long i = t->step - count; i < t->step; i++)
        sum += t->records[i].loss;
    return sum / (double)count;
}

/* ---- How good a network is */

static void add_batch(tarn_module *model, const tarn_batch *batch, double *loss,
                      tarn_confusion *confusion)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *predictions = tarn_nn_forward(model, batch->images);
    tarn_tensor *sum = tarn_cross_entropy(predictions, batch->labels, .reduction = TARN_SUM);
    check(sum);
    check(tarn_confusion_add(confusion, predictions, batch->labels));
    *loss += (double)tarn_item(sum);
    tarn_tape_end(tape);
}

/* Fills in the class that most of the images have. */
static void find_most_common(score *s, const tarn_confusion *confusion, int classes, double images)
{
    for (int truth = 0; truth < classes; truth++) {
        int64_t count = 0;
        for (int guess = 0; guess < classes; guess++)
            count += tarn_confusion_count(confusion, truth, guess);
        if ((double)count > s->chance * images) {
            s->most_common = truth;
            s->chance = (double)count / images;
        }
    }
}

score evaluate(tarn_module *model, tarn_loader *loader, int classes)
{
    tarn_confusion *confusion = tarn_confusion_new(classes);
    double loss = 0, images = 0;
    tarn_batch batch;
    check(confusion);
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        add_batch(model, &batch, &loss, confusion);
        images += batch.count;
    }
    tarn_nn_train(model, true);
    score s = {.loss = loss / images, .accuracy = tarn_confusion_accuracy(confusion)};
    find_most_common(&s, confusion, classes, images);
    tarn_confusion_free(confusion);
    return s;
}

bool has_diverged(double mean_loss, int classes)
{
    return !(mean_loss <= 2 * log(classes));
}

void check_learned(score s)
{
    if (!(s.accuracy > s.chance))
        die("the network has learned nothing: a test accuracy of %.2f%% is no better than always "
            "answering class %d (%.2f%%); another --lr or more --epochs may help",
            100 * s.accuracy, s.most_common, 100 * s.chance);
}
