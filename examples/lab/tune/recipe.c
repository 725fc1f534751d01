#include "examples/lab/tune/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/tune/names.h"

/* The value of the axis of that name, or the fallback where there is none. */
static const char *find(const space *s, const value *values, const char *name, const char *fallback)
{
    const axis *a = space_axis(s, name);
    return a ? values[a - s->axes].text : fallback;
}

/* Adds what the optimizer has of the axes to its options. */
static void add_options(recipe *r, const space *s, const value *values)
{
    const char *optimizer = find(s, values, "optimizer", "adam");
    size_t used = (size_t)snprintf(r->optimizer, sizeof r->optimizer, "%s", optimizer);
    for (int i = 0; i < s->count; i++) {
        const axis *a = &s->axes[i];
        if (is(a->name, "lr") || !is_optimizer_option(a->name) ||
            !optimizer_has(optimizer, a->name))
            continue;
        used += (size_t)snprintf(r->optimizer + used, sizeof r->optimizer - used, "%c%s=%s",
                                 strchr(r->optimizer, ':') ? ',' : ':', a->name, values[i].text);
        if (used >= sizeof r->optimizer)
            die("%s: with its options it is more than %zu letters", r->optimizer,
                sizeof r->optimizer);
    }
}

recipe recipe_of(const space *s, const value *values, long seed)
{
    recipe r = {.model = find(s, values, "model", "lenet"),
                .schedule = find(s, values, "schedule", "linear"),
                .batch = strtol(find(s, values, "batch", "64"), NULL, 10)};
    const char *given = find(s, values, "seed", NULL);
    add_options(&r, s, values);
    r.seed = given ? strtol(given, NULL, 10) : seed;
    const char *lr = find(s, values, "lr", NULL);
    if (lr)
        snprintf(r.lr.text, sizeof r.lr.text, "%s", lr);
    else
        snprintf(r.lr.text, sizeof r.lr.text, "%g", optimizer_rate(r.optimizer));
    return r;
}

recipe_text recipe_options(const recipe *r)
{
    recipe_text t;
    const bool is_default = is(r->schedule, "linear");
    snprintf(t.text, sizeof t.text,
             "--model %s --optimizer %s --lr %s%s%s%s --batch-size %ld --seed %ld", r->model,
             r->optimizer, r->lr.text, is_default ? "" : " --schedule '",
             is_default ? "" : r->schedule, is_default ? "" : "'", r->batch, r->seed);
    return t;
}
