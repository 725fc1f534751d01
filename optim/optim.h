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
 * state starts at 0. Options are named, and stand in the lists with default and range: AT_LEAST_0,
 * POSITIVE (above 0), FRACTION (in [0, 1)) or SWITCH (true or false), see core/base/option_list.h.
 * A number outside its range (or NaN) is a mistake, and NULL is returned; so is a list of
 * parameters that is empty or holds a NULL, the same tensor twice, or a tensor that does not
 * require a gradient, unless it is a module's that tarn_nn_freeze() has frozen, and not all are.
 * Parameters must stay alive as long as the optimizer; the list itself is copied.
 */
#ifndef TARN_OPTIM_OPTIM_H
#define TARN_OPTIM_OPTIM_H

#include <math.h>

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_optim tarn_optim;

/* The penalties of the loss, which every optimizer offers. With L2, g += weight_decay w; with L1, g
   += l1 sign(w). With .decoupled, which needs a weight_decay, that decay bypasses the rule instead:
   w -= lr weight_decay w before the step (Loshchilov, Hutter 2019). */
#define TARN_OPTIM_PENALTIES(OPTION)                                                               \
    OPTION(double, weight_decay, 0, AT_LEAST_0)                                                    \
    OPTION(double, l1, 0, AT_LEAST_0)                                                              \
    OPTION(bool, decoupled, false, SWITCH)

/* Stochastic gradient descent (Robbins, Monro 1951):  w -= lr g.  With momentum (Polyak 1964):
     sum form:         v = momentum v + g
     EMA form (.ema):  v = momentum v + (1 - momentum) g
     w -= lr v;  with .nesterov (Sutskever et al. 2013):  w -= lr (g' + momentum v),
     g' being g, or (1 - momentum) g in the EMA form. */
#define TARN_OPTIM_SGD_OPTIONS(OPTION)                                                             \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, momentum, 0, FRACTION)                                                          \
    OPTION(bool, nesterov, false, SWITCH) /* needs momentum */                                     \
    OPTION(bool, ema, false, SWITCH)      /* needs momentum */                                     \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_sgd_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_SGD_OPTIONS)
} tarn_optim_sgd_args;
tarn_optim *tarn_optim_sgd_with(tarn_optim_sgd_args args);
#define tarn_optim_sgd(...)                                                                        \
    TARN_CALL(tarn_optim_sgd_with, tarn_optim_sgd_args, TARN_OPTIM_SGD_OPTIONS,                    \
              .params = __VA_ARGS__)

/* Adagrad (Duchi, Hazan, Singer 2011).  s += g^2;  w -= lr g / (sqrt(s) + eps) */
#define TARN_OPTIM_ADAGRAD_OPTIONS(OPTION)                                                         \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, eps, 1e-10, POSITIVE)                                                           \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_adagrad_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADAGRAD_OPTIONS)
} tarn_optim_adagrad_args;
tarn_optim *tarn_optim_adagrad_with(tarn_optim_adagrad_args args);
#define tarn_optim_adagrad(...)                                                                    \
    TARN_CALL(tarn_optim_adagrad_with, tarn_optim_adagrad_args, TARN_OPTIM_ADAGRAD_OPTIONS,        \
              .params = __VA_ARGS__)

/* RMSprop (Hinton 2012).  v = rho v + (1 - rho) g^2
     d = g / (sqrt(v) + eps);  with .centered (Graves 2013):  m = rho m + (1 - rho) g,
                               d = g / (sqrt(v - m^2) + eps)
     w -= lr d;                with momentum:  b = momentum b + d,  w -= lr b */
#define TARN_OPTIM_RMSPROP_OPTIONS(OPTION)                                                         \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, rho, 0.99, FRACTION) /* PyTorch's alpha */                                      \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    OPTION(double, momentum, 0, FRACTION)                                                          \
    OPTION(bool, centered, false, SWITCH)                                                          \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_rmsprop_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_RMSPROP_OPTIONS)
} tarn_optim_rmsprop_args;
tarn_optim *tarn_optim_rmsprop_with(tarn_optim_rmsprop_args args);
#define tarn_optim_rmsprop(...)                                                                    \
    TARN_CALL(tarn_optim_rmsprop_with, tarn_optim_rmsprop_args, TARN_OPTIM_RMSPROP_OPTIONS,        \
              .params = __VA_ARGS__)

