#include "examples/lab/lib/optimizers.h"

#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* Where another rate than the library's suits LeNet on MNIST better. */
static const struct {
    const char *name;
    double lr;
} tuned[] = {
    {"sgd", 0.1},      {"momentum", 0.02}, {"momentum-ema", 0.2}, {"nesterov", 0.02},
    {"rmsprop", 1e-3}, {"adam", 4e-3},     {"adamw", 4e-3},       {"amsgrad", 4e-3},
    {"adamax", 1e-2},  {"nadam", 4e-3},    {"radam", 1e-2},       {"lion", 1e-3},
};

const char *optimizer_names(void)
{
    static char names[512];
    const tarn_optim_entry *entry;
    *names = '\0';
    for (int i = 0; (entry = tarn_optim_entry_at(i)); i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "",
                 entry->name);
    return names;
}

/* The entry that the first letters of a text name; NULL if there is none. */
static const tarn_optim_entry *entry_of(const char *text, size_t length)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    return tarn_optim_entry_of(name);
}

double optimizer_rate(const char *text)
{
    const tarn_optim_entry *entry = entry_of(text, strcspn(text, ":"));
    if (!entry)
        die("--optimizer %s: expects one of %s", text, optimizer_names());
    for (size_t i = 0; i < sizeof tuned / sizeof *tuned; i++)
        if (is(tuned[i].name, entry->name))
            return tuned[i].lr;
    const tarn_option *rate = entry->rule->options.options;
    while (!is(rate->name, "lr"))
        rate++;
    return rate->value;
}

static void add_optimizer(const char *name, size_t length, const char *chosen[], int count)
{
    const tarn_optim_entry *found = entry_of(name, length);
    if (length == 2 && strncmp(name, "gd", 2) == 0)
        die("--optimizers gd: takes the whole training set at once, and the batches here are the "
            "same for all (sgd is the one for mini-batches)");
    if (!found)
        die("--optimizers: \"%.*s\" is none of those that --help lists", (int)length, name);
    for (int i = 0; i < count; i++)
        if (chosen[i] == found->name)
            die("--optimizers: %s is named twice", found->name);
    chosen[count] = found->name;
}

int optimizers_of(const char *names, const char *chosen[MAX_OPTIMIZERS])
{
    int count = 0;
    const tarn_optim_entry *entry;
    while (!names && count < MAX_OPTIMIZERS && (entry = tarn_optim_entry_at(count)) &&
           !entry->extra)
        chosen[count++] = entry->name;
    while (names) { /* each at most once, so that there is room */
        const size_t length = strcspn(names, ",");
        add_optimizer(names, length, chosen, count++);
        names = names[length] ? names + length + 1 : NULL;
    }
    return count;
}

tarn_optim *optimizer_new(const char *text, tarn_params params, double lr)
{
    const size_t length = strcspn(text, ":");
    const char *given = text[length] ? text + length + 1 : "";
    char name[64], rate[40] = "", adam_rate[40] = "", options[512];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    if (strncmp(given, "lr=", 3) != 0 && !strstr(given, ",lr="))
        snprintf(rate, sizeof rate, ",lr=%.17g", lr);
    if (is(name, "muon") && !strstr(given, "adam_lr=")) /* Adam takes shorter steps */
        snprintf(adam_rate, sizeof adam_rate, ",adam_lr=%.17g", 0.2 * lr);
    const int needed = snprintf(options, sizeof options, "%s%s%s", given, rate, adam_rate);
    if (needed >= (int)sizeof options)
        die("--optimizer %s: is too long", text);
    tarn_optim *optimizer = tarn_optim_by_name(name, params, options + (*options == ','));
    check(optimizer);
    return optimizer;
}

void optimizer_check(const char *text, double lr)
{
    static tarn_tensor *weights; /* no leak where it dies */
    weights = tarn_requires_grad(tarn_zeros(tarn_shape(2, 2)), true);
    tarn_optim_free(optimizer_new(text, tarn_params_of(weights), lr));
    tarn_free(weights);
    weights = NULL;
}
