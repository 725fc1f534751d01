/*
 * Rare features: who learns from what is seldom there?
 *
 * A logistic model, p = sigmoid(w x + b), of features that are there (1) or not (0), each in its
 * own share of the examples, from half of them to one in a hundred. All have weights of the same
 * size, 2 or -2, so that a rare one tells as much as a common one, when it is there. Examples are
 * drawn anew for each step, so that with enough of them every rule would find the weights.
 *
 * The gradient of a weight is 0 in a batch without its feature. Gradient descent moves a weight in
 * proportion to its gradient, so to how often its feature is there. Adagrad divides by the root of
 * the sum of squares so far, which is small where little has come: the rare get larger steps.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/studies/study.h"

enum { FEATURES = 6, BATCH = 10, STEPS = 2000 };
static const double shares[FEATURES] = {0.5, 0.2, 0.1, 0.05, 0.02, 0.01};
static const double WEIGHT = 2; /* and -2 in turn */

static const char *const rules[] = {"sgd", "adagrad", "adam"};
enum { RULES = sizeof rules / sizeof *rules };
static const double RATE = 0.1; /* for all of them */

static double true_weight(int feature)
{
    return feature % 2 ? -WEIGHT : WEIGHT;
}

/* Examples x (BATCH,FEATURES), and their labels y (BATCH,1), drawn by the model. */
static void draw(tarn_tensor *x, tarn_tensor *y)
{
    tarn_tensor *chance = tarn_rand(tarn_shape(BATCH, FEATURES + 1));
    check(chance);
    const tarn_real *next = tarn_values(chance);
    for (int n = 0; n < BATCH; n++) {
        double z = 0;
        for (int i = 0; i < FEATURES; i++) {
            const bool there = (double)*next++ < shares[i];
            tarn_values(x)[n * FEATURES + i] = there;
            z += there ? true_weight(i) : 0;
        }
        tarn_values(y)[n] = (double)*next++ < 1 / (1 + exp(-z));
    }
    tarn_free(chance);
}

/* How far a weight has come on its way to the true one, which is 1. */
static double part(const tarn_tensor *w, int feature)
{
    return (double)tarn_values(w)[feature] / true_weight(feature);
}

static void learn(table *out, const char *rule, long seed, double end[FEATURES])
{
    tarn_tensor *x = tarn_zeros(tarn_shape(BATCH, FEATURES)), *y = tarn_zeros(tarn_shape(BATCH, 1));
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(FEATURES, 1)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape(1)), true);
    check(x && y && w && b);
    tarn_optim *optimizer = optimizer_new(rule, tarn_params_of(w, b), RATE);
    tarn_seed((uint64_t)seed); /* the same examples for each rule */
    for (int step = 1; step <= STEPS; step++) {
        draw(x, y);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *logits = tarn_add(tarn_matmul(x, w), b);
        tarn_optim_zero_grad(optimizer);
        check(tarn_backward(tarn_binary_cross_entropy(logits, y)));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
        if (step % 10 == 0)
            for (int i = 0; i < FEATURES; i++)
                table_row(out, "%s,%g,%d,%.6g", rule, shares[i], step * BATCH, part(w, i));
    }
    for (int i = 0; i < FEATURES; i++)
        end[i] = part(w, i);
    tarn_optim_free(optimizer);
    tarn_free(x), tarn_free(y), tarn_free(w), tarn_free(b);
}

static void run(const study_settings *s)
{
    double ends[RULES][FEATURES];
    table *curves = table_in(s->folder, "study_sparse_curves.csv", "optimizer,share,examples,part");
    for (int i = 0; i < RULES; i++)
        learn(curves, rules[i], s->seed, ends[i]);
    table_end(curves);

    table *out = table_in(s->folder, "study_sparse.csv", "share,sgd,adagrad,adam");
    printf("The rate is %g for all. After %d examples, a weight as a part of the true one:\n%28s",
           RATE, STEPS * BATCH, "share of the examples with it");
    for (int i = 0; i < RULES; i++)
        printf(" %9s", rules[i]);
    printf("\n");
    for (int i = 0; i < FEATURES; i++) {
        table_row(out, "%g,%.6g,%.6g,%.6g", shares[i], ends[0][i], ends[1][i], ends[2][i]);
        printf("%28.0f%% %9.3f %9.3f %9.3f\n", 100 * shares[i], ends[0][i], ends[1][i], ends[2][i]);
    }
    table_end(out);
}

const study study_sparse = {"sparse",
                            "rare features: who learns from what is seldom there?",
                            run,
                            {{"study_sparse", "the weights of common and rare features"}}};
