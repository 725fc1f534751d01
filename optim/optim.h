/*
 * Optimizers: each changes parameters by their gradients, one step at a time.
 *
 *     tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
 *     ... tarn_optim_zero_grad(optimizer); tarn_backward(loss); tarn_optim_step(optimizer); ...
 *     tarn_optim_free(optimizer);
 *
 * Gradient descent is tarn_optim_sgd without momentum: batch, stochastic or mini-batch is a matter
 * of the loader's batch size. To write an optimizer of one's own see optim/rule.h; how the rate
 * changes during training is in optim/schedule.h.
 *
 * Gradients accumulate until they are zeroed. So k equal batches make the step of one that is k
 * times as large, to rounding, but where layers mix the images of a batch (batch normalization):
 *
 *     tarn_optim_zero_grad(optimizer);
 *     for (int i = 0; i < k && tarn_loader_next(loader, &batch); i++) {
 *         ... tarn_backward(tarn_scale(loss, 1.0 / k)); ...
 *     }
 *     tarn_optim_step(optimizer);
 *
 * Below, w is a parameter, g its gradient after the penalties, t the number of its step from 1 on;
 * state starts at 0. Arguments by name: 0 means the default. A number outside its range (or NaN) is
 * a mistake, and NULL is returned; so is a list of parameters that is empty or holds a NULL, the
 * same tensor twice, or a tensor that does not require a gradient. Parameters must stay alive as
 * long as the optimizer; the list itself is copied.
 */
#ifndef TARN_OPTIM_OPTIM_H
#define TARN_OPTIM_OPTIM_H

#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_optim tarn_optim;

/* What every optimizer offers. The penalties of the loss, in effect: with L2, g += weight_decay w;
   with L1, g += l1 sign(w). With .decoupled, which needs a weight_decay, that decay bypasses the
   rule instead: w -= lr weight_decay w before the step (Loshchilov, Hutter 2019). */
#define TARN_OPTIM_COMMON                                                                          \
    tarn_params params;                                                                            \
    double lr;           /* the rate; default at each optimizer */                                 \
    double weight_decay; /* default 0 */                                                           \
    double l1;           /* default 0 */                                                           \
    bool decoupled       /* default false */

/* Stochastic gradient descent (Robbins, Monro 1951):  w -= lr g.  With momentum (Polyak 1964):
     sum form (default):  v = momentum v + g
     EMA form (.ema):     v = momentum v + (1 - momentum) g
     w -= lr v;  with .nesterov (Sutskever et al. 2013):  w -= lr (g' + momentum v),
     g' being g, or (1 - momentum) g in the EMA form. */
typedef struct tarn_optim_sgd_args {
    TARN_OPTIM_COMMON; /* lr default 1e-2 */
    double momentum;   /* in [0, 1); default 0 */
    bool nesterov;     /* needs momentum */
    bool ema;          /* needs momentum */
    int end_;
} tarn_optim_sgd_args;
tarn_optim *tarn_optim_sgd_with(tarn_optim_sgd_args args);
#define tarn_optim_sgd(...) tarn_optim_sgd_with((tarn_optim_sgd_args){__VA_ARGS__, .end_ = 0})

/* Adagrad (Duchi, Hazan, Singer 2011).  s += g^2;  w -= lr g / (sqrt(s) + eps) */
typedef struct tarn_optim_adagrad_args {
    TARN_OPTIM_COMMON; /* lr default 1e-2 */
    double eps;        /* default 1e-10 */
    int end_;
} tarn_optim_adagrad_args;
tarn_optim *tarn_optim_adagrad_with(tarn_optim_adagrad_args args);
#define tarn_optim_adagrad(...)                                                                    \
    tarn_optim_adagrad_with((tarn_optim_adagrad_args){__VA_ARGS__, .end_ = 0})

/* RMSprop (Hinton 2012).  v = rho v + (1 - rho) g^2
     d = g / (sqrt(v) + eps);  with .centered (Graves 2013):  m = rho m + (1 - rho) g,
                               d = g / (sqrt(v - m^2) + eps)
     w -= lr d;                with momentum:  b = momentum b + d,  w -= lr b */
