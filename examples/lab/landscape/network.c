/*
 * The loss surface of LeNet on digits, in two ways (Li et al. 2018;
 * examples/lab/landscape/directions.h has the mathematics):
 *
 * - around trained weights w, along two random directions a and b, each of whose filters has the
 *   norm of w's: loss(w + x a + y b) for x and y from -1 to 1;
 * - under the path of each optimizer, all from the same weights and on the same batches, in the
 *   plane of its two main directions. That the paths look like parabolas there is in part the
 *   projection's doing: those of random walks do too (Antognini, Sohl-Dickstein 2018).
 */
#include "examples/lab/landscape/network.h"

#include <math.h>
#include <stdio.h>

#include "examples/lab/landscape/lenet.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

static settings read_settings(int argc, char **argv)
{
    bool network = true;
    const char *optimizers = "sgd,momentum,adagrad,rmsprop,adadelta,adam,lion,muon";
    settings s = {
        .folder = OUTPUT_FOLDER, .epochs = 2, .images = 1000, .grid = 41, .points = 50, .seed = 1};
    char which[640];
    snprintf(which, sizeof which, "whose paths are drawn, of %s; default %s", optimizer_names(),
             optimizers);
    const option options[] = {
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
        OPTION_SEED_AT(&s.seed),
        OPTION_THREADS_AT(&s.threads),
        OUTPUT_OPTION(&s.folder),
        OPTIONS_END};
    parse_options(argc, argv,
                  "Draws the loss surface of LeNet around trained weights and under the paths of "
                  "optimizers.",
                  options);
    s.optimizer_count = optimizers_of(optimizers, s.optimizers);
    if (s.grid % 2 == 0)
        die("--grid %ld: expects an odd number, so that the weights lie on a place", s.grid);
    return s;
}

/* ---- Tables */

enum { SURFACE, TRAINED, PLANES, PATHS, OPTIMIZERS, TABLES };

static const char *const names[TABLES][2] = {
    [SURFACE] = {"landscape_network.csv", "x,y,loss,error"},
    [TRAINED] = {"landscape_network_trained.csv", "dataset,images,loss,error,test_accuracy"},
    [PLANES] = {"landscape_network_planes.csv", "optimizer,x,y,loss"},
    [PATHS] = {"landscape_network_paths.csv", "optimizer,step,x,y,loss"},
    [OPTIMIZERS] = {"landscape_network_optimizers.csv",
                    "optimizer,loss,test_accuracy,share_x,share_y,travelled,straight"},
};
static table *tables[TABLES];

/* ---- Around trained weights */

/* Two random directions around the weights of the network, as a plane. */
static void choose_directions(void)
{
    const tarn_params list = tarn_nn_parameters(run.model);
    for (int k = 0; k < 2; k++) {
        double *direction = run.plane.axis[k] = memory(run.size, sizeof *direction);
        for (int i = 0; i < list.count; direction += tarn_size(list.tensors[i++])) {
            tarn_tensor *normal = tarn_randn(tarn_shape_get(list.tensors[i]));
            check(normal);
            for (int64_t j = 0; j < tarn_size(normal); j++)
                direction[j] = (double)tarn_values(normal)[j];
            tarn_free(normal);
            filter_normalize(direction, list.tensors[i]);
        }
    }
}

static void describe_weights(const settings *s)
{
    const score seen = score_seen(), test = score_test();
    printf("trained weights: loss %.6f and error %.2f%% on %ld training images, test accuracy "
           "%.2f%%\n",
           seen.loss, 100 * (1 - seen.accuracy), s->images, 100 * test.accuracy);
    fflush(stdout);
    table_row(tables[TRAINED], "%s,%ld,%.6g,%.6g,%.6g", s->digits.dataset, s->images, seen.loss,
              1 - seen.accuracy, test.accuracy);
}

/* Of the network as it is. */
static void surface_around_weights(const settings *s)
{
    tarn_real *weights = run.points; /* which need room, and no path is there now */
    get_weights(run.model, weights);
    choose_directions();
    const long half = s->grid / 2;
    tarn_progress bar = tarn_progress_begin("surface");
    for (long i = 0; i < s->grid * s->grid; i++) {
        const double x = (double)(i % s->grid - half) / (double)half,
                     y = (double)(i / s->grid - half) / (double)half;
        const score there = score_at(weights, x, y);
        table_row(tables[SURFACE], "%.4f,%.4f,%.6g,%.6g", x, y, there.loss, 1 - there.accuracy);
        tarn_progress_show(&bar, i + 1, s->grid * s->grid, NAN);
    }
    tarn_progress_end(&bar);
    main_plane_free(&run.plane);
}

