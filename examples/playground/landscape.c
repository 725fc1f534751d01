/*
 * The room Landscape: the loss of a small network in a plane through the space of its weights, and
 * the paths of optimizers over it, as ./run landscape --network has it for LeNet. Called from
 * JavaScript, by the names below. What comes back as a pointer is an array that lives until the
 * next call.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/landscape/directions.h"
#include "examples/playground/network.h"
#include "examples/playground/points.h"
#include "examples/playground/report.h"

enum { PATHS = 8, PLACES = 101, GRID = 121 };

typedef struct path {
    tarn_real *weights; /* count times size numbers, one place after another */
    double losses[PLACES], travelled, test[2], train[2];
    int count;
} path;

static network net;
static int64_t size; /* numbers of all parameters */
static tarn_real *start;
static path paths[PATHS];
static main_plane plane;
static const tarn_real *origin;

/* ---- All weights as one list */

static void get_weights(tarn_real *to)
{
    const tarn_params list = tarn_nn_parameters(net.model);
    for (int i = 0; i < list.count; to += tarn_size(list.tensors[i++]))
        memcpy(to, tarn_values(list.tensors[i]), sizeof *to * (size_t)tarn_size(list.tensors[i]));
}

static void set_weights(const tarn_real *from)
{
    const tarn_params list = tarn_nn_parameters(net.model);
    for (int i = 0; i < list.count; from += tarn_size(list.tensors[i++]))
        memcpy(tarn_values(list.tensors[i]), from,
               sizeof *from * (size_t)tarn_size(list.tensors[i]));
}

static double distance(const tarn_real *a, const tarn_real *b)
{
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static double loss_now(void)
{
    double score[2];
    network_score(&net, 0, score);
    return score[0];
}

static void forget_paths(void)
{
    for (int i = 0; i < PATHS; i++) {
        free(paths[i].weights);
        paths[i] = (path){0};
    }
    main_plane_free(&plane);
    plane = (main_plane){0};
    origin = NULL;
}

/* ---- The paths */

/* A network from whose weights all paths start. "" or what is wrong, here and below. */
const char *pg_begin(const char *layers, const char *activation, int seed)
{
    report_begin();
    forget_paths();
    network_free(&net);
    free(start);
    start = NULL;
    tarn_seed((uint64_t)seed);
    const char *wrong = network_make(&net, layers, activation, "default", 0);
    if (wrong)
        report(wrong);
    size = net.model ? tarn_nn_parameter_count(net.model) : 0;
    start = malloc(sizeof *start * (size_t)(size + 1));
    if (start && net.model)
        get_weights(start);
    return report_text(!report_any() && start);
}

static bool take_step(tarn_loader *loader, tarn_optim *optimizer)
{
    tarn_batch batch;
    if (!tarn_loader_next(loader, &batch) && !tarn_loader_next(loader, &batch))
        return false;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(net.model, batch.images), batch.labels);
    tarn_optim_zero_grad(optimizer);
    const bool ok = tarn_backward(loss);
    if (ok)
        tarn_optim_step(optimizer);
    tarn_tape_end(tape);
    return ok;
}

/* Notes the weights of now as the next place, unless they are not finite any more. */
static bool note_place(path *p)
{
    tarn_real *to = p->weights + p->count * size;
    get_weights(to);
    const double loss = loss_now();
    for (int64_t i = 0; i < size; i++)
        if (!isfinite((double)to[i]) || !isfinite(loss))
            return false;
    p->losses[p->count++] = loss;
    return true;
}

/* Steps by an optimizer from the start, of which every so many end in a place of path i. */
const char *pg_walk(int i, const char *optimizer, const char *options, int steps, int every,
                    int batch, int seed)
{
    report_begin();
    path *p = paths + i;
    free(p->weights);
    *p = (path){.weights = malloc(sizeof *start * (size_t)(size * PLACES + 1))};
    set_weights(start);
    tarn_dataset *train =
        tarn_data_from_numbers(tarn_shape(data.counts[0], 2), data.places[0], data.labels[0], 2);
    tarn_loader *loader = tarn_loader_new(train, batch, .shuffle = true, .seed = (uint64_t)seed);
    tarn_optim *rule = tarn_optim_by_name(optimizer, tarn_nn_parameters(net.model), options);
    bool ok = p->weights && loader && rule && note_place(p);
    for (int step = 1; ok && step <= steps && p->count < PLACES; step++) {
        ok = take_step(loader, rule);
        if (ok && step % every == 0 && !note_place(p))
            break;
        if (ok && step % every == 0)
            p->travelled +=
                distance(p->weights + (p->count - 1) * size, p->weights + (p->count - 2) * size);
    }
    if (p->count) {
        set_weights(p->weights + (p->count - 1) * size);
        network_score(&net, 0, p->train);
        network_score(&net, 1, p->test);
    }
    const char *said = report_text(ok);
    tarn_optim_free(rule), tarn_loader_free(loader), tarn_dataset_free(train);
    return said;
}

