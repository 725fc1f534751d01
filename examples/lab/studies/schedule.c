/*
 * What does a falling rate do? theta <- theta - eta s(t) g: each schedule s of the library
 * (optim/schedule.h) beside the constant one, at the same eta.
 *
 * Large steps get far, and cannot come to rest: at a constant rate weights wander about a minimum,
 * the farther the larger it is (studies/batch.c). A schedule that falls has both, one after the
 * other. And one that begins small keeps the first steps, where the gradients change fastest, from
 * going astray.
 *
 * LeNet on digits for an epoch of batches of 64, by momentum 0.9 at a rate that is as large as it
 * bears. Three seeds: behind +- stands the standard error of their mean, and a difference of less
 * than twice that says nothing.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { SEEDS = 3, PLANS = 10, PARTS = 10 };
static const double LR = 0.05;

/* As tarn_schedule_by_name() reads them; but constant, and plateau, which is not of the step. */
typedef struct plan {
    const char *name;
    char text[64];
} plan;

/* Those with numbers of steps or gammas reach a hundredth, or their end, with the last step. */
static int make_plans(plan plans[PLANS], long steps)
{
    int count = 0;
    plans[count++] = (plan){"constant", ""};
    plans[count++] = (plan){"linear", "linear"};
    plans[count++] = (plan){"polynomial", "polynomial:power=2"};
    plans[count++] = (plan){"cosine", "cosine"};
    plans[count] = (plan){"step", ""};
    snprintf(plans[count++].text, 64, "step:every=%ld,gamma=0.1", (steps + 2) / 3);
    plans[count] = (plan){"exponential", ""};
    snprintf(plans[count++].text, 64, "exponential:gamma=%.9g", pow(0.01, 1 / (double)steps));
    plans[count] = (plan){"restarts", ""};
    snprintf(plans[count++].text, 64, "cosine_restarts:first=%ld", (steps + 2) / 3);
    plans[count] = (plan){"warmup", ""};
    snprintf(plans[count++].text, 64, "warmup:steps=%ld*cosine", steps / 10);
    plans[count++] = (plan){"one_cycle", "one_cycle"};
    plans[count++] = (plan){"plateau", ""};
    return count;
}

static training t; /* no leak where the program ends with a sentence */
static const plan *now;
static tarn_plateau plateau;

/* The mean loss of the latest tenth of all steps before this one. */
static double latest_loss(int64_t step)
{
    const int64_t window = t.steps / PARTS, count = step < window ? step : window;
    double sum = 0;
    for (int64_t i = step - count; i < step; i++)
        sum += t.records[i].loss;
    return sum / (double)count;
}

static double factor(int64_t step, int64_t steps)
{
    if (now->text[0])
        return tarn_schedule_by_name(now->text, step, steps);
    if (is(now->name, "plateau") && step > 0 && step % (steps / PARTS) == 0)
        tarn_plateau_update(&plateau, latest_loss(step));
    return plateau.scale;
}

static score train(const lessons *l, table *curves, tarn_progress *bar)
{
    lesson_begin(&t, l, "momentum", LR, l->steps_per_epoch);
    t.schedule = factor;
    plateau = tarn_plateau(.patience = 0, .factor = 0.3, .threshold = 0.03);
    while (t.step < t.steps) {
        training_step(&t);
        table_row(curves, "%s,%llu,%lld,%.6g,%.6g", now->name, (unsigned long long)l->seed,
                  (long long)t.step - 1, tarn_optim_lr(t.optimizer) / LR, latest_loss(t.step));
        tarn_progress_show(bar, t.step, t.steps, t.last.loss);
    }
    const score s = evaluate(t.model, l->test_loader, CLASSES);
    training_free(&t);
    return s;
}

/* Mean and standard error. */
static void summarize(const double values[SEEDS], double *mean, double *error)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < SEEDS; i++)
        sum += values[i];
    *mean = sum / SEEDS;
    for (int i = 0; i < SEEDS; i++)
        squares += pow(values[i] - *mean, 2);
    *error = sqrt(squares / (SEEDS - 1) / SEEDS);
}

static void run_plan(lessons *l, uint64_t seed, table *curves, table *ends)
{
    double losses[SEEDS], accuracies[SEEDS], loss, loss_error, accuracy, accuracy_error;
    tarn_progress bar = tarn_progress_begin(now->name);
    for (int i = 0; i < SEEDS; i++) {
        l->seed = seed + (uint64_t)i;
        const score s = train(l, curves, &bar);
        losses[i] = s.loss, accuracies[i] = 100 * s.accuracy;
    }
    tarn_progress_end(&bar);
    summarize(losses, &loss, &loss_error);
    summarize(accuracies, &accuracy, &accuracy_error);
    table_row(ends, "%s,%.6g,%.3g,%.4f,%.3g", now->name, loss, loss_error, accuracy,
              accuracy_error);
    printf("%-12s %7.4f +- %.4f  %6.2f +- %.2f%%   %s\n", now->name, loss, loss_error, accuracy,
           accuracy_error, now->text);
}

static void run(const study_settings *s)
{
    static lessons l; /* as above */
    static plan plans[PLANS];
    l = lessons_new(&s->digits, (uint64_t)s->seed);
    if (l.steps_per_epoch < PARTS)
        die("%s has %lld training images, expects at least %d batches of them", s->digits.folder,
            (long long)tarn_data_count(l.training), PARTS);
    const int count = make_plans(plans, l.steps_per_epoch);
    table *curves =
        table_in(s->folder, "study_schedule_curves.csv", "schedule,seed,step,factor,training_loss");
    table *ends = table_in(s->folder, "study_schedule.csv",
                           "schedule,test_loss,loss_error,test_accuracy,accuracy_error");
    printf("LeNet on %s, %ld steps by momentum, eta %g, seeds %ld to %ld:\n%-12s %-17s  %s\n",
           s->digits.dataset, l.steps_per_epoch, LR, s->seed, s->seed + SEEDS - 1, "schedule",
           "test loss", "test accuracy");
    for (int i = 0; i < count; i++) {
        now = &plans[i];
        run_plan(&l, (uint64_t)s->seed, curves, ends);
    }
    table_end(curves);
    table_end(ends);
    lessons_free(&l);
}

const study study_schedule = {
    "schedule",
    "a constant rate, or one that rises and falls?",
    run,
    {{"study_schedule", "each schedule's curve, and what it does to training"}}};
