#include "examples/lab/tune/names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"

static void check_words(const axis *a)
{
    if (a->scale != SCALE_CHOICES)
        die("%s: expects choices, such as %s, not a range", a->part,
            is(a->name, "optimizer") ? "optimizer=adam|momentum"
            : is(a->name, "model")   ? "model=lenet|cnn"
                                     : "schedule=linear|cosine");
}

static const tarn_optim_entry *entry_of(const char *text)
{
    char name[VALUE_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    return tarn_optim_entry_of(name);
}

/* Lets the library read options of an optimizer, "beta1=0.8,eps=1e-7". */
static void check_options(const axis *a, const tarn_optim_entry *entry, const char *options)
{
    void *args = calloc(1, entry->rule->args_size);
    if (!args)
        die("out of memory for the options of %s", entry->name);
    const bool good = tarn_options_read(entry->name, entry->rule->options, options, args);
    free(args);
    if (!good)
        die("%s: %s", a->part, tarn_error());
}

/* What stands behind the name of an optimizer and a colon. */
static const char *options_of(const char *optimizer)
{
    const char *colon = strchr(optimizer, ':');
    return colon ? colon + 1 : "";
}

static void check_optimizers(const space *s, axis *a)
{
    (void)s;
    check_words(a);
    for (int i = 0; i < a->count; i++) {
        const char *text = a->choices[i].text;
        const tarn_optim_entry *entry = entry_of(text);
        if (!entry)
            die("%s: there is no optimizer %s, expects some of %s", a->part, text,
                optimizer_names());
        check_options(a, entry, options_of(text));
    }
}

static void check_models(const space *s, axis *a)
{
    (void)s;
    check_words(a);
    for (int i = 0; i < a->count; i++) {
        bool found = false;
        for (const char *const *name = network_names; *name; name++)
            found |= is(*name, a->choices[i].text);
        if (!found)
            die("%s: there is no network %s, expects some of lenet, cnn, resnet, mlp", a->part,
                a->choices[i].text);
    }
}

static void check_schedules(const space *s, axis *a)
{
    (void)s;
    check_words(a);
    for (int i = 0; i < a->count; i++)
        if (isnan(tarn_schedule_by_name(a->choices[i].text, 0, 1)))
            die("%s: %s", a->part, tarn_error());
}

static void check_whole(axis *a, double least)
{
    double number;
    a->whole = true;
    for (int i = 0; i < a->count; i++)
        if (!is_number(a->choices[i].text, &number) || number != floor(number) || number < least ||
            number > 1e15)
            die("%s: \"%s\" is no whole number from %g on", a->part, a->choices[i].text, least);
    if (a->scale != SCALE_CHOICES &&
        (a->low != floor(a->low) || a->high != floor(a->high) || a->low < least || a->high > 1e15))
        die("%s: expects whole numbers from %g on", a->part, least);
}

/* The optimizers that are tried. */
static int optimizers_in(const space *s, const char *names[AXIS_CHOICES])
{
    const axis *a = space_axis(s, "optimizer");
    names[0] = "adam";
    for (int i = 0; a && i < a->count; i++)
        names[i] = a->choices[i].text;
    return a ? a->count : 1;
}

bool optimizer_has(const char *optimizer, const char *name)
{
    const tarn_optim_entry *entry = entry_of(optimizer);
    const tarn_option_list *list = &entry->rule->options;
    for (int i = 0; i < list->count; i++)
        if (is(list->options[i].name, name))
            return true;
    return false;
}

/* The option beside those that the optimizer is named with. */
static void check_option(const axis *a, const char *optimizer, const char *text)
{
    const char *given = options_of(optimizer);
    char options[3 * VALUE_SIZE];
    snprintf(options, sizeof options, "%s%s%s=%s", given, *given ? "," : "", a->name, text);
    check_options(a, entry_of(optimizer), options);
}

static void check_optimizer_option(const space *s, axis *a)
{
    const char *names[AXIS_CHOICES];
    const int count = optimizers_in(s, names);
    bool known = false;
    for (int i = 0; i < count; i++) {
        if (!optimizer_has(names[i], a->name))
            continue;
        known = true;
        for (int c = 0; c < a->count; c++)
            check_option(a, names[i], a->choices[c].text);
        if (a->scale != SCALE_CHOICES) {
            check_option(a, names[i], axis_value(a, 0).text);
            check_option(a, names[i], axis_value(a, 1).text);
        }
    }
    if (!known)
        die("%s: %s is neither optimizer, model, batch, schedule or seed nor an option of %s%s",
            a->part, a->name, names[0], count > 1 ? " or the other optimizers" : "");
}

static void check_batches(const space *s, axis *a)
{
    (void)s;
    check_whole(a, 1);
}

static void check_seeds(const space *s, axis *a)
{
    (void)s;
    check_whole(a, 0);
}

/* Those that are no options of an optimizer. */
static const struct {
    const char *name;
    void (*check)(const space *s, axis *a);
} own[] = {{"optimizer", check_optimizers},
           {"model", check_models},
           {"batch", check_batches},
           {"schedule", check_schedules},
           {"seed", check_seeds}};
enum { OWN = sizeof own / sizeof *own };

static int own_index(const char *name)
{
    int i = 0;
    while (i < OWN && !is(own[i].name, name))
        i++;
    return i;
}

bool is_optimizer_option(const char *name)
{
    return own_index(name) == OWN;
}

/* The options last: they are looked for in optimizers that there are. */
void space_of(space *s, const char *text)
{
    space_read(s, text);
    for (int i = 0; i < s->count; i++)
        if (!is_optimizer_option(s->axes[i].name))
            own[own_index(s->axes[i].name)].check(s, &s->axes[i]);
    for (int i = 0; i < s->count; i++)
        if (is_optimizer_option(s->axes[i].name))
            check_optimizer_option(s, &s->axes[i]);
}
