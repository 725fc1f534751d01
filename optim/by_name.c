/* Optimizers by name, see optim/optim.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "optim/rule_internal.h"

#define ENTRY(name) {#name, "", &tarn__optim_##name, false},
#define EXTRA(name) {#name, "", &tarn__optim_##name, true},
static const tarn_optim_entry entries[] = {
    TARN_OPTIMIZERS(ENTRY){"momentum", "momentum=0.9", &tarn__optim_sgd, false},
    {"momentum-ema", "momentum=0.9,ema=true", &tarn__optim_sgd, false},
    {"nesterov", "momentum=0.9,nesterov=true", &tarn__optim_sgd, false},
    {"amsgrad", "amsgrad=true", &tarn__optim_adam, false},
#ifndef TARN_WITHOUT_EXTRAS
    TARN_OPTIMIZERS_EXTRA(EXTRA)
#endif
};
enum { COUNT = sizeof entries / sizeof *entries };

const tarn_optim_entry *tarn_optim_entry_at(int i)
{
    return i >= 0 && i < COUNT ? &entries[i] : NULL;
}

const tarn_optim_entry *tarn_optim_entry_of(const char *name)
{
    for (int i = 0; name && i < COUNT; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

/* Says which names there are. */
static void set_unknown(const char *name)
{
    char names[400];
    size_t used = 0;
    for (int i = 0; i < COUNT; i++)
        used = tarn__add_name(names, sizeof names, used, entries[i].name);
    tarn_set_error("optim_by_name: there is no optimizer \"%s\", expects one of %s",
                   name ? name : "(null)", names);
}

/* Calls the constructor. What it finds wrong with options, such as two that do not go together, was
   told by text, not by a programmer. */
static tarn_optim *make(const tarn_optim_rule *rule, const void *args)
{
    const bool before = tarn__catch_mistakes(true);
    tarn_optim *optimizer = rule->make(args);
    tarn__catch_mistakes(before);
    return optimizer;
}

tarn_optim *tarn_optim_by_name(const char *name, tarn_params params, const char *options)
{
    const tarn_optim_entry *entry = tarn_optim_entry_of(name);
    if (!entry) {
        set_unknown(name);
        return NULL;
    }
    const tarn_optim_rule *rule = entry->rule;
    void *args = calloc(1, rule->args_size);
    if (!args) {
        tarn_set_error("optim_by_name: out of memory");
        return NULL;
    }
    memcpy(args, &params, sizeof params);
    tarn_options_set_defaults(rule->options, args);
    tarn_optim *optimizer = NULL;
    if (tarn_options_read(name, rule->options, entry->preset, args) &&
        tarn_options_read(name, rule->options, options, args))
        optimizer = make(rule, args);
    free(args);
    return optimizer;
}
