/* Adam, for rules that are Adam in part. */
#ifndef TARN_OPTIM_ADAM_H
#define TARN_OPTIM_ADAM_H

#include "optim/rule.h"

/* Adam's update of a piece, for other rules that use it in part. The state is m and v and, with
   amsgrad, the largest v. */
typedef struct tarn__adam_numbers {
    double beta1, beta2, eps;
    bool bias_correction, amsgrad;
} tarn__adam_numbers;

/* Those of a struct of arguments with TARN_OPTIM_ADAM_NUMBERS. */
#define TARN__ADAM_NUMBERS_OF(o)                                                                   \
    ((tarn__adam_numbers){(o)->beta1, (o)->beta2, (o)->eps, (o)->bias_correction, (o)->amsgrad})

void tarn__adam_update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece);

#endif
