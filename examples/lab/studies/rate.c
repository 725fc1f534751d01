/*
 * How long a step? Rates that are too small, right, and too large, and the edge between going down
 * and flying off.
 *
 * First where all is known: f(w) = h w^2 / 2 has the gradient h w and the curvature h, so that
 *     w <- w - eta h w = (1 - eta h) w.
 * eta = 1/h arrives in one step; beyond it w swings from side to side, at 2/h for ever, and beyond
 * that farther out with each step. Then on LeNet, where nobody knows h, and which has the same
 * edge: gradient descent on batches of 64 digits at rates a factor of about three apart, which stay
 * what they are.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

/* ---- On a parabola */

enum { PARABOLA_STEPS = 20 };
static const double CURVATURE = 4;
static const double parts_of_edge[] = {0.05, 0.5, 0.95, 1, 1.05};

/* Goes down with that part of the rate 2/h. */
static void descend(table *out, double part)
{
    const double lr = part * 2 / CURVATURE;
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(), 1), true);
    check(w);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = lr);
    check(optimizer);
    printf("%10.3g %10.2f ", lr, part);
    for (int step = 0; step <= PARABOLA_STEPS; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *f = tarn_scale(tarn_square(w), CURVATURE / 2);
        table_row(out, "%g,%d,%.9g,%.9g", part, step, (double)tarn_item(w), (double)tarn_item(f));
        if (step <= 3 || step == PARABOLA_STEPS)
            printf(" %9.4f", (double)tarn_item(w));
        tarn_optim_zero_grad(optimizer);
        tarn_backward(f);
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    printf("\n");
    tarn_optim_free(optimizer);
    tarn_free(w);
}

static void on_a_parabola(const char *folder)
{
    table *out = table_in(folder, "study_rate_parabola.csv", "part_of_edge,step,w,f");
    printf("f(w) = %g w^2 / 2, whose edge is 2 / %g:\n%10s %10s  %9s %9s %9s %9s %9s\n", CURVATURE,
           CURVATURE, "rate", "/ edge", "w0", "w1", "w2", "w3", "w20");
    for (size_t i = 0; i < sizeof parts_of_edge / sizeof *parts_of_edge; i++)
        descend(out, parts_of_edge[i]);
    table_end(out);
}

/* ---- On digits */

static const double rates[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

static void train(const lessons *l, table *curves, table *ends, double lr)
{
    static training t; /* no leak where the program ends with a sentence */
    bool diverged = false;
    tarn_progress bar = tarn_progress_begin("rate");
    lesson_begin(&t, l, "sgd", lr, l->steps_per_epoch);
    t.schedule = constant_rate;
    while (t.step < t.steps && !diverged) {
        diverged = !training_step(&t);
        if (t.step % 5 == 0)
            table_row(curves, "%g,%lld,%.6g", lr, (long long)t.step, smooth_loss(&t));
        tarn_progress_show(&bar, t.step, t.steps, t.last.loss);
    }
    tarn_progress_end(&bar);
    const score s = evaluate(t.model, l->test_loader, CLASSES);
    const char *verdict = diverged || has_diverged(s.loss, CLASSES) ? "diverged"
                          : s.accuracy <= s.chance                  ? "learned nothing"
                                                                    : "";
    table_row(ends, "%g,%.6g,%.6f,%s", lr, s.loss, s.accuracy, verdict);
    printf("%10g %10.4f %9.2f%%  %s\n", lr, s.loss, 100 * s.accuracy, verdict);
    training_free(&t);
}

static void on_digits(const study_settings *s)
{
    static lessons l; /* as above */
    l = lessons_new(&s->digits, (uint64_t)s->seed);
    table *curves = table_in(s->folder, "study_rate_curves.csv", "rate,step,training_loss");
    table *ends = table_in(s->folder, "study_rate.csv", "rate,test_loss,test_accuracy,verdict");
    printf("\nLeNet on %s, one epoch of %ld steps:\n%10s %10s %10s\n", s->digits.dataset,
           l.steps_per_epoch, "rate", "test loss", "accuracy");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        train(&l, curves, ends, rates[i]);
    table_end(curves);
    table_end(ends);
    lessons_free(&l);
}

static void run(const study_settings *s)
{
    on_a_parabola(s->folder);
    on_digits(s);
}

const study study_rate = {"rate",
                          "too small, right, too large: where is the edge?",
                          run,
                          {{"study_rate", "a parabola and LeNet at each rate"}}};
