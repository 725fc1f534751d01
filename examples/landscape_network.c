/*
 * The loss surface of LeNet on digits, in two ways (Li et al. 2018; examples/directions.h has the
 * mathematics):
 *
 * - around trained weights w, along two random directions a and b, each of whose filters has the
 *   norm of w's: loss(w + x a + y b) for x and y from -1 to 1;
 * - under the path of each optimizer, all from the same weights and on the same batches, in the
 *   plane of its two main directions.
 */
#include "examples/landscape_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/digits.h"
#include "examples/directions.h"
#include "examples/options.h"
#include "examples/output.h"
#include "examples/progress.h"
#include "examples/rules.h"

/* ---- Settings */

enum { MAX_OPTIMIZERS = 16, BATCH = 64, PART = 250 };

typedef struct settings {
    digits digits;
    const char *folder, *load;
    long epochs, images, grid, points, seed, threads;
    const rule *optimizers[MAX_OPTIMIZERS];
    int optimizer_count;
} settings;

/* Names with commas between them. */
static void read_optimizers(settings *s, const char *list)
{
    while (true) {
        char name[32];
        const int length = (int)strcspn(list, ",");
        snprintf(name, sizeof name, "%.*s", length, list);
        const rule *r = find_rule(name);
        if (!r || strcmp(name, "gd") == 0)
            die("--optimizers %.*s: expects names from the list in --help, with commas between",
                length, list);
        for (int i = 0; i < s->optimizer_count; i++)
            if (s->optimizers[i] == r)
                die("--optimizers: %s stands there twice", name);
        s->optimizers[s->optimizer_count++] = r;
        if (list[length] == '\0')
            return;
        list += length + 1;
    }
}

static settings read_settings(int argc, char **argv)
{
    bool network = true;
    const char *optimizers = "sgd,momentum,adagrad,rmsprop,adadelta,adam,lion,muon";
    settings s = {
        .folder = OUTPUT_FOLDER, .epochs = 2, .images = 1000, .grid = 41, .points = 50, .seed = 1};
    const option table[] = {
        OPTION_FLAG_AT(&network, "network", "the loss surface of LeNet: what is described here"),
        DIGITS_OPTIONS(&s.digits),
        OPTION_TEXT_AT(&s.load, "load", "FILE",
                       "draw the surface around the parameters in there (default: trains by adam)"),
        OPTION_TEXT_AT(&optimizers, "optimizers", "NAME,...",
                       "sgd, momentum, momentum-ema, nesterov, adagrad, rmsprop, adadelta, adam, "
                       "adamw, amsgrad, adamax, nadam, radam, lion, muon"),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "of training; default 2", 1, 1e4),
        OPTION_COUNT_AT(&s.images, "images", "N",
                        "whose mean loss is drawn, the first of the training images; default 1000",
                        1, 1e6),
        OPTION_COUNT_AT(&s.grid, "grid", "N",
                        "places on each side of the surface, an odd number; half as many under a "
                        "path; default 41",
                        3, 1001),
        OPTION_COUNT_AT(&s.points, "points", "N", "of a path, beside its start; default 50", 1,
                        1000),
        OPTION_COUNT_AT(&s.seed, "seed", "N", "default 1", 0, 1e15),
        OPTION_COUNT_AT(&s.threads, "threads", "N", "default: all cores", 1, 1024),
        OUTPUT_OPTION(&s.folder),
        {0}};
    parse_options(argc, argv,
                  "Draws the loss surface of LeNet around trained weights and under the paths of "
                  "optimizers.",
                  table);
    read_optimizers(&s, optimizers);
    if (s.grid % 2 == 0)
        die("--grid %ld: expects an odd number, so that the weights lie on a place", s.grid);
    return s;
}

/* ---- The network and its weights, all in one row */

/* What the program holds, freed at exit on whichever way it ends. */
static struct {
    tarn_dataset *training, *test, *seen;
    tarn_loader *loader, *test_loader, *seen_loader;
    tarn_module *model;
    tarn_optim *optimizer;
    int64_t size;            /* number of weights */
    tarn_real *start;        /* the weights before any training */
    tarn_real *now, *before; /* after the last two steps */
    tarn_real *points;       /* weights along a path */
    double *losses;          /* there */
    long *steps;             /* at which they were recorded */
    main_plane plane;
    csv surface, planes, paths, optimizers;
} run;

