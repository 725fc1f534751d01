/*
 * Averages of the weights over the steps (Polyak, Juditsky 1992), which often generalize better
 * than the last weights.
 */
#ifndef TARN_OPTIM_EMA_H
#define TARN_OPTIM_EMA_H

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

/* An exponential moving average a += (1 - decay) (w - a), from the weights at its making on:

       tarn_ema *ema = tarn_ema_new(tarn_nn_parameters(model), .decay = 0.99);
       ... tarn_optim_step(optimizer); tarn_ema_update(ema); ...
       tarn_ema_swap(ema);  evaluate or save the model;  tarn_ema_swap(ema);

   Buffers of the model, such as the running statistics of batch normalization, are averaged with
   the list of tarn_nn_tensors(model), and not with that of its parameters; tarn_nn_recalibrate()
   finds them anew for averaged weights. The parameters must stay alive for update and swap; the
   list itself is copied. */
typedef struct tarn_ema tarn_ema;

/* A list that an optimizer would not take is a mistake here too, but tensors that require no
   gradient may be in it. NULL after a mistake, and with tarn_error() set when memory runs out. */
#define TARN_EMA_OPTIONS(OPTION) OPTION(double, decay, 0.999) /* in [0, 1) */
typedef struct tarn_ema_args {
    tarn_params params;
    TARN_OPTIONS(TARN_EMA_OPTIONS)
} tarn_ema_args;
tarn_ema *tarn_ema_new_with(tarn_ema_args args);
#define tarn_ema_new(...)                                                                          \
    TARN_CALL(tarn_ema_new_with, tarn_ema_args, TARN_EMA_OPTIONS, .params = __VA_ARGS__)

/* Stochastic weight averaging (Izmailov et al. 2018): the mean of the weights at its updates, each
   counting as much as the others, a += (w - a) / n in the n-th; one each epoch, say, at a constant
   or cyclic rate. It is a tarn_ema in all else; before the first update it has the weights of its
   making. */
tarn_ema *tarn_swa_new(tarn_params params);

/* Moves the averages towards the present weights; after each step. A mistake while they are
   swapped. */
void tarn_ema_update(tarn_ema *ema);

/* Exchanges the averages with the weights; the second call exchanges them back, to the bit.
   Training in between would change the averages. */
void tarn_ema_swap(tarn_ema *ema);

/* The weights become the averages: training goes on from these. A mistake while they are swapped.
 */
void tarn_ema_put(tarn_ema *ema);

/* Frees the averages and touches no parameter, which may be gone by then: after an odd number of
   swaps the averages stay in the model, and the trained weights are lost. Safe on NULL. */
void tarn_ema_free(tarn_ema *ema);

TARN_API_END

#endif
