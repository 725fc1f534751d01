/*
 * Running statistics of batch normalization anew: with batch k, from 0 on, a layer moves them by
 *
 *     running += (batch - running) / (k + 1)
 *
 * which is its own rule with a momentum of 1 / (k + 1), and makes them the means over the batches.
 */
#include "core/base/error.h"
#include "core/tape.h"
#include "nn/batch_norm2d_internal.h"
#include "nn/layer.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* Lets all batch normalization below train as with the k-th batch, counted from 1; 0 sets that
   back. */
static void set_batch(tarn_module *module, int64_t k)
{
    if (module->type == &tarn__nn_batch_norm2d) {
        tarn__nn_batch_norm2d_recalibrate(module, k);
        module->training |= k > 0;
    }
    for (int i = 0; i < module->part_count; i++)
        if (module->parts[i].child)
            set_batch(module->parts[i].child, k);
}

bool tarn_nn_recalibrate(tarn_module *model, tarn_tensor *images, int64_t k)
{
    if (!model || !images)
        return false;
    if (k < 0)
        return tarn_fail("nn_recalibrate: k is %lld, expects the number of the batch, from 0 on",
                         (long long)k);
    bool *modes = tarn__nn_modes(model);
    tarn_tape *tape = modes ? tarn_tape_begin_no_grad() : NULL;
    bool complete = false;
    if (tape) {
        tarn_nn_train(model, false);
        set_batch(model, k < INT64_MAX ? k + 1 : k);
        complete = tarn_nn_forward(model, images);
        set_batch(model, 0);
        tarn_tape_end(tape);
    }
    if (modes)
        tarn__nn_set_modes(model, modes);
    return complete;
}
