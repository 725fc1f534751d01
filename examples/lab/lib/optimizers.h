/* The library's optimizers by name, each with a rate that suits LeNet on MNIST. */
#ifndef TARN_LAB_OPTIMIZERS_H
#define TARN_LAB_OPTIMIZERS_H

#include <tarn.h>

/* "sgd, adagrad, ..." */
const char *optimizer_names(void);

/* The rate that suits it here. The name may be followed by options: "adam:beta1=0.8,eps=1e-7". Dies
   of a name that is none, as a value of --optimizer. */
double optimizer_rate(const char *text);

/* The value of an option --optimizers: some by name, with commas between them; NULL is all
   but the extra ones. Returns
   how many; dies of a name that is none of them or stands there twice. */
enum { MAX_OPTIMIZERS = 32 };
int optimizers_of(const char *names, const char *chosen[MAX_OPTIMIZERS]);

/* The optimizer of that name with its options, if any, at that rate unless they say one; dies where
   there is none. */
tarn_optim *optimizer_new(const char *text, tarn_params params, double lr);

/* Dies where optimizer_new() would. */
void optimizer_check(const char *text, double lr);

#endif