typedef struct tarn_optim_rmsprop_args {
    TARN_OPTIM_COMMON; /* lr default 1e-2 */
    double rho;        /* in (0, 1); default 0.99 (PyTorch's alpha) */
    double eps;        /* default 1e-8 */
    double momentum;   /* in [0, 1); default 0 */
    bool centered;
    int end_;
} tarn_optim_rmsprop_args;
tarn_optim *tarn_optim_rmsprop_with(tarn_optim_rmsprop_args args);
#define tarn_optim_rmsprop(...)                                                                    \
    tarn_optim_rmsprop_with((tarn_optim_rmsprop_args){__VA_ARGS__, .end_ = 0})

/* Adadelta (Zeiler 2012).  v = rho v + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;
     u = rho u + (1 - rho) d^2;  w -= lr d */
typedef struct tarn_optim_adadelta_args {
    TARN_OPTIM_COMMON; /* lr default 1 */
    double rho;        /* in (0, 1); default 0.9 */
    double eps;        /* default 1e-6 */
    int end_;
} tarn_optim_adadelta_args;
tarn_optim *tarn_optim_adadelta_with(tarn_optim_adadelta_args args);
#define tarn_optim_adadelta(...)                                                                   \
    tarn_optim_adadelta_with((tarn_optim_adadelta_args){__VA_ARGS__, .end_ = 0})

/* Adam (Kingma, Ba 2015).  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
     mhat = m / (1 - beta1^t);  vhat = v / (1 - beta2^t);  w -= lr mhat / (sqrt(vhat) + eps)
   With .no_bias_correction, mhat = m and vhat = v, as some texts have it. With .amsgrad (Reddi,
   Kale, Kumar 2018), vmax = max(vmax, v);  vhat = vmax / (1 - beta2^t). AdamW (Loshchilov, Hutter
   2019) is Adam with .decoupled and, by default, weight decay 1e-2, which tarn_optim_group() can
   take from some parameters or all. */
typedef struct tarn_optim_adam_args {
    TARN_OPTIM_COMMON; /* lr default 1e-3 */
    double beta1;      /* in (0, 1); default 0.9 */
    double beta2;      /* in (0, 1); default 0.999 */
    double eps;        /* default 1e-8 */
    bool no_bias_correction, amsgrad;
    int end_;
} tarn_optim_adam_args;
tarn_optim *tarn_optim_adam_with(tarn_optim_adam_args args);
tarn_optim *tarn_optim_adamw_with(tarn_optim_adam_args args);
#define tarn_optim_adam(...) tarn_optim_adam_with((tarn_optim_adam_args){__VA_ARGS__, .end_ = 0})
#define tarn_optim_adamw(...) tarn_optim_adamw_with((tarn_optim_adam_args){__VA_ARGS__, .end_ = 0})

/* Adamax (Kingma, Ba 2015, section 7).  m = beta1 m + (1 - beta1) g
     u = max(beta2 u, |g| + eps);  w -= lr m / ((1 - beta1^t) u) */
typedef struct tarn_optim_adamax_args {
    TARN_OPTIM_COMMON; /* lr default 2e-3 */
    double beta1;      /* in (0, 1); default 0.9 */
    double beta2;      /* in (0, 1); default 0.999 */
    double eps;        /* default 1e-8 */
    int end_;
} tarn_optim_adamax_args;
tarn_optim *tarn_optim_adamax_with(tarn_optim_adamax_args args);
#define tarn_optim_adamax(...)                                                                     \
    tarn_optim_adamax_with((tarn_optim_adamax_args){__VA_ARGS__, .end_ = 0})

/* NAdam (Dozat 2016): Adam with Nesterov's momentum, and a beta1 for it that grows.
     m and v as Adam's;  mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  p_t = mu_1 mu_2 ... mu_t
     mhat = mu_(t+1) m / (1 - p_(t+1)) + (1 - mu_t) g / (1 - p_t);  vhat = v / (1 - beta2^t)
     w -= lr mhat / (sqrt(vhat) + eps) */
