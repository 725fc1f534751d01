#include "examples/lab/recipes/recipe.h"

#include <math.h>

#include "examples/lab/lib/clock.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/training.h"

/* A training that is under way. */
typedef struct cooking {
    const recipe *recipe;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_loader *loader;
    tarn_ema *average; /* NULL for none */
    int64_t step, steps;
} cooking;

static void end(cooking *c)
{
    tarn_ema_free(c->average);
    tarn_optim_free(c->optimizer);
    tarn_loader_free(c->loader);
    tarn_nn_free(c->model);
    *c = (cooking){0};
}

static void begin(cooking *c, const recipe *r, const ingredients *all, uint64_t seed)
{
    const tarn_shape sample = tarn_data_sample_shape(all->training);
    tarn_seed(seed);
    *c = (cooking){.recipe = r};
    c->model = r->network((int)sample.dim[0], (int)sample.dim[2], tarn_data_classes(all->training));
    check(c->model);
    c->optimizer = optimizer_new(r->optimizer, tarn_nn_parameters(c->model), r->lr);
    c->loader =
        tarn_loader_new(all->training, r->batch, .shuffle = true, .seed = seed, .drop_last = true,
                        .transforms = r->changes ? r->changes() : (tarn_transforms){0});
    check(c->loader);
    if (r->averaged > 0) {
        c->average = tarn_swa_new(tarn_nn_tensors(c->model));
        check(c->average);
    }
    c->steps = llrint(r->epochs * (double)tarn_loader_batches(c->loader));
    if (c->steps < 1)
        die("%lld pictures, a batch of %d and %g epochs make no step; expects more pictures or "
            "epochs",
            (long long)tarn_data_count(all->training), r->batch, r->epochs);
}

/* Up to 1 in a straight line, and down to r->end, as parts of the largest rate. */
static double rate_at(const recipe *r, int64_t step, int64_t steps)
{
    const double done = (double)(step + 1) / (double)steps;
    if (done < r->rise)
        return done / r->rise;
    return r->end + (1 - r->end) * (1 - done) / (1 - r->rise);
}

/* Whether the step at hand is in the last part of all steps. */
static bool in_last(double part, const cooking *c)
{
    return (double)(c->steps - c->step) <= part * (double)c->steps;
}

static void take_step(cooking *c, const tarn_batch *batch)
{
    const recipe *r = c->recipe;
    tarn_tape *tape = tarn_tape_begin();

    tarn_tensor *predictions = tarn_nn_forward(c->model, batch->images);
    tarn_tensor *loss =
        tarn_cross_entropy(predictions, batch->labels, .label_smoothing = r->smoothing);

    tarn_optim_zero_grad(c->optimizer);
    check(tarn_backward(loss));

    tarn_optim_set_lr(c->optimizer, r->lr * rate_at(r, c->step, c->steps));
    tarn_optim_step(c->optimizer);
    tarn_tape_end(tape);

    if (in_last(r->averaged, c))
        tarn_ema_update(c->average);
    c->step++;
}

static double test(tarn_module *model, tarn_dataset *pictures)
{
    static tarn_loader *loader; /* no leak where the program ends with a sentence */
    loader = tarn_loader_new(pictures, EVALUATION_BATCH);
    check(loader);
    const score s = evaluate(model, loader, tarn_data_classes(pictures));
    check_learned(s);
    tarn_loader_free(loader);
    loader = NULL;
    return s.accuracy;
}

outcome recipe_follow(const recipe *r, const ingredients *all, uint64_t seed)
{
    static cooking c; /* as above */
    outcome o = {.begin = seconds_now()};
    tarn_progress bar = tarn_progress_begin(r->name);
    begin(&c, r, all, seed);

    const double start = seconds_now();
    tarn_batch batch;
    while (c.step < c.steps) {
        if (in_last(r->frozen, &c))
            tarn_nn_freeze(tarn_nn_child(c.model, 0), true);
        check(tarn_loader_next(c.loader, &batch) || tarn_loader_next(c.loader, &batch));
        take_step(&c, &batch);
        tarn_progress_show(&bar, c.step, c.steps, NAN);
    }
    if (c.average)
        tarn_ema_swap(c.average);
    o.end = seconds_now();
    o.seconds = o.end - start;

    tarn_progress_end(&bar);
    o.parameters = tarn_nn_parameter_count(c.model);
    o.steps = c.steps;
    o.accuracy = test(c.model, all->test);
    end(&c);
    return o;
}
