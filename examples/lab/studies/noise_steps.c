/*
 * The second part of the study noise: which rate is best for one step by the gradient of B
 * examples?
 *
 * From the same weights steps by the gradients of several batches of each size, at rates a factor
 * of two apart, and the mean over the batches of the loss of 500 images behind the step. Below the
 * noise scale the best rate grows with B, and beyond it it stays what it is.
 */
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/studies/study.h"

enum { RATES = 14, MEASURED = 500, PARAMETERS = 32, SMALLEST = 8, LARGEST = 2048 };

static double rate_at(int i)
{
    return 0.004 * pow(2, i / 2.0);
}

double gradient_of_next(training *t, tarn_loader *loader)
{
    tarn_batch batch;
    check(tarn_loader_next(loader, &batch) || tarn_loader_next(loader, &batch));
    tarn_optim_zero_grad(t->optimizer);
    tarn_tape *tape = tarn_tape_begin();
    const double loss = add_gradients(t->model, &batch, 1, NULL);
    tarn_tape_end(tape);
    return loss;
}

/* Of so many steps by gradients of a batch size, the mean loss at each rate; keeps the weights. */
static void probe(training *t, const lessons *l, tarn_loader *seen, int batch, int draws,
                  double losses[RATES])
{
    const tarn_params params = tarn_nn_parameters(t->model);
    static tarn_loader *loader;
    static tarn_tensor *before[PARAMETERS];
    loader = tarn_loader_new(l->training, batch, .shuffle = true, .seed = l->seed + 2,
                             .drop_last = true);
    check(loader && params.count <= PARAMETERS);
    for (int i = 0; i < params.count; i++)
        before[i] = tarn_clone(params.tensors[i]);
    for (int draw = 0; draw < draws; draw++) {
        gradient_of_next(t, loader);
        for (int rate = 0; rate < RATES; rate++) {
            tarn_optim_set_lr(t->optimizer, rate_at(rate));
            tarn_optim_step(t->optimizer);
            losses[rate] += evaluate(t->model, seen, CLASSES).loss / draws;
            for (int i = 0; i < params.count; i++)
                memcpy(tarn_values(params.tensors[i]), tarn_values(before[i]),
                       (size_t)tarn_size(before[i]) * sizeof(tarn_real));
        }
    }
    for (int i = 0; i < params.count; i++)
        tarn_free(before[i]), before[i] = NULL;
    tarn_loader_free(loader), loader = NULL;
}

void noise_of_steps(training *t, const lessons *l, const char *folder)
{
    static int64_t first[MEASURED];
    for (int i = 0; i < MEASURED; i++)
        first[i] = i;
    tarn_dataset *few = tarn_data_subset(l->training, first, MEASURED);
    tarn_loader *seen = few ? tarn_loader_new(few, MEASURED) : NULL;
    check(seen);
    table *out = table_in(folder, "study_noise_rate.csv", "batch,rate,loss");
    const double start = evaluate(t->model, seen, CLASSES).loss;
    printf("%6s %10s %10s\n", "batch", "best rate", "decrease");
    for (int batch = SMALLEST; batch <= LARGEST; batch *= 4) {
        double losses[RATES] = {0};
        int best = 0;
        probe(t, l, seen, batch, batch < 128 ? 16 : 4, losses);
        for (int i = 0; i < RATES; i++) {
            table_row(out, "%d,%.4g,%.6g", batch, rate_at(i), losses[i]);
            best = losses[i] < losses[best] ? i : best;
        }
        printf("%6d %10.3g %10.4f\n", batch, rate_at(best), start - losses[best]);
    }
    table_end(out);
    tarn_loader_free(seen);
    tarn_dataset_free(few);
}
