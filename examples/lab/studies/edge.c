/*
 * How large a rate does training bear? As large as the curvature allows, and training itself makes
 * the curvature: the edge of stability (Cohen et al. 2021, 2022).
 *
 * On f(w) = h w^2 / 2 a step of gradient descent at the rate eta multiplies w by 1 - eta h, so that
 * w flies off where h is above 2/eta. A network has one such h for each direction, the eigenvalues
 * of the Hessian of its loss, and the largest, the sharpness, is the one to fear. But it does not
 * stay: while the loss falls the sharpness grows, until it meets 2/eta, and there it hovers, and
 * the loss goes up and down, and falls all the same. With momentum the edge is at
 * 2 (1 + beta) / eta; with Adam it is at (2 + 2 beta1) / ((1 - beta1) eta), for the sharpness of
 * the loss in the coordinates that Adam makes, d^2 H with d^2 = 1 / ((1 - beta1^t)(sqrt(vhat) +
 * eps)).
 *
 * The network is small, with a smooth activation and a smooth loss (half the squared distance to
 * the label), and each step takes all images: what is seen is curvature, and no noise.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/studies/study.h"

enum { IMAGES = 500, STEPS = 1000, EVERY = 25 };
static const double BETA1 = 0.9, BETA2 = 0.999, EPS = 1e-8; /* the defaults */

typedef struct rule {
    const char *optimizer;
    double lr;
    double edge; /* times lr */
} rule;

static const rule rules[] = {{"sgd", 0.2, 2},         {"sgd", 0.15, 2},       {"sgd", 0.1, 2},
                             {"momentum", 0.35, 3.8}, {"momentum", 0.3, 3.8}, {"adam", 0.003, 38},
                             {"adam", 0.001, 38}};
enum { RULES = sizeof rules / sizeof *rules };

/* ---- The network, its images and its loss */

typedef struct subject {
    tarn_tensor *images, *targets; /* (N, 196) and (N, 10) */
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_params params;
    int64_t size;  /* of all parameters */
    double *v, *d; /* of Adam: the mean of the squared gradients, and d */
} subject;

static tarn_tensor *loss_of(void *context)
{
    const subject *s = context;
    return tarn_scale(tarn_mse(tarn_nn_forward(s->model, s->images), s->targets), CLASSES / 2.0);
}

/* Half as many pixels each way, so that there are few weights. */
static void read_images(subject *s, const study_settings *settings)
{
    tarn_dataset *all = digits_read(&settings->digits, TARN_TRAIN);
    tarn_loader *loader = tarn_loader_new(all, IMAGES);
    tarn_batch batch;
    check(tarn_loader_next(loader, &batch));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    s->images = tarn_clone(tarn_flatten(tarn_avg_pool2d(batch.images, 2)));
    tarn_tape_end(tape);
    s->targets = tarn_zeros(tarn_shape(batch.count, CLASSES));
    check(s->images && s->targets);
    for (int64_t i = 0; i < batch.count; i++)
        tarn_values(s->targets)[i * CLASSES + batch.labels.ids[i]] = 1;
    tarn_loader_free(loader);
    tarn_dataset_free(all);
}

static void begin(subject *s, const study_settings *settings, const rule *r)
{
    tarn_seed((uint64_t)settings->seed);
    s->model = tarn_nn_sequential(tarn_nn_linear(196, 32), tarn_nn_tanh(), tarn_nn_linear(32, 32),
                                  tarn_nn_tanh(), tarn_nn_linear(32, CLASSES));
    s->params = tarn_nn_parameters(s->model);
    s->size = tarn_nn_parameter_count(s->model);
    s->v = calloc((size_t)s->size, sizeof *s->v);
    s->d = calloc((size_t)s->size, sizeof *s->d);
    s->optimizer = tarn_optim_by_name(r->optimizer, s->params, "");
    check(s->model && s->optimizer);
    if (!s->v || !s->d)
        die("out of memory for %lld weights", (long long)s->size);
    tarn_optim_set_lr(s->optimizer, r->lr);
}

