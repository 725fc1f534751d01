/*
 * The optimizers side by side: each trains LeNet from the same initial weights on the same batches
 * of 64 digits. A table shows how far and how fast each one gets, and what a step of it costs in
 * time and memory; a picture shows how the loss falls. With --sweep each also trains at a grid of
 * learning rates around its own, see optimizers_sweep.c: which of them forgive a wrong rate?
 *
 * The rates are those of rules.c, which suit LeNet, and fall in a straight line to 0 at the end of
 * the run, so that all of them settle. Gradient descent on the whole training set (gd) is left out:
 * its batches could not be the same.
 *
 * The columns of the table:
 *     accuracy, loss      on the test images, at the end of each epoch
 *     steps to 97%, 98%   when a test, one every 50 steps, first found that accuracy; - for never
 *     microseconds        the median step of training, and of it the rule: tarn_optim_step(); many
 *                         times as long where other programs keep the processors busy
 *     state               bytes that the optimizer keeps for each parameter
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/progress.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/optimizers_settings.h"
#include "examples/lab/optimizers_sweep.h"

enum { GOALS = 2 };

static const double goals[GOALS] = {0.97, 0.98};

/* What the program holds, freed at exit on whichever way it ends. */
static struct {
    lessons lessons;
    training training;
    csv curves, summary;
} run;

static void free_run(void)
{
    if (run.curves.file)
        fclose(run.curves.file);
    if (run.summary.file)
        fclose(run.summary.file);
    training_free(&run.training);
    lessons_free(&run.lessons);
}

/* ---- One optimizer */

typedef struct result {
    bool diverged;
    int epochs; /* whole ones, each with its score */
    score scores[MAX_EPOCHS];
    long steps_to[GOALS]; /* 0: not reached */
    double step_us, rule_us, state_bytes;
} result;

static void test_network(result *r, const training *t, bool epoch_ends)
{
    const score s = evaluate(t->model, run.lessons.test_loader);
    csv_add(&run.curves, "%.6g,%.6f", s.loss, s.accuracy);
    r->diverged = !isfinite(s.loss);
    if (r->diverged)
        return;
    for (int goal = 0; goal < GOALS; goal++)
        if (s.accuracy >= goals[goal] && !r->steps_to[goal])
            r->steps_to[goal] = t->step;
    if (epoch_ends)
        r->scores[r->epochs++] = s;
}

/* Writes a line of the curves after a step, if it is one for a test, or one of the first, which are
   the closer the earlier. Returns the step of the next line but for tests. */
static long observe(const settings *s, const char *name, result *r, const training *t,
                    long next_line)
{
    const bool epoch_ends = t->step % run.lessons.steps_per_epoch == 0;
    const bool test = epoch_ends || t->step % s->every == 0;
    if (!test && t->step < next_line)
        return next_line;
    csv_add(&run.curves, "%s,%s,%ld,%.9g,", s->digits.dataset, name, t->step, smooth_loss(t));
    if (test)
        test_network(r, t, epoch_ends);
    else
        csv_add(&run.curves, ",");
    csv_add(&run.curves, "\n");
    return t->step + 1 + t->step / 10;
}

static result train(const settings *s, const rule *chosen, progress *bar, long done)
{
    const long steps = s->epochs * run.lessons.steps_per_epoch;
    long next_line = 1;
    result r = {0};
    training *t = &run.training;
    *t = training_new(&run.lessons, chosen, s->factor * chosen->lr, steps);
    while (t->step < steps && !r.diverged) {
        r.diverged = !training_step(t);
        if (!r.diverged)
            next_line = observe(s, chosen->name, &r, t, next_line);
        progress_show(bar, done + t->step, s->count * steps, t->losses[t->step - 1]);
    }
    r.step_us = 1e6 * median_of_steps(t, t->seconds);
    r.rule_us = 1e6 * median_of_steps(t, t->rule_seconds);
    r.state_bytes =
        (double)tarn_optim_state_bytes(t->optimizer) / (double)tarn_nn_parameter_count(t->model);
    training_free(t);
    return r;
}

/* ---- All of them */

static void print_head(const settings *s)
{
    printf("\n%20s", "");
    for (long epoch = 1; epoch <= s->epochs; epoch++)
        printf("  after epoch %-4ld", epoch);
    printf("    steps to      microseconds   state\n%-13s%7s", "optimizer", "rate");
    for (long epoch = 1; epoch <= s->epochs; epoch++)
        printf("  accuracy    loss");
    printf("    97%%    98%%    step    rule   bytes\n");
}