static void free_run(void)
{
    csv *tables[] = {&run.surface, &run.planes, &run.paths, &run.optimizers};
    for (int i = 0; i < 4; i++)
        if (tables[i]->file)
            fclose(tables[i]->file);
    main_plane_free(&run.plane);
    free(run.steps);
    free(run.losses);
    free(run.points);
    free(run.before);
    free(run.now);
    free(run.start);
    tarn_optim_free(run.optimizer);
    tarn_nn_free(run.model);
    tarn_loader_free(run.seen_loader);
    tarn_loader_free(run.test_loader);
    tarn_loader_free(run.loader);
    tarn_dataset_free(run.seen);
    tarn_dataset_free(run.test);
    tarn_dataset_free(run.training);
}

static void *memory(int64_t count, size_t size)
{
    void *block = calloc((size_t)count, size);
    if (!block)
        die("no memory for %lld numbers", (long long)count);
    return block;
}

static void get_weights(tarn_real *to)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int i = 0; i < list.count; to += tarn_size(list.tensors[i++]))
        memcpy(to, tarn_values(list.tensors[i]), (size_t)tarn_size(list.tensors[i]) * sizeof *to);
}

static void set_weights(const tarn_real *from)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int i = 0; i < list.count; from += tarn_size(list.tensors[i++]))
        memcpy(tarn_values(list.tensors[i]), from,
               (size_t)tarn_size(list.tensors[i]) * sizeof *from);
}

/* The images whose loss is drawn: the first of the training set, which is in no order. */
static void choose_images(const settings *s)
{
    tarn_batch batch;
    if (s->images > tarn_data_count(run.training))
        die("--images %ld: there are %lld", s->images, (long long)tarn_data_count(run.training));
    tarn_loader *all = tarn_loader_new(run.training, s->images);
    if (tarn_loader_next(all, &batch))
        run.seen = tarn_data_from_numbers(tarn_shape_get(batch.images), tarn_values(batch.images),
                                          batch.labels.ids, tarn_data_classes(run.training));
    tarn_loader_free(all);
    run.seen_loader = tarn_loader_new(run.seen, PART);
}

static void prepare(const settings *s)
{
    run.training = digits_read(&s->digits, TARN_TRAIN);
    run.test = digits_read(&s->digits, TARN_TEST);
    choose_images(s);
    run.test_loader = tarn_loader_new(run.test, PART);
    run.model = lenet();
    if (!run.seen_loader || !run.test_loader || !run.model)
        die("%s", tarn_error());
    run.size = tarn_nn_parameter_count(run.model);
    run.start = memory(run.size, sizeof *run.start);
    run.now = memory(run.size, sizeof *run.now);
    run.before = memory(run.size, sizeof *run.before);
    run.points = memory((s->points + 1) * run.size, sizeof *run.points);
    run.losses = memory(s->points + 1, sizeof *run.losses);
    run.steps = memory(s->points + 1, sizeof *run.steps);
    get_weights(run.start);
}

/* ---- Training */

