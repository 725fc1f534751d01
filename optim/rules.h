/*
 * The rules, one constructor for each optimizer; how they are used is in optim/optim.h, which
 * includes this.
 *
 * Below, w is a parameter, g its gradient after the penalties, t the number of its step from 1 on;
 * state starts at 0. Options are named, and stand in the lists with default and range: AT_LEAST_0,
 * POSITIVE (above 0), FRACTION (in [0, 1)), UNIT (in [0, 1]), COUNT (at least 1) or SWITCH (true or
 * false), see core/base/option_list.h. A number outside its range (or NaN) is a mistake, and NULL
 * is returned; so is a list of parameters that is empty or holds a NULL, the same tensor twice, or
 * a tensor that does not require a gradient, unless it is a module's that tarn_nn_freeze() has
 * frozen, and not all are. Parameters must stay alive as long as the optimizer; the list itself is
 * copied.
 */
#ifndef TARN_OPTIM_RULES_H
#define TARN_OPTIM_RULES_H

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_optim tarn_optim;

/* What every optimizer offers. The penalties of the loss: with L2, g += weight_decay w; with L1, g
   += l1 sign(w). With .decoupled, which needs a weight_decay, that decay bypasses the rule instead:
   w -= lr weight_decay w before the step (Loshchilov, Hutter 2019). With .independent, which needs
   .decoupled, it follows the schedule but not the rate, as in their paper: w -= (lr / first lr)
   weight_decay w, the first being the one that the optimizer was made with, whatever the group's
   lr_scale; decays that suit it are smaller by that rate. With .maximize the function is climbed
   instead: g = -g before the penalties, which keep weights small as ever. */
#define TARN_OPTIM_PENALTIES(OPTION)                                                               \
    OPTION(double, weight_decay, 0, AT_LEAST_0)                                                    \
    OPTION(double, l1, 0, AT_LEAST_0)                                                              \
    OPTION(bool, decoupled, false, SWITCH)                                                         \
    OPTION(bool, independent, false, SWITCH)                                                       \
    OPTION(bool, maximize, false, SWITCH)

/* The same where the decay is always decoupled. */
#define TARN_OPTIM_DECOUPLED(OPTION, decay)                                                        \
    OPTION(double, weight_decay, decay, AT_LEAST_0)                                                \
    OPTION(double, l1, 0, AT_LEAST_0)                                                              \
    OPTION(bool, independent, false, SWITCH)                                                       \
    OPTION(bool, maximize, false, SWITCH)

/* The same where the rule says itself how it decays. */
#define TARN_OPTIM_OWN_DECAY(OPTION, decay)                                                        \
    OPTION(double, weight_decay, decay, AT_LEAST_0)                                                \
    OPTION(double, l1, 0, AT_LEAST_0)                                                              \
    OPTION(bool, maximize, false, SWITCH)

/* Stochastic gradient descent (Robbins, Monro 1951):  w -= lr g.  With momentum (Polyak 1964):
     sum form:         v = momentum v + g
     EMA form (.ema):  v = momentum v + (1 - momentum) g
     .dampening:       v = momentum v + (1 - dampening) g, but v = g in the first step
     w -= lr v;  with .nesterov (Sutskever et al. 2013):  w -= lr (g' + momentum v),
     g' being g, or (1 - momentum) g in the EMA form. */
#define TARN_OPTIM_SGD_OPTIONS(OPTION)                                                             \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, momentum, 0, FRACTION)                                                          \
    OPTION(bool, nesterov, false, SWITCH) /* needs momentum */                                     \
    OPTION(bool, ema, false, SWITCH)      /* needs momentum */                                     \
    OPTION(double, dampening, 0, UNIT)    /* needs momentum, and neither nesterov nor ema */       \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_sgd_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_SGD_OPTIONS)
} tarn_optim_sgd_args;
tarn_optim *tarn_optim_sgd_with(tarn_optim_sgd_args args);
#define tarn_optim_sgd(...)                                                                        \
    TARN_CALL(tarn_optim_sgd_with, tarn_optim_sgd_args, TARN_OPTIM_SGD_OPTIONS,                    \
              .params = __VA_ARGS__)

/* Adagrad (Duchi, Hazan, Singer 2011).  s += g^2;  w -= lr g / (sqrt(s) + eps)
   s starts at .initial_accumulator;  with .lr_decay, lr / (1 + (t - 1) lr_decay) in lr's place. */
#define TARN_OPTIM_ADAGRAD_OPTIONS(OPTION)                                                         \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, eps, 1e-10, POSITIVE)                                                           \
    OPTION(double, lr_decay, 0, AT_LEAST_0)                                                        \
    OPTION(double, initial_accumulator, 0, AT_LEAST_0)                                             \
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
    TARN_OPTIM_DECOUPLED(OPTION, 1e-2)
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
    TARN_OPTIM_DECOUPLED(OPTION, 0)
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
     x = u / (|u| + 1e-7), |u|^2 being the sum of the squares, then ns_steps times
     x = (a + b x x^T + c (x x^T)^2) x,  a = 3.4445, b = -4.7750, c = 2.0315
     w -= lr sqrt(max(1, out / in)) x;  with .match_rms, w -= lr 0.2 sqrt(max(in, out)) x, steps as
     large as AdamW's, whose rates and decays then suit it (Liu et al. 2025; PyTorch's
     adjust_lr_fn "match_rms_adamw", as the other is its "original")
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
    OPTION(int, ns_steps, 5, COUNT)                                                                \
    OPTION(bool, match_rms, false, SWITCH)                                                         \
    TARN_OPTIM_DECOUPLED(OPTION, 0)
typedef struct tarn_optim_muon_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_MUON_OPTIONS)
} tarn_optim_muon_args;
tarn_optim *tarn_optim_muon_with(tarn_optim_muon_args args);
#define tarn_optim_muon(...)                                                                       \
    TARN_CALL(tarn_optim_muon_with, tarn_optim_muon_args, TARN_OPTIM_MUON_OPTIONS,                 \
              .params = __VA_ARGS__)

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

TARN_API_END

#endif
