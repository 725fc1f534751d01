#include "examples/lab/tune/trial.h"

#include <math.h>
#include <stdlib.h>

#include "examples/lab/lib/clock.h"
#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"

static void begin(trial *t, const tune_data *data, long epochs)
{
    const recipe *r = &t->recipe;
    tarn_seed((uint64_t)r->seed);
    t->training = (training){.model = digits_network(r->model), .schedule_name = r->schedule};
    t->training.loader =
        tarn_loader_new(data->training, r->batch, .shuffle = true, .seed = (uint64_t)r->seed);
    check(t->training.loader);
    t->training.optimizer = optimizer_new(r->optimizer, tarn_nn_parameters(t->training.model),
                                          strtod(r->lr.text, NULL));
    t->training.lr = tarn_optim_lr(t->training.optimizer);
    t->training.steps = epochs * tarn_loader_batches(t->training.loader);
    t->random = tarn_random_state();
}

static score validate(trial *t, const tune_data *data)
{
    tarn_loader *loader = tarn_loader_new(data->validation, EVALUATION_BATCH);
    check(loader);
    const score s = evaluate(t->training.model, loader, CLASSES);
    tarn_loader_free(loader);
    return s;
}

bool trial_train(trial *t, const tune_data *data, long epochs, double part,
                 const volatile sig_atomic_t *stop, outcome *result)
{
    const double start = seconds_now();
    if (!t->training.model)
        begin(t, data, epochs);
    training *const course = &t->training;
    const double wanted = ceil(part * (double)course->steps - 1e-6);
    bool finite = true;
    /* Dropout draws from the generator of the thread, and other trials do so in between. */
    tarn_set_random_state(t->random);
    while (finite && (double)course->step < wanted && !*stop)
        finite = training_step(course);
    t->random = tarn_random_state();
    if (*stop)
        return false;
    const score s = finite ? validate(t, data) : (score){.loss = NAN};
    *result = (outcome){s.loss, s.accuracy, seconds_now() - start, !isfinite(s.loss)};
    if (result->diverged) {
        result->loss = INFINITY;
        result->accuracy = 0;
    }
    return true;
}

void trial_drop(trial *t)
{
    training_free(&t->training);
}

bool trial_better(const trial *a, const trial *b)
{
    if (a->rung != b->rung)
        return a->rung > b->rung;
    if (a->outcome.accuracy != b->outcome.accuracy)
        return a->outcome.accuracy > b->outcome.accuracy;
    if (a->outcome.loss != b->outcome.loss)
        return a->outcome.loss < b->outcome.loss;
    return a->number < b->number;
}
