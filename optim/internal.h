/* Shared between the files of optim/, not part of the interface. */
#ifndef TARN_OPTIM_INTERNAL_H
#define TARN_OPTIM_INTERNAL_H

#include "core/tensor.h"
#include "optim/rule.h"

/* Whether the list has tensors, each once, that live longer than a tape and, if they are to be
   trained, require a gradient. Reports a mistake that begins with who otherwise. */
bool tarn__check_params(const char *who, tarn_params params, bool trained);

/* Adam's update of a piece, for other rules that use it in part. The state is m and v and, with
   amsgrad, the largest v. */
typedef struct tarn__adam_numbers {
    double beta1, beta2, eps;
    bool bias_correction, amsgrad;
} tarn__adam_numbers;
void tarn__adam_update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece);

#endif