static void print_line(const settings *s, const rule *chosen, const result *r)
{
    printf("%-13s%7g", chosen->name, s->factor * chosen->lr);
    for (int epoch = 0; epoch < s->epochs; epoch++)
        if (epoch < r->epochs)
            printf("  %7.2f%% %7.4f", 100 * r->scores[epoch].accuracy, r->scores[epoch].loss);
        else
            printf("  diverged       -");
    for (int goal = 0; goal < GOALS; goal++)
        if (r->steps_to[goal])
            printf(" %6ld", r->steps_to[goal]);
        else
            printf(" %6s", "-");
    printf(" %7.0f %7.1f %7.0f\n", r->step_us, r->rule_us, r->state_bytes);
    fflush(stdout);
}

static void add_count(long count)
{
    if (count)
        csv_add(&run.summary, ",%ld", count);
    else
        csv_add(&run.summary, ",");
}

static void write_lines(const settings *s, const rule *chosen, const result *r)
{
    for (int epoch = 0; epoch < s->epochs; epoch++) {
        csv_add(&run.summary, "%s,%s,%g,%d", s->digits.dataset, chosen->name,
                s->factor * chosen->lr, epoch + 1);
        if (epoch < r->epochs)
            csv_add(&run.summary, ",%.6f,%.6f", r->scores[epoch].loss, r->scores[epoch].accuracy);
        else
            csv_add(&run.summary, ",,");
        for (int goal = 0; goal < GOALS; goal++)
            add_count(r->steps_to[goal]);
        csv_add(&run.summary, ",%.1f,%.2f,%g,%d\n", r->step_us, r->rule_us, r->state_bytes,
                r->diverged);
    }
}

static void compare(const settings *s)
{
    const output_path curves = output_in(s->folder, "optimizers_curves.csv");
    const output_path summary = output_in(s->folder, "optimizers.csv");
    run.curves =
        csv_begin(curves.text, "dataset,optimizer,step,training_loss,test_loss,test_accuracy");
    run.summary = csv_begin(summary.text, "dataset,optimizer,rate,epoch,test_loss,test_accuracy,"
                                          "steps_to_97,steps_to_98,step_us,rule_us,"
                                          "state_bytes_per_parameter,diverged");
    print_head(s);
    progress bar = progress_begin("");
    for (int i = 0; i < s->count; i++) {
        bar.label = s->optimizers[i]->name;
        const result r =
            train(s, s->optimizers[i], &bar, i * s->epochs * run.lessons.steps_per_epoch);
        progress_end(&bar);
        print_line(s, s->optimizers[i], &r);
        write_lines(s, s->optimizers[i], &r);
    }
    csv_end(&run.curves);
    csv_end(&run.summary);
    printf(
        "\nThe fewer steps to 98%% (found by a test every %ld steps; - for never), the faster an "
        "optimizer\nlearned. What it costs is in the last columns: the time of its rule, a part of "
        "each step, and the\nstate it keeps for each parameter. Compare times only if nothing else "
        "ran on the machine.\n\n",
        s->every);
}

int main(int argc, char **argv)
{
    die_of_mistakes();
    settings s = read_settings(argc, argv);
    atexit(free_run);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    digits_choose(&s.digits);
    run.lessons = lessons_new(&s.digits, (uint64_t)s.seed);
    printf("LeNet on %s: %lld training and %lld test images, batches of 64, %ld steps an epoch, "
           "seed %ld,\n%d thread%s; the rate falls to 0\n",
           s.digits.dataset, (long long)tarn_data_count(run.lessons.training),
           (long long)tarn_data_count(run.lessons.test), run.lessons.steps_per_epoch, s.seed,
           tarn_threads(), tarn_threads() == 1 ? "" : "s");
    compare(&s);
    draw_plots("optimizers", s.folder, (drawing[]){{"optimizers.png", "how the loss falls"}, {0}});
    if (s.sweep) {
        sweep(&s, &run.lessons);
        draw_plots("sweep", s.folder, (drawing[]){{"sweep.png", "accuracy over the rate"}, {0}});
    }
    check_stdout();
    return 0;
}
