/*
 * Optimizers that few need, beside those of optim/rules.h, where the notation and what all of them
 * share are explained; and two that are no rules for a step of their own: SAM and L-BFGS. A library
 * that was built with -Dextras=false has none of them.
 *
 * Lookahead (Zhang et al. 2019) around any optimizer is an average that the weights return to every
 * few steps:
 *
 *     tarn_ema *slow = tarn_ema_new(tarn_nn_parameters(model), .decay = 0.5);
 *     ... tarn_optim_step(optimizer);
 *     if (step % 5 == 0) {
 *         tarn_ema_update(slow);
 *         tarn_ema_put(slow);
 *     }
 */
#ifndef TARN_OPTIM_EXTRAS_H
#define TARN_OPTIM_EXTRAS_H

#include "core/base/options.h"
#include "core/tensor.h"
#include "optim/rules.h"

TARN_API_BEGIN

/* Rprop (Riedmiller, Braun 1993), for gradients of the whole training set: each weight has a step
   of its own, which grows while the sign of its gradient stays. s is lr at first; p is the g of
   before.
     g p > 0:  s = min(eta_plus s, step_max)
     g p < 0:  s = max(eta_minus s, step_min), and g = 0
     w -= s sign(g), where sign(0) = 0;  p = g
   A schedule scales the steps, s itself stays. eta_plus is above 1, step_min at most step_max. */
#define TARN_OPTIM_RPROP_OPTIONS(OPTION)                                                           \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, eta_minus, 0.5, FRACTION)                                                       \
    OPTION(double, eta_plus, 1.2, POSITIVE)                                                        \
    OPTION(double, step_min, 1e-6, AT_LEAST_0)                                                     \
    OPTION(double, step_max, 50, POSITIVE)                                                         \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_rprop_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_RPROP_OPTIONS)
} tarn_optim_rprop_args;
tarn_optim *tarn_optim_rprop_with(tarn_optim_rprop_args args);
#define tarn_optim_rprop(...)                                                                      \
    TARN_CALL(tarn_optim_rprop_with, tarn_optim_rprop_args, TARN_OPTIM_RPROP_OPTIONS,              \
              .params = __VA_ARGS__)

/* Averaged SGD (Polyak, Juditsky 1992; as in PyTorch and Bottou's code): gradient descent at a rate
   that falls, and the mean a of the weights from step t0 on, which tarn_optim_swap() puts in place.
     eta = lr / (1 + lambd lr (t - 1))^alpha;  mu = 1 / max(1, t - 1 - t0)
     w -= eta (g + lambd w);  a += mu (w - a) */
#define TARN_OPTIM_ASGD_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, lambd, 1e-4, AT_LEAST_0)                                                        \
    OPTION(double, alpha, 0.75, AT_LEAST_0)                                                        \
    OPTION(double, t0, 1e6, AT_LEAST_0)                                                            \
    TARN_OPTIM_PENALTIES(OPTION)
typedef struct tarn_optim_asgd_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ASGD_OPTIONS)
} tarn_optim_asgd_args;
tarn_optim *tarn_optim_asgd_with(tarn_optim_asgd_args args);
#define tarn_optim_asgd(...)                                                                       \
    TARN_CALL(tarn_optim_asgd_with, tarn_optim_asgd_args, TARN_OPTIM_ASGD_OPTIONS,                 \
              .params = __VA_ARGS__)

/* LARS (You, Gitman, Ginsburg 2017), for large batches: momentum, with a rate for each parameter
   that is in proportion to the size of its weights.
     q = trust |w| / (|g| + weight_decay |w| + eps), or 1 where |w| or |g| is 0
     v = momentum v + lr q (g + weight_decay w);  w -= v
   Parameters of fewer than two dimensions (biases, scales) have q = 1 without .vectors. */
#define TARN_OPTIM_LARS_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 1, AT_LEAST_0)                                                              \
    OPTION(double, momentum, 0.9, FRACTION)                                                        \
    OPTION(double, trust, 1e-3, POSITIVE)                                                          \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    OPTION(bool, vectors, false, SWITCH)                                                           \
    TARN_OPTIM_OWN_DECAY(OPTION, 0)
