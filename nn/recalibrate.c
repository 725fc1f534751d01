/*
 * Running statistics of batch normalization anew: with batch k, from 0 on, a layer moves them by
 *
 *     running += (batch - running) / (k + 1)
 *
 * which is its own rule with a momentum of 1 / (k + 1), and makes them the means over the batches.
 */
#include <stdlib.h>

#include "core/base/error.h"
#include "core/tape.h"
#include "nn/batch_norm2d_internal.h"
#include "nn/layer.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* What a layer had before. */
typedef struct layers {
    int count;
    double *momenta;
} layers;

/* Lets all batch normalization below train with this momentum, and notes its own; only counts it
   while there is no room for these. Or, with a momentum below 0, sets that back. */
static void exchange(tarn_module *module, double momentum, layers *all)
{
    if (module->type == &tarn__nn_batch_norm2d) {
        if (all->momenta && momentum < 0) {
            tarn__nn_batch_norm2d_momentum(module, all->momenta[all->count]);
        } else if (all->momenta) {
            all->momenta[all->count] = tarn__nn_batch_norm2d_momentum(module, momentum);
            tarn_nn_train(module, true);
        }
        all->count++;
    }
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            exchange(module->parts[i].child, momentum, all);
}

bool tarn_nn_recalibrate(tarn_module *model, tarn_tensor *images, int64_t k)
{
    if (!model || !images)
        return false;
    if (k < 0)
        return tarn_fail("nn_recalibrate: k is %lld, expects the number of the batch, from 0 on",
                         (long long)k);
    layers all = {0};
    exchange(model, 0, &all);
    all.momenta = malloc(((size_t)all.count + 1) * sizeof *all.momenta); /* never 0 bytes */
    bool *modes = all.momenta ? tarn__nn_modes(model) : NULL;
    tarn_tape *tape = modes ? tarn_tape_begin_no_grad() : NULL;
    bool complete = false;
    if (tape) {
        tarn_nn_train(model, false);
        all.count = 0;
        exchange(model, 1 / ((double)k + 1), &all);
        complete = tarn_nn_forward(model, images);
        all.count = 0;
        exchange(model, -1, &all);
        tarn_tape_end(tape);
    }
    if (!all.momenta)
        tarn_set_error("nn_recalibrate: out of memory for the numbers of %d layers", all.count);
    if (modes)
        tarn__nn_set_modes(model, modes);
    free(all.momenta);
    return complete;
}
