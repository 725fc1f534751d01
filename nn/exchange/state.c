/* The state of PyTorch's optimizers: tensors "0.weight:exp_avg", of the shapes of the parameters,
   and "0.weight:step". */
#include "nn/exchange/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "nn/exchange/layout.h"
#include "nn/exchange/npz.h"
#include "nn/match.h"
#include "nn/writer.h"
#include "optim/rule.h"

/* What PyTorch calls the optimizer and the arrays of its state, in our order, and whether it counts
   steps. */
typedef struct rule_keys {
    const char *rule, *class;
    const char *keys[TARN_OPTIM_MAX_STATE];
    bool steps;
} rule_keys;
static const rule_keys all_keys[] = {
    {"sgd", "SGD", {"momentum_buffer"}, false},
    {"adam", "Adam", {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}, true},
    {"adamw", "AdamW", {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}, true}};

#define DAMPENING "dampening"

/* What the file has, or is to have. */
typedef struct plan {
    const char *who, *path;
    const tarn_optim *optimizer;
    const rule_keys *keys;
    tarn__slots model;
    tarn__slot *slots; /* of the state, as many as the file has */
    int count;
    char *names, *end; /* theirs, one behind the other */
} plan;

static bool find_keys(plan *p)
{
    for (size_t i = 0; i < sizeof all_keys / sizeof *all_keys; i++)
        if (!strcmp(p->optimizer->rule->name, all_keys[i].rule))
            p->keys = &all_keys[i];
    return p->keys || tarn_set_error("%s: PyTorch's state is not known for the optimizer \"%s\", "
                                     "expects sgd, adam or adamw",
                                     p->path, p->optimizer->rule->name);
}

/* An option of the optimizer's, as text; "" if it is not told. */
typedef struct option_text {
    char text[32];
} option_text;

static option_text option_of(const tarn_optim *optimizer, const char *name)
{
    option_text option = {""};
    const size_t length = strlen(name);
    for (const char *at = optimizer->options; at && *at; at += strspn(at, ", ")) {
        const size_t size = strcspn(at, ",");
        if (!strncmp(at, name, length) && at[length] == '=')
            snprintf(option.text, sizeof option.text, "%.*s", (int)(size - length - 1),
                     at + length + 1);
        at += size;
    }
    return option;
}

/* What PyTorch calls the dampening: how much of a gradient does not go into the momentum. That of
   the EMA form is the momentum. */
static option_text dampening_of(const tarn_optim *optimizer)
{
    const bool ema = !strcmp(option_of(optimizer, "ema").text, "1");
    return ema ? option_of(optimizer, "momentum") : (option_text){"0"};
}

/* Of momentum: PyTorch has no Nesterov's with a dampening. */
static bool check_rule(const plan *p)
{
    return strcmp(option_of(p->optimizer, "ema").text, "1") != 0 ||
           strcmp(option_of(p->optimizer, "nesterov").text, "1") != 0 ||
           tarn_set_error("%s: PyTorch has no momentum that is of its EMA form and Nesterov's",
                          p->path);
}

