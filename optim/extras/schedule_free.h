/* What the two schedule-free rules share. */
#ifndef TARN_OPTIM_EXTRAS_SCHEDULE_FREE_H
#define TARN_OPTIM_EXTRAS_SCHEDULE_FREE_H

#include "optim/params_internal.h"
#include "optim/rule_internal.h"

typedef struct tarn__schedule_free {
    tarn_optim base;
    tarn__param_numbers numbers; /* of each parameter: the sum of the weights, the largest rate */
} tarn__schedule_free;

/* x and z, the first two arrays of state, are the weights in the first step. Returns c, the part of
   the present point in the average. */
double tarn__schedule_free_begin(const tarn_optim *base, const tarn_optim_piece *piece);

/* Of the rule, beside its update. */
void tarn__schedule_free_finish(tarn_optim *base, const tarn_optim_piece *whole);
double *tarn__schedule_free_numbers(tarn_optim *base, int *count);
bool tarn__schedule_free_prepare(tarn_optim *base);
void tarn__schedule_free_free(tarn_optim *base);
#define TARN__SCHEDULE_FREE                                                                        \
    .finish = tarn__schedule_free_finish, .numbers = tarn__schedule_free_numbers,                  \
    .prepare = tarn__schedule_free_prepare, .free = tarn__schedule_free_free, .decays = true,      \
    .average = 1

#endif
