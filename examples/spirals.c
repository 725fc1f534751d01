/*
 * Teaches a small network to tell two spirals apart, and shows what it makes of the plane.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>

#include <tarn.h>

enum { POINTS = 400, STEPS = 1000 }; /* points of both spirals together; steps of training */

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

static void train(tarn_module *model, tarn_tensor *points, tarn_labels labels)
{
    const double lr = 0.01;
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = lr);
    for (int step = 1; step <= STEPS; step++) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *logits = tarn_nn_forward(model, points);
        tarn_tensor *loss = tarn_cross_entropy(logits, labels);

        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);

        tarn_optim_set_lr(optimizer, lr * tarn_schedule_cosine(step - 1, STEPS));
        tarn_optim_step(optimizer);

        if (step == 1 || step % (STEPS / 5) == 0)
            printf("step %4d  loss %.4f  %.1f%% right\n", step, (double)tarn_item(loss),
                   100.0 * tarn_count_correct(logits, labels) / POINTS);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
}

/* ---- The plane from -1.2 to 1.2 as a grid of places, the top one first. */

enum { COLUMNS = 64, ROWS = 32 };

static const double half_width = 1.2;

/* Fills the grid with ':' where the network finds spiral 1 more probable. */
static void fill_regions(tarn_module *model, char grid[ROWS][COLUMNS + 1])
{
    tarn_tensor *places = tarn_zeros(tarn_shape(ROWS * COLUMNS, 2));
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        tarn_real *place = tarn_values(places) + 2 * i;
        place[0] = (tarn_real)(half_width * (2 * (i % COLUMNS + 0.5) / COLUMNS - 1));
        place[1] = (tarn_real)(half_width * (1 - 2 * (i / COLUMNS + 0.5) / ROWS));
    }
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *logits = tarn_values(tarn_nn_forward(model, places)); /* (ROWS COLUMNS, 2) */
    for (int i = 0; i < ROWS * COLUMNS; i++)
        grid[i / COLUMNS][i % COLUMNS] = logits[2 * i + 1] > logits[2 * i] ? ':' : ' ';
    tarn_tape_end(tape);
    tarn_free(places);
}

static void print_regions(tarn_module *model, const tarn_tensor *points)
{
    char grid[ROWS][COLUMNS + 1] = {0};
    fill_regions(model, grid);
    for (int i = 0; i < POINTS; i++) {
        const tarn_real *point = tarn_values(points) + 2 * i;
        const double x = (double)point[0] / half_width, y = (double)point[1] / half_width;
        grid[(int)((1 - y) / 2 * ROWS)][(int)((x + 1) / 2 * COLUMNS)] = i % 2 ? '#' : 'o';
    }
    for (int row = 0; row < ROWS; row++)
        puts(grid[row]);
    puts("o and #: the points of the two spirals; dotted: where the network says #");
}

int main(void)
{
    tarn_seed(1);
    int32_t labels[POINTS];
    tarn_tensor *points = make_points(labels);
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 32), tarn_nn_tanh(), /* (N, 32) */
                                            tarn_nn_linear(32, 32), tarn_nn_tanh(),
                                            tarn_nn_linear(32, 2)); /* (N, 2) */
    train(model, points, tarn_labels(POINTS, labels));
    print_regions(model, points);

    tarn_nn_free(model);
    tarn_free(points);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
