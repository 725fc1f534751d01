/*
 * What does a penalty do? Training makes an objective small, which is the cost, the mean loss over
 * the training images, and a penalty on the weights w:
 *
 *     L2          J = cost + l2/2 (sum of w^2)     the gradient gets l2 w: a pull by the size
 *     L1          J = cost + l1 (sum of |w|)       the gradient gets l1 sign(w): the same pull for
 * all decoupled   no penalty; every step takes lr decay w from the weights, beside the rule
 *
 * In gradient descent, L2 and decoupled decay are the same step, in another order. Adam divides the
 * gradient by its size, and the pull of a penalty with it. Biases have no penalty.
 *
 * First on one weight, whose cost (w - 0.4)^2 / 2 is lowest at 0.4. With L2 the objective is lowest
 * nearer to 0, at 0.4 / (1 + l2); with L1, if l1 is above 0.4, at 0 itself, in the kink.
 *
 * Then LeNet is trained on few images, and a fifth of their labels are wrong. It has room enough to
 * learn these by heart as well, and does, unless a penalty makes that too dear.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { IMAGES = 500, EPOCHS = 60, SEEDS = 2 };
static const double NEAR_ZERO = 1e-3;

typedef enum penalty { NONE, L2, DECOUPLED, L1 } penalty;
static const char *const penalties[] = {"none", "L2", "decoupled", "L1"};

static const struct {
    const char *optimizer;
    double lr;
    penalty penalty;
    double strength;
} runs[] = {
    {"sgd", 0.1, NONE, 0},
    {"sgd", 0.1, L2, 0.06},
    {"sgd", 0.1, DECOUPLED, 0.06},
    {"sgd", 0.1, L1, 0.003},
    {"adam", 0.001, NONE, 0},
    {"adam", 0.001, L2, 0.03},
    {"adam", 0.001, DECOUPLED, 0.03},
    {"adam", 0.001, DECOUPLED, 3},
    {"adam", 0.001, L1, 0.001},
};
enum { RUNS = sizeof runs / sizeof *runs };

/* ---- On one weight */

static const double LOWEST = 0.4, STRENGTH = 0.5; /* of the cost; of either penalty */

/* Where gradient descent ends. */
static double descend(double l2, double l1)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 1), true);
    tarn_tensor *lowest = tarn_full(tarn_shape(), LOWEST);
    check(w && lowest);
    tarn_optim *optimizer =
        tarn_optim_sgd(tarn_params_of(w), .lr = 0.01, .weight_decay = l2, .l1 = l1);
    check(optimizer);
    for (int step = 0; step < 2000; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_optim_zero_grad(optimizer);
        check(tarn_backward(tarn_scale(tarn_square(tarn_sub(w, lowest)), 0.5)));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    const double end = (double)tarn_item(w);
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(lowest);
    return end;
}

static void on_one_weight(const char *folder)
{
    table *curve = table_in(folder, "study_objective_curve.csv", "w,cost,L2,L1");
    for (int i = -60; i <= 120; i++) {
        const double w = i / 100.0, cost = (w - LOWEST) * (w - LOWEST) / 2;
        table_row(curve, "%g,%.6g,%.6g,%.6g", w, cost, cost + STRENGTH / 2 * w * w,
                  cost + STRENGTH * fabs(w));
    }
    table_end(curve);
    const double ends[] = {descend(0, 0), descend(STRENGTH, 0), descend(0, STRENGTH)};
    table *out = table_in(folder, "study_objective_ends.csv", "cost,L2,L1");
    table_row(out, "%.6f,%.6f,%.6f", ends[0], ends[1], ends[2]);
    table_end(out);
    printf("One weight, with the cost (w - %g)^2 / 2. Gradient descent ends at\n"
           "  %.4f on the cost alone, %.4f with L2 of %g, %.4f with L1 of %g.\n\n",
           LOWEST, ends[0], ends[1], STRENGTH, ends[2], STRENGTH);
}

/* ---- What is in the weights */

enum { BINS = 81 };
static const double WIDEST = 0.4; /* of the histogram, to either side */

typedef struct weights {
    double count, squares, sum, near_zero; /* the sum of |w| */
    double bins[BINS];
} weights;

static weights weights_of(tarn_params params)
{
    weights all = {.count = 0};
    for (int i = 0; i < params.count; i++) {
        if (!strstr(params.names[i], "weight"))
            continue;
        for (int64_t k = 0; k < tarn_size(params.tensors[i]); k++) {
            const double w = (double)tarn_values(params.tensors[i])[k];
            all.count++;
            all.squares += w * w;
            all.sum += fabs(w);
            all.near_zero += fabs(w) < NEAR_ZERO;
            const double bin = floor((w / WIDEST + 1) / 2 * BINS);
            if (bin >= 0 && bin < BINS)
                all.bins[(int)bin]++;
        }
    }
    return all;
}

/* ---- Runs */

/* Means over the seeds. */
typedef struct outcome {
    double cost, penalty, norm, near_zero, training_accuracy, test_accuracy;
} outcome;

