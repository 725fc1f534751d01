/*
 * Why does Adam correct its averages? The first 100 steps with and without.
 *
 * Both averages begin at 0. Where the gradient stays g, after t steps they are
 *     m = (1 - beta1^t) g,   v = (1 - beta2^t) g^2,
 * and a step without the correction is lr (1 - beta1^t) / sqrt(1 - beta2^t) long. That is lr in the
 * end, but first 0.1 / sqrt(0.001) = 3.16 lr, and about step 13 twice as much: v, which remembers
 * 1000 steps, is behind m, which remembers 10. So the first table: one weight with a gradient of 1.
 * Then LeNet, whose gradients do not stay: how far a weight moves in a step (root of the mean
 * square over all weights), and the loss, at several rates, in the mean of several seeds.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { STEPS = 100, SEEDS = 5 };
static const char *const rules[] = {"adam", "adam:bias_correction=false"};
static const char *const names[] = {"with", "without"};

/* ---- One weight */

static void on_one_weight(const char *folder)
{
    table *out = table_in(folder, "study_bias-correction_weight.csv", "step,with,without");
    tarn_tensor *w[2];
    tarn_optim *optimizers[2];
    for (int rule = 0; rule < 2; rule++) {
        w[rule] = tarn_requires_grad(tarn_zeros(tarn_shape()), true);
        check(w[rule]);
        optimizers[rule] = optimizer_new(rules[rule], tarn_params_of(w[rule]), 1);
    }
    printf("Lengths of steps of a weight with a steady gradient, over the rate:\n%6s %10s %10s\n",
           "step", names[0], names[1]);
    for (int step = 1; step <= STEPS; step++) {
        double moved[2];
        for (int rule = 0; rule < 2; rule++) {
            tarn_values(w[rule])[0] = 0; /* so that no digit of the step is lost */
            tarn_tape *tape = tarn_tape_begin();
            tarn_optim_zero_grad(optimizers[rule]);
            check(tarn_backward(tarn_scale(w[rule], 1)));
            tarn_optim_step(optimizers[rule]);
            tarn_tape_end(tape);
            moved[rule] = -(double)tarn_item(w[rule]);
        }
        table_row(out, "%d,%.6g,%.6g", step, moved[0], moved[1]);
        if (step <= 3 || step == 13 || step == STEPS)
            printf("%6d %10.4f %10.4f\n", step, moved[0], moved[1]);
    }
    table_end(out);
    for (int rule = 0; rule < 2; rule++) {
        tarn_optim_free(optimizers[rule]);
        tarn_free(w[rule]);
    }
}

/* ---- LeNet */

static const double rates[] = {0.001, 0.003, 0.01};
enum { RATES = sizeof rates / sizeof *rates };

/* Sums over the seeds. */
typedef struct course {
    double loss[STEPS], moved[STEPS]; /* before each step; in it, over the rate */
    double accuracy;
} course;

/* Adds the square of how far all weights moved to the context. */
static void add_squares(const tarn_optim_change *changes, int count, void *context)
{
    double *sum = context;
    for (int i = 0; i < count; i++)
        *sum += changes[i].update_norm * changes[i].update_norm;
}

static void train(course *c, lessons *l, const char *rule, double lr, uint64_t seed)
{
    static training t; /* no leak where the program ends with a sentence */
    l->seed = seed;
    lesson_begin(&t, l, rule, lr, STEPS);
    t.schedule = constant_rate;
    const tarn_params params = tarn_nn_parameters(t.model);
    double weights = 0, squares;
    for (int i = 0; i < params.count; i++)
        weights += (double)tarn_size(params.tensors[i]);
    check(tarn_optim_watch(t.optimizer, add_squares, &squares));
    for (int step = 0; step < STEPS; step++) {
        squares = 0;
        training_step(&t);
        c->loss[step] += t.last.loss / SEEDS;
        c->moved[step] += sqrt(squares / weights) / lr / SEEDS;
    }
    c->accuracy += evaluate(t.model, l->test_loader, CLASSES).accuracy / SEEDS;
    training_free(&t);
}

static double worst(const double *of)
{
    double most = of[0];
    for (int step = 1; step < STEPS; step++)
        most = fmax(most, of[step]);
    return most;
}

static void tell(table *steps, table *ends, const char *name, double lr, const course *c)
{
    for (int step = 0; step < STEPS; step++)
        table_row(steps, "%s,%g,%d,%.6g,%.6g", name, lr, step + 1, c->loss[step], c->moved[step]);
    table_row(ends, "%s,%g,%.6g,%.6g,%.6g,%.6f", name, lr, c->moved[0], worst(c->moved),
              worst(c->loss), c->accuracy);
    printf("%-10s %8g %12.3f %14.3f %12.2f %9.2f%%\n", name, lr, c->moved[0], worst(c->moved),
           worst(c->loss), 100 * c->accuracy);
}

static void on_digits(const study_settings *s)
{
    static lessons l; /* as above */
    l = lessons_new(&s->digits, (uint64_t)s->seed);
    table *steps =
        table_in(s->folder, "study_bias-correction_steps.csv", "correction,rate,step,loss,moved");
    table *ends = table_in(s->folder, "study_bias-correction.csv",
                           "correction,rate,first_step,longest_step,worst_loss,test_accuracy");
    printf("\nLeNet on %s, %d steps, means of %d seeds; a step is how far a weight moves, over the "
           "rate:\n"
           "%-10s %8s %12s %14s %12s %10s\n",
           s->digits.dataset, STEPS, SEEDS, "correction", "rate", "first step", "longest step",
           "worst loss", "accuracy");
    tarn_progress bar = tarn_progress_begin("bias-correction");
    for (int run = 0; run < RATES * 2; run++) {
        const double lr = rates[run / 2];
        const char *name = names[run % 2];
        course c = {.accuracy = 0};
        for (int seed = 0; seed < SEEDS; seed++) {
            train(&c, &l, rules[run % 2], lr, (uint64_t)(s->seed + seed));
            tarn_progress_show(&bar, run * SEEDS + seed + 1, RATES * 2 * SEEDS, c.loss[STEPS - 1]);
        }
        tell(steps, ends, name, lr, &c);
    }
    tarn_progress_end(&bar);
    table_end(steps);
    table_end(ends);
    lessons_free(&l);
}

static void run(const study_settings *s)
{
    on_one_weight(s->folder);
    on_digits(s);
}

const study study_bias_correction = {"bias-correction",
                                     "what does Adam's bias correction do to the first steps?",
                                     run,
                                     {{"study_bias-correction", "lengths of steps, and the loss"}}};