/* Adadelta (Zeiler 2012).  v = rho v + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;
     u = rho u + (1 - rho) d^2;  w -= lr d */
#define TARN_OPTIM_ADADELTA_OPTIONS(OPTION)                                                        \
    OPTION(double, lr, 1, AT_LEAST_0)                                                              \
    OPTION(double, rho, 0.9, FRACTION)                                                             \
    OPTION(double, eps, 1e-6, POSITIVE)                                                            \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_adadelta_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADADELTA_OPTIONS)
} tarn_optim_adadelta_args;
tarn_optim *tarn_optim_adadelta_with(tarn_optim_adadelta_args args);
#define tarn_optim_adadelta(...)                                                                   \
    TARN_CALL(tarn_optim_adadelta_with, tarn_optim_adadelta_args, TARN_OPTIM_ADADELTA_OPTIONS,     \
              .params = __VA_ARGS__)

/* Adam (Kingma, Ba 2015).  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
     mhat = m / (1 - beta1^t);  vhat = v / (1 - beta2^t);  w -= lr mhat / (sqrt(vhat) + eps)
   With .bias_correction = false, mhat = m and vhat = v, as some texts have it. With .amsgrad
   (Reddi, Kale, Kumar 2018), vmax = max(vmax, v);  vhat = vmax / (1 - beta2^t). AdamW (Loshchilov,
   Hutter 2019) is Adam with decoupled weight decay. */
#define TARN_OPTIM_ADAM_NUMBERS(OPTION)                                                            \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    OPTION(bool, bias_correction, true, SWITCH)                                                    \
    OPTION(bool, amsgrad, false, SWITCH)
#define TARN_OPTIM_ADAM_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 1e-3, AT_LEAST_0)                                                           \
    TARN_OPTIM_ADAM_NUMBERS(OPTION)                                                                \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_adam_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADAM_OPTIONS)
} tarn_optim_adam_args;
tarn_optim *tarn_optim_adam_with(tarn_optim_adam_args args);
#define tarn_optim_adam(...)                                                                       \
    TARN_CALL(tarn_optim_adam_with, tarn_optim_adam_args, TARN_OPTIM_ADAM_OPTIONS,                 \
              .params = __VA_ARGS__)

#define TARN_OPTIM_ADAMW_OPTIONS(OPTION)                                                           \
    OPTION(double, lr, 1e-3, AT_LEAST_0)                                                           \
    TARN_OPTIM_ADAM_NUMBERS(OPTION)                                                                \
    OPTION(double, weight_decay, 1e-2, AT_LEAST_0)                                                 \
    OPTION(double, l1, 0, AT_LEAST_0)
typedef struct tarn_optim_adamw_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADAMW_OPTIONS)
} tarn_optim_adamw_args;
tarn_optim *tarn_optim_adamw_with(tarn_optim_adamw_args args);
#define tarn_optim_adamw(...)                                                                      \
    TARN_CALL(tarn_optim_adamw_with, tarn_optim_adamw_args, TARN_OPTIM_ADAMW_OPTIONS,              \
              .params = __VA_ARGS__)

/* Adamax (Kingma, Ba 2015, section 7).  m = beta1 m + (1 - beta1) g
     u = max(beta2 u, |g| + eps);  w -= lr m / ((1 - beta1^t) u) */
#define TARN_OPTIM_ADAMAX_OPTIONS(OPTION)                                                          \
    OPTION(double, lr, 2e-3, AT_LEAST_0)                                                           \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_adamax_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADAMAX_OPTIONS)
} tarn_optim_adamax_args;
tarn_optim *tarn_optim_adamax_with(tarn_optim_adamax_args args);
#define tarn_optim_adamax(...)                                                                     \
    TARN_CALL(tarn_optim_adamax_with, tarn_optim_adamax_args, TARN_OPTIM_ADAMAX_OPTIONS,           \
              .params = __VA_ARGS__)

/* NAdam (Dozat 2016): Adam with Nesterov's momentum, and a beta1 for it that grows.
     m and v as Adam's;  mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  p_t = mu_1 mu_2 ... mu_t
     mhat = mu_(t+1) m / (1 - p_(t+1)) + (1 - mu_t) g / (1 - p_t);  vhat = v / (1 - beta2^t)
     w -= lr mhat / (sqrt(vhat) + eps) */
