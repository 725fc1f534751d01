/*
 * The room Classify: a small network learns to tell two sets of points in the plane apart. Called
 * from JavaScript, by the names below. What comes back as a pointer is an array that lives until
 * the next call.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/playground/network.h"
#include "examples/playground/points.h"
#include "examples/playground/report.h"

enum { BINS = 25, MAPS = NETWORK_LAYERS * NETWORK_UNITS + 1, SIDE = 96 };

static network net;
static struct {
    tarn_dataset *train;
    tarn_loader *loader;
    tarn_optim *optimizer;
    char *schedule;
    double lr;
    int step, total;
} t;

/* ---- What is to be learned, by whom */

static tarn_optim_watcher note_change;

/* A new network, and training that begins: "" or what is wrong. options and schedule as
   tarn_optim_by_name() and tarn_schedule_by_name() take them, total being all steps of that; "" for
   none. */
const char *pg_begin(const char *layers, const char *activation, const char *init, double dropout,
                     const char *optimizer, const char *options, const char *schedule, int total,
                     int batch, int seed)
{
    report_begin();
    tarn_optim_free(t.optimizer), tarn_loader_free(t.loader), tarn_dataset_free(t.train);
    network_free(&net);
    free(t.schedule);
    memset(&t, 0, sizeof t);
    tarn_seed((uint64_t)seed);
    const char *wrong = network_make(&net, layers, activation, init, dropout);
    if (wrong) {
        report(wrong);
        return report_text(false);
    }
    t.train =
        tarn_data_from_numbers(tarn_shape(data.counts[0], 2), data.places[0], data.labels[0], 2);
    t.loader = tarn_loader_new(t.train, batch, .shuffle = true, .seed = (uint64_t)seed);
    t.optimizer = tarn_optim_by_name(optimizer, tarn_nn_parameters(net.model), options);
    t.schedule = strdup(schedule);
    t.lr = tarn_optim_lr(t.optimizer);
    t.total = total;
    bool ok = t.loader && t.optimizer && tarn_optim_watch(t.optimizer, note_change, NULL);
    if (ok && *schedule)
        ok = !isnan(tarn_schedule_by_name(schedule, 0, total));
    return report_text(ok);
}

/* ---- Training */

/* So many steps of training. The loss of the last one's batch; NaN after an error. */
double pg_train(int steps)
{
    report_begin();
    double value = NAN;
    for (int i = 0; i < steps && t.optimizer; i++) {
        tarn_batch batch;
        if (!tarn_loader_next(t.loader, &batch) && !tarn_loader_next(t.loader, &batch))
            return NAN;
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *logits = tarn_nn_forward(net.model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(logits, batch.labels);

        tarn_optim_zero_grad(t.optimizer);
        const bool ok = tarn_backward(loss);

        if (*t.schedule)
            tarn_optim_set_lr(t.optimizer,
                              t.lr * tarn_schedule_by_name(t.schedule, t.step, t.total));
        if (ok)
            tarn_optim_step(t.optimizer);
        t.step++;
        value = loss ? (double)tarn_item(loss) : NAN;
        tarn_tape_end(tape);
        if (!ok)
            return NAN;
    }
    return value;
}

const char *pg_problem(void)
{
    return report_text(false);
}

/* Loss and share of right ones, of all points to train on and of all to test on. */
const double *pg_score(void)
{
    report_begin();
    static double score[4];
    for (int part = 0; part < 2; part++)
        network_score(&net, part, score + 2 * part);
    return score;
}

/* ---- What each layer's weights, gradients and steps are like */

typedef struct layer {
    double weight_norm, gradient_norm, update_norm; /* the last two are of the last step */
    double most_weight, most_gradient;              /* the histograms go from -most to most */
    double weights[BINS], gradients[BINS];
} layer;

static layer layers[NETWORK_LAYERS + 1];

/* NaN and what is infinite is left out. */
static double count_in(double *bins, const tarn_real *numbers, int64_t count)
{
    double most = 0;
    memset(bins, 0, BINS * sizeof *bins);
    for (int64_t i = 0; i < count; i++)
        if (isfinite((double)numbers[i]))
            most = fmax(most, fabs((double)numbers[i]));
    for (int64_t i = 0; i < count; i++)
        if (isfinite((double)numbers[i])) {
            const double part = most > 0 ? ((double)numbers[i] / most + 1) / 2 : 0.5;
            bins[(int)fmin(BINS - 1, part * BINS)]++;
        }
    return most;
}

static void note_change(const tarn_optim_change *changes, int count, void *context)
{
    (void)context;
    for (int i = 0; i < count; i++) {
        if (tarn_ndim(changes[i].parameter) < 2) /* biases */
            continue;
        layer *l = layers + i / 2;
        l->gradient_norm = changes[i].gradient_norm;
        l->update_norm = changes[i].update_norm;
        l->most_gradient = changes[i].gradients ? count_in(l->gradients, changes[i].gradients,
                                                           tarn_size(changes[i].parameter))
                                                : 0;
    }
}

/* Of each linear layer's weights, without its biases. */
const layer *pg_layers(void)
{
    const tarn_params list = tarn_nn_parameters(net.model);
    for (int i = 0; i < list.count; i += 2) {
        layer *l = layers + i / 2;
        const tarn_real *w = tarn_values(list.tensors[i]);
        double sum = 0;
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            sum += (double)w[k] * (double)w[k];
        l->weight_norm = sqrt(sum);
        l->most_weight = count_in(l->weights, w, tarn_size(list.tensors[i]));
        if (t.step > 0)
            continue;
        l->gradient_norm = l->update_norm = l->most_gradient = NAN;
        memset(l->gradients, 0, sizeof l->gradients); /* they were another network's */
    }
    return layers;
}

/* The weights of linear layer i: (in, out). */
const float *pg_weights(int i)
{
    return tarn_values(tarn_nn_parameters(net.model).tensors[2 * i]);
}

/* ---- What each unit makes of the plane */

static float maps[MAPS][SIDE * SIDE];

/* On side x side places of the plane from -1.2 to 1.2, the top row first: what each hidden unit
   says, layer by layer, and last the probability of class 1. */
const float *pg_maps(int side)
{
    report_begin();
    const int places = side * side;
    tarn_tensor *grid = tarn_zeros(tarn_shape(places, 2));
    for (int i = 0; grid && i < places; i++) {
        tarn_values(grid)[2 * i] = (tarn_real)(1.2 * (2 * (i % side + 0.5) / side - 1));
        tarn_values(grid)[2 * i + 1] = (tarn_real)(1.2 * (1 - 2 * (i / side + 0.5) / side));
    }
    tarn_nn_train(net.model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *x = grid;
    int map = 0;
    for (int child = 0, i = 0; x && i <= net.layers; child++) {
        x = tarn_nn_forward(tarn_nn_child(net.model, child), x);
        if (child != net.output_of[i])
            continue;
        const bool last = i++ == net.layers;
        const tarn_real *said = tarn_values(last ? tarn_softmax(x) : x);
        const int units = last ? 2 : net.units[i - 1];
        for (int u = last ? 1 : 0; u < units; u++, map++)
            for (int k = 0; k < places; k++)
                maps[map][k] = (float)said[(int64_t)k * units + u];
    }
    tarn_tape_end(tape);
    tarn_nn_train(net.model, true);
    tarn_free(grid);
    return *maps;
}
