/* Parameters from inside optim/. */
#ifndef TARN_OPTIM_PARAMS_INTERNAL_H
#define TARN_OPTIM_PARAMS_INTERNAL_H

#include "optim/rule.h"

/* Whether the list has tensors, each once, that live longer than a tape and, if they are to be
   trained, require a gradient. Reports a mistake that begins with who otherwise, but none of a list
   whose making failed. */
bool tarn__check_params(const char *who, tarn_params params, bool trained);

/* Adds the parameters of the list, which were checked, with their state and pieces. False when
   memory runs out, and nothing has changed. */
bool tarn__optim_add_params(tarn_optim *self, tarn_params params);

/* Numbers that a rule keeps of each parameter, beside the arrays of its state: as many as count_of
   says. In a struct that begins with tarn_optim; freed with free(numbers). */
typedef int64_t tarn__number_count(const tarn_tensor *t);
typedef struct tarn__param_numbers {
    double *numbers; /* of all, one parameter behind the other; 0 at first */
    int64_t count;
    tarn__number_count *count_of;
} tarn__param_numbers;

/* For .prepare: room for those of all parameters, what was there staying. False when memory runs
   out. */
bool tarn__param_numbers_grow(tarn__param_numbers *self, const tarn_optim *optimizer,
                              tarn__number_count *count_of);

/* Those of a parameter. */
double *tarn__param_numbers_of(const tarn__param_numbers *self, const tarn_optim *optimizer,
                               const tarn_optim_param *param);

/* Frees what the parameters hold, not their array. */
void tarn__optim_free_params(tarn_optim_param *params, int count);

#endif