static double distance(const tarn_real *a, const tarn_real *b)
{
    double sum = 0;
    for (int64_t i = 0; i < run.size; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

/* One step; the batches are the same for all that begin with the same seed. Returns the loss. */
static double train_step(const tarn_batch *batch)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *predictions = tarn_nn_forward(run.model, batch->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch->labels);
    tarn_optim_zero_grad(run.optimizer);
    if (!tarn_backward(loss))
        die("%s", tarn_error());
    tarn_optim_step(run.optimizer);
    const double value = (double)tarn_item(loss);
    tarn_tape_end(tape);
    return value;
}

/* A path: how many of its points are in run.points, and its length over all steps. */
typedef struct path {
    int count;
    double length;
} path;

/* Records the weights after a step, if it is one of those of which s->points are made. */
static void record(const settings *s, path *p, long step, long steps)
{
    const tarn_real *weights = run.now;
    if (step > 0)
        p->length += distance(run.before, run.now);
    if (step * s->points / steps == (step - 1) * s->points / steps && step > 0)
        return;
    memcpy(run.points + p->count * run.size, weights, (size_t)run.size * sizeof *weights);
    run.steps[p->count++] = step;
}

/* Trains from run.start on by the rule, whose rate falls to 0 in a straight line. */
static path train(const settings *s, const rule *r)
{
    path p = {0};
    set_weights(run.start);
    run.loader = tarn_loader_new(run.training, BATCH, .shuffle = true, .seed = (uint64_t)s->seed);
    run.optimizer =
        make_optimizer(r->name, tarn_nn_parameters(run.model), r->lr, fmax(r->momentum, 0), 0);
    if (!run.loader || !run.optimizer)
        die("%s", tarn_error());
    const long steps = s->epochs * (long)tarn_loader_batches(run.loader);
    progress bar = progress_begin(r->name);
    get_weights(run.now);
    record(s, &p, 0, steps);
    tarn_batch batch;
    for (long step = 1; step <= steps; progress_show(&bar, step++, steps, NAN)) {
        while (!tarn_loader_next(run.loader, &batch))
            ; /* the end of an epoch */
        tarn_optim_set_lr(run.optimizer, r->lr * (double)(steps - step + 1) / (double)steps);
        const double loss = train_step(&batch);
        if (!isfinite(loss))
            die("%s has diverged: its loss is %g", r->name, fabs(loss));
        tarn_real *weights = run.before;
        run.before = run.now;
        run.now = weights;
        get_weights(run.now);
        record(s, &p, step, steps);
    }
    progress_end(&bar);
    tarn_optim_free(run.optimizer);
    tarn_loader_free(run.loader);
    run.optimizer = NULL;
    run.loader = NULL;
    return p;
}

/* ---- Surfaces */

/* The score at origin + x axis[0] + y axis[1]. */
static score score_at(const tarn_real *origin, double x, double y)
{
    const double *a = run.plane.axis[0], *b = run.plane.axis[1];
    for (int64_t i = 0; i < run.size; i++)
        run.now[i] = (tarn_real)((double)origin[i] + x * a[i] + y * b[i]);
    set_weights(run.now);
    return evaluate(run.model, run.seen_loader);
}

/* Two random directions around the weights of the network, as a plane. */
static void choose_directions(void)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int k = 0; k < 2; k++) {
        double *direction = run.plane.axis[k] = memory(run.size, sizeof *direction);
        for (int i = 0; i < list.count; direction += tarn_size(list.tensors[i++])) {
            tarn_tensor *normal = tarn_randn(tarn_shape_get(list.tensors[i]));
            if (!normal)
                die("%s", tarn_error());
            for (int64_t j = 0; j < tarn_size(normal); j++)
                direction[j] = (double)tarn_values(normal)[j];
            tarn_free(normal);
            filter_normalize(direction, list.tensors[i]);
        }
    }
}

static void surface_around_weights(const settings *s)
{
    static output_path name;
    name = output_in(s->folder, "landscape_network.csv");
    run.surface = csv_begin(name.text, "x,y,loss,error");
    if (s->load) {
        if (!tarn_nn_load(run.model, s->load))
            die("--load: %s", tarn_error());
    } else {
        train(s, find_rule("adam"));
    }
    tarn_real *weights = run.points;
    get_weights(weights);
    const score trained = evaluate(run.model, run.seen_loader);
    printf("trained weights: loss %.6f and error %.2f%% on %ld training images, test accuracy "
           "%.2f%%\n",
           trained.loss, 100 * (1 - trained.accuracy), s->images,
           100 * evaluate(run.model, run.test_loader).accuracy);
    fflush(stdout);

    choose_directions();
    const long half = s->grid / 2;
    progress bar = progress_begin("surface");
    for (long i = 0; i < s->grid * s->grid; i++) {
        const double x = (double)(i % s->grid - half) / (double)half,
                     y = (double)(i / s->grid - half) / (double)half;
        const score there = score_at(weights, x, y);
        csv_add(&run.surface, "%.4f,%.4f,%.6g,%.6g\n", x, y, there.loss, 1 - there.accuracy);
        progress_show(&bar, i + 1, s->grid * s->grid, NAN);
    }
    progress_end(&bar);
    csv_end(&run.surface);
    main_plane_free(&run.plane);
}

/* ---- Paths */

