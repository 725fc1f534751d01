/* The optimizers by name, each with a rate that suits the networks of the examples. */
#ifndef TARN_LAB_RULES_H
#define TARN_LAB_RULES_H

#include <tarn.h>

typedef struct rule {
    const char *name;
    double lr;
    double momentum; /* default; 0 where it may be given, negative where there is none to set */
    double decay;    /* default */
} rule;

/* The list ends with a name of NULL. */
extern const rule rules[];

/* The rule of that name, or NULL. */
const rule *find_rule(const char *name);

/* Those for mini-batches, all but gd: the same batches do for all of them. */
enum { MAX_OPTIMIZERS = 32 };
#define MINI_BATCH_RULES                                                                           \
    "sgd, momentum, momentum-ema, nesterov, adagrad, rmsprop, adadelta, adam, adamw, amsgrad, "    \
    "adamax, nadam, radam, lion, muon"

/* The value of an option --optimizers: some of these by name, with commas between them; NULL is
   all. Returns how many; dies of a name that is none of them or stands there twice. */
int read_rules(const char *names, const rule *chosen[MAX_OPTIMIZERS]);

/* The optimizer of that name; of a momentum that it does not have it takes no notice. NULL as the
   constructors of optim/optim.h. */
tarn_optim *make_optimizer(const char *name, tarn_params params, double lr, double momentum,
                           double weight_decay);

#endif
