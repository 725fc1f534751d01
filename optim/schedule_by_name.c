/* Schedules by name, see optim/schedule.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "optim/schedule.h"

/* The options of all of them. */
typedef struct settings {
    double gamma, start, end, power, min, rise, divide, final_divide, factor, shrink, warmup, decay;
    int steps, every, first, multiply, up, down;
    bool linear, periodic, root;
} settings;

typedef settings tarn_option_args;
static const tarn_option step[] = {TARN_OPTION(int, every, 0, COUNT)
                                       TARN_OPTION(double, gamma, 0.1, AT_LEAST_0)};
static const tarn_option exponential[] = {TARN_OPTION(double, gamma, 0.99, AT_LEAST_0)};
static const tarn_option warmup[] = {TARN_OPTION(int, steps, 0, COUNT)
                                         TARN_SCHEDULE_WARMUP_OPTIONS(TARN_OPTION)};
static const tarn_option constant[] = {TARN_OPTION(int, steps, 0, COUNT)
                                           TARN_SCHEDULE_CONSTANT_OPTIONS(TARN_OPTION)};
static const tarn_option cyclic[] = {TARN_OPTION(int, up, 0, COUNT) TARN_OPTION(int, down, 0, COUNT)
                                         TARN_SCHEDULE_CYCLIC_OPTIONS(TARN_OPTION)};
static const tarn_option wsd[] = {TARN_SCHEDULE_WSD_OPTIONS(TARN_OPTION)};
static const tarn_option linear[] = {TARN_SCHEDULE_LINEAR_OPTIONS(TARN_OPTION)};
static const tarn_option polynomial[] = {TARN_SCHEDULE_POLYNOMIAL_OPTIONS(TARN_OPTION)};
static const tarn_option cosine[] = {TARN_SCHEDULE_COSINE_OPTIONS(TARN_OPTION)};
static const tarn_option cosine_restarts[] = {
    TARN_OPTION(int, first, 0, COUNT) TARN_SCHEDULE_COSINE_RESTARTS_OPTIONS(TARN_OPTION)};
static const tarn_option one_cycle[] = {TARN_SCHEDULE_ONE_CYCLE_OPTIONS(TARN_OPTION)};

#define ENTRY(name)                                                                                \
    {                                                                                              \
#name, TARN_OPTION_LIST(name)                                                              \
    }
static const tarn_schedule_entry entries[] = {
    ENTRY(step),   ENTRY(exponential),     ENTRY(warmup),    ENTRY(linear),   ENTRY(polynomial),
    ENTRY(cosine), ENTRY(cosine_restarts), ENTRY(one_cycle), ENTRY(constant), ENTRY(cyclic),
    ENTRY(wsd)};
enum {
    STEP,
    EXPONENTIAL,
    WARMUP,
    LINEAR,
    POLYNOMIAL,
    COSINE,
    COSINE_RESTARTS,
    ONE_CYCLE,
    CONSTANT,
    CYCLIC,
    WSD,
    COUNT
};

const tarn_schedule_entry *tarn_schedule_entry_at(int i)
{
    return i >= 0 && i < COUNT ? &entries[i] : NULL;
}

static double factor(int which, const settings *s, int64_t t, int64_t total)
{
    switch (which) {
    case STEP:
        return tarn_schedule_step(t, s->every, s->gamma);
    case EXPONENTIAL:
        return tarn_schedule_exponential(t, s->gamma);
    case WARMUP:
        return tarn_schedule_warmup(t, s->steps, .start = s->start);
    case LINEAR:
        return tarn_schedule_linear(t, total, .end = s->end);
    case POLYNOMIAL:
        return tarn_schedule_polynomial(t, total, .power = s->power);
    case COSINE:
        return tarn_schedule_cosine(t, total, .min = s->min, .periodic = s->periodic);
    case CONSTANT:
        return tarn_schedule_constant(t, s->steps, .factor = s->factor);
    case CYCLIC:
        return tarn_schedule_cyclic(t, s->up, s->down, .min = s->min, .shrink = s->shrink,
                                    .gamma = s->gamma);
    case WSD:
        return tarn_schedule_wsd(t, total, .warmup = s->warmup, .decay = s->decay, .min = s->min,
                                 .root = s->root);
    case COSINE_RESTARTS:
        return tarn_schedule_cosine_restarts(t, s->first, .multiply = s->multiply, .min = s->min);
    default:
        return tarn_schedule_one_cycle(t, total, .rise = s->rise, .divide = s->divide,
                                       .final_divide = s->final_divide, .linear = s->linear);
    }
}

