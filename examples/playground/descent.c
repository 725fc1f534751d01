/*
 * The room Descent: optimizers on their way down a surface that is a formula. Called from
 * JavaScript, by the names below.
 *
 * The noise of gradients is that of batches: the loss of each of EXAMPLES examples is the surface,
 * tilted a little, each in a way of its own. The tilts add up to nothing, so that the whole set
 * gives the gradient of the surface, and a batch that of its mean.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/playground/formula.h"
#include "examples/playground/report.h"

enum { HIKERS = 16, EXAMPLES = 64, STATES = TARN_OPTIM_MAX_STATE };

/* What one step did, for the page, which reads it as an array of numbers. */
typedef struct record {
    double t, f, lr; /* before the step */
    struct {
        double at, gradient, before[STATES], after[STATES], to; /* NaN for a state that is not */
    } of[2];
} record;

typedef struct hiker {
    tarn_tensor *place[2], *x, *y; /* one of them, a matrix, where the optimizer is for those */
    int places;
    tarn_optim *optimizer;
    char *schedule;
    double lr, tilt[2 * EXAMPLES];
    int total, batch, order[EXAMPLES];
    int64_t t;
    uint64_t seed;
} hiker;

static hiker hikers[HIKERS];
static formula surface;
static record last;
/* ---- The surface */

/* "" or what is wrong with it. Those on their way stay where they are. */
const char *pg_surface(const char *text)
{
    report_begin();
    formula read;
    const char *wrong = formula_read(&read, text, "xy");
    if (wrong)
        report(wrong);
    else
        surface = read;
    return report_text(!report_any());
}

/* The values at the middle of each cell, the row of the least y first. */
bool pg_grid(float *values, int columns, int rows, double x0, double y0, double x1, double y1)
{
    report_begin();
    tarn_tensor *x = tarn_zeros(tarn_shape(rows * columns)),
                *y = tarn_zeros(tarn_shape(rows * columns));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    for (int i = 0; x && y && i < rows * columns; i++) {
        tarn_values(x)[i] = (float)(x0 + (x1 - x0) * (i % columns + 0.5) / columns);
        tarn_values(y)[i] = (float)(y0 + (y1 - y0) * (i / columns + 0.5) / rows);
    }
    const tarn_tensor *f = formula_value(&surface, (tarn_tensor *[]){x, y});
    if (f)
        memcpy(values, tarn_values((tarn_tensor *)f), sizeof *values * (size_t)(rows * columns));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(y);
    return f;
}

/* ---- Going down */

void pg_leave(int i)
{
    hiker *h = hikers + i;
    tarn_optim_free(h->optimizer);
    for (int k = 0; k < h->places; k++)
        tarn_free(h->place[k]);
    free(h->schedule);
    *h = (hiker){0};
}

static void tilt_examples(hiker *h, double noise)
{
    tarn_seed(h->seed);
    tarn_tensor *drawn = tarn_randn(tarn_shape(2 * EXAMPLES));
    double mean[2] = {0};
    for (int i = 0; i < 2 * EXAMPLES; i++) {
        h->tilt[i] = noise * (double)tarn_values(drawn)[i];
        mean[i % 2] += h->tilt[i] / EXAMPLES;
    }
    for (int i = 0; i < 2 * EXAMPLES; i++)
        h->tilt[i] -= mean[i % 2];
    tarn_free(drawn);
}

static bool place_hiker(hiker *h, const double at[2], bool matrix)
{
    h->places = matrix ? 1 : 2;
    for (int k = 0; k < h->places; k++) {
        h->place[k] =
            tarn_requires_grad(tarn_full(matrix ? tarn_shape(2, 1) : tarn_shape(), at[k]), true);
        if (!h->place[k])
            return false;
    }
    if (matrix)
        tarn_values(h->place[0])[1] = (tarn_real)at[1];
    return true;
}

/* Puts one down, in the place of the one with that number. batch: of how many examples, EXAMPLES
   for all. schedule: "" or as tarn_schedule_by_name() reads it, total being all steps. "" or what
   is wrong. */
const char *pg_drop(int i, double x, double y, const char *optimizer, const char *options,
                    const char *schedule, int total, int batch, double noise, int seed)
{
    report_begin();
    pg_leave(i);
    hiker *h = hikers + i;
    h->seed = (uint64_t)seed;
    h->total = total;
    h->batch = batch;
    h->schedule = strdup(schedule);
    tilt_examples(h, noise);
    bool ok = place_hiker(h, (double[]){x, y}, strcmp(optimizer, "muon") == 0);
    if (ok)
        h->optimizer =
            tarn_optim_by_name(optimizer, (tarn_params){h->places, h->place, NULL}, options);
    ok = ok && h->optimizer;
    if (ok && *schedule)
        ok = !isnan(tarn_schedule_by_name(schedule, 0, total));
    if (ok)
        h->lr = tarn_optim_lr(h->optimizer);
    const char *message = report_text(ok);
    if (!ok)
        pg_leave(i);
    return message;
}