#define TARN_OPTIM_NADAM_OPTIONS(OPTION)                                                           \
    OPTION(double, lr, 2e-3, AT_LEAST_0)                                                           \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    OPTION(double, momentum_decay, 4e-3, AT_LEAST_0)                                               \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_nadam_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_NADAM_OPTIONS)
} tarn_optim_nadam_args;
tarn_optim *tarn_optim_nadam_with(tarn_optim_nadam_args args);
#define tarn_optim_nadam(...)                                                                      \
    TARN_CALL(tarn_optim_nadam_with, tarn_optim_nadam_args, TARN_OPTIM_NADAM_OPTIONS,              \
              .params = __VA_ARGS__)

/* RAdam (Liu et al. 2020): Adam that trusts v the less the fewer gradients it has seen.
     m, v and mhat as Adam's;  r = 2 / (1 - beta2) - 1;  r_t = r - 2 t beta2^t / (1 - beta2^t)
     r_t > 5:  w -= lr c mhat sqrt(1 - beta2^t) / (sqrt(v) + eps),
               c = sqrt((r_t - 4) (r_t - 2) r / ((r - 4) (r - 2) r_t))
     else:     w -= lr mhat */
#define TARN_OPTIM_RADAM_OPTIONS(OPTION)                                                           \
    OPTION(double, lr, 1e-3, AT_LEAST_0)                                                           \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_radam_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_RADAM_OPTIONS)
} tarn_optim_radam_args;
tarn_optim *tarn_optim_radam_with(tarn_optim_radam_args args);
#define tarn_optim_radam(...)                                                                      \
    TARN_CALL(tarn_optim_radam_with, tarn_optim_radam_args, TARN_OPTIM_RADAM_OPTIONS,              \
              .params = __VA_ARGS__)

/* Lion (Chen et al. 2023): every weight moves by the same amount.
     w -= lr sign(beta1 m + (1 - beta1) g), where sign(0) = 0;  then m = beta2 m + (1 - beta2) g
   Its weight decay is always decoupled. Rates and decays that suit it are 3 to 10 times smaller and
   larger, in turn, than those of AdamW. */
#define TARN_OPTIM_LION_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 1e-4, AT_LEAST_0)                                                           \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.99, FRACTION)                                                          \
    OPTION(double, weight_decay, 0, AT_LEAST_0)                                                    \
    OPTION(double, l1, 0, AT_LEAST_0)
typedef struct tarn_optim_lion_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_LION_OPTIONS)
} tarn_optim_lion_args;
tarn_optim *tarn_optim_lion_with(tarn_optim_lion_args args);
#define tarn_optim_lion(...)                                                                       \
    TARN_CALL(tarn_optim_lion_with, tarn_optim_lion_args, TARN_OPTIM_LION_OPTIONS,                 \
              .params = __VA_ARGS__)

/* Muon (Jordan et al. 2024): momentum, made nearly orthogonal, so that all directions of a matrix
   move by about as much.
     v = momentum v + g;  u = g + momentum v, or v without .nesterov
     x = u / (|u| + 1e-7), |u|^2 being the sum of the squares, then five times
     x = (a + b x x^T + c (x x^T)^2) x,  a = 3.4445, b = -4.7750, c = 2.0315
     w -= lr sqrt(max(1, out / in)) x
   for matrices (in, out) and for convolution kernels, which are matrices of all their dimensions
   but the last, and the last. Parameters of fewer than two dimensions move by Adam, with numbers of
   its own; its rate keeps its ratio to lr when that changes, by a schedule or a group. Weight decay
   is always decoupled, and takes the rate of the rule that moves the parameter. */
#define TARN_OPTIM_MUON_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 2e-2, AT_LEAST_0)                                                           \
    OPTION(double, momentum, 0.95, FRACTION)                                                       \
    OPTION(bool, nesterov, true, SWITCH)                                                           \
    OPTION(double, adam_lr, 3e-4, AT_LEAST_0)                                                      \
    OPTION(double, adam_beta1, 0.9, FRACTION)                                                      \
    OPTION(double, adam_beta2, 0.95, FRACTION)                                                     \
    OPTION(double, adam_eps, 1e-10, POSITIVE)                                                      \
    OPTION(double, weight_decay, 0, AT_LEAST_0)                                                    \
    OPTION(double, l1, 0, AT_LEAST_0)