/* ---- Under the paths */

typedef struct range {
    double low[2], high[2];
} range;

/* Tells of each point of the path where it lies in run.plane, and its loss. Returns the range of
   the points, with a margin. */
static range follow(const char *optimizer, const tarn_real *end)
{
    range all = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    for (int i = 0; i < run.point_count; i++) {
        const tarn_real *point = run.points + i * run.size;
        double at[2];
        project(&run.plane, end, point, run.size, at);
        set_weights(point);
        table_row(tables[PATHS], "%s,%ld,%.6g,%.6g,%.6g", optimizer, run.steps[i], at[0], at[1],
                  score_seen().loss);
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

static void surface_under_path(const char *optimizer, const tarn_real *end, range all, long grid)
{
    tarn_progress bar = tarn_progress_begin(optimizer);
    for (long i = 0; i < grid * grid; i++) {
        const double u = (double)(i % grid) / (double)(grid - 1),
                     v = (double)(i / grid) / (double)(grid - 1);
        const double x = all.low[0] + u * (all.high[0] - all.low[0]),
                     y = all.low[1] + v * (all.high[1] - all.low[1]);
        table_row(tables[PLANES], "%s,%.6g,%.6g,%.6g", optimizer, x, y, score_at(end, x, y).loss);
        tarn_progress_show(&bar, i + 1, grid * grid, NAN);
    }
    tarn_progress_end(&bar);
}

/* The plane goes through the weights in which the path ends. */
static void path_of_optimizer(const settings *s, const char *optimizer)
{
    train(s, optimizer);
    const double loss = score_seen().loss, accuracy = score_test().accuracy;
    const tarn_real *end = run.points + (run.point_count - 1) * run.size;
    const double straight = distance(run.points, end);
    if (!main_plane_of(&run.plane, run.points, run.point_count, run.size))
        die("no memory for the directions of a path");
    surface_under_path(optimizer, end, follow(optimizer, end), s->grid / 2 + 1);
    const double *share = run.plane.share;
    printf("%-12s  %8.6f  %12.2f%%  %5.1f%%  %5.1f%%  %9.2f  %8.2f  %5.1f\n", optimizer, loss,
           100 * accuracy, 100 * share[0], 100 * share[1], run.travelled, straight,
           run.travelled / straight);
    fflush(stdout);
    table_row(tables[OPTIMIZERS], "%s,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g", optimizer, loss, accuracy,
              share[0], share[1], run.travelled, straight);
    main_plane_free(&run.plane);
}

void network_landscape(int argc, char **argv)
{
    settings s = read_settings(argc, argv);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_seed((uint64_t)s.seed);
    digits_choose(&s.digits);
    prepare(&s);
    if (s.load && !tarn_nn_load(run.model, s.load))
        die("--load: %s", tarn_error());
    for (int i = 0; i < TABLES; i++)
        tables[i] = table_in(s.folder, names[i][0], names[i][1]);
    printf("lenet on %s: %lld parameters, seed %ld, %d thread%s\n", s.digits.dataset,
           (long long)run.size, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    if (!s.load)
        train(&s, "adam");
    describe_weights(&s);
    surface_around_weights(&s);

    puts("\noptimizer         loss  test accuracy   variance x, y  travelled  straight  ratio");
    for (int i = 0; i < s.optimizer_count; i++)
        path_of_optimizer(&s, s.optimizers[i]);
    puts("variance: the share of the path's along each axis of its picture; travelled: the length "
         "of all steps;\nstraight: from the first weights to the last");
    for (int i = 0; i < TABLES; i++)
        table_end(tables[i]);
    static const drawing pictures[] = {
        {"landscape_network", "the loss along two random directions"},
        {"landscape_network_paths", "the path of each optimizer, and the loss under it"},
        {0}};
    draw_plots("landscape_network", s.folder, pictures);
    free_run();
}