typedef struct tarn_optim_lars_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_LARS_OPTIONS)
} tarn_optim_lars_args;
tarn_optim *tarn_optim_lars_with(tarn_optim_lars_args args);
#define tarn_optim_lars(...)                                                                       \
    TARN_CALL(tarn_optim_lars_with, tarn_optim_lars_args, TARN_OPTIM_LARS_OPTIONS,                 \
              .params = __VA_ARGS__)

/* LAMB (You et al. 2020), the same for Adam:
     m, v, mhat and vhat as Adam's;  r = mhat / (sqrt(vhat) + eps) + weight_decay w
     w -= lr q r,  q = |w| / |r|, or 1 where one of them is 0 */
#define TARN_OPTIM_LAMB_OPTIONS(OPTION)                                                            \
    OPTION(double, lr, 1e-3, AT_LEAST_0)                                                           \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-6, POSITIVE)                                                            \
    TARN_OPTIM_OWN_DECAY(OPTION, 0)
typedef struct tarn_optim_lamb_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_LAMB_OPTIONS)
} tarn_optim_lamb_args;
tarn_optim *tarn_optim_lamb_with(tarn_optim_lamb_args args);
#define tarn_optim_lamb(...)                                                                       \
    TARN_CALL(tarn_optim_lamb_with, tarn_optim_lamb_args, TARN_OPTIM_LAMB_OPTIONS,                 \
              .params = __VA_ARGS__)

/* Adafactor (Shazeer, Stern 2018; as in PyTorch): Adam without m, whose v of a matrix is the
   product of a column of means over its rows and a row of means over its columns.
     b = t^beta2_decay
     r += b (mean over columns of g^2 - r);  c += b (mean over rows of g^2 - c)
     v = r c / max(mean of r, eps1), or for fewer than two dimensions v += b (g^2 - v)
     u = g / max(sqrt(v), eps1)
     w -= min(lr, 1 / sqrt(t)) max(eps2, rms(w)) u / max(1, rms(u) / clip)
   rms being the root of the mean square. Kernels are matrices of all their dimensions but the last,
   and the last. Weight decay is decoupled. */
#define TARN_OPTIM_ADAFACTOR_OPTIONS(OPTION)                                                       \
    OPTION(double, lr, 1e-2, AT_LEAST_0)                                                           \
    OPTION(double, beta2_decay, -0.8, ANY)  /* at most 0 */                                        \
    OPTION(double, eps1, 0x1p-23, POSITIVE) /* the precision of float */                           \
    OPTION(double, eps2, 1e-3, AT_LEAST_0)                                                         \
    OPTION(double, clip, 1, POSITIVE)                                                              \
    TARN_OPTIM_OWN_DECAY(OPTION, 0)
typedef struct tarn_optim_adafactor_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_ADAFACTOR_OPTIONS)
} tarn_optim_adafactor_args;
tarn_optim *tarn_optim_adafactor_with(tarn_optim_adafactor_args args);
#define tarn_optim_adafactor(...)                                                                  \
    TARN_CALL(tarn_optim_adafactor_with, tarn_optim_adafactor_args, TARN_OPTIM_ADAFACTOR_OPTIONS,  \
              .params = __VA_ARGS__)

/* Schedule-free gradient descent (Defazio et al. 2024): no falling rate but an average x of the
   points z of plain descent; gradients are taken at w, between the two. z and x are w at first.
     z -= lr g;  x += c (z - x);  w = momentum x + (1 - momentum) z
     c = lr^2 / (sum of lr^2 up to now): 1 / t at a constant rate
   The rate may be warmed up. Evaluate and save x: tarn_optim_swap(). */
#define TARN_OPTIM_SCHEDULE_FREE_SGD_OPTIONS(OPTION)                                               \
    OPTION(double, lr, 1, AT_LEAST_0)                                                              \
    OPTION(double, momentum, 0.9, FRACTION)                                                        \
    TARN_OPTIM_OWN_DECAY(OPTION, 0)
