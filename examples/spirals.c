/*
 * Teaches a small network to tell two spirals apart, and shows what it makes of the plane: as text
 * where it runs, and as a picture.
 */
#include <math.h>
#include <stdio.h>

#include <tarn.h>

#include "examples/options.h"
#include "examples/output.h"
#include "examples/picture.h"
#include "examples/progress.h"

enum { POINTS = 400, SIZE = 800 }; /* points of both spirals together; pixels of the picture */

static const double turns = 1.75, noise = 0.02;

/* Point i lies on spiral i % 2, at a radius of up to 1; both coordinates are in (-1.2, 1.2). */
static tarn_tensor *make_points(int32_t *labels)
{
    tarn_tensor *points = tarn_randn(tarn_shape(POINTS, 2));
    for (int i = 0; i < POINTS; i++) {
        const double radius = 0.05 + 0.95 * i / POINTS;
        const double angle = 2 * acos(-1) * (turns * radius + 0.5 * (i % 2));
        tarn_real *point = tarn_values(points) + 2 * i;
        point[0] = (tarn_real)(radius * cos(angle) + noise * (double)point[0]);
        point[1] = (tarn_real)(radius * sin(angle) + noise * (double)point[1]);
        labels[i] = i % 2;
    }
    return points;
}

static void train(tarn_module *model, tarn_tensor *points, tarn_labels labels, double lr,
                  long steps)
{
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = lr);
    progress bar = progress_begin("training");
    for (long step = 1; step <= steps; step++) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *logits = tarn_nn_forward(model, points);
        tarn_tensor *loss = tarn_cross_entropy(logits, labels);

        tarn_optim_zero_grad(optimizer);
        if (!tarn_backward(loss))
            die("%s", tarn_error());
        tarn_optim_set_lr(optimizer, lr * tarn_schedule_cosine(step - 1, steps));
        tarn_optim_step(optimizer);

        const double value = (double)tarn_item(loss);
        if (!isfinite(value))
            die("the loss is %g: training has diverged; a smaller --lr may help", fabs(value));
        progress_show(&bar, step, steps, value);
        if (step == 1 || step == steps || step % (1 + steps / 5) == 0) {
            progress_end(&bar);
            printf("step %4ld  loss %.4f  %.1f%% right\n", step, value,
                   100.0 * tarn_count_correct(logits, labels) / POINTS);
        }
        tarn_tape_end(tape);
    }
    progress_end(&bar);
    tarn_optim_free(optimizer);
}

/* ---- Pictures. The plane from -1.2 to 1.2 as a grid of columns x rows places, the top one first.
 */

static const double half_width = 1.2;

/* How probable the network finds spiral 1 at the middle of each place. The caller's. */
static tarn_tensor *probabilities(tarn_module *model, int columns, int rows)
{
    tarn_tensor *places = tarn_zeros(tarn_shape((int64_t)rows * columns, 2));
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            tarn_real *place = tarn_values(places) + 2 * ((int64_t)row * columns + column);
            place[0] = (tarn_real)(half_width * (2 * (column + 0.5) / columns - 1));
            place[1] = (tarn_real)(half_width * (1 - 2 * (row + 0.5) / rows));
        }
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *both = tarn_softmax(tarn_nn_forward(model, places));
    tarn_tensor *second = tarn_clone(tarn_slice(both, 1, 1, 2));
    tarn_tape_end(tape);
    tarn_free(places);
    if (!second)
        die("%s", tarn_error());
    return second;
}

/* Where a point falls in the grid. */
static double column_of(const tarn_real *point, int columns)
{
    return ((double)point[0] / half_width + 1) / 2 * columns - 0.5;
}

static double row_of(const tarn_real *point, int rows)
{
    return (1 - (double)point[1] / half_width) / 2 * rows - 0.5;
}

static void print_regions(tarn_module *model, const tarn_tensor *points)
{
    enum { COLUMNS = 64, ROWS = 32 };
    char text[ROWS][COLUMNS + 1];
    tarn_tensor *p = probabilities(model, COLUMNS, ROWS);
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++)
            text[row][column] = tarn_values(p)[row * COLUMNS + column] > 0.5f ? ':' : ' ';
        text[row][COLUMNS] = '\0';
    }
    for (int i = 0; i < POINTS; i++) {
        const tarn_real *point = tarn_values(points) + 2 * i;
        text[lround(row_of(point, ROWS))][lround(column_of(point, COLUMNS))] = i % 2 ? '#' : 'o';
    }
    for (int row = 0; row < ROWS; row++)
        puts(text[row]);
    puts("o and #: the points of the two spirals; dotted: where the network says #");
    tarn_free(p);
}

/* Blue and orange differ for the colour-blind too. */
static void draw_regions(tarn_module *model, const tarn_tensor *points, const char *path)
{
    const colour dark[] = {{0, 90, 181}, {213, 94, 0}},
                 light[] = {{171, 205, 239}, {250, 205, 165}};
    const colour white = {255, 255, 255};
    picture p = picture_new(SIZE, SIZE);
    tarn_tensor *probability = probabilities(model, SIZE, SIZE);
    for (int i = 0; i < SIZE * SIZE; i++)
        p.pixels[i] = mix(light[1], light[0], (double)tarn_values(probability)[i]);
    for (int i = 0; i < POINTS; i++) {
        const tarn_real *point = tarn_values(points) + 2 * i;
        draw_disc(&p, column_of(point, SIZE), row_of(point, SIZE), 6, white);
        draw_disc(&p, column_of(point, SIZE), row_of(point, SIZE), 4.5, dark[i % 2]);
    }
    picture_save(&p, path);
    printf("%s: the same as a picture\n", path);
    tarn_free(probability);
    picture_free(&p);
}

int main(int argc, char **argv)
{
    const char *folder = OUTPUT_FOLDER;
    double lr = 0.01;
    long steps = 1000, seed = 1;
    const option table[] = {
        OUTPUT_OPTION(&folder),
        OPTION_NUMBER_AT(&lr, "lr", "X", "Adam's rate at first; default 0.01", 1e-6, 10),
        OPTION_COUNT_AT(&steps, "steps", "N", "of training; default 1000", 1, 1e6),
        OPTION_COUNT_AT(&seed, "seed", "N", "of points and weights; default 1", 0, 1e9),
        {0}};
    parse_options(argc, argv, "Teaches a small network to tell two spirals apart.", table);
    tarn_seed((uint64_t)seed);

    int32_t labels[POINTS];
    tarn_tensor *points = make_points(labels);
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 32), tarn_nn_tanh(), /* (N, 32) */
                                            tarn_nn_linear(32, 32), tarn_nn_tanh(),
                                            tarn_nn_linear(32, 2)); /* (N, 2) */
    if (!points || !model)
        die("%s", tarn_error());
    train(model, points, tarn_labels(POINTS, labels), lr, steps);
    print_regions(model, points);
    draw_regions(model, points, output_in(folder, "spirals.png").text);

    tarn_nn_free(model);
    tarn_free(points);
    check_stdout();
    return 0;
}
