/*
 * The room Landscape: the loss of a network in a plane through the space of its weights, and the
 * paths of optimizers over it, as ./run landscape --network has it. The network is a small one on
 * points, or LeNet on digits. Called from JavaScript, by the names below. What comes back as a
 * pointer is an array that lives until the next call.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/landscape/directions.h"
#include "examples/playground/lenet.h"
#include "examples/playground/network.h"
#include "examples/playground/points.h"
#include "examples/playground/report.h"

enum { PATHS = 8, PLACES = 101, GRID = 121 };
enum { HEIGHTS = 256, TESTED = 500 }; /* digits whose loss is the height; of a batch to test on */

typedef struct path {
    tarn_real *weights; /* count times size numbers, one place after another */
    double losses[PLACES], travelled, test[2], train[2];
    int count;
} path;

static network net; /* with LeNet, its model alone */
static struct {
    tarn_dataset *all[2], *few; /* to train on, to test on; those whose loss is the height */
    tarn_loader *few_loader, *test_loader;
    bool chosen; /* and not the points */
} digits;
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

/* Loss and share of right ones: of the heights (0), or of all to test on (1). */
static void score_now(int part, double score[2])
{
    if (digits.chosen)
        lenet_score(net.model, part ? digits.test_loader : digits.few_loader, score);
    else
        network_score(&net, part, score);
}

static double loss_now(void)
{
    double score[2];
    score_now(0, score);
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

/* The walk that is under way. */
static struct {
    path *on;
    tarn_dataset *points;
    tarn_loader *loader;
    tarn_optim *rule;
    int step, every;
} walk;

static void end_walk(void)
{
    tarn_optim_free(walk.rule), tarn_loader_free(walk.loader), tarn_dataset_free(walk.points);
    memset(&walk, 0, sizeof walk);
}

/* Reads the digits of a folder, before the first "lenet". "" or what is wrong, here and below. */
const char *pg_digits(const char *folder)
{
    int64_t first[HEIGHTS];
    for (int i = 0; i < HEIGHTS; i++)
        first[i] = i;
    report_begin();
    return report_text(lenet_read(folder, digits.all) &&
                       (digits.few = tarn_data_subset(digits.all[0], first, HEIGHTS)) &&
                       (digits.few_loader = tarn_loader_new(digits.few, HEIGHTS)) &&
                       (digits.test_loader = tarn_loader_new(digits.all[1], TESTED)));
}

/* A network from whose weights all paths start: layers as network_make() takes them, or "lenet". */
const char *pg_begin(const char *layers, const char *activation, int seed)
{
    report_begin();
    end_walk();
    forget_paths();
    network_free(&net);
    free(start);
    start = NULL;
    tarn_seed((uint64_t)seed);
    digits.chosen = strcmp(layers, "lenet") == 0;
    if (digits.chosen)
        net.model = lenet_make();
    const char *wrong = digits.chosen ? NULL : network_make(&net, layers, activation, "default", 0);
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
    if (p->count == PLACES)
        return false;
    tarn_real *all = realloc(p->weights, sizeof *all * (size_t)((p->count + 1) * size));
    if (!all) {
        report("out of memory");
        return false;
    }
    p->weights = all;
    tarn_real *to = all + p->count * size;
    get_weights(to);
    const double loss = loss_now();
    for (int64_t i = 0; i < size; i++)
        if (!isfinite((double)to[i]) || !isfinite(loss))
            return false;
    p->losses[p->count++] = loss;
    if (p->count > 1)
        p->travelled += distance(to, to - size);
    return true;
}

/* An optimizer at the start, of whose steps every so many will end in a place of path i. */
const char *pg_walk(int i, const char *optimizer, const char *options, int every, int batch,
                    int seed)
{
    report_begin();
    end_walk();
    origin = NULL; /* it may lie on this path; and pg_at() has to leave the network to the walk */
    walk.on = paths + i;
    walk.every = every;
    free(walk.on->weights);
    *walk.on = (path){0};
    set_weights(start);
    if (!digits.chosen)
        walk.points = tarn_data_from_numbers(tarn_shape(data.counts[0], 2), data.places[0],
                                             data.labels[0], 2);
    walk.loader = tarn_loader_new(digits.chosen ? digits.all[0] : walk.points, batch,
                                  .shuffle = true, .seed = (uint64_t)seed);
    walk.rule = tarn_optim_by_name(optimizer, tarn_nn_parameters(net.model), options);
    return report_text(walk.loader && walk.rule && note_place(walk.on));
}

/* So many steps more. False where it cannot go on: the numbers end, or what pg_arrive() says. */
bool pg_go(int steps)
{
    for (int i = 0; i < steps; i++) {
        if (!walk.rule || !take_step(walk.loader, walk.rule))
            return false;
        if (++walk.step % walk.every == 0 && !note_place(walk.on))
            return false;
    }
    return true;
}

/* The end of the walk, at its last place. */
const char *pg_arrive(void)
{
    path *p = walk.on;
    if (p && p->count) {
        set_weights(p->weights + (p->count - 1) * size);
        score_now(0, p->train);
        score_now(1, p->test);
    }
    end_walk();
    return report_text(!report_any());
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

/* The loss at a place of the plane; NaN while there is none, as during a walk. */
double pg_at(double x, double y)
{
    report_begin();
    if (!origin)
        return NAN;
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
