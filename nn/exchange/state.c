/* The state of PyTorch's optimizers: tensors "0.weight:exp_avg", of the shapes of the parameters,
   and "0.weight:step". */
#include "nn/exchange/state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error_internal.h"
#include "nn/exchange/layout.h"
#include "nn/match.h"
#include "optim/rule.h"

/* What PyTorch calls the arrays of state, in our order, and whether it counts steps. */
typedef struct rule_keys {
    const char *rule;
    const char *keys[TARN_OPTIM_MAX_STATE];
    bool steps;
} rule_keys;
static const rule_keys all_keys[] = {{"sgd", {"momentum_buffer"}, false},
                                     {"adam", {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}, true},
                                     {"adamw", {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}, true}};

/* What the file is to fill. */
typedef struct plan {
    const tarn_nn_load_optim_args *args;
    const rule_keys *keys;
    tarn__slots model;
    tarn__slot *slots; /* of the state, as many as the file has */
    int count;
    char *names, *end; /* theirs, one behind the other */
} plan;

static const rule_keys *keys_of(const plan *p)
{
    const tarn_optim *optimizer = p->args->optimizer;
    const bool ema = optimizer->options && strstr(optimizer->options, "ema=1");
    for (size_t i = 0; i < sizeof all_keys / sizeof *all_keys && !ema; i++)
        if (!strcmp(optimizer->rule->name, all_keys[i].rule))
            return &all_keys[i];
    tarn_set_error(
        "%s: PyTorch's state is not known for the optimizer \"%s%s\", expects sgd, adam or "
        "adamw",
        p->args->path, optimizer->rule->name, ema ? " .ema" : "");
    return NULL;
}

/* The slot of the module's that the parameter is. */
static const tarn__slot *slot_of(const plan *p, const tarn_optim_param *param)
{
    for (int i = 0; i < p->model.list.count; i++)
        if (p->model.list.tensors[i] == param->tensor)
            return &p->model.slots[i];
    return tarn_fail("nn_load_optim: the optimizer has a parameter %s that is not the module's",
                     param->name ? param->name : "without a name");
}

/* "NAME:KEY", in the block of names. */
static const char *name_of(plan *p, const char *name, const char *key)
{
    const char *begin = p->end;
    p->end = stpcpy(stpcpy(stpcpy(p->end, name), ":"), key) + 1;
    return begin;
}

static int state_count(const tarn_optim_param *param)
{
    int count = 0;
    while (count < TARN_OPTIM_MAX_STATE && param->state[count])
        count++;
    return count;
}

/* Whether the file has something of a parameter's. */
static bool is_known(plan *p, const tarn__reader *r, const tarn__slot *of)
{
    char *begin = p->end;
    bool known = false;
    for (int k = 0; k < TARN_OPTIM_MAX_STATE && p->keys->keys[k]; k++) {
        known |= json_object_get(r->header, name_of(p, of->name, p->keys->keys[k])) != NULL;
        p->end = begin;
    }
    return known;
}

static bool add_param(plan *p, const tarn__reader *r, tarn_optim_param *param)
{
    const tarn__slot *of = slot_of(p, param);
    if (!of)
        return false;
    if (!is_known(p, r, of))
        return true;
    for (int k = 0; k < state_count(param); k++) {
        tarn__slot *slot = &p->slots[p->count++];
        *slot = *of;
        slot->name = name_of(p, of->name, p->keys->keys[k]);
        slot->data = param->state[k];
    }
    if (p->keys->steps)
        p->slots[p->count++] = (tarn__slot){.name = name_of(p, of->name, "step"),
                                            .element = TARN__INT64,
                                            .data = &param->step,
                                            .bounded = true};
    return true;
}

/* The slots of all parameters that the file knows. */
static bool make_plan(plan *p, const tarn__reader *r)
{
    enum { MOST = TARN_OPTIM_MAX_STATE + 1, KEY_BYTES = 24 };
    const tarn_optim *optimizer = p->args->optimizer;
    size_t characters = KEY_BYTES;
    for (int i = 0; i < p->model.count; i++)
        characters += MOST * (strlen(p->model.slots[i].name) + KEY_BYTES);
    p->names = p->end = malloc(characters);
    p->slots = calloc((size_t)optimizer->param_count * MOST + 1, sizeof *p->slots);
    if (!p->names || !p->slots)
        return tarn_set_error("%s: out of memory for the state of %d parameters", r->path,
                              optimizer->param_count);
    for (int i = 0; i < optimizer->param_count; i++)
        if (!add_param(p, r, &optimizer->params[i]))
            return false;
    return true;
}

/* If the file says which optimizer it is of. */
static bool check_rule(const plan *p, const tarn__reader *r)
{
    const char *found = tarn__reader_metadata(r, "optimizer"), *rule = p->keys->rule;
    return !found || !strcasecmp(found, rule) ||
           tarn_set_error("%s: is the state of \"%s\", expects that of %s", r->path,
                          tarn__quote(found).text, rule);
}

static void clear(const tarn_optim *optimizer)
{
    for (int i = 0; i < optimizer->param_count; i++) {
        tarn_optim_param *param = &optimizer->params[i];
        param->step = 0;
        for (int k = 0; k < state_count(param); k++)
            memset(param->state[k], 0, (size_t)tarn_size(param->tensor) * sizeof(tarn_real));
    }
}

static bool load(plan *p, tarn__reader *r)
{
    tarn__travel how = {p->args->layout, p->args->names, tarn_nn_info(p->args->module)->input};
    p->keys = keys_of(p);
    if (!p->keys || !check_rule(p, r) || !tarn__layout_of(r, p->args->layout, &how.layout))
        return false;
    p->model = tarn__slots_for(r->path, p->args->module, how);
    if (p->model.count < 0 || !make_plan(p, r) ||
        !tarn__match(r, p->slots, p->count, TARN__NO_OTHERS) || !tarn__reader_read(r) ||
        !tarn__reader_check(r, p->slots))
        return false;
    clear(p->args->optimizer);
    tarn__reader_fill(r, p->slots);
    return true;
}

bool tarn_nn_load_optim_with(tarn_nn_load_optim_args args)
{
    if (!args.path)
        return tarn_fail("nn_load_optim: the path is NULL");
    if (!args.optimizer || !args.module)
        return tarn_fail_null(args.module ? "nn_load_optim: the optimizer"
                                          : "nn_load_optim: the module");
    if (!tarn__layout_is_right("nn_load_optim", args.layout))
        return false;
    plan p = {.args = &args, .model = {.count = -1}};
    tarn__reader r;
    const bool loaded = tarn__reader_open(&r, args.path, -1) && load(&p, &r);
    tarn__reader_close(&r);
    tarn__slots_free(&p.model);
    free(p.slots);
    free(p.names);
    return tarn__told(loaded);
}
