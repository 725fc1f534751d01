/*
 * How much of a batch's gradient is noise? The gradient g of a batch of B examples is that of the
 * whole set, G, and noise: E|g|^2 = |G|^2 + tr(S)/B, S being the covariance of the gradients of
 * single examples. They are equal at the batch size
 *     B_simple = tr(S) / |G|^2,
 * the gradient noise scale (McCandlish et al. 2018). Below it twice as many examples are worth a
 * step nearly twice as long, eta(B) = eta(infinity) / (1 + B_simple / B), beyond it hardly longer.
 *
 * |G|^2 and tr(S) come from the mean |g|^2 at two batch sizes, without bias (their appendix A.1):
 *     |G|^2 = (B |g_B|^2 - b |g_b|^2) / (B - b),  tr(S) = (|g_b|^2 - |g_B|^2) / (1/b - 1/B),
 * with b = 8 and B = 2048, at points along the training of LeNet on digits. The gradients of 8 give
 * those of 16, 32, ... too, and their variance beside tr(S)/B. At one of these points
 * noise_steps.c tries which rate is best for a step.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { SMALL = 8, LEVELS = 9, PARTS = 1 << (LEVELS - 1), BIG = SMALL * PARTS };

typedef struct spectrum {
    double squares[LEVELS];     /* the mean |g|^2 of batches of SMALL 2^i */
    double loss, signal, noise; /* of BIG examples; |G|^2; tr(S) */
} spectrum;

static training t; /* no leak where the program ends with a sentence */
static double *gradient, *halves[LEVELS];
static int64_t weights;

static void copy_gradient(void)
{
    const tarn_params params = tarn_nn_parameters(t.model);
    int64_t at = 0;
    for (int i = 0; i < params.count; i++)
        for (int64_t k = 0; k < tarn_size(params.tensors[i]); k++)
            gradient[at++] = (double)tarn_gradients(params.tensors[i])[k];
}

/* Two halves make the gradient of a batch of twice the size, two of which make the next. */
static void add_part(spectrum *s, int part)
{
    for (int i = 0;; i++) {
        double square = 0;
        for (int64_t w = 0; w < weights; w++)
            square += gradient[w] * gradient[w];
        s->squares[i] += square / (PARTS >> i);
        if (!(part >> i & 1)) {
            memcpy(halves[i], gradient, (size_t)weights * sizeof *gradient);
            return;
        }
        for (int64_t w = 0; w < weights; w++)
            gradient[w] = (gradient[w] + halves[i][w]) / 2;
    }
}

static void allocate(void)
{
    weights = tarn_nn_parameter_count(t.model);
    gradient = calloc((size_t)weights, sizeof *gradient);
    for (int i = 0; i < LEVELS; i++)
        halves[i] = calloc((size_t)weights, sizeof *gradient);
    if (!gradient || !halves[LEVELS - 1])
        die("out of memory for the gradients");
}

static spectrum measure(tarn_loader *parts)
{
    spectrum s = {0};
    for (int part = 0; part < PARTS; part++) {
        s.loss += gradient_of_next(&t, parts) / PARTS;
        copy_gradient();
        add_part(&s, part);
    }
    const double small = s.squares[0], big = s.squares[LEVELS - 1];
    s.signal = (BIG * big - SMALL * small) / (BIG - SMALL);
    s.noise = (small - big) / (1.0 / SMALL - 1.0 / BIG);
    return s;
}

/* The variance of the gradients of each batch size among themselves, beside tr(S)/B. */
static void report(table *scales, table *variances, const spectrum *s)
{
    const double scale = s->signal > 0 ? s->noise / s->signal : INFINITY;
    table_row(scales, "%lld,%.6g,%.6g,%.6g,%.6g", (long long)t.step, s->loss, s->signal, s->noise,
              scale);
    printf("%6lld %8.4f %10.4g %10.4g %10.1f\n", (long long)t.step, s->loss, s->signal, s->noise,
           scale);
    for (int i = 0; i < LEVELS - 1; i++) {
        const double count = PARTS >> i;
        const double variance = (s->squares[i] - s->squares[LEVELS - 1]) * count / (count - 1);
        table_row(variances, "%lld,%d,%.6g,%.6g", (long long)t.step, SMALL << i, variance,
                  s->noise / (SMALL << i));
    }
}

/* Where it is measured, and where the steps are tried; an epoch of the sample ends after 157. */
static const int points[] = {0, 25, 50, 100, 150, 300, 600, 900};
enum { PROBE = 50 };

static void run(const study_settings *s)
{
    static lessons l; /* as above */
    static tarn_loader *parts;
    l = lessons_new(&s->digits, (uint64_t)s->seed);
    if (tarn_data_count(l.training) < BIG)
        die("%s has %lld training images, expects at least %d", s->digits.folder,
            (long long)tarn_data_count(l.training), BIG);
    lesson_begin(&t, &l, "sgd", 0.1, l.steps_per_epoch);
    t.schedule = constant_rate;
    parts =
        tarn_loader_new(l.training, SMALL, .shuffle = true, .seed = l.seed + 1, .drop_last = true);
    check(parts);
    allocate();
    table *scales = table_in(s->folder, "study_noise.csv", "step,loss,signal,noise,scale");
    table *variances =
        table_in(s->folder, "study_noise_variance.csv", "step,batch,variance,predicted");
    printf("LeNet on %s, by gradient descent on batches of 64:\n%6s %8s %10s %10s %10s\n",
           s->digits.dataset, "step", "loss", "|G|^2", "tr(S)", "B_simple");
    for (size_t i = 0; i < sizeof points / sizeof *points && points[i] <= t.steps; i++) {
        while (t.step < points[i])
            training_step(&t);
        const spectrum now = measure(parts);
        report(scales, variances, &now);
        if (points[i] == PROBE)
            noise_of_steps(&t, &l, s->folder);
    }
    table_end(scales);
    table_end(variances);
    for (int i = 0; i < LEVELS; i++)
        free(halves[i]);
    free(gradient);
    tarn_loader_free(parts);
    training_free(&t);
    lessons_free(&l);
}

const study study_noise = {
    "noise",
    "how much of a batch's gradient is noise, and what does it allow?",
    run,
    {{"study_noise", "the noise scale, and the best rate of each batch size"}}};