static void train(outcome *o, table *histogram, int run, const lessons *l, tarn_loader *seen)
{
    static training t; /* no leak where the program ends with a sentence */
    const double strength = runs[run].strength;
    char rule[128];
    snprintf(rule, sizeof rule, "%s:%s=%g%s", runs[run].optimizer,
             runs[run].penalty == L1 ? "l1" : "weight_decay", strength,
             runs[run].penalty == DECOUPLED ? ",decoupled=true" : "");
    lesson_begin(&t, l, rule, runs[run].lr, EPOCHS * l->steps_per_epoch);
    check(tarn_optim_group(t.optimizer, "*.bias", .weight_decay = 0, .l1 = 0));
    while (t.step < t.steps)
        training_step(&t);

    const weights w = weights_of(tarn_nn_parameters(t.model));
    const score known = evaluate(t.model, seen, CLASSES);
    const score test = evaluate(t.model, l->test_loader, CLASSES);
    o->cost += known.loss / SEEDS;
    o->penalty += (runs[run].penalty == L2   ? strength / 2 * w.squares
                   : runs[run].penalty == L1 ? strength * w.sum
                                             : 0) /
                  SEEDS;
    o->norm += sqrt(w.squares) / SEEDS;
    o->near_zero += w.near_zero / w.count / SEEDS;
    o->training_accuracy += known.accuracy / SEEDS;
    o->test_accuracy += test.accuracy / SEEDS;
    for (int bin = 0; histogram && bin < BINS; bin++)
        table_row(histogram, "%s,%s,%g,%.6g,%.6g", runs[run].optimizer,
                  penalties[runs[run].penalty], strength, ((bin + 0.5) / BINS * 2 - 1) * WIDEST,
                  w.bins[bin] / w.count);
    training_free(&t);
}

/* The first so many training images alone, as they go into the network; a fifth of them labelled
   wrong. */
static tarn_dataset *few_of(tarn_dataset *all)
{
    if (tarn_data_count(all) < IMAGES)
        die("%lld training images are too few: expects %d", (long long)tarn_data_count(all),
            IMAGES);
    int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        const int label = tarn_data_label(all, i), off = i % 5 == 0 ? 1 + i / 5 % (CLASSES - 1) : 0;
        labels[i] = (label + off) % CLASSES;
    }
    tarn_loader *loader = tarn_loader_new(all, IMAGES);
    tarn_batch batch;
    check(loader && tarn_loader_next(loader, &batch));
    tarn_dataset *few = tarn_data_from_numbers(tarn_shape(IMAGES, 28, 28, 1),
                                               tarn_values(batch.images), labels, CLASSES);
    check(few);
    tarn_loader_free(loader);
    return few;
}

static void tell(table *out, int run, const outcome *o)
{
    const char *which = penalties[runs[run].penalty];
    table_row(out, "%s,%s,%g,%.6g,%.6g,%.6g,%.6g,%.6f,%.6f,%.6f", runs[run].optimizer, which,
              runs[run].strength, o->cost, o->penalty, o->cost + o->penalty, o->norm, o->near_zero,
              o->training_accuracy, o->test_accuracy);
    printf("%-5s %-10s %9g %8.4f %9.4f %10.4f %7.2f %9.2f%% %8.1f%% %6.2f%%\n", runs[run].optimizer,
           which, runs[run].strength, o->cost, o->penalty, o->cost + o->penalty, o->norm,
           100 * o->near_zero, 100 * o->training_accuracy, 100 * o->test_accuracy);
}

static void on_digits(const study_settings *s)
{
    static lessons l; /* as above */
    l = lessons_new(&s->digits, 0);
    tarn_dataset *few = few_of(l.training);
    tarn_dataset_free(l.training);
    l.training = few;
    l.steps_per_epoch = (IMAGES + 63) / 64;
    tarn_loader *seen = tarn_loader_new(few, EVALUATION_BATCH);
    check(seen);
    table *histogram = table_in(s->folder, "study_objective_weights.csv",
                                "optimizer,penalty,strength,weight,part");
    table *out = table_in(s->folder, "study_objective.csv",
                          "optimizer,penalty,strength,cost,penalty_value,objective,norm,near_zero,"
                          "training_accuracy,test_accuracy");
    printf("LeNet on %d images of %s, %d epochs, means of %d seeds; near zero is below %g:\n"
           "%-5s %-10s %9s %8s %9s %10s %7s %10s %9s %7s\n",
           IMAGES, s->digits.dataset, EPOCHS, SEEDS, NEAR_ZERO, "", "penalty", "strength", "cost",
           "penalty", "objective", "norm", "near zero", "training", "test");
    tarn_progress bar = tarn_progress_begin("objective");
    for (int run = 0; run < RUNS; run++) {
        outcome o = {0};
        for (int seed = 0; seed < SEEDS; seed++) {
            l.seed = (uint64_t)(s->seed + seed);
            train(&o, seed == 0 ? histogram : NULL, run, &l, seen);
            tarn_progress_show(&bar, run * SEEDS + seed + 1, RUNS * SEEDS, o.cost);
        }
        tell(out, run, &o);
    }
    tarn_progress_end(&bar);
    table_end(histogram);
    table_end(out);
    tarn_loader_free(seen);
    lessons_free(&l);
}

static void run(const study_settings *s)
{
    on_one_weight(s->folder);
    on_digits(s);
}

const study study_objective = {"objective",
                               "what do L2, L1 and decoupled decay do to the weights?",
                               run,
                               {{"study_objective", "histograms of the weights, and accuracy"},
                                {"study_objective_curve", "cost and objective of one weight"}}};
