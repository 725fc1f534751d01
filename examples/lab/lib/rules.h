/* The optimizers of tarn_optim_by_name(), each with a rate that suits the networks here; and gd,
   which is sgd on the whole training set at once. */
#ifndef TARN_LAB_RULES_H
#define TARN_LAB_RULES_H

#include <tarn.h>

typedef struct rule {
    const char *name;
    double lr;
} rule;

/* The rule of that name, or NULL. It may be followed by options: "adam:beta1=0.8,eps=1e-7". */
const rule *find_rule(const char *text);

/* "gd, sgd, ...", or without gd, whose batches cannot be those of the others. */
const char *rule_names(bool with_gd);

/* The value of an option --optimizers: some but gd by name, with commas between them; NULL is all.
   Returns how many; dies of a name that is none of them or stands there twice. */
enum { MAX_OPTIMIZERS = 32 };
int read_rules(const char *names, const rule *chosen[MAX_OPTIMIZERS]);

/* The optimizer of that name with its options, if any, at that rate; dies where there is none. */
tarn_optim *make_optimizer(const char *text, tarn_params params, double lr);

#endif