typedef struct tarn_optim_muon_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_MUON_OPTIONS)
} tarn_optim_muon_args;
tarn_optim *tarn_optim_muon_with(tarn_optim_muon_args args);
#define tarn_optim_muon(...)                                                                       \
    TARN_CALL(tarn_optim_muon_with, tarn_optim_muon_args, TARN_OPTIM_MUON_OPTIONS,                 \
              .params = __VA_ARGS__)

/* ---- By name, as a program's own options have them. */

/* All of the above. To be one of them, an optimizer stands here. */
#define TARN_OPTIMIZERS(OPTIMIZER)                                                                 \
    OPTIMIZER(sgd)                                                                                 \
    OPTIMIZER(adagrad)                                                                             \
    OPTIMIZER(rmsprop)                                                                             \
    OPTIMIZER(adadelta)                                                                            \
    OPTIMIZER(adam)                                                                                \
    OPTIMIZER(adamw)                                                                               \
    OPTIMIZER(adamax)                                                                              \
    OPTIMIZER(nadam)                                                                               \
    OPTIMIZER(radam)                                                                               \
    OPTIMIZER(lion)                                                                                \
    OPTIMIZER(muon)

/* An optimizer that has a name: one of the above, or one with options set that make it another:
   "momentum", "momentum-ema", "nesterov", "amsgrad". */
typedef struct tarn_optim_entry {
    const char *name;
    const char *preset;                 /* "momentum=0.9"; "" if it is one of the above as it is */
    const struct tarn_optim_rule *rule; /* rule->options: its options, see optim/rule.h */
} tarn_optim_entry;

/* Entry i of the list, from 0 on, or the entry of that name; NULL behind the last, or if there is
   none. */
const tarn_optim_entry *tarn_optim_entry_at(int i);
const tarn_optim_entry *tarn_optim_entry_of(const char *name);

/* tarn_optim_by_name("adam", params, "lr=1e-3,beta1=0.9"): the optimizer of that name with these
   options; NULL or "" for none. Such texts come from outside, so that a wrong one is no mistake of
   the program's: NULL with tarn_error() set, which says what there is. NULL as the constructors
   otherwise. */
tarn_optim *tarn_optim_by_name(const char *name, tarn_params params, const char *options);

/* ---- Using one. */

/* Sets the gradient of every parameter to zero; costs nothing. */
void tarn_optim_zero_grad(tarn_optim *optimizer);

/* Changes every parameter that has a gradient by the rule. Parameters that no loss has reached yet
   (tarn_gradients() is NULL) stay as they are, their state and count of steps too; so do those
   that are frozen, by tarn_nn_freeze() or tarn_requires_grad(t, false). Denormal numbers
   (below 1.2e-38 in float), which make processors slow, count as 0 and become 0 in weights and
   state; the caller's arithmetic is as it was afterwards. Gradients are not looked at. A NaN or an
   infinity stays in the state, and the weight is not finite from then on, in Muon the whole matrix;
   Lion alone follows the sign of an infinity. An element whose square is infinite (above 1.8e19 in
   float) stops its weight for good where the rule divides by a root of squares.
   tarn_clip_grad_norm() before the step prevents the latter and tells of the former. Nothing is
   done after a tarn_backward() that ran out of memory: see core/base/error.h for what becomes of
   that, and of NULL. */
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

       tarn_optim_group(optimizer, "*.bias", .weight_decay = 0);
       tarn_optim_group(optimizer, "0.*", .lr_scale = 0.1, .weight_decay = 1e-4);

   The rate of a group is lr_scale times the optimizer's, so that tarn_optim_set_lr() and schedules
   reach all groups in proportion. What decay means (.decoupled) is settled by the optimizer. To be
   called at any time; state and steps go on. */
#define TARN_OPTIM_SAME (-HUGE_VAL) /* the penalty is the optimizer's */
#define TARN_OPTIM_GROUP_OPTIONS(OPTION)                                                           \
    OPTION(double, lr_scale, 1)                                                                    \
    OPTION(double, weight_decay, TARN_OPTIM_SAME)                                                  \
    OPTION(double, l1, TARN_OPTIM_SAME)

/* The group of the parameters whose names match the shell's pattern, see fnmatch(3): * stands for
   any characters, dots too, ? for one and [abc] for one of them. The names are those of
   tarn_nn_parameters(); an optimizer of a list without names has none to match, and to match none
   is a mistake as well. A parameter belongs to one group: a later call that matches it replaces
   all that an earlier one has set. Returns how many matched, 0 after a mistake and for NULL. */
