#include "examples/landscape_lenet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/options.h"
#include "examples/progress.h"

/* Large parts for evaluation: threads then wait less for each other where the machine is busy. */
enum { BATCH = 64, PART = 1000 };

landscape_run run;

/* What the functions here need beside it. */
static struct {
    tarn_dataset *training, *test, *seen;
    tarn_loader *loader;
    tarn_optim *optimizer;
    tarn_real *start;        /* the weights before any training */
    tarn_real *now, *before; /* after the last two steps */
} own;

static void free_run(void)
{
    main_plane_free(&run.plane);
    free(run.steps);
    free(run.points);
    free(own.before);
    free(own.now);
    free(own.start);
    tarn_optim_free(own.optimizer);
    tarn_nn_free(run.model);
    tarn_loader_free(run.seen);
    tarn_loader_free(run.test);
    tarn_loader_free(own.loader);
    tarn_dataset_free(own.seen);
    tarn_dataset_free(own.test);
    tarn_dataset_free(own.training);
}

void *memory(int64_t count, size_t size)
{
    void *block = calloc((size_t)count, size);
    if (!block)
        die("no memory for %lld numbers", (long long)count);
    return block;
}

void get_weights(tarn_real *to)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int i = 0; i < list.count; to += tarn_size(list.tensors[i++]))
        memcpy(to, tarn_values(list.tensors[i]), (size_t)tarn_size(list.tensors[i]) * sizeof *to);
}

void set_weights(const tarn_real *from)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int i = 0; i < list.count; from += tarn_size(list.tensors[i++]))
        memcpy(tarn_values(list.tensors[i]), from,
               (size_t)tarn_size(list.tensors[i]) * sizeof *from);
}

/* The training set is in no order, so that its first images are like the others. */
static void choose_images(const settings *s)
{
    tarn_batch batch;
    if (s->images > tarn_data_count(own.training))
        die("--images %ld: there are %lld", s->images, (long long)tarn_data_count(own.training));
    tarn_loader *all = tarn_loader_new(own.training, s->images);
    if (tarn_loader_next(all, &batch))
        own.seen = tarn_data_from_numbers(tarn_shape_get(batch.images), tarn_values(batch.images),
                                          batch.labels.ids, tarn_data_classes(own.training));
    tarn_loader_free(all);
    run.seen = tarn_loader_new(own.seen, PART);
}

void prepare(const settings *s)
{
    atexit(free_run);
    own.training = digits_read(&s->digits, TARN_TRAIN);
    own.test = digits_read(&s->digits, TARN_TEST);
    choose_images(s);
    run.test = tarn_loader_new(own.test, PART);
    run.model = lenet();
    if (!run.seen || !run.test || !run.model)
        die("%s", tarn_error());
    run.size = tarn_nn_parameter_count(run.model);
    own.start = memory(run.size, sizeof *own.start);
    own.now = memory(run.size, sizeof *own.now);
    own.before = memory(run.size, sizeof *own.before);
    run.points = memory((s->points + 1) * run.size, sizeof *run.points);
    run.steps = memory(s->points + 1, sizeof *run.steps);
    get_weights(own.start);
}

/* ---- Training */

double distance(const tarn_real *a, const tarn_real *b)
{
    double sum = 0;
    for (int64_t i = 0; i < run.size; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

/* One step; the batches are the same for all that begin with the same seed. Returns the loss. */
static double train_step(const tarn_batch *batch)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *predictions = tarn_nn_forward(run.model, batch->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch->labels);
    tarn_optim_zero_grad(own.optimizer);
    if (!tarn_backward(loss))
        die("%s", tarn_error());
    tarn_optim_step(own.optimizer);
    const double value = (double)tarn_item(loss);
    tarn_tape_end(tape);
    return value;
}

/* Records the weights after a step, if it is one of those of which s->points are made. */
static void record(const settings *s, long step, long steps)
{
    const tarn_real *weights = own.now;
    if (step > 0)
        run.travelled += distance(own.before, own.now);
    if (step * s->points / steps == (step - 1) * s->points / steps && step > 0)
        return;
    memcpy(run.points + run.point_count * run.size, weights, (size_t)run.size * sizeof *weights);
    run.steps[run.point_count++] = step;
}

void train(const settings *s, const rule *r)
{
    run.point_count = 0;
    run.travelled = 0;
    set_weights(own.start);
    own.loader = tarn_loader_new(own.training, BATCH, .shuffle = true, .seed = (uint64_t)s->seed);
    own.optimizer =
        make_optimizer(r->name, tarn_nn_parameters(run.model), r->lr, r->momentum, r->decay);
    if (!own.loader || !own.optimizer)
        die("%s", tarn_error());
    const long steps = s->epochs * (long)tarn_loader_batches(own.loader);
    progress bar = progress_begin(r->name);
    get_weights(own.now);
    record(s, 0, steps);
    tarn_batch batch;
    for (long step = 1; step <= steps; progress_show(&bar, step++, steps, NAN)) {
        while (!tarn_loader_next(own.loader, &batch))
            ; /* the end of an epoch */
        tarn_optim_set_lr(own.optimizer, r->lr * (double)(steps - step + 1) / (double)steps);
        const double loss = train_step(&batch);
        if (!isfinite(loss))
            die("%s has diverged: its loss is %g", r->name, fabs(loss));
        tarn_real *weights = own.before;
        own.before = own.now;
        own.now = weights;
        get_weights(own.now);
        record(s, step, steps);
    }
    progress_end(&bar);
    tarn_optim_free(own.optimizer);
    tarn_loader_free(own.loader);
    own.optimizer = NULL;
    own.loader = NULL;
}

score score_at(const tarn_real *origin, double x, double y)
{
    const double *a = run.plane.axis[0], *b = run.plane.axis[1];
    for (int64_t i = 0; i < run.size; i++)
        own.now[i] = (tarn_real)((double)origin[i] + x * a[i] + y * b[i]);
    set_weights(own.now);
    return evaluate(run.model, run.seen);
}