/* The index of the entry, or -1 with tarn_error() set. */
static int find(const char *name)
{
    char names[256];
    size_t used = 0;
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(entries[i].name, name) == 0)
            return i;
        used = tarn__add_name(names, sizeof names, used, entries[i].name);
    }
    tarn_set_error("schedule_by_name: there is no schedule \"%s\", expects one of %s", name, names);
    return -1;
}

/* Of one schedule, "name:options", which is cut in two. */
static double factor_of(char *text, int64_t t, int64_t total)
{
    char *colon = strchr(text, ':');
    if (colon)
        *colon = '\0';
    const int which = find(text);
    if (which < 0)
        return NAN;
    const tarn_option_list list = entries[which].options;
    settings s;
    tarn_options_set_defaults(list, &s);
    if (!tarn_options_read(text, list, colon ? colon + 1 : "", &s))
        return NAN;
    const tarn_option *missing = tarn_options_missing(list, &s);
    if (missing) {
        tarn_set_error("%s: %s has no default, expects %s", text, missing->name,
                       tarn_range_text(missing->range));
        return NAN;
    }
    return factor(which, &s, t, total);
}

/* Of schedules with a '*' between them. */
static double product_of(char *text, int64_t t, int64_t total)
{
    double product = 1;
    for (char *at = text, *next; at && !isnan(product); at = next) {
        next = strchr(at, '*');
        if (next)
            *next++ = '\0';
        product *= factor_of(at, t, total);
    }
    return product;
}

/* Cuts the text in front of " @100 ", which is the step where what follows begins; NULL where there
   is none, and after an error, when it is -1. */
static char *cut_at_change(char *text, int64_t *change)
{
    char *at = strchr(text, '@'), *end;
    if (!at)
        return NULL;
    errno = 0;
    const long long number = strtoll(at + 1, &end, 10);
    if (at == text || at[-1] != ' ' || *end != ' ' || errno || number <= *change) {
        *change = -1;
        tarn_set_error(
            "schedule_by_name: \"%s\" begins no other schedule, expects the step between "
            "blanks, as in \"warmup:steps=100 @100 cosine\", the steps rising",
            at);
        return NULL;
    }
    at[-1] = '\0';
    *change = number;
    return end + 1;
}

/* One after the other. All are looked at, so that a wrong one does not show when it is reached. */
double tarn_schedule_by_name(const char *text, int64_t t, int64_t total)
{
    char copy[256];
    if (!text || strlen(text) >= sizeof copy) {
        tarn_set_error("schedule_by_name: the text %s",
                       text ? "is longer than 255 characters" : "is NULL");
        return NAN;
    }
    strcpy(copy, text);
    double present = 1;
    int64_t begin = 0, change = 0;
    for (char *at = copy, *next; at; at = next, begin = change) {
        next = cut_at_change(at, &change);
        if (change < 0)
            return NAN;
        const int64_t end = next ? change : total,
                      steps = begin == 0 || end > begin ? end - begin : 1;
        const double factor = product_of(at, begin == 0 || t > begin ? t - begin : 0, steps);
        if (isnan(factor))
            return NAN;
        if (t >= begin || begin == 0)
            present = factor;
    }
    return present;
}
