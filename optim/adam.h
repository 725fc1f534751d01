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

/* An optimizer that is Adam, by one name or another. */
tarn_optim *tarn__adam_new(const tarn_optim_rule *rule, tarn__adam_numbers numbers,
                           tarn_optim_common common);

void tarn__adam_update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece);
void tarn__adam_step(const tarn_optim *self, const tarn_optim_piece *piece); /* with its own */

#endif