/* The mean tilt of the batch of this step; each epoch has another order, without repetition. */
static void mean_tilt(hiker *h, double mean[2])
{
    const int batches = EXAMPLES / h->batch, begin = (int)(h->t % batches) * h->batch;
    mean[0] = mean[1] = 0;
    if (h->batch == EXAMPLES)
        return;
    if (begin == 0) {
        tarn_seed(h->seed * 1000003 + (uint64_t)(h->t / batches));
        tarn_tensor *keys = tarn_rand(tarn_shape(EXAMPLES));
        for (int i = 0; i < EXAMPLES; i++) {
            int j = i;
            for (; j > 0 && tarn_values(keys)[h->order[j - 1]] > tarn_values(keys)[i]; j--)
                h->order[j] = h->order[j - 1];
            h->order[j] = i;
        }
        tarn_free(keys);
    }
    for (int i = 0; i < h->batch; i++)
        for (int k = 0; k < 2; k++)
            mean[k] += h->tilt[2 * h->order[begin + i] + k] / h->batch;
}

static double state_of(const hiker *h, int coordinate, int j)
{
    const tarn_optim_param *p = h->optimizer->params + (h->places == 2 ? coordinate : 0);
    return p->state[j] ? (double)p->state[j][h->places == 2 ? 0 : coordinate] : NAN;
}

static double number_of(const hiker *h, int coordinate, bool gradient)
{
    tarn_tensor *p = h->place[h->places == 2 ? coordinate : 0];
    const tarn_real *numbers = gradient ? tarn_gradients(p) : tarn_values(p);
    return numbers ? (double)numbers[h->places == 2 ? 0 : coordinate] : 0;
}

/* One step. The record of it, or NULL after an error, which pg_problem() tells. */
const record *pg_step(int i)
{
    report_begin();
    hiker *h = hikers + i;
    if (!h->optimizer)
        return NULL;
    double tilt[2];
    mean_tilt(h, tilt);
    tarn_tape *tape = tarn_tape_begin();

    tarn_tensor *x = h->place[0], *y = h->place[1];
    if (h->places == 1) {
        x = tarn_slice(h->place[0], 0, 0, 1);
        y = tarn_slice(h->place[0], 0, 1, 2);
    }
    tarn_tensor *f = formula_value(&surface, (tarn_tensor *[]){x, y}), *loss = f;
    if (h->batch != EXAMPLES)
        loss = tarn_add(f, tarn_add(tarn_scale(x, tilt[0]), tarn_scale(y, tilt[1])));

    tarn_optim_zero_grad(h->optimizer);
    bool ok = loss && tarn_backward(loss);
    if (ok && *h->schedule)
        tarn_optim_set_lr(h->optimizer, h->lr * tarn_schedule_by_name(h->schedule, h->t, h->total));
    last = (record){.t = (double)++h->t,
                    .f = f ? (double)tarn_item(f) : NAN,
                    .lr = tarn_optim_lr(h->optimizer)};
    for (int k = 0; k < 2; k++) {
        last.of[k].at = number_of(h, k, false);
        last.of[k].gradient = number_of(h, k, true);
        for (int j = 0; j < STATES; j++)
            last.of[k].before[j] = state_of(h, k, j);
    }
    if (ok)
        tarn_optim_step(h->optimizer);
    for (int k = 0; k < 2; k++) {
        last.of[k].to = number_of(h, k, false);
        for (int j = 0; j < STATES; j++)
            last.of[k].after[j] = state_of(h, k, j);
    }
    tarn_tape_end(tape);
    return ok && !report_any() ? &last : NULL;
}

const char *pg_problem(void)
{
    return report_text(false);
}

/* ---- Show me the C */

static char *program;
static size_t program_size;

/* The lines that compute the surface, as a function of C. */
const char *pg_surface_in_c(void)
{
    free(program);
    FILE *to = open_memstream(&program, &program_size);
    fputs("static tarn_tensor *surface(tarn_tensor *x, tarn_tensor *y)\n{\n", to);
    formula_print(&surface, to);
    fputs("}\n", to);
    fclose(to);
    return program;
}
