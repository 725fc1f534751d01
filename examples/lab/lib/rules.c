#include "examples/lab/lib/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* Where another rate than the library's suits LeNet on MNIST better. */
static const rule tuned[] = {
    {"sgd", 0.1},      {"momentum", 0.02}, {"momentum-ema", 0.2}, {"nesterov", 0.02},
    {"rmsprop", 1e-3}, {"adam", 4e-3},     {"adamw", 4e-3},       {"amsgrad", 4e-3},
    {"adamax", 1e-2},  {"nadam", 4e-3},    {"radam", 1e-2},       {"lion", 1e-3},
};

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static double rate_of(const tarn_optim_entry *entry)
{
    for (size_t i = 0; i < sizeof tuned / sizeof *tuned; i++)
        if (is(tuned[i].name, entry->name))
            return tuned[i].lr;
    const tarn_option_list list = entry->rule->options;
    for (int i = 0; i < list.count; i++)
        if (is(list.options[i].name, "lr"))
            return list.options[i].value;
    return 0;
}

/* All of them, gd first; ends with a name of NULL. */
static const rule *all_rules(void)
{
    static rule all[MAX_OPTIMIZERS + 1] = {{"gd", 0.1}};
    const tarn_optim_entry *entry;
    for (int i = 0; i + 1 < MAX_OPTIMIZERS && (entry = tarn_optim_entry_at(i)); i++)
        all[i + 1] = (rule){entry->name, rate_of(entry)};
    return all;
}

const rule *find_rule(const char *text)
{
    const size_t length = strcspn(text, ":");
    const rule *r = all_rules();
    while (r->name && (strlen(r->name) != length || strncmp(r->name, text, length) != 0))
        r++;
    return r->name ? r : NULL;
}

const char *rule_names(bool with_gd)
{
    static char names[2][512];
    char *to = names[with_gd];
    *to = '\0';
    for (const rule *r = all_rules() + !with_gd; r->name; r++)
        snprintf(to + strlen(to), sizeof names[0] - strlen(to), "%s%s", *to ? ", " : "", r->name);
    return to;
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
    for (const rule *r = all_rules() + 1; !names && r->name; r++)
        chosen[count++] = r;
    while (names) {
        const size_t length = strcspn(names, ",");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, names);
        count = add_rule(name, chosen, count);
        names = names[length] ? names + length + 1 : NULL;
    }
    return count;
}

__attribute__((format(printf, 3, 4))) static void add_option(char *to, size_t size,
                                                             const char *format, ...)
{
    const size_t used = strlen(to);
    va_list arguments;
    va_start(arguments, format);
    snprintf(to + used, size - used, "%s", used ? "," : "");
    vsnprintf(to + strlen(to), size - strlen(to), format, arguments);
    va_end(arguments);
}

tarn_optim *make_optimizer(const char *text, tarn_params params, double lr)
{
    const char *colon = strchr(text, ':'), *given = colon ? colon + 1 : "";
    char name[64], options[512] = "";
    snprintf(name, sizeof name, "%.*s", colon ? (int)(colon - text) : 63, text);
    if (strncmp(given, "lr=", 3) != 0 && !strstr(given, ",lr="))
        add_option(options, sizeof options, "lr=%.17g", lr);
    if (is(name, "muon") && !strstr(given, "adam_lr=")) /* Adam takes shorter steps */
        add_option(options, sizeof options, "adam_lr=%.17g", 0.2 * lr);
    if (*given)
        add_option(options, sizeof options, "%s", given);
    tarn_optim *optimizer = tarn_optim_by_name(is(name, "gd") ? "sgd" : name, params, options);
    if (!optimizer)
        die("%s", tarn_error());
    return optimizer;
}
