/*
 * The loss surface of LeNet on digits, in two ways (Li et al. 2018; examples/lab/directions.h has
 * the mathematics):
 *
 * - around trained weights w, along two random directions a and b, each of whose filters has the
 *   norm of w's: loss(w + x a + y b) for x and y from -1 to 1;
 * - under the path of each optimizer, all from the same weights and on the same batches, in the
 *   plane of its two main directions. That the paths look like parabolas there is in part the
 *   projection's doing: those of random walks do too (Antognini, Sohl-Dickstein 2018).
 */
#include "examples/lab/landscape_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/landscape_lenet.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/progress.h"

static settings read_settings(int argc, char **argv)
{
    bool network = true;
    const char *optimizers = "sgd,momentum,adagrad,rmsprop,adadelta,adam,lion,muon";
    settings s = {
        .folder = OUTPUT_FOLDER, .epochs = 2, .images = 1000, .grid = 41, .points = 50, .seed = 1};
    char which[640];
    snprintf(which, sizeof which, "whose paths are drawn, of %s; default %s", rule_names(false),
             optimizers);
    const option table[] = {
        OPTION_FLAG_AT(&network, "network", "the loss surface of LeNet: what is described here"),
        DIGITS_OPTIONS(&s.digits),
        OPTION_TEXT_AT(&s.load, "load", "FILE",
                       "draw the surface around the parameters in there (default: trains by adam)"),
        OPTION_TEXT_AT(&optimizers, "optimizers", "NAME,...", which),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "of training; default 2", 1, 1e4),
        OPTION_COUNT_AT(&s.images, "images", "N",
                        "whose mean loss is drawn, the first of the training images; default 1000",
                        1, 1e6),
        OPTION_COUNT_AT(&s.grid, "grid", "N",
                        "places on each side of the surface, an odd number; half as many under a "
                        "path; default 41",
                        3, 1001),
        OPTION_COUNT_AT(&s.points, "points", "N", "of a path, beside its start; default 50", 1,
                        500),
        OPTION_COUNT_AT(&s.seed, "seed", "N", "default 1", 0, 1e15),
        OPTION_COUNT_AT(&s.threads, "threads", "N", "default: all cores", 1, 1024),
        OUTPUT_OPTION(&s.folder),
        {0}};
    parse_options(argc, argv,
                  "Draws the loss surface of LeNet around trained weights and under the paths of "
                  "optimizers.",
                  table);
    s.optimizer_count = read_rules(optimizers, s.optimizers);
    if (s.grid % 2 == 0)
        die("--grid %ld: expects an odd number, so that the weights lie on a place", s.grid);
    return s;
}

/* ---- Tables */

enum { SURFACE, TRAINED, PLANES, PATHS, OPTIMIZERS, TABLES };

static struct {
    const char *name, *columns;
    output_path path;
    csv file;
} tables[TABLES] = {
    [SURFACE] = {.name = "landscape_network.csv", .columns = "x,y,loss,error"},
    [TRAINED] = {.name = "landscape_network_trained.csv",
                 .columns = "dataset,images,loss,error,test_accuracy"},
    [PLANES] = {.name = "landscape_network_planes.csv", .columns = "optimizer,x,y,loss"},
    [PATHS] = {.name = "landscape_network_paths.csv", .columns = "optimizer,step,x,y,loss"},
    [OPTIMIZERS] = {.name = "landscape_network_optimizers.csv",
                    .columns = "optimizer,loss,test_accuracy,share_x,share_y,travelled,straight"},
};

/* On whichever way the program ends. */
static void close_tables(void)
{
    for (int i = 0; i < TABLES; i++)
        if (tables[i].file.file)
            fclose(tables[i].file.file);
}

static void begin_tables(const char *folder)
{
    atexit(close_tables);
    for (int i = 0; i < TABLES; i++) {
        tables[i].path = output_in(folder, tables[i].name);
        tables[i].file = csv_begin(tables[i].path.text, tables[i].columns);
    }
}

/* ---- Around trained weights */

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

static void describe_weights(const settings *s)
{
    const score seen = evaluate(run.model, run.seen), test = evaluate(run.model, run.test);
    printf("trained weights: loss %.6f and error %.2f%% on %ld training images, test accuracy "
           "%.2f%%\n",
           seen.loss, 100 * (1 - seen.accuracy), s->images, 100 * test.accuracy);
    fflush(stdout);
    csv_add(&tables[TRAINED].file, "%s,%ld,%.6g,%.6g,%.6g\n", s->digits.dataset, s->images,
            seen.loss, 1 - seen.accuracy, test.accuracy);
}

