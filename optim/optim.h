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
 * Gradients accumulate until they are zeroed. So a batch that is too large for the memory makes its
 * step in parts, the same to rounding, but where layers mix the images of a batch (batch
 * normalization):
 *
 *     tarn_loader *loader = tarn_loader_new(digits, 4096, .shuffle = true, .parts = 16);
 *     while (tarn_loader_next(loader, &batch)) {
 *         ... tarn_backward(tarn_scale(loss, batch.share)); ...
 *         if (batch.last) {
 *             tarn_optim_step(optimizer);
 *             tarn_optim_zero_grad(optimizer);
 *         }
 *     }
 *
 * Several processes share the parts by tarn-mpi.h.
 *
 * The rules with their constructors are in optim/rules.h, what is done with gradients before a step
 * in optim/clip.h, with weights after it in optim/ema.h: all are included here.
 */
#ifndef TARN_OPTIM_OPTIM_H
#define TARN_OPTIM_OPTIM_H

#include <math.h>

#include "core/base/options.h"
#include "core/tensor.h"
#include "optim/clip.h"
#include "optim/ema.h"
#include "optim/rules.h"

TARN_API_BEGIN

/* ---- By name, as a program's own options have them. */

/* An optimizer that has a name: one of the above, or one with options set that make it another:
   "momentum", "momentum-ema", "nesterov", "amsgrad"; and those of optim/extras.h. */
typedef struct tarn_optim_entry {
    const char *name;
    const char *preset;                 /* "momentum=0.9"; "" if it is one of the above as it is */
    const struct tarn_optim_rule *rule; /* rule->options: its options, see optim/rule.h */
    bool extra;                         /* of optim/extras.h; these stand last */
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
       tarn_optim_group(optimizer, "head.*", .options = "beta1=0.8,eps=1e-6");

   The rate of a group is lr_scale times the optimizer's, so that tarn_optim_set_lr() and schedules
   reach all groups in proportion. What decay means (.decoupled) is settled by the optimizer, and so
   are all its switches. The options are other numbers of the rule, as tarn_optim_by_name() takes
   them, NULL for none: those that it does not name are the optimizer's at this time. To be called
   at any time; state and steps go on. */
#define TARN_OPTIM_SAME (-HUGE_VAL) /* the penalty is the optimizer's */
#define TARN_OPTIM_GROUP_OPTIONS(OPTION)                                                           \
    OPTION(double, lr_scale, 1)                                                                    \
    OPTION(double, weight_decay, TARN_OPTIM_SAME)                                                  \
    OPTION(double, l1, TARN_OPTIM_SAME)                                                            \
    OPTION(const char *, options, NULL)

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

/* Adds parameters, as those of a layer that is made or unfrozen during training, in no group and at
   the rate of now. To be called at any time but while the optimizer is watched. False after a
   mistake (a list that a constructor would not take either, or with a parameter that is the
   optimizer's already), for NULL, and with tarn_error() set when memory runs out; nothing is added
   then. */
bool tarn_optim_add(tarn_optim *optimizer, tarn_params params);

/* Sets a number of the rule, such as "momentum" or "beta1", from the next step on, for all groups;
   a checkpoint holds it. Rates, penalties and switches are none. Not to be set are numbers outside
   their range, and those that need other state than there is: a momentum for a rule made without
   one, or 0 for one made with it. False after such a mistake, and for NULL. */
bool tarn_optim_set(tarn_optim *optimizer, const char *name, double value);

/* The present number; NaN if there is none of that name, and for NULL. */
double tarn_optim_get(const tarn_optim *optimizer, const char *name);

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

TARN_API_END

#endif
