#include "examples/lab/landscape/lenet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

landscape_run run;

/* What the functions here need beside it. */
static struct {
    lessons lessons;
    tarn_dataset *seen;
    tarn_real *now, *before; /* weights after the last two steps */
} own;

void free_run(void)
{
    free(run.steps);
    free(run.points);
    free(own.before);
    free(own.now);
    tarn_nn_free(run.model);
    tarn_loader_free(run.seen);
    tarn_dataset_free(own.seen);
    lessons_free(&own.lessons);
}

void *memory(int64_t count, size_t size)
{
    void *block = calloc((size_t)count, size);
    if (!block)
        die("no memory for %lld numbers", (long long)count);
    return block;
}

void get_weights(tarn_module *model, tarn_real *to)
{
    const tarn_params list = tarn_nn_parameters(model);
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
    if (s->images > tarn_data_count(own.lessons.training))
        die("--images %ld: there are %lld", s->images,
            (long long)tarn_data_count(own.lessons.training));
    tarn_loader *all = tarn_loader_new(own.lessons.training, s->images);
    if (tarn_loader_next(all, &batch))
        own.seen =
            tarn_data_from_numbers(tarn_shape_get(batch.images), tarn_values(batch.images),
                                   batch.labels.ids, tarn_data_classes(own.lessons.training));
    tarn_loader_free(all);
    run.seen = tarn_loader_new(own.seen, EVALUATION_BATCH);
}

void prepare(const settings *s)
{
    own.lessons = lessons_new(&s->digits, (uint64_t)s->seed);
    choose_images(s);
    check(run.seen);
    run.model = digits_network("lenet");
    run.size = tarn_nn_parameter_count(run.model);
    own.now = memory(run.size, sizeof *own.now);
    own.before = memory(run.size, sizeof *own.before);
    run.points = memory((s->points + 1) * run.size, sizeof *run.points);
    run.steps = memory(s->points + 1, sizeof *run.steps);
}

/* ---- Training */

double distance(const tarn_real *a, const tarn_real *b)
{
    double sum = 0;
    for (int64_t i = 0; i < run.size; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
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

void train(const settings *s, const char *optimizer)
{
    const long steps = s->epochs * own.lessons.steps_per_epoch;
    static training t;
    lesson_begin(&t, &own.lessons, optimizer, optimizer_rate(optimizer), steps);
    run.point_count = 0;
    run.travelled = 0;
    get_weights(t.model, own.now);
    record(s, 0, steps);
    tarn_progress bar = tarn_progress_begin(optimizer);
    while (t.step < steps) {
        if (!training_step(&t))
            die("%s has diverged: its loss is %g", optimizer, fabs(t.last.loss));
        tarn_real *weights = own.before;
        own.before = own.now;
        own.now = weights;
        get_weights(t.model, own.now);
        record(s, t.step, steps);
        tarn_progress_show(&bar, t.step, steps, t.last.loss);
    }
    tarn_progress_end(&bar);
    if (has_diverged(smooth_loss(&t), CLASSES))
        die("%s has diverged: its loss is %g", optimizer, smooth_loss(&t));
    set_weights(own.now);
    training_free(&t);
}

score score_seen(void)
{
    return evaluate(run.model, run.seen, CLASSES);
}

score score_test(void)
{
    return evaluate(run.model, own.lessons.test_loader, CLASSES);
}

score score_at(const tarn_real *origin, double x, double y)
{
    const double *a = run.plane.axis[0], *b = run.plane.axis[1];
    for (int64_t i = 0; i < run.size; i++)
        own.now[i] = (tarn_real)((double)origin[i] + x * a[i] + y * b[i]);
    set_weights(own.now);
    return score_seen();
}
