/*
 * AdamW (Loshchilov, Hutter 2019): Adam that decays the weights beside the rule, where Adam with
 * weight_decay would divide the penalty by sqrt(vhat) too.
 *
 *     w -= lr weight_decay w,  then the step of adam.c
 *
 * As in PyTorch and Keras the decay of a step is lr weight_decay; in the paper it follows the
 * schedule of the rate but not the rate itself. Default weight_decay 1e-2, as PyTorch; Keras has
 * 4e-3. The other numbers are Adam's.
 */
#include "optim/adam.h"
#include "optim/rule_internal.h"

TARN__OPTIM_RULE(adamw, TARN_OPTIM_ADAMW_OPTIONS, tarn__adam_step);

tarn_optim *tarn_optim_adamw_with(tarn_optim_adamw_args args)
{
    if (!tarn_optim_check(&tarn__optim_adamw, &args))
        return NULL;
    const tarn__adam_numbers numbers = {args.beta1, args.beta2, args.eps, args.bias_correction,
                                        args.amsgrad};
    const tarn_optim_common common = {args.params,           args.lr, args.weight_decay, args.l1,
                                      args.weight_decay > 0, &args};
    return tarn__adam_new(&tarn__optim_adamw, numbers, common);
}