typedef struct tarn_optim_nadam_args {
    TARN_OPTIM_COMMON;     /* lr default 2e-3 */
    double beta1;          /* in (0, 1); default 0.9 */
    double beta2;          /* in (0, 1); default 0.999 */
    double eps;            /* default 1e-8 */
    double momentum_decay; /* default 4e-3 */
    int end_;
} tarn_optim_nadam_args;
tarn_optim *tarn_optim_nadam_with(tarn_optim_nadam_args args);
#define tarn_optim_nadam(...) tarn_optim_nadam_with((tarn_optim_nadam_args){__VA_ARGS__, .end_ = 0})

/* RAdam (Liu et al. 2020): Adam that trusts v the less the fewer gradients it has seen.
     m, v and mhat as Adam's;  r = 2 / (1 - beta2) - 1;  r_t = r - 2 t beta2^t / (1 - beta2^t)
     r_t > 5:  w -= lr c mhat sqrt(1 - beta2^t) / (sqrt(v) + eps),
               c = sqrt((r_t - 4) (r_t - 2) r / ((r - 4) (r - 2) r_t))
     else:     w -= lr mhat */
typedef struct tarn_optim_radam_args {
    TARN_OPTIM_COMMON; /* lr default 1e-3 */
    double beta1;      /* in (0, 1); default 0.9 */
    double beta2;      /* in (0, 1); default 0.999 */
    double eps;        /* default 1e-8 */
    int end_;
} tarn_optim_radam_args;
tarn_optim *tarn_optim_radam_with(tarn_optim_radam_args args);
#define tarn_optim_radam(...) tarn_optim_radam_with((tarn_optim_radam_args){__VA_ARGS__, .end_ = 0})

/* Lion (Chen et al. 2023): every weight moves by the same amount.
     w -= lr sign(beta1 m + (1 - beta1) g), where sign(0) = 0;  then m = beta2 m + (1 - beta2) g
   Its weight decay is always decoupled. Rates and decays that suit it are 3 to 10 times smaller and
   larger, in turn, than those of AdamW. */
typedef struct tarn_optim_lion_args {
    TARN_OPTIM_COMMON; /* lr default 1e-4 */
    double beta1;      /* in (0, 1); default 0.9 */
    double beta2;      /* in (0, 1); default 0.99 */
    int end_;
} tarn_optim_lion_args;
tarn_optim *tarn_optim_lion_with(tarn_optim_lion_args args);
#define tarn_optim_lion(...) tarn_optim_lion_with((tarn_optim_lion_args){__VA_ARGS__, .end_ = 0})

/* Muon (Jordan et al. 2024): momentum, made nearly orthogonal, so that all directions of a matrix
   move by about as much.
     v = momentum v + g;  u = g + momentum v, or v with .no_nesterov
     x = u / (|u| + 1e-7), |u|^2 being the sum of the squares, then five times
     x = (a + b x x^T + c (x x^T)^2) x,  a = 3.4445, b = -4.7750, c = 2.0315
     w -= lr sqrt(max(1, out / in)) x
   for matrices (in, out) and for convolution kernels, which are matrices of all their dimensions
   but the last, and the last. Parameters of fewer than two dimensions move by Adam, with numbers of
   its own; its rate keeps its ratio to lr when that changes, by a schedule or a group. Weight decay
   is always decoupled, and takes the rate of the rule that moves the parameter. */
typedef struct tarn_optim_muon_args {
    TARN_OPTIM_COMMON; /* lr default 2e-2 */
    double momentum;   /* in (0, 1); default 0.95 */
    bool no_nesterov;
    double adam_lr;                /* default 3e-4 */
    double adam_beta1, adam_beta2; /* in (0, 1); defaults 0.9 and 0.95 */
    double adam_eps;               /* default 1e-10 */
    int end_;
} tarn_optim_muon_args;
tarn_optim *tarn_optim_muon_with(tarn_optim_muon_args args);
#define tarn_optim_muon(...) tarn_optim_muon_with((tarn_optim_muon_args){__VA_ARGS__, .end_ = 0})