static void end(subject *s)
{
    tarn_optim_free(s->optimizer);
    tarn_nn_free(s->model);
    free(s->v);
    free(s->d);
}

/* ---- Training, and looking */

/* Keeps Adam's v up to date, whose step it may be. */
static void add_squares(subject *s)
{
    int64_t at = 0;
    for (int i = 0; i < s->params.count; i++) {
        const tarn_real *g = tarn_gradients(s->params.tensors[i]);
        for (int64_t k = 0; k < tarn_size(s->params.tensors[i]); k++, at++)
            s->v[at] = BETA2 * s->v[at] + (1 - BETA2) * (double)g[k] * (double)g[k];
    }
}

/* Takes a step; returns the loss before it. */
static double step(subject *s)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = loss_of(s);
    const double value = (double)tarn_item(loss);
    tarn_optim_zero_grad(s->optimizer);
    tarn_backward(loss);
    add_squares(s);
    tarn_optim_step(s->optimizer);
    tarn_tape_end(tape);
    return value;
}

/* The largest eigenvalue, after that many steps, to 2 in a hundred. */
static double sharpness(subject *s, bool adam, int steps)
{
    for (int64_t i = 0; adam && i < s->size; i++) {
        const double vhat = s->v[i] / (1 - pow(BETA2, steps));
        s->d[i] = 1 / sqrt((1 - pow(BETA1, steps)) * (sqrt(vhat) + EPS));
    }
    double largest;
    check(tarn_hessian_eigenvalues(loss_of, s->params, 1, &largest, .context = s,
                                   .scale = adam ? s->d : NULL, .tolerance = 0.02));
    return largest;
}

/* Adam's coordinates are there after its first steps only. */
static void train(subject *s, const rule *r, table *out)
{
    const double edge = r->edge / r->lr;
    const bool adam = is(r->optimizer, "adam");
    double first = 0, late = 0, loss = 0;
    int late_count = 0;
    tarn_progress bar = tarn_progress_begin(r->optimizer);
    for (int t = 0; t <= STEPS; t++) {
        const bool looks = t % EVERY == 0 && (t > 0 || !adam);
        const double h = looks ? sharpness(s, adam, t) : 0;
        loss = step(s);
        if (looks) {
            table_row(out, "%s,%g,%d,%.6g,%.6g,%.6g", r->optimizer, r->lr, t, loss, h, edge);
            first = first > 0 ? first : h;
            late += 3 * t > 2 * STEPS ? h : 0;
            late_count += 3 * t > 2 * STEPS;
        }
        tarn_progress_show(&bar, t, STEPS, loss);
    }
    tarn_progress_end(&bar);
    late /= late_count;
    printf("%10s %8g %9.4g %9.4g %9.4g %9.2f %9.5f\n", r->optimizer, r->lr, edge, first, late,
           late / edge, loss);
    fflush(stdout);
}

static void run(const study_settings *settings)
{
    static subject s; /* no leak where the program ends with a sentence */
    const int threads = tarn_threads();
    tarn_set_threads(1); /* a step is too short to be shared */
    read_images(&s, settings);
    table *out =
        table_in(settings->folder, "study_edge.csv", "optimizer,rate,step,loss,sharpness,edge");
    printf("tanh units on %d images of %s, %d steps, each on all images:\n%10s %8s %9s %9s %9s %9s "
           "%9s\n%10s %8s %9s %9s %9s\n",
           IMAGES, settings->digits.dataset, STEPS, "rule", "rate", "edge", "sharpness",
           "sharpness", "/ edge", "loss", "", "", "", "at first", "at last");
    for (int i = 0; i < RULES; i++) {
        begin(&s, settings, &rules[i]);
        train(&s, &rules[i], out);
        end(&s);
    }
    table_end(out);
    tarn_free(s.images);
    tarn_free(s.targets);
    tarn_set_threads(threads);
}

const study study_edge = {"edge",
                          "how large a rate does training bear?",
                          run,
                          {{"study_edge", "the sharpness along training, and the edge"}}};
