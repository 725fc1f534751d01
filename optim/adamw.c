/*
 * AdamW (Loshchilov, Hutter 2019): Adam that decays the weights beside the rule, where Adam with
 * weight_decay would divide the penalty by sqrt(vhat) too.
 *
 *     w -= lr weight_decay w,  then the step of adam.c
 *
 * As in PyTorch and Keras the decay of a step is lr weight_decay; in the paper it follows the
 * schedule of the rate but not the rate itself, and so it does with .independent. Default
 * weight_decay 1e-2, as PyTorch; Keras has 4e-3. The other numbers are Adam's.
 */
#include "optim/adam.h"
#include "optim/rule_internal.h"

static void adamw_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_adamw_args *o = piece->args;
    (void)base;
    tarn__adam_update(&TARN__ADAM_NUMBERS_OF(o), piece);
}

TARN__OPTIM_RULE(adamw, TARN_OPTIM_ADAMW_OPTIONS, adamw_update);

tarn_optim *tarn_optim_adamw_with(tarn_optim_adamw_args args)
{
    if (!tarn_optim_check(&tarn__optim_adamw, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_adamw, sizeof(tarn_optim), 2 + args.amsgrad,
                          TARN__OPTIM_DECOUPLED_OF(args));
}