/* Sets the gradient of every parameter to zero; costs nothing. NULL does nothing. */
void tarn_optim_zero_grad(tarn_optim *optimizer);

/* Changes every parameter that has a gradient by the rule. Parameters that no loss has reached yet
   (tarn_gradients() is NULL) stay as they are, their state and count of steps too; so do those
   frozen since by tarn_requires_grad(t, false). Denormal numbers (below 1.2e-38 in float), which
   make processors slow, count as 0 and become 0 in weights and state; the caller's arithmetic is as
   it was afterwards.
   Gradients are not looked at. A NaN or an infinity stays in the state, and the weight is not
   finite from then on, in Muon the whole matrix; Lion alone follows the sign of an infinity. An
   element whose square is infinite (above 1.8e19 in float) stops its weight for good where the rule
   divides by a root of squares. tarn_clip_grad_norm() before the step prevents the latter and tells
   of the former. NULL does nothing. */
void tarn_optim_step(tarn_optim *optimizer);

/* Changes the rate from the next step on, as a schedule (optim/schedule.h) does before every step;
   it must be finite and not negative (0 is 0 here). NULL does nothing. */
void tarn_optim_set_lr(tarn_optim *optimizer, double lr);

/* The present rate; NaN for NULL. */
double tarn_optim_lr(const tarn_optim *optimizer);

/* How many bytes of state the rule keeps beside the parameters: the size of all their elements (of
   4 bytes in float) times 0 for plain gradient descent, 1 with momentum, 2 for Adam. What it holds
   once for all of them, such as Muon's room for products of matrices, is not counted. 0 for NULL.
 */
int64_t tarn_optim_state_bytes(const tarn_optim *optimizer);

/* Groups of parameters, with a rate and penalties of their own:

       tarn_optim_group(optimizer, "*.bias", .no_weight_decay = true);
       tarn_optim_group(optimizer, "0.*", .lr_scale = 0.1, .weight_decay = 1e-4);

   The rate of a group is lr_scale times the optimizer's, so that tarn_optim_set_lr() and schedules
   reach all groups in proportion. A penalty of 0 is as the optimizer's; no_weight_decay and no_l1
   are the way to have none, also from AdamW, where 0 means 1e-2. What decay means (.decoupled) is
   settled by the optimizer. To be called at any time; state and steps go on. */
#define TARN_OPTIM_GROUP                                                                           \
    double lr_scale;            /* default 1 */                                                    \
    double weight_decay, l1;    /* default: as the optimizer's */                                  \
    bool no_weight_decay, no_l1 /* default false */

/* The group of the parameters whose names match the shell's pattern, see fnmatch(3): * stands for
   any characters, dots too, ? for one and [abc] for one of them. The names are those of
   tarn_nn_parameters(); an optimizer of a list without names has none to match, and to match none
   is a mistake as well. A parameter belongs to one group: a later call that matches it replaces
   all that an earlier one has set. Returns how many matched, 0 after a mistake and for NULL. */
typedef struct tarn_optim_group_args {
    tarn_optim *optimizer;
    const char *pattern;
    TARN_OPTIM_GROUP;
    int end_;
} tarn_optim_group_args;
int tarn_optim_group_with(tarn_optim_group_args args);
#define tarn_optim_group(...) tarn_optim_group_with((tarn_optim_group_args){__VA_ARGS__, .end_ = 0})

/* The same for the tensors of a list, all of them the optimizer's:
   tarn_optim_group_of(optimizer, tarn_nn_parameters(head), .lr_scale = 10) */
typedef struct tarn_optim_group_of_args {
    tarn_optim *optimizer;
    tarn_params params;
    TARN_OPTIM_GROUP;
    int end_;
} tarn_optim_group_of_args;
int tarn_optim_group_of_with(tarn_optim_group_of_args args);
#define tarn_optim_group_of(...)                                                                   \
    tarn_optim_group_of_with((tarn_optim_group_of_args){__VA_ARGS__, .end_ = 0})

/* What a step did to one parameter: Euclidean norms over all its elements, summed in double. A norm
   is infinite or NaN where an element is; denormal numbers count as 0. */
