/* A small training that a checkpoint holds all of, for tests of checkpoints. */
#ifndef TARN_TESTS_NN_TRAINING_H
#define TARN_TESTS_NN_TRAINING_H

#include <math.h>

#include "tests/nn/nn_test.h"

enum { TRAINING_SAMPLES = 44, TRAINING_BATCH = 8, TRAINING_STEPS = 14 }; /* 6 steps an epoch */

typedef struct training {
    tarn_dataset *data;
    tarn_loader *loader;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_ema *ema;
    tarn_plateau plateau;
    tarn_early_stopping stopping;
    int64_t step;
    double loss_sum;
    char note[32];
    tarn_checkpoint_number numbers[2];
    tarn_checkpoint_text texts[2];
    tarn_checkpoint all;
} training;

static inline tarn_dataset *training_data(void)
{
    static uint8_t pixels[TRAINING_SAMPLES * 36];
    static int32_t labels[TRAINING_SAMPLES];
    for (uint32_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)((i * 2654435761u) >> 13);
    for (int i = 0; i < TRAINING_SAMPLES; i++)
        labels[i] = i % 3;
    return tarn_data_from_bytes(tarn_shape(TRAINING_SAMPLES, 6, 6, 1), pixels, labels, 3);
}

/* With a layer of each kind of state: parameters, running statistics, random numbers. */
static inline tarn_module *training_model(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
                              tarn_nn_dropout(0.3), tarn_nn_flatten(), tarn_nn_linear(64, 3));
}

/* With augmentation; the number of workers makes no difference. */
static inline tarn_loader *training_loader(tarn_dataset *data, int workers)
{
    const tarn_transforms change = tarn_transforms_of(
        tarn_transform_rotate(20), tarn_transform_shift(1), tarn_transform_flip(0.5));
    return tarn_loader_new(data, TRAINING_BATCH, .shuffle = true, .seed = 3, .workers = workers,
                           .transforms = change);
}

/* Everything new; the name and the options are those of tarn_optim_by_name(). The struct must stay
   where it is. */
static inline void training_begin(training *t, const char *optimizer, const char *options)
{
    *t = (training){.data = training_data(), .model = training_model()};
    t->loader = training_loader(t->data, 0);
    t->optimizer = tarn_optim_by_name(optimizer, tarn_nn_parameters(t->model), options);
    cr_assert(t->optimizer, "%s", tarn_error());
    tarn_optim_group(t->optimizer, "*.bias", .lr_scale = 0.5, .weight_decay = 0);
    t->ema = tarn_ema_new(tarn_nn_parameters(t->model), .decay = 0.9);
    t->plateau = tarn_plateau(.patience = 1, .factor = 0.5, .threshold = 0.2);
    t->stopping = tarn_early_stopping(.patience = 1000);
    t->numbers[0] = (tarn_checkpoint_number){"loss sum", &t->loss_sum};
    t->texts[0] = (tarn_checkpoint_text){"note", t->note, sizeof t->note};
    t->all = (tarn_checkpoint){.model = t->model,
                               .optimizer = t->optimizer,
                               .ema = t->ema,
                               .plateau = &t->plateau,
                               .early_stopping = &t->stopping,
                               .loader = t->loader,
                               .step = &t->step,
                               .numbers = t->numbers,
                               .texts = t->texts};
}

/* In the place of its own loader, before the first batch. */
static inline void training_use_workers(training *t, int workers)
{
    tarn_loader_free(t->loader);
    t->all.loader = t->loader = training_loader(t->data, workers);
    cr_assert(t->loader, "%s", tarn_error());
}

static inline void training_end(training *t)
{
    tarn_ema_free(t->ema);
    tarn_optim_free(t->optimizer);
    tarn_loader_free(t->loader);
    tarn_nn_free(t->model);
    tarn_dataset_free(t->data);
}

static inline void training_step(training *t, const tarn_batch *batch)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(t->model, batch->images), batch->labels);
    tarn_optim_zero_grad(t->optimizer);
    cr_assert(tarn_backward(loss), "%s", tarn_error());
    const double value = (double)tarn_item(loss);
    const double base = 1e-2 * tarn_schedule_cosine(t->step, 2 * TRAINING_STEPS);
    tarn_optim_set_lr(t->optimizer, base * tarn_plateau_update(&t->plateau, value));
    tarn_optim_step(t->optimizer);
    tarn_ema_update(t->ema);
    tarn_early_stopping_update(&t->stopping, value);
    tarn_tape_end(tape);
    t->loss_sum += value;
    t->step++;
    snprintf(t->note, sizeof t->note, "after step %d", (int)t->step);
}

/* Goes on until that many steps are done, over as many epochs as it takes. */
static inline void training_go_on(training *t, int64_t steps)
{
    tarn_batch batch;
    while (t->step < steps)
        if (tarn_loader_next(t->loader, &batch))
            training_step(t, &batch);
}

static inline bool same_bits(const tarn_module *a, const tarn_module *b)
{
    tarn_params p = tarn__nn_list(a, true), q = tarn__nn_list(b, true);
    bool same = p.count == q.count;
    for (int i = 0; same && i < p.count; i++)
        same = !memcmp(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                       (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
    free(p.tensors);
    free(q.tensors);
    return same;
}

/* Whether both stand at the same point: everything that a checkpoint holds, to the bit. */
static inline bool same_training(training *a, training *b)
{
    const tarn_loader_position p = tarn_loader_tell(a->loader), q = tarn_loader_tell(b->loader);
    bool same = same_bits(a->model, b->model);
    tarn_ema_swap(a->ema);
    tarn_ema_swap(b->ema);
    same &= same_bits(a->model, b->model);
    tarn_ema_swap(a->ema);
    tarn_ema_swap(b->ema);
    return same && tarn_optim_lr(a->optimizer) == tarn_optim_lr(b->optimizer) &&
           a->plateau.best == b->plateau.best && a->plateau.scale == b->plateau.scale &&
           a->plateau.waited == b->plateau.waited && a->plateau.pause == b->plateau.pause &&
           a->stopping.best == b->stopping.best && a->stopping.steps == b->stopping.steps &&
           a->stopping.best_step == b->stopping.best_step && a->step == b->step &&
           a->loss_sum == b->loss_sum && !strcmp(a->note, b->note) && p.epoch == q.epoch &&
           p.batch == q.batch;
}

#endif