/* The slot of the module's that the parameter is. */
static const tarn__slot *slot_of(const plan *p, const tarn_optim_param *param)
{
    for (int i = 0; i < p->model.list.count; i++)
        if (p->model.list.tensors[i] == param->tensor)
            return &p->model.slots[i];
    return tarn_fail("%s: the optimizer has a parameter %s that is not the module's", p->who,
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

/* Whether the file has something of a parameter's; one that is written has all. */
static bool is_known(plan *p, const tarn__reader *r, const tarn__slot *of)
{
    char *begin = p->end;
    bool known = !r;
    for (int k = 0; r && k < TARN_OPTIM_MAX_STATE && p->keys->keys[k]; k++) {
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

/* The slots of all parameters that the file knows, or, r being NULL, of all. */
static bool make_plan(plan *p, const tarn__reader *r)
{
    enum { MOST = TARN_OPTIM_MAX_STATE + 1, KEY_BYTES = 24 };
    const tarn_optim *optimizer = p->optimizer;
    size_t characters = KEY_BYTES;
    for (int i = 0; i < p->model.count; i++)
        characters += MOST * (strlen(p->model.slots[i].name) + KEY_BYTES);
    p->names = p->end = malloc(characters);
    p->slots = calloc((size_t)optimizer->param_count * MOST + 1, sizeof *p->slots);
    if (!p->names || !p->slots)
        return tarn_set_error("%s: out of memory for the state of %d parameters", p->path,
                              optimizer->param_count);
    for (int i = 0; i < optimizer->param_count; i++)
        if (!add_param(p, r, &optimizer->params[i]))
            return false;
    return true;
}

/* If the file says which optimizer it is of; and the form of its momentum. */
static bool check_file(const plan *p, const tarn__reader *r)
{
    const char *found = tarn__reader_metadata(r, "optimizer"), *rule = p->keys->rule;
    if (found && strcasecmp(found, rule) != 0)
        return tarn_set_error("%s: is the state of \"%s\", expects that of %s", r->path,
                              tarn__quote(found).text, rule);
    const char *dampening = tarn__reader_metadata(r, DAMPENING);
    const option_text expected = dampening_of(p->optimizer);
    const double difference =
        tarn__number(dampening ? dampening : "0") - tarn__number(expected.text);
    return fabs(difference) < 1e-6 ||
           tarn_set_error("%s: %s of %s, expects %s: .ema is for a dampening that is the momentum, "
                          "and no other is known here",
                          r->path,
                          dampening ? "is the state of a dampening"
                                    : "says no dampening, which is one",
                          dampening ? tarn__quote(dampening).text : "0", expected.text);
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

static bool load(plan *p, const tarn_nn_load_optim_args *args, tarn__reader *r)
{
    tarn__travel how = {args->layout, args->names, args->flattened,
                        tarn_nn_info(args->module)->input};
    if (!find_keys(p) || !check_rule(p) || !check_file(p, r) ||
        !tarn__layout_of(r, args->layout, &how.layout))
        return false;
    p->model = tarn__slots_for(r->path, args->module, how);
    if (p->model.count < 0 || !make_plan(p, r) ||
        !tarn__match(r, p->slots, p->count, TARN__NO_OTHERS) || !tarn__reader_read(r) ||
        !tarn__reader_check(r, p->slots))
        return false;
    clear(p->optimizer);
    tarn__reader_fill(r, p->slots);
    return true;
}

static void free_plan(plan *p)
{
    tarn__slots_free(&p->model);
    free(p->slots);
    free(p->names);
}

bool tarn_nn_load_optim_with(tarn_nn_load_optim_args args)
{
    if (!args.path)
        return tarn_fail("nn_load_optim: the path is NULL");
    if (!args.optimizer || !args.module)
        return tarn_fail_null(args.module ? "nn_load_optim: the optimizer"
                                          : "nn_load_optim: the module");
    if (!tarn__layout_is_right("nn_load_optim", args.layout, args.flattened))
        return false;
    plan p = {.who = "nn_load_optim",
              .path = args.path,
              .optimizer = args.optimizer,
              .model = {.count = -1}};
    tarn__reader r;
    const bool loaded = tarn__reader_open(&r, args.path, -1) && load(&p, &args, &r);
    tarn__reader_close(&r);
    free_plan(&p);
    return tarn__told(loaded);
}

/* ---- Writing */

static json_t *metadata_of(const plan *p)
{
    tarn__json_watch();
    json_t *metadata = json_pack("{s:s, s:s}", "optimizer", p->keys->class, "layout",
                                 tarn__layout_text(TARN_LAYOUT_TORCH));
    if (!p->keys->steps)
        json_object_set_new(metadata, DAMPENING, json_string(dampening_of(p->optimizer).text));
    return metadata;
}

static bool save(plan *p, const tarn_nn_save_optim_args *args)
{
    const tarn__travel how = {TARN_LAYOUT_TORCH, args->names, args->flattened,
                              tarn_nn_info(args->module)->input};
    if (!find_keys(p) || !check_rule(p))
        return false;
    p->model = tarn__slots_for(p->path, args->module, how);
    if (p->model.count < 0 || !make_plan(p, NULL))
        return false;
    json_t *metadata = metadata_of(p);
    return tarn__is_npz(p->path) ? tarn__write_npz(p->path, metadata, p->slots, p->count)
                                 : tarn__write_safetensors(p->path, metadata, p->slots, p->count);
}

bool tarn_nn_save_optim_with(tarn_nn_save_optim_args args)
{
    if (!args.path)
        return tarn_fail("nn_save_optim: the path is NULL");
    if (!args.optimizer || !args.module)
        return tarn_fail_null(args.module ? "nn_save_optim: the optimizer"
                                          : "nn_save_optim: the module");
    if (!tarn__layout_is_right("nn_save_optim", TARN_LAYOUT_TORCH, args.flattened))
        return false;
    plan p = {.who = "nn_save_optim",
              .path = args.path,
              .optimizer = args.optimizer,
              .model = {.count = -1}};
    const bool saved = save(&p, &args);
    free_plan(&p);
    return tarn__told(saved);
}
