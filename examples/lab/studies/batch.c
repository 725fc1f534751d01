/*
 * How many examples to a step? The whole set, one, or a batch of k in between. All take the step
 *     theta <- theta - eta g,  g = the mean of the examples' gradients,
 * and differ in how many the mean is of. Drawn at random it is right on average, and its deviation
 * is that of one example's over sqrt(k): batch_bowl.c shows that where it can be seen.
 *
 * Then a network of two hidden layers on digits, from the same weights, at a rate that suits each
 * batch size: the loss of 2,000 training images against the examples seen, and against the seconds
 * that the steps took. A small batch gets more out of each example, a large one more examples into
 * each second.
 */
#include <stdio.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { MEASURED = 2000 };

typedef struct lesson {
    int batch; /* 0: all */
    double lr;
    int64_t examples; /* of batch 0: epochs */
} lesson;

/* The larger the batch, the more examples it takes to see where it goes. */
static const lesson plan[] = {
    {0, 0.1, 20}, {512, 0.1, 102400}, {64, 0.1, 51200}, {8, 0.03, 20480}, {1, 0.005, 8192}};

static training begin(const lessons *l, const lesson *p)
{
    const int64_t count = tarn_data_count(l->training);
    const int64_t together = p->batch ? p->batch : EVALUATION_BATCH;
    tarn_seed(l->seed);
    training t = {.lr = p->lr, .schedule = constant_rate, .full_batch = p->batch ? 0 : count};
    t.model = network_new("mlp", tarn_data_sample_shape(l->training), CLASSES);
    t.loader = tarn_loader_new(l->training, together, .shuffle = true, .seed = l->seed);
    check(t.model && t.loader);
    t.steps = p->batch ? p->examples / p->batch : p->examples;
    t.optimizer = tarn_optim_sgd(tarn_nn_parameters(t.model), .lr = p->lr);
    check(t.optimizer);
    return t;
}

/* Measures at the start, at the end, and each time that a quarter more examples are behind. */
static void train(const lessons *l, tarn_loader *seen, const lesson *p, table *curves)
{
    static training t; /* no leak where the program ends with a sentence */
    double seconds = 0, loss = 0;
    tarn_progress bar = tarn_progress_begin("batch");
    t = begin(l, p);
    for (int64_t next = 0;;) {
        if (t.images >= next || t.step == t.steps) {
            loss = evaluate(t.model, seen, CLASSES).loss;
            table_row(curves, "%d,%lld,%.4f,%.6g", p->batch, (long long)t.images, seconds, loss);
            next = t.images + t.images / 4 + p->batch;
        }
        if (t.step == t.steps)
            break;
        training_step(&t);
        seconds += t.last.seconds;
        tarn_progress_show(&bar, t.step, t.steps, t.last.loss);
    }
    tarn_progress_end(&bar);
    printf("%10d %10g %10lld %10lld %10.4f %10.1f%s\n", p->batch, p->lr, (long long)t.images,
           (long long)t.step, loss, 1e6 * seconds / (double)t.images, p->batch ? "" : "  (0: all)");
    training_free(&t);
}

static void on_digits(const study_settings *s)
{
    static lessons l; /* as above */
    static tarn_dataset *part;
    static tarn_loader *seen;
    static int64_t first[MEASURED];
    l = lessons_new(&s->digits, (uint64_t)s->seed);
    const int64_t all = tarn_data_count(l.training), count = all < MEASURED ? all : MEASURED;
    for (int64_t i = 0; i < count; i++)
        first[i] = i;
    part = tarn_data_subset(l.training, first, count);
    check(part);
    seen = tarn_loader_new(part, EVALUATION_BATCH);
    check(seen);
    table *curves = table_in(s->folder, "study_batch.csv", "batch,examples,seconds,training_loss");
    printf("\ntwo layers of 128 units on %s:\n%10s %10s %10s %10s %10s %10s\n", s->digits.dataset,
           "batch", "rate", "examples", "steps", "loss", "us/example");
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++)
        train(&l, seen, &plan[i], curves);
    table_end(curves);
    tarn_loader_free(seen);
    tarn_dataset_free(part);
    lessons_free(&l);
}

static void run(const study_settings *s)
{
    batch_on_a_bowl(s);
    on_digits(s);
}

const study study_batch = {
    "batch",
    "the whole set, a batch, or one example to a step?",
    run,
    {{"study_batch_paths", "paths down a bowl at three batch sizes, and how far they stray"},
     {"study_batch", "the loss against examples and seconds"}}};