/* Of the network as it is. */
static void surface_around_weights(const settings *s)
{
    tarn_real *weights = run.points; /* which need room, and no path is there now */
    get_weights(run.model, weights);
    choose_directions();
    const long half = s->grid / 2;
    progress bar = progress_begin("surface");
    for (long i = 0; i < s->grid * s->grid; i++) {
        const double x = (double)(i % s->grid - half) / (double)half,
                     y = (double)(i / s->grid - half) / (double)half;
        const score there = score_at(weights, x, y);
        csv_add(&tables[SURFACE].file, "%.4f,%.4f,%.6g,%.6g\n", x, y, there.loss,
                1 - there.accuracy);
        progress_show(&bar, i + 1, s->grid * s->grid, NAN);
    }
    progress_end(&bar);
    main_plane_free(&run.plane);
}

/* ---- Under the paths */

typedef struct range {
    double low[2], high[2];
} range;

/* Tells of each point of the path where it lies in run.plane, and its loss. Returns the range of
   the points, with a margin. */
static range follow(const rule *r, const tarn_real *end)
{
    range all = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    for (int i = 0; i < run.point_count; i++) {
        const tarn_real *point = run.points + i * run.size;
        double at[2];
        project(&run.plane, end, point, run.size, at);
        set_weights(point);
        csv_add(&tables[PATHS].file, "%s,%ld,%.6g,%.6g,%.6g\n", r->name, run.steps[i], at[0], at[1],
                evaluate(run.model, run.seen).loss);
        for (int k = 0; k < 2; k++) {
            all.low[k] = fmin(all.low[k], at[k]);
            all.high[k] = fmax(all.high[k], at[k]);
        }
    }
    const double width = fmax(all.high[0] - all.low[0], all.high[1] - all.low[1]);
    for (int k = 0; k < 2; k++) {
        const double margin = 0.2 * fmax(all.high[k] - all.low[k], 0.05 * width);
        all.low[k] -= margin;
        all.high[k] += margin;
    }
    return all;
}

static void surface_under_path(const rule *r, const tarn_real *end, range all, long grid)
{
    progress bar = progress_begin(r->name);
    for (long i = 0; i < grid * grid; i++) {
        const double u = (double)(i % grid) / (double)(grid - 1),
                     v = (double)(i / grid) / (double)(grid - 1);
        const double x = all.low[0] + u * (all.high[0] - all.low[0]),
                     y = all.low[1] + v * (all.high[1] - all.low[1]);
        csv_add(&tables[PLANES].file, "%s,%.6g,%.6g,%.6g\n", r->name, x, y,
                score_at(end, x, y).loss);
        progress_show(&bar, i + 1, grid * grid, NAN);
    }
    progress_end(&bar);
}

/* The plane goes through the weights in which the path ends. */
static void path_of_optimizer(const settings *s, const rule *r)
{
    train(s, r);
    const double loss = evaluate(run.model, run.seen).loss,
                 accuracy = evaluate(run.model, run.test).accuracy;
    const tarn_real *end = run.points + (run.point_count - 1) * run.size;
    const double straight = distance(run.points, end);
    if (!main_plane_of(&run.plane, run.points, run.point_count, run.size))
        die("no memory for the directions of a path");
    surface_under_path(r, end, follow(r, end), s->grid / 2 + 1);
    const double *share = run.plane.share;
    printf("%-12s  %8.6f  %12.2f%%  %5.1f%%  %5.1f%%  %9.2f  %8.2f  %5.1f\n", r->name, loss,
           100 * accuracy, 100 * share[0], 100 * share[1], run.travelled, straight,
           run.travelled / straight);
    fflush(stdout);
    csv_add(&tables[OPTIMIZERS].file, "%s,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n", r->name, loss, accuracy,
            share[0], share[1], run.travelled, straight);
    main_plane_free(&run.plane);
}

void network_landscape(int argc, char **argv)
{
    die_of_mistakes();
    settings s = read_settings(argc, argv);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_seed((uint64_t)s.seed);
    digits_choose(&s.digits);
    prepare(&s);
    if (s.load && !tarn_nn_load(run.model, s.load))
        die("--load: %s", tarn_error());
    begin_tables(s.folder);
    printf("lenet on %s: %lld parameters, seed %ld, %d thread%s\n", s.digits.dataset,
           (long long)run.size, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    if (!s.load)
        train(&s, find_rule("adam"));
    describe_weights(&s);
    surface_around_weights(&s);

    puts("\noptimizer         loss  test accuracy   variance x, y  travelled  straight  ratio");
    for (int i = 0; i < s.optimizer_count; i++)
        path_of_optimizer(&s, s.optimizers[i]);
    puts("variance: the share of the path's along each axis of its picture; travelled: the length "
         "of all steps;\nstraight: from the first weights to the last");
    for (int i = 0; i < TABLES; i++)
        csv_end(&tables[i].file);
    static const drawing pictures[] = {
        {"landscape_network.png", "the loss along two random directions"},
        {"landscape_network_paths.png", "the path of each optimizer, and the loss under it"},
        {0}};
    draw_plots("landscape_network", s.folder, pictures);
    check_stdout();
}
