#include "examples/lab/lib/rules.h"

#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"

const rule rules[] = {
    {"gd", 0.1, 0, 0},
    {"sgd", 0.1, 0, 0},
    {"momentum", 0.02, 0.9, 0},
    {"momentum-ema", 0.2, 0.9, 0},
    {"nesterov", 0.02, 0.9, 0},
    {"adagrad", 1e-2, -1, 0},
    {"rmsprop", 1e-3, 0, 0},
    {"adadelta", 1, -1, 0},
    {"adam", 4e-3, -1, 0},
    {"adamw", 4e-3, -1, 0.01}, /* without decay it would be Adam */
    {"amsgrad", 4e-3, -1, 0},
    {"adamax", 1e-2, -1, 0},
    {"nadam", 4e-3, -1, 0},
    {"radam", 1e-2, -1, 0},
    {"lion", 1e-3, -1, 0},
    {"muon", 2e-2, 0.95, 0},
    {NULL, 0, 0, 0},
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

static int add_rule(const char *name, const rule *chosen[], int count)
{
    const rule *found = find_rule(name);
    if (is(name, "gd"))
        die("--optimizers gd: takes the whole training set at once, and the batches here are the "
            "same for all (sgd is the one for mini-batches)");
    if (!found)
        die("--optimizers: \"%s\" is none of those that --help lists", name);
    for (int i = 0; i < count; i++)
        if (chosen[i] == found)
            die("--optimizers: %s is named twice", name);
    chosen[count] = found;
    return count + 1;
}

int read_rules(const char *names, const rule *chosen[MAX_OPTIMIZERS])
{
    int count = 0;
    for (const rule *r = rules; !names && r->name; r++)
        if (!is(r->name, "gd"))
            count = add_rule(r->name, chosen, count);
    while (names) {
        const size_t length = strcspn(names, ",");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, names);
        count = add_rule(name, chosen, count);
        names = names[length] ? names + length + 1 : NULL;
    }
    return count;
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