typedef struct tarn_optim_group_args {
    tarn_optim *optimizer;
    const char *pattern;
    TARN_OPTIONS(TARN_OPTIM_GROUP_OPTIONS)
} tarn_optim_group_args;
int tarn_optim_group_with(tarn_optim_group_args args);
#define tarn_optim_group(optimizer_, ...)                                                          \
    TARN_CALL(tarn_optim_group_with, tarn_optim_group_args, TARN_OPTIM_GROUP_OPTIONS,              \
              .optimizer = (optimizer_), .pattern = __VA_ARGS__)

/* The same for the tensors of a list, all of them the optimizer's:
   tarn_optim_group_of(optimizer, tarn_nn_parameters(head), .lr_scale = 10) */
typedef struct tarn_optim_group_of_args {
    tarn_optim *optimizer;
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_GROUP_OPTIONS)
} tarn_optim_group_of_args;
int tarn_optim_group_of_with(tarn_optim_group_of_args args);
#define tarn_optim_group_of(optimizer_, ...)                                                       \
    TARN_CALL(tarn_optim_group_of_with, tarn_optim_group_of_args, TARN_OPTIM_GROUP_OPTIONS,        \
              .optimizer = (optimizer_), .params = __VA_ARGS__)

/* What a step did to one parameter: Euclidean norms over all its elements, summed in double. A norm
   is infinite or NaN where an element is; denormal numbers count as 0. */
typedef struct tarn_optim_change {
    const char *name; /* as in the list of parameters; "" where it has none */
    const tarn_tensor *parameter;
    double weight_norm;   /* before the step */
    double gradient_norm; /* as backward, or clipping, left it: before the penalties */
    double update_norm;   /* of what the step added, penalties and all: |w_after - w_before| */
    /* Of the angle between this gradient and that of the parameter's last step: 1 if they point the
       same way, -1 if back, about 0 where it is all noise. NaN in its first step since the watch
       began, and where one of the two is 0 or not finite. */
    double cosine;
    /* Element by element, as many as the parameter has; NULL if it took no part. optim/histogram.h
       counts how large they are. */
    const tarn_real *gradients, *updates;
} tarn_optim_change;

/* The changes are the optimizer's, and gone when the watcher returns. */
typedef void tarn_optim_watcher(const tarn_optim_change *changes, int count, void *context);

/* Calls the watcher at the end of every step, in the thread that steps, with the changes of all
   parameters in the order of the list. Parameters that took no part (without a gradient, or frozen)
   are among them, with a gradient_norm and an update_norm of 0 and a cosine of NaN.

   update_norm / weight_norm is what one watches to choose a rate: it is about 1e-3 when training
   goes well, as a rule of thumb. The norms are the same bits with any number of threads.

   The watcher may set the rate, clip or zero gradients, watch with another or end the watch; to
   step or to free the optimizer from there is a mistake, and nothing is done. A second call
   replaces the watcher, NULL ends the watch. The optimizer keeps copies of all weights and
   gradients meanwhile, so that no step asks for memory. A step of LeNet takes 95 us longer on one
   thread (8% of its training), and nothing when nobody watches. Returns false for an
   optimizer of NULL, or with tarn_error() set, the watch being as it was, when memory runs out. */
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
#define TARN_EMA_OPTIONS(OPTION) OPTION(double, decay, 0.999) /* in [0, 1) */
typedef struct tarn_ema_args {
    tarn_params params;
    TARN_OPTIONS(TARN_EMA_OPTIONS)
} tarn_ema_args;
tarn_ema *tarn_ema_new_with(tarn_ema_args args);
#define tarn_ema_new(...)                                                                          \
    TARN_CALL(tarn_ema_new_with, tarn_ema_args, TARN_EMA_OPTIONS, .params = __VA_ARGS__)

/* Moves the averages towards the present weights; after each step. A mistake while they are
   swapped. */
void tarn_ema_update(tarn_ema *ema);

/* Exchanges the averages with the weights; the second call exchanges them back, to the bit.
   Training in between would change the averages. */
void tarn_ema_swap(tarn_ema *ema);

/* Frees the averages and touches no parameter, which may be gone by then: after an odd number of
   swaps the averages stay in the model, and the trained weights are lost. Safe on NULL. */
void tarn_ema_free(tarn_ema *ema);

TARN_API_END

#endif