typedef struct tarn_optim_schedule_free_sgd_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_SCHEDULE_FREE_SGD_OPTIONS)
} tarn_optim_schedule_free_sgd_args;
tarn_optim *tarn_optim_schedule_free_sgd_with(tarn_optim_schedule_free_sgd_args args);
#define tarn_optim_schedule_free_sgd(...)                                                          \
    TARN_CALL(tarn_optim_schedule_free_sgd_with, tarn_optim_schedule_free_sgd_args,                \
              TARN_OPTIM_SCHEDULE_FREE_SGD_OPTIONS, .params = __VA_ARGS__)

/* The same with AdamW's division (of the gradient itself, m being what x is instead):
     v and vhat as Adam's;  d = g / (sqrt(vhat) + eps) + weight_decay w
     z -= lr d;  x += c (z - x);  w = beta1 x + (1 - beta1) z */
#define TARN_OPTIM_SCHEDULE_FREE_ADAMW_OPTIONS(OPTION)                                             \
    OPTION(double, lr, 2.5e-3, AT_LEAST_0)                                                         \
    OPTION(double, beta1, 0.9, FRACTION)                                                           \
    OPTION(double, beta2, 0.999, FRACTION)                                                         \
    OPTION(double, eps, 1e-8, POSITIVE)                                                            \
    TARN_OPTIM_OWN_DECAY(OPTION, 0)
typedef struct tarn_optim_schedule_free_adamw_args {
    tarn_params params;
    TARN_OPTIONS(TARN_OPTIM_SCHEDULE_FREE_ADAMW_OPTIONS)
} tarn_optim_schedule_free_adamw_args;
tarn_optim *tarn_optim_schedule_free_adamw_with(tarn_optim_schedule_free_adamw_args args);
#define tarn_optim_schedule_free_adamw(...)                                                        \
    TARN_CALL(tarn_optim_schedule_free_adamw_with, tarn_optim_schedule_free_adamw_args,            \
              TARN_OPTIM_SCHEDULE_FREE_ADAMW_OPTIONS, .params = __VA_ARGS__)

/* All of the above, for tarn_optim_by_name(), behind TARN_OPTIMIZERS. */
#define TARN_OPTIMIZERS_EXTRA(OPTIMIZER)                                                           \
    OPTIMIZER(rprop)                                                                               \
    OPTIMIZER(asgd)                                                                                \
    OPTIMIZER(lars)                                                                                \
    OPTIMIZER(lamb)                                                                                \
    OPTIMIZER(adafactor)                                                                           \
    OPTIMIZER(schedule_free_sgd)                                                                   \
    OPTIMIZER(schedule_free_adamw)

/* Exchanges the weights with the averages that the rule keeps (asgd and the schedule-free ones);
   the second call exchanges them back, to the bit. A step in between is a mistake. False, and
   nothing is done, for other rules and NULL. A parameter without a step stays. */
bool tarn_optim_swap(tarn_optim *optimizer);

/* Sharpness-aware minimization (Foret et al. 2021), around the step of any optimizer: by the
   gradient not at w but at the worst point near it, w + rho g / |g|, the norm being that of all
   gradients. Twice forward and backward, each on a tape of its own:

       tarn_sam *sam = tarn_sam_new(tarn_nn_parameters(model), .rho = 0.05);
       ... zero_grad; backward of the loss; tarn_sam_climb(sam);
       ... zero_grad; backward of the loss again; tarn_sam_return(sam); tarn_optim_step(optimizer);

   With .adaptive (Kwon et al. 2021) to w + rho w^2 g / |w g|, which does not depend on the scale of
   a layer. */
typedef struct tarn_sam tarn_sam;
#define TARN_SAM_OPTIONS(OPTION)                                                                   \
    OPTION(double, rho, 0.05) /* finite and at least 0 */                                          \
    OPTION(bool, adaptive, false)