/* The losses along the path, and the range of its projection with a margin around it. */
static void follow(const rule *r, const path *p, double low[2], double high[2])
{
    const tarn_real *end = run.points + (p->count - 1) * run.size;
    double at[2];
    for (int i = 0; i < p->count; i++) {
        const tarn_real *point = run.points + i * run.size;
        set_weights(point);
        run.losses[i] = evaluate(run.model, run.seen_loader).loss;
        project(&run.plane, end, point, run.size, at);
        csv_add(&run.paths, "%s,%ld,%.6g,%.6g,%.6g\n", r->name, run.steps[i], at[0], at[1],
                run.losses[i]);
        for (int k = 0; k < 2; k++) {
            low[k] = i == 0 ? at[k] : fmin(low[k], at[k]);
            high[k] = i == 0 ? at[k] : fmax(high[k], at[k]);
        }
    }
    const double widest = fmax(high[0] - low[0], high[1] - low[1]);
    for (int k = 0; k < 2; k++) {
        const double margin = 0.2 * fmax(high[k] - low[k], 0.05 * widest);
        low[k] -= margin;
        high[k] += margin;
    }
}

static void surface_under_path(const settings *s, const rule *r, const path *p, const double low[2],
                               const double high[2])
{
    const tarn_real *end = run.points + (p->count - 1) * run.size;
    const long grid = s->grid / 2 + 1;
    progress bar = progress_begin(r->name);
    for (long i = 0; i < grid * grid; i++) {
        const double u = (double)(i % grid) / (double)(grid - 1),
                     v = (double)(i / grid) / (double)(grid - 1);
        const double x = low[0] + u * (high[0] - low[0]), y = low[1] + v * (high[1] - low[1]);
        csv_add(&run.planes, "%s,%.6g,%.6g,%.6g\n", r->name, x, y, score_at(end, x, y).loss);
        progress_show(&bar, i + 1, grid * grid, NAN);
    }
    progress_end(&bar);
}

static void path_of_optimizer(const settings *s, const rule *r)
{
    const path p = train(s, r);
    const double accuracy = evaluate(run.model, run.test_loader).accuracy;
    const tarn_real *end = run.points + (p.count - 1) * run.size;
    const double straight = distance(run.points, end);
    double low[2], high[2];
    if (!main_plane_of(&run.plane, run.points, p.count, run.size))
        die("no memory for the directions of a path");
    follow(r, &p, low, high);
    surface_under_path(s, r, &p, low, high);
    const double loss = run.losses[p.count - 1], *share = run.plane.share;
    printf("%-12s  %8.6f  %12.2f%%  %5.1f%%  %5.1f%%  %9.2f  %7.2f  %5.1f\n", r->name, loss,
           100 * accuracy, 100 * share[0], 100 * share[1], p.length, straight, p.length / straight);
    fflush(stdout);
    csv_add(&run.optimizers, "%s,%.6f,%.4f,%.6f,%.6f,%.6g,%.6g\n", r->name, loss, accuracy,
            share[0], share[1], p.length, straight);
    main_plane_free(&run.plane);
}

static void paths_of_optimizers(const settings *s)
{
    static output_path names[3];
    names[0] = output_in(s->folder, "landscape_network_paths.csv");
    names[1] = output_in(s->folder, "landscape_network_planes.csv");
    names[2] = output_in(s->folder, "landscape_network_optimizers.csv");
    run.paths = csv_begin(names[0].text, "optimizer,step,x,y,loss");
    run.planes = csv_begin(names[1].text, "optimizer,x,y,loss");
    run.optimizers =
        csv_begin(names[2].text, "optimizer,loss,test_accuracy,share_x,share_y,travelled,distance");
    printf(
        "\noptimizer         loss  test accuracy  x share  y share  travelled  straight  ratio\n");
    for (int i = 0; i < s->optimizer_count; i++)
        path_of_optimizer(s, s->optimizers[i]);
    csv_end(&run.optimizers);
    csv_end(&run.planes);
    csv_end(&run.paths);
}

void network_landscape(int argc, char **argv)
{
    die_of_mistakes();
    settings s = read_settings(argc, argv);
    atexit(free_run);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_seed((uint64_t)s.seed);
    digits_choose(&s.digits);
    prepare(&s);
    printf("lenet on %s, %lld parameters, seed %ld, %d thread%s\n", s.digits.dataset,
           (long long)run.size, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    surface_around_weights(&s);
    paths_of_optimizers(&s);
    draw_plots("landscape_network", s.folder);
    check_stdout();
}
