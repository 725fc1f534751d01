/*
 * The optimizers side by side: each trains LeNet from the same initial weights on the same batches
 * of 64 digits. A table shows how far and how fast each one gets, and what a step of it costs in
 * time and memory; a picture shows how the loss falls. With --sweep each also trains at a grid of
 * learning rates around its own, see optimizers/sweep.c: which of them forgive a wrong rate?
 *
 * The rates are those of lib/optimizers.c, which suit LeNet, and fall in a straight line to 0 at
 * the end of the run, so that all of them settle. Gradient descent on the whole training set (gd)
 * is left out: its batches could not be the same.
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

#include <tarn.h>

#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/optimizers/settings.h"

enum { GOALS = 2 };

static const double goals[GOALS] = {0.97, 0.98};

/* ---- One optimizer */

typedef struct result {
    bool diverged;
    int epochs; /* whole ones, each with its score */
    score scores[MAX_EPOCHS];
    long steps_to[GOALS]; /* 0: not reached */
    double step_us, rule_us, state_bytes;
} result;

/* What all optimizers share, and the tables they go to. */
typedef struct comparison {
    const settings *settings;
    const lessons *lessons;
    table *curves, *summary;
} comparison;

static void test_network(const comparison *c, result *r, const training *t, bool epoch_ends)
{
    const score s = evaluate(t->model, c->lessons->test_loader, CLASSES);
    table_row(c->curves, "%.6g,%.6f", s.loss, s.accuracy);
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
static long observe(const comparison *c, const char *name, result *r, const training *t,
                    long next_line)
{
    const bool epoch_ends = t->step % c->lessons->steps_per_epoch == 0;
    const bool test = epoch_ends || t->step % c->settings->every == 0;
    if (!test && t->step < next_line)
        return next_line;
    table_add(c->curves, "%s,%s,%ld,%.9g", c->settings->digits.dataset, name, t->step,
              smooth_loss(t));
    if (test)
        test_network(c, r, t, epoch_ends);
    else
        table_row(c->curves, ",");
    return t->step + 1 + t->step / 10;
}

static result train(const comparison *c, const char *name, tarn_progress *bar, long done)
{
    const settings *s = c->settings;
    const long steps = s->epochs * c->lessons->steps_per_epoch;
    long next_line = 1;
    result r = {0};
    static training t; /* no leak where the program ends with a sentence */
    lesson_begin(&t, c->lessons, name, s->factor * optimizer_rate(name), steps);
    while (t.step < steps && !r.diverged) {
        r.diverged = !training_step(&t);
        if (!r.diverged)
            next_line = observe(c, name, &r, &t, next_line);
        tarn_progress_show(bar, done + t.step, s->count * steps, t.last.loss);
    }
    const step_record median = median_step(&t);
    r.step_us = 1e6 * median.seconds;
    r.rule_us = 1e6 * median.rule_seconds;
    r.state_bytes =
        (double)tarn_optim_state_bytes(t.optimizer) / (double)tarn_nn_parameter_count(t.model);
    training_free(&t);
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

static void print_line(const settings *s, const char *name, const result *r)
{
    printf("%-13s%7g", name, s->factor * optimizer_rate(name));
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

static void write_rows(const comparison *c, const char *name, const result *r)
{
    const settings *s = c->settings;
    table *to = c->summary;
    for (int epoch = 0; epoch < s->epochs; epoch++) {
        table_add(to, "%s,%s,%g,%d", s->digits.dataset, name, s->factor * optimizer_rate(name),
                  epoch + 1);
        if (epoch < r->epochs)
            table_add(to, "%.6f,%.6f", r->scores[epoch].loss, r->scores[epoch].accuracy);
        else
            table_add(to, ",");
        for (int goal = 0; goal < GOALS; goal++)
            if (r->steps_to[goal])
                table_add(to, "%ld", r->steps_to[goal]);
            else
                table_add(to, "%s", "");
        table_row(to, "%.1f,%.2f,%g,%d", r->step_us, r->rule_us, r->state_bytes, r->diverged);
    }
}

static void compare(const settings *s, const lessons *l)
{
    const comparison c = {
        s, l,
        table_in(s->folder, "optimizers_curves.csv",
                 "dataset,optimizer,step,training_loss,test_loss,test_accuracy"),
        table_in(s->folder, "optimizers.csv",
                 "dataset,optimizer,rate,epoch,test_loss,test_accuracy,steps_to_97,steps_to_98,"
                 "step_us,rule_us,state_bytes_per_parameter,diverged")};
    print_head(s);
    tarn_progress bar = tarn_progress_begin("");
    for (int i = 0; i < s->count; i++) {
        bar.label = s->optimizers[i];
        const result r = train(&c, s->optimizers[i], &bar, i * s->epochs * l->steps_per_epoch);
        tarn_progress_end(&bar);
        print_line(s, s->optimizers[i], &r);
        write_rows(&c, s->optimizers[i], &r);
    }
    table_end(c.curves);
    table_end(c.summary);
    printf(
        "\nThe fewer steps to 98%% (found by a test every %ld steps; - for never), the faster an "
        "optimizer\nlearned. What it costs is in the last columns: the time of its rule, a part of "
        "each step, and the\nstate it keeps for each parameter. Compare times only if nothing else "
        "ran on the machine.\n\n",
        s->every);
}

static settings read_settings(int argc, char **argv)
{
    settings s = {.factor = 1,
                  .epochs = 2,
                  .every = 50,
                  .seed = 1,
                  .folder = OUTPUT_FOLDER,
                  .rates = 9,
                  .sweep_steps = 500,
                  .decades = 2};
    const char *names = NULL;
    char which[640];
    snprintf(which, sizeof which, "only these of %s", optimizer_names());
    const option options[] = {
        DIGITS_OPTIONS(&s.digits),
        OPTION_TEXT_AT(&names, "optimizers", "NAME,...", which),
        OPTION_NUMBER_AT(&s.factor, "factor", "X",
                         "multiply every optimizer's rate by this; default 1", 1e-9, 1e9),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "default 2", 1, MAX_EPOCHS),
        OPTION_COUNT_AT(&s.every, "every", "N", "test after every N steps; default 50", 1, 1e9),
        OPTION_FLAG_AT(&s.sweep, "sweep", "also train each at a grid of rates around its own"),
        OPTION_COUNT_AT(&s.rates, "rates", "N", "how many rates the sweep tries; default 9", 2, 99),
        OPTION_NUMBER_AT(&s.decades, "decades", "X",
                         "how many powers of ten the sweep goes down and up; default 2", 0.1, 9),
        OPTION_COUNT_AT(&s.sweep_steps, "sweep-steps", "N",
                        "how long the sweep trains at each rate; default 500", 1, 1e6),
        OPTION_SEED_AT(&s.seed),
        OPTION_THREADS_AT(&s.threads),
        OUTPUT_OPTION(&s.folder),
        OPTIONS_END};
    parse_options(argc, argv,
                  "Trains the same network on the same batches of digits by every optimizer.",
                  options);
    s.count = optimizers_of(names, s.optimizers);
    return s;
}

int main(int argc, char **argv)
{
    settings s = read_settings(argc, argv);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    digits_choose(&s.digits);
    static lessons l;
    l = lessons_new(&s.digits, (uint64_t)s.seed);
    printf("LeNet on %s: %lld training and %lld test images, batches of 64, %ld steps an epoch, "
           "seed %ld,\n%d thread%s; the rate falls to 0\n",
           s.digits.dataset, (long long)tarn_data_count(l.training),
           (long long)tarn_data_count(l.test), l.steps_per_epoch, s.seed, tarn_threads(),
           tarn_threads() == 1 ? "" : "s");
    compare(&s, &l);
    first_steps(&s, &l);
    static const drawing pictures[] = {
        {"optimizers", "how the loss falls"},
        {"optimizers_test_loss", "the loss on the test images"},
        {"optimizers_test_accuracy", "the accuracy on the test images"},
        {"optimizers_first", "how long the first ten steps are"},
        {0}};
    draw_plots("optimizers", s.folder, pictures);
    if (s.sweep) {
        sweep(&s, &l);
        draw_plots("sweep", s.folder, (drawing[]){{"sweep", "accuracy over the rate"}, {0}});
    }
    lessons_free(&l);
    check_stdout();
    return 0;
}