typedef struct tarn_sam_args {
    tarn_params params;
    TARN_OPTIONS(TARN_SAM_OPTIONS)
} tarn_sam_args;

/* A list that an optimizer would not take is a mistake here too. NULL after one, and with
   tarn_error() set when memory runs out. Parameters must stay alive; the list is copied. */
tarn_sam *tarn_sam_new_with(tarn_sam_args args);
#define tarn_sam_new(...)                                                                          \
    TARN_CALL(tarn_sam_new_with, tarn_sam_args, TARN_SAM_OPTIONS, .params = __VA_ARGS__)

/* Moves the weights to the point above; by nothing where the norm is 0 or not finite. Returns the
   norm (of w g with .adaptive). A second one before the return is a mistake, and NaN; so is NULL.
 */
double tarn_sam_climb(tarn_sam *sam);

/* Puts the weights back, to the bit. Nothing where they were not moved. */
void tarn_sam_return(tarn_sam *sam);

/* Frees it; the weights stay where they are. Safe on NULL. */
void tarn_sam_free(tarn_sam *sam);

/* L-BFGS (Nocedal 1980, Liu and Nocedal 1989; as PyTorch's) for a function that is the same each
   time: the loss over all of a small data set. A step looks at the function several times, by a
   closure that computes the loss, on a tape that is open already:

       static tarn_tensor *loss_of(void *context)
       {
           const example *e = context;
           return tarn_mse(tarn_nn_forward(e->model, e->x), e->y);
       }
       tarn_lbfgs *lbfgs = tarn_lbfgs_new(tarn_nn_parameters(model));
       for (int i = 0; i < 10; i++)
           printf("%g\n", tarn_lbfgs_step(lbfgs, loss_of, &e));

   An iteration goes along d = -H g, H being built of the last `history` changes of weights and
   gradients, by a length that satisfies the strong Wolfe conditions (Armijo with 1e-4, curvature
   with 0.9), found by cubic interpolation; without .line_search by lr. */
typedef struct tarn_lbfgs tarn_lbfgs;
#define TARN_LBFGS_OPTIONS(OPTION)                                                                 \
    OPTION(double, lr, 1, POSITIVE)                                                                \
    OPTION(int, iterations, 20, COUNT)  /* of a step, at most */                                   \
    OPTION(int, evaluations, 25, COUNT) /* of the closure in a step, about at most */              \
    OPTION(int, history, 100, COUNT)                                                               \
    OPTION(double, tolerance_gradient, 1e-7, AT_LEAST_0) /* ends where no |g| is larger */         \
    OPTION(double, tolerance_change, 1e-9, AT_LEAST_0)   /* or w or the loss changed by less */    \
    OPTION(bool, line_search, true, SWITCH)
typedef struct tarn_lbfgs_args {
    tarn_params params;
    TARN_OPTIONS(TARN_LBFGS_OPTIONS)
} tarn_lbfgs_args;

/* As tarn_sam_new(). It takes (2 history + 7) times the memory of the weights. */
tarn_lbfgs *tarn_lbfgs_new_with(tarn_lbfgs_args args);
#define tarn_lbfgs_new(...)                                                                        \
    TARN_CALL(tarn_lbfgs_new_with, tarn_lbfgs_args, TARN_LBFGS_OPTIONS, .params = __VA_ARGS__)

/* Takes the weights down by up to so many iterations. Returns the loss before; the next call goes
   on with what was learned of the function. A loss or gradient that is not finite at the first look
   leaves the weights alone, one on the way shortens the step. NaN for NULL (a mistake), and where
   the closure returns NULL, at the weights where that was. */
typedef tarn_tensor *tarn_lbfgs_closure(void *context);
double tarn_lbfgs_step(tarn_lbfgs *lbfgs, tarn_lbfgs_closure *closure, void *context);

/* Frees it, not the parameters. Safe on NULL. */
void tarn_lbfgs_free(tarn_lbfgs *lbfgs);

TARN_API_END

#endif