typedef struct tarn_optim_change {
    const char *name; /* as in the list of parameters; "" where it has none */
    const tarn_tensor *parameter;
    double weight_norm;   /* before the step */
    double gradient_norm; /* as backward, or clipping, left it: before the penalties */
    double update_norm;   /* of what the step added, penalties and all: |w_after - w_before| */
} tarn_optim_change;

/* The changes are the optimizer's, and gone when the watcher returns. */
typedef void tarn_optim_watcher(const tarn_optim_change *changes, int count, void *context);

/* Calls the watcher at the end of every step, in the thread that steps, with the changes of all
   parameters in the order of the list. Parameters that took no part (without a gradient, or frozen)
   are among them, with a gradient_norm and an update_norm of 0.

   update_norm / weight_norm is what one watches to choose a rate: it is about 1e-3 when training
   goes well, as a rule of thumb. The norms are the same bits with any number of threads.

   The watcher may set the rate, clip or zero gradients, watch with another or end the watch; to
   step or to free the optimizer from there is a mistake, and nothing is done. A second call
   replaces the watcher, NULL ends the watch. The optimizer keeps a copy of all weights meanwhile,
   so that no step asks for memory. A step of LeNet takes 30 us longer on two threads, 56 on one (5%
   of its training), and nothing when nobody watches. Returns false for an optimizer of NULL, or
   with tarn_error() set, the watch being as it was, when memory runs out. */
bool tarn_optim_watch(tarn_optim *optimizer, tarn_optim_watcher *watcher, void *context);

/* Frees the optimizer and its state, not the parameters. Safe on NULL. */
void tarn_optim_free(tarn_optim *optimizer);

/* Scales all gradients by max / norm if their norm, the square root of the sum of the squares of
   all their elements, exceeds max (Pascanu, Mikolov, Bengio 2013). max must be positive; INFINITY
   only measures. Returns the norm before; if that is not finite nothing is scaled. NaN after a
   mistake, and for a list whose making failed. */
double tarn_clip_grad_norm(tarn_params params, double max);

/* Moves each element of the gradients into [-max, max], max being positive; NaN stays NaN. Returns
   how many changed; -1 after a mistake, and for a list whose making failed. */
int64_t tarn_clip_grad_value(tarn_params params, double max);

/* ---- Averages of the weights over the steps (Polyak, Juditsky 1992), which often generalize
   better than the last weights. With an exponential moving average a += (1 - decay) (w - a), from
   the weights at its making on:

       tarn_ema *ema = tarn_ema_new(tarn_nn_parameters(model), .decay = 0.99);
       ... tarn_optim_step(optimizer); tarn_ema_update(ema); ...
       tarn_ema_swap(ema);  evaluate or save the model;  tarn_ema_swap(ema);

   Buffers of the model, such as the running statistics of batch normalization, are not averaged.
   The parameters must stay alive for update and swap; the list itself is copied. */
typedef struct tarn_ema tarn_ema;

/* A list that an optimizer would not take is a mistake here too, but tensors that require no
   gradient may be in it. NULL after a mistake, and with tarn_error() set when memory runs out. */
typedef struct tarn_ema_args {
    tarn_params params;
    double decay; /* in (0, 1); default 0.999 */
    int end_;
} tarn_ema_args;
tarn_ema *tarn_ema_new_with(tarn_ema_args args);
#define tarn_ema_new(...) tarn_ema_new_with((tarn_ema_args){__VA_ARGS__, .end_ = 0})

/* Moves the averages towards the present weights; after each step. A mistake while they are
   swapped. NULL does nothing. */
void tarn_ema_update(tarn_ema *ema);

/* Exchanges the averages with the weights; the second call exchanges them back, to the bit.
   Training in between would change the averages. NULL does nothing. */
void tarn_ema_swap(tarn_ema *ema);

/* Frees the averages and touches no parameter, which may be gone by then: after an odd number of
   swaps the averages stay in the model, and the trained weights are lost. Safe on NULL. */
void tarn_ema_free(tarn_ema *ema);

TARN_API_END

#endif
