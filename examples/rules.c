#include "examples/rules.h"

#include <string.h>

const rule rules[] = {
    {"gd", 0.1, 0},
    {"sgd", 0.1, 0},
    {"momentum", 0.02, 0.9},
    {"momentum-ema", 0.2, 0.9},
    {"nesterov", 0.02, 0.9},
    {"adagrad", 1e-2, -1},
    {"rmsprop", 1e-3, 0},
    {"adadelta", 1, -1},
    {"adam", 4e-3, -1},
    {"adamw", 4e-3, -1},
    {"amsgrad", 4e-3, -1},
    {"adamax", 1e-2, -1},
    {"nadam", 4e-3, -1},
    {"radam", 1e-2, -1},
    {"lion", 1e-3, -1},
    {"muon", 2e-2, 0.95},
    {NULL, 0, 0},
};

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

const rule *find_rule(const char *name)
{
    const rule *r = rules;
    while (r->name && !is(r->name, name))
        r++;
    return r->name ? r : NULL;
}

tarn_optim *make_optimizer(const char *name, tarn_params params, double lr, double momentum,
                           double decay)
{
    if (is(name, "gd") || is(name, "sgd") || is(name, "momentum"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .weight_decay = decay);
    if (is(name, "momentum-ema"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .ema = true,
                              .weight_decay = decay);
    if (is(name, "nesterov"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .nesterov = true,
                              .weight_decay = decay);
    if (is(name, "adagrad"))
        return tarn_optim_adagrad(params, .lr = lr, .weight_decay = decay);
    if (is(name, "rmsprop"))
        return tarn_optim_rmsprop(params, .lr = lr, .momentum = momentum, .weight_decay = decay);
    if (is(name, "adadelta"))
        return tarn_optim_adadelta(params, .lr = lr, .weight_decay = decay);
    if (is(name, "adamw") && decay > 0)
        return tarn_optim_adamw(params, .lr = lr, .weight_decay = decay);
    if (is(name, "adamax"))
        return tarn_optim_adamax(params, .lr = lr, .weight_decay = decay);
    if (is(name, "nadam"))
        return tarn_optim_nadam(params, .lr = lr, .weight_decay = decay);
    if (is(name, "radam"))
        return tarn_optim_radam(params, .lr = lr, .weight_decay = decay);
    if (is(name, "lion"))
        return tarn_optim_lion(params, .lr = lr, .weight_decay = decay);
    if (is(name, "muon"))
        return tarn_optim_muon(params, .lr = lr, .momentum = momentum, .weight_decay = decay,
                               .adam_lr = 0.2 * lr);
    return tarn_optim_adam(params, .lr = lr, .weight_decay = decay, .amsgrad = is(name, "amsgrad"));
}
