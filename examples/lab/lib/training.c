#include "examples/lab/lib/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/progress.h"

enum { BATCH = 64 };

lessons lessons_new(const digits *d, uint64_t seed)
{
    lessons l = {
        .training = digits_read(d, TARN_TRAIN), .test = digits_read(d, TARN_TEST), .seed = seed};
    l.test_loader = tarn_loader_new(l.test, EVALUATION_BATCH);
    if (!l.test_loader)
        die("%s", tarn_error());
    l.steps_per_epoch = (long)((tarn_data_count(l.training) + BATCH - 1) / BATCH);
    return l;
}

void lessons_free(lessons *l)
{
    tarn_loader_free(l->test_loader);
    tarn_dataset_free(l->test);
    tarn_dataset_free(l->training);
}

training training_new(const lessons *l, const rule *r, double lr, long steps)
{
    tarn_seed(l->seed);
    training t = {.lr = lr, .steps = steps, .model = lenet()};
    t.loader = tarn_loader_new(l->training, BATCH, .shuffle = true, .seed = l->seed);
    if (t.model)
        t.optimizer = make_optimizer(r->name, tarn_nn_parameters(t.model), lr);
    if (!t.loader || !t.optimizer)
        die("%s", tarn_error());
    t.losses = calloc((size_t)steps, sizeof *t.losses);
    t.seconds = calloc((size_t)steps, sizeof *t.seconds);
    t.rule_seconds = calloc((size_t)steps, sizeof *t.rule_seconds);
    if (!t.losses || !t.seconds || !t.rule_seconds)
        die("out of memory for the record of %ld steps", steps);
    return t;
}

void training_free(training *t)
{
    free(t->losses);
    free(t->seconds);
    free(t->rule_seconds);
    tarn_optim_free(t->optimizer);
    tarn_nn_free(t->model);
    tarn_loader_free(t->loader);
    *t = (training){0};
}

bool has_diverged(double mean_loss)
{
    return !(mean_loss <= 2 * log(10));
}

bool training_step(training *t)
{
    const double start = seconds_now();
    tarn_batch batch;
    if (!tarn_loader_next(t->loader, &batch))
        tarn_loader_next(t->loader, &batch); /* the first of the next epoch */
    tarn_tape *tape = tarn_tape_begin();

    tarn_tensor *predictions = tarn_nn_forward(t->model, batch.images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

    tarn_optim_zero_grad(t->optimizer);
    if (!tarn_backward(loss))
        die("%s", tarn_error());

    tarn_optim_set_lr(t->optimizer, t->lr * (double)(t->steps - t->step) / (double)t->steps);
    const double before = seconds_now();
    tarn_optim_step(t->optimizer);
    t->rule_seconds[t->step] = seconds_now() - before;

    t->losses[t->step] = (double)tarn_item(loss);
    tarn_tape_end(tape);
    t->seconds[t->step] = seconds_now() - start;
    t->step++;
    return isfinite(t->losses[t->step - 1]);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of_steps(const training *t, const double *values)
{
    const size_t bytes = (size_t)t->step * sizeof *values;
    double *sorted = malloc(bytes);
    if (!sorted)
        die("out of memory for the record of %ld steps", t->step);
    memcpy(sorted, values, bytes);
    qsort(sorted, (size_t)t->step, sizeof *sorted, compare);
    const double median = sorted[t->step / 2];
    free(sorted);
    return median;
}

double smooth_loss(const training *t)
{
    const long count = 1 + t->step / 5;
    double sum = 0;
    for (long i = t->step - count; i < t->step; i++)
        sum += t->losses[i];
    return sum / (double)count;
}