/* Of path i: its places, loss and share of right ones in training and in test, how far it went
   from place to place, and how far from its start its end is. */
const double *pg_outcome(int i)
{
    static double told[7];
    const path *p = paths + i;
    const double straight = p->count ? distance(p->weights, p->weights + (p->count - 1) * size) : 0;
    memcpy(told,
           (double[]){p->count, p->train[0], p->train[1], p->test[0], p->test[1], p->travelled,
                      straight},
           sizeof told);
    return told;
}

const double *pg_losses(int i)
{
    return paths[i].losses;
}

/* ---- The plane */

/* All places of all paths, one after another; NULL if memory runs out. */
static tarn_real *all_places(int *count)
{
    *count = 0;
    for (int i = 0; i < PATHS; i++)
        *count += paths[i].count;
    tarn_real *all = malloc(sizeof *all * (size_t)(*count * size + 1)), *to = all;
    for (int i = 0; all && i < PATHS; to += paths[i++].count * size)
        if (paths[i].count)
            memcpy(to, paths[i].weights, sizeof *to * (size_t)(paths[i].count * size));
    return all;
}

static bool random_plane(int seed)
{
    tarn_seed((uint64_t)seed);
    set_weights(origin);
    const tarn_params list = tarn_nn_parameters(net.model);
    for (int k = 0; k < 2; k++) {
        double *direction = plane.axis[k] = malloc(sizeof *direction * (size_t)size);
        for (int i = 0; direction && i < list.count; direction += tarn_size(list.tensors[i++])) {
            tarn_tensor *normal = tarn_randn(tarn_shape_get(list.tensors[i]));
            for (int64_t j = 0; normal && j < tarn_size(normal); j++)
                direction[j] = (double)tarn_values(normal)[j];
            tarn_free(normal);
            filter_normalize(direction, list.tensors[i]);
        }
    }
    return plane.axis[0] && plane.axis[1];
}

/* A plane through the end of path centre: of the two main directions of all paths, or, if random,
   of two random directions whose filters are as long as those of the weights. */
const char *pg_plane(int centre, bool random, int seed)
{
    report_begin();
    main_plane_free(&plane);
    plane = (main_plane){0};
    const path *p = paths + centre;
    if (!p->count) {
        report("there is no path to lay a plane through");
        return report_text(false);
    }
    origin = p->weights + (p->count - 1) * size;
    int count;
    tarn_real *all = random ? NULL : all_places(&count);
    const bool ok = random ? random_plane(seed) : all && main_plane_of(&plane, all, count, size);
    free(all);
    if (!ok)
        report("out of memory");
    return report_text(ok);
}

/* The shares of the paths' variance along the two directions. */
const double *pg_shares(void)
{
    return plane.share;
}

/* Where the places of path i lie: x, y, the loss, and how far the plane is from them. */
const double *pg_path(int i)
{
    static double told[PLACES][4];
    const path *p = paths + i;
    for (int k = 0; origin && k < p->count; k++) {
        project(&plane, origin, p->weights + k * size, size, told[k]);
        const double far = distance(p->weights + k * size, origin);
        told[k][2] = p->losses[k];
        told[k][3] = sqrt(fmax(0, far * far - told[k][0] * told[k][0] - told[k][1] * told[k][1]));
    }
    return *told;
}

/* The loss over the training points at a place of the plane. */
double pg_at(double x, double y)
{
    report_begin();
    tarn_real *weights = malloc(sizeof *weights * (size_t)size);
    for (int64_t i = 0; weights && i < size; i++)
        weights[i] = (tarn_real)((double)origin[i] + x * plane.axis[0][i] + y * plane.axis[1][i]);
    if (!weights)
        return NAN;
    set_weights(weights);
    free(weights);
    return loss_now();
}

/* A row of so many places from x0 to x1, in the middle of each cell. */
const float *pg_row(double x0, double x1, double y, int columns)
{
    static float row[GRID];
    for (int i = 0; i < columns && i < GRID; i++)
        row[i] = (float)pg_at(x0 + (x1 - x0) * (i + 0.5) / columns, y);
    return row;
}
