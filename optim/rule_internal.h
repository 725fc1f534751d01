/* What the rules of the library use, beside optim/rule.h. */
#ifndef TARN_OPTIM_RULE_INTERNAL_H
#define TARN_OPTIM_RULE_INTERNAL_H

#include "optim/extras.h"
#include "optim/rule.h"

/* The arguments for tarn_optim_new() of a rule whose decay is always decoupled. */
#define TARN__OPTIM_DECOUPLED_OF(args)                                                             \
    ((tarn_optim_common){(args).params, (args).lr, (args).weight_decay, (args).l1,                 \
                         (args).weight_decay > 0, &(args), (args).independent, (args).maximize})

/* And of one that decays itself. */
#define TARN__OPTIM_OWN_DECAY_OF(args)                                                             \
    ((tarn_optim_common){(args).params, (args).lr, (args).weight_decay, (args).l1, false, &(args), \
                         false, (args).maximize})

/* The rules of all optimizers that have a name: tarn__optim_sgd and so on. */
#define TARN__OPTIM_DECLARE(name) extern const tarn_optim_rule tarn__optim_##name;
TARN_OPTIMIZERS(TARN__OPTIM_DECLARE)
TARN_OPTIMIZERS_EXTRA(TARN__OPTIM_DECLARE)

/* Defines the rule of one of them, TARN__OPTIM_RULE(adam, TARN_OPTIM_ADAM_OPTIONS, adam_update);
   behind the update may follow others of its functions, .finish = muon_finish. */
#define TARN__OPTIM_RULE(which, list, ...)                                                         \
    typedef tarn_optim_##which##_args tarn_option_args;                                            \
    static const tarn_option options[] = {list(TARN_OPTION)};                                      \
    static tarn_optim *make(const void *from)                                                      \
    {                                                                                              \
        return tarn_optim_##which##_with(*(const tarn_option_args *)from);                         \
    }                                                                                              \
    const tarn_optim_rule tarn__optim_##which = {.name = #which,                                   \
                                                 .options = TARN_OPTION_LIST(options),             \
                                                 .make = make,                                     \
                                                 .args_size = sizeof(tarn_option_args),            \
                                                 .update = __VA_ARGS__}

#endif
