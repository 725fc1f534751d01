/*
 * The losses; the rules of core/ops.h, which includes this, hold for them too. Focal, hinge,
 * triplet, cosine, Gaussian and Poisson losses, and smooth L1, are lines: docs/operations.md.
 */
#ifndef TARN_CORE_OPS_LOSSES_H
#define TARN_CORE_OPS_LOSSES_H

#include "core/base/options.h"
#include "core/tape.h"

TARN_API_BEGIN

/* What becomes of the losses, of which cross_entropy, cross_entropy_soft, nll and kl_div have one
   for each row, the others one for each element. The mean is their sum divided by
     - the sum of w[label] over the rows that are not ignored, which is their number where there are
       no class weights (cross_entropy, nll);
     - the number of rows (cross_entropy_soft; kl_div: PyTorch's "batchmean", not its "mean");
     - the number of elements (binary_cross_entropy, bernoulli_nll, mse, l1, huber);
   and NaN where that is 0. */
typedef enum tarn_reduction {
    TARN_MEAN = 0, /* a scalar */
    TARN_SUM,      /* a scalar */
    TARN_NONE      /* all losses: (N) for rows, the shape of the inputs for elements */
} tarn_reduction;
#define TARN_REDUCTION_OPTIONS(OPTION) OPTION(tarn_reduction, reduction, TARN_MEAN)

/* -w[label] log softmax(logits)[label] for each row. logits (N, classes), labels N class ids, each
   at least 0 and below classes, or ignore_label (else a mistake). With label smoothing s the target
   is (1 - s) w[label] at the label plus s w[i] / classes everywhere (Szegedy et al. 2016). The
   class weights w are finite and at least 0 (else a mistake), and get no gradient. Rows with the
   label ignore_label have loss and gradient 0; if all have it, the mean is NaN and the gradient 0.
   Weight 0 is not quite the same: label smoothing still asks something of such a row. */
#define TARN_NLL_OPTIONS(OPTION)                                                                   \
    TARN_REDUCTION_OPTIONS(OPTION)                                                                 \
    OPTION(const tarn_tensor *, class_weights, NULL) /* (classes); NULL: all 1 */                  \
    OPTION(int, ignore_label, -100)
#define TARN_CROSS_ENTROPY_OPTIONS(OPTION)                                                         \
    OPTION(double, label_smoothing, 0) /* in [0, 1] */                                             \
    TARN_NLL_OPTIONS(OPTION)
typedef struct tarn_cross_entropy_args {
    tarn_tensor *logits;
    tarn_labels labels;
    TARN_OPTIONS(TARN_CROSS_ENTROPY_OPTIONS)
} tarn_cross_entropy_args;
tarn_tensor *tarn_cross_entropy_with(tarn_cross_entropy_args args);
#define tarn_cross_entropy(logits_, ...)                                                           \
    TARN_CALL(tarn_cross_entropy_with, tarn_cross_entropy_args, TARN_CROSS_ENTROPY_OPTIONS,        \
              .logits = (logits_), .labels = __VA_ARGS__)

/* -(the sum over the classes of p log softmax(logits)) for each row: cross-entropy where a label is
   a mixture of classes, as after mixup. logits and probabilities p (N, classes); the sum of p need
   not be 1. A term with p = 0 is 0, whatever the logit is. An element of p below 0 is a mistake;
   NaN gives NaN. Probabilities that require a gradient get it. With label smoothing s, (1 - s) p +
   s / classes takes the place of p, and with class weights w, as above, each term is w[i] times as
   much; the mean is over the rows all the same, as in PyTorch. */
#define TARN_CROSS_ENTROPY_SOFT_OPTIONS(OPTION)                                                    \
    OPTION(double, label_smoothing, 0) /* in [0, 1] */                                             \
    TARN_REDUCTION_OPTIONS(OPTION)                                                                 \
    OPTION(const tarn_tensor *, class_weights, NULL) /* (classes); NULL: all 1 */
typedef struct tarn_cross_entropy_soft_args {
    tarn_tensor *logits, *probabilities;
    TARN_OPTIONS(TARN_CROSS_ENTROPY_SOFT_OPTIONS)
} tarn_cross_entropy_soft_args;
tarn_tensor *tarn_cross_entropy_soft_with(tarn_cross_entropy_soft_args args);
#define tarn_cross_entropy_soft(logits_, ...)                                                      \
    TARN_CALL(tarn_cross_entropy_soft_with, tarn_cross_entropy_soft_args,                          \
              TARN_CROSS_ENTROPY_SOFT_OPTIONS, .logits = (logits_), .probabilities = __VA_ARGS__)

/* -w[label] log_probabilities[label] for each row, negative log-likelihood: after
   tarn_log_softmax() the same as cross-entropy. log_probabilities (N, classes); the other arguments
   as for tarn_cross_entropy(). */
typedef struct tarn_nll_args {
    tarn_tensor *log_probabilities;
    tarn_labels labels;
    TARN_OPTIONS(TARN_NLL_OPTIONS)
} tarn_nll_args;
tarn_tensor *tarn_nll_with(tarn_nll_args args);
#define tarn_nll(log_probabilities_, ...)                                                          \
    TARN_CALL(tarn_nll_with, tarn_nll_args, TARN_NLL_OPTIONS,                                      \
              .log_probabilities = (log_probabilities_), .labels = __VA_ARGS__)

