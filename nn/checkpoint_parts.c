#include "nn/checkpoint_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "optim/ema_internal.h"
#include "optim/state.h"

static bool check_names(const tarn_checkpoint *c)
{
    for (const tarn_checkpoint_number *n = c->numbers; n && n->name; n++) {
        if (!n->number)
            return tarn_fail("checkpoint: the number %s is NULL", n->name);
        for (const tarn_checkpoint_number *o = c->numbers; o < n; o++)
            if (!strcmp(o->name, n->name))
                return tarn_fail("checkpoint: two numbers are called %s", n->name);
    }
    for (const tarn_checkpoint_text *t = c->texts; t && t->name; t++) {
        if (!t->text || !memchr(t->text, '\0', t->size))
            return tarn_fail("checkpoint: the text %s is NULL or has no end", t->name);
        for (const tarn_checkpoint_text *o = c->texts; o < t; o++)
            if (!strcmp(o->name, t->name))
                return tarn_fail("checkpoint: two texts are called %s", t->name);
    }
    return true;
}

bool tarn__checkpoint_check(const tarn_checkpoint *c, const char *path, const char *function)
{
    if (!c || !path)
        return tarn_fail("checkpoint_%s: the %s is NULL", function, c ? "path" : "checkpoint");
    if (!c->model)
        return tarn_fail_null("checkpoint: the model");
    if (c->step && *c->step < 0)
        return tarn_fail("checkpoint_%s: step is %lld, expects at least 0", function,
                         (long long)*c->step);
    return check_names(c);
}

static void add_optimizers(const tarn_checkpoint *c, tarn__state *state)
{
    for (int i = 0; i <= TARN_CHECKPOINT_MORE; i++) {
        tarn_optim *optimizer = i ? c->more_optimizers[i - 1] : c->optimizer;
        char prefix[32];
        snprintf(prefix, sizeof prefix, "optimizer%d", i);
        if (optimizer)
            tarn__optim_state(optimizer, prefix, state);
    }
}

static void add_loader(const tarn_checkpoint *c, tarn__parts *all)
{
    all->position = tarn_loader_tell(c->loader);
    tarn__state_setting(&all->state, "loader", "%lld batches in an epoch",
                        (long long)tarn_loader_batches(c->loader));
    tarn__state_count(&all->state, &all->position.epoch, "loader", "epoch");
    tarn__state_count(&all->state, &all->position.batch, "loader", "batch");
}

static void add_own(const tarn_checkpoint *c, tarn__state *state)
{
    if (c->step)
        tarn__state_count(state, c->step, "own", "step");
    for (const tarn_checkpoint_number *n = c->numbers; n && n->name; n++)
        tarn__state_number(state, n->number, "number", n->name);
    for (const tarn_checkpoint_text *t = c->texts; t && t->name; t++)
        tarn__state_slot(state, TARN__BYTE, tarn_shape((int64_t)t->size), t->text, "text:%s",
                         t->name);
}

static void add_state(const tarn_checkpoint *c, tarn__parts *all)
{
    tarn__state *state = &all->state;
    all->random = tarn_random_state();
    tarn__state_slot(state, TARN__INT64, tarn_shape(), &all->random, "random:state");
    add_optimizers(c, state);
    if (c->ema)
        tarn__ema_state(c->ema, "ema", state);
    if (c->plateau)
        tarn__plateau_state(c->plateau, "plateau", state);
    if (c->early_stopping)
        tarn__early_stopping_state(c->early_stopping, "early_stopping", state);
    if (c->loader)
        add_loader(c, all);
    add_own(c, state);
}

void tarn__parts_free(tarn__parts *all)
{
    tarn__slots_free(&all->model);
    tarn__state_free(&all->state);
    free(all->slots);
}

bool tarn__parts_collect(const tarn_checkpoint *c, tarn__parts *all)
{
    *all = (tarn__parts){.model = tarn__slots_of(c->model)};
    add_state(c, all);
    const size_t model = all->model.count > 0 ? (size_t)all->model.count : 0;
    const size_t rest = (size_t)all->state.slot_count;
    all->slots = malloc((model + rest + 1) * sizeof *all->slots);
    if (all->model.count < 0 || all->state.failed || !all->slots) {
        tarn__parts_free(all);
        return tarn_set_error("checkpoint: out of memory for a list of all that is in it");
    }
    if (model > 0)
        memcpy(all->slots, all->model.slots, model * sizeof *all->slots);
    memcpy(all->slots + model, all->state.slots, rest * sizeof *all->slots);
    all->count = (int)(model + rest);
    return true;
}