/* -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z)) for each logit z and target t, of two tensors of
   the same shape. A target outside [0, 1] is a mistake; NaN gives NaN. Finite for every finite z; 0
   for an infinite one that is right. Targets that require a gradient get it, but not with
   pos_weight. weight multiplies each loss, pos_weight its first term, where t is 1 (a class that is
   one in ten weighs as much as the rest with 9); both broadcast to the shape of the logits, so that
   (C) has one for each column, are at least 0 (else a mistake), and get no gradient. */
#define TARN_BINARY_CROSS_ENTROPY_OPTIONS(OPTION)                                                  \
    TARN_REDUCTION_OPTIONS(OPTION)                                                                 \
    OPTION(tarn_tensor *, weight, NULL)     /* NULL: 1 */                                          \
    OPTION(tarn_tensor *, pos_weight, NULL) /* NULL: 1 */
typedef struct tarn_binary_cross_entropy_args {
    tarn_tensor *logits, *targets;
    TARN_OPTIONS(TARN_BINARY_CROSS_ENTROPY_OPTIONS)
} tarn_binary_cross_entropy_args;
tarn_tensor *tarn_binary_cross_entropy_with(tarn_binary_cross_entropy_args args);
#define tarn_binary_cross_entropy(logits_, ...)                                                    \
    TARN_CALL(tarn_binary_cross_entropy_with, tarn_binary_cross_entropy_args,                      \
              TARN_BINARY_CROSS_ENTROPY_OPTIONS, .logits = (logits_), .targets = __VA_ARGS__)

/* -t ln p - (1 - t) ln(1 - p) for each probability p and target t, both in [0, 1] (else a mistake),
   of two tensors of the same shape: for what has been through a sigmoid. Logarithms are at least
   -100, as in PyTorch's BCELoss; tarn_binary_cross_entropy() needs no such bound. */
typedef struct tarn_bernoulli_nll_args {
    tarn_tensor *probabilities, *targets;
    TARN_OPTIONS(TARN_REDUCTION_OPTIONS)
} tarn_bernoulli_nll_args;
tarn_tensor *tarn_bernoulli_nll_with(tarn_bernoulli_nll_args args);
#define tarn_bernoulli_nll(probabilities_, ...)                                                    \
    TARN_CALL(tarn_bernoulli_nll_with, tarn_bernoulli_nll_args, TARN_REDUCTION_OPTIONS,            \
              .probabilities = (probabilities_), .targets = __VA_ARGS__)

/* (a - b)^2, as a float infinite where |a - b| is above 1.8e19; |a - b|, its gradient 0 where a =
   b. a and b have the same shape (else a mistake). Elements are of tarn_real, their sum is a
   double. */
typedef struct tarn_loss_args {
    tarn_tensor *a, *b;
    TARN_OPTIONS(TARN_REDUCTION_OPTIONS)
} tarn_loss_args;
tarn_tensor *tarn_mse_with(tarn_loss_args args);
tarn_tensor *tarn_l1_with(tarn_loss_args args);
#define tarn_mse(a_, ...)                                                                          \
    TARN_CALL(tarn_mse_with, tarn_loss_args, TARN_REDUCTION_OPTIONS, .a = (a_), .b = __VA_ARGS__)
#define tarn_l1(a_, ...)                                                                           \
    TARN_CALL(tarn_l1_with, tarn_loss_args, TARN_REDUCTION_OPTIONS, .a = (a_), .b = __VA_ARGS__)

/* (a - b)^2 / 2 up to |a - b| = delta, delta (|a - b| - delta / 2) beyond (Huber 1964). a and b
   have the same shape. Smooth L1 is this divided by delta, its beta:
   tarn_scale(tarn_huber(a, b, .delta = beta), 1 / beta). */
#define TARN_HUBER_OPTIONS(OPTION)                                                                 \
    OPTION(double, delta, 1) /* finite, above 0 */                                                 \
    TARN_REDUCTION_OPTIONS(OPTION)
typedef struct tarn_huber_args {
    tarn_tensor *a, *b;
    TARN_OPTIONS(TARN_HUBER_OPTIONS)
} tarn_huber_args;
tarn_tensor *tarn_huber_with(tarn_huber_args args);
#define tarn_huber(a_, ...)                                                                        \
    TARN_CALL(tarn_huber_with, tarn_huber_args, TARN_HUBER_OPTIONS, .a = (a_), .b = __VA_ARGS__)

/* The sum over the classes of p (log p - log_q) for each row: the Kullback-Leibler divergence of p
   from q. log_q are log-probabilities, as of tarn_log_softmax(), p probabilities; both (N,
   classes). A term with p = 0 is 0, whatever log_q is, and so is its gradient for p (where PyTorch
   may give NaN). An element of p below 0 is a mistake; NaN gives NaN. */
typedef struct tarn_kl_div_args {
    tarn_tensor *log_q, *p;
    TARN_OPTIONS(TARN_REDUCTION_OPTIONS)
} tarn_kl_div_args;
tarn_tensor *tarn_kl_div_with(tarn_kl_div_args args);
#define tarn_kl_div(log_q_, ...)                                                                   \
    TARN_CALL(tarn_kl_div_with, tarn_kl_div_args, TARN_REDUCTION_OPTIONS, .log_q = (log_q_),       \
              .p = __VA_ARGS__)

TARN_API_END

#endif
