#include "core/base/option_list.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"

#ifdef TARN_DOUBLE
#define HELD " in the range of a double"
#else
#define HELD " in the range of a float"
#endif

const char *tarn_range_text(tarn_range range)
{
    static const char *const texts[] = {
        [TARN_RANGE_AT_LEAST_0] = "a number of at least 0" HELD,
        [TARN_RANGE_POSITIVE] = "a number above 0" HELD,
        [TARN_RANGE_FRACTION] = "a number in [0, 1)",
        [TARN_RANGE_UNIT] = "a number in [0, 1]",
        [TARN_RANGE_COUNT] = "a whole number of at least 1",
        [TARN_RANGE_SWITCH] = "true or false",
        [TARN_RANGE_ANY] = "a finite number",
    };
    return texts[range];
}

/* Whether the element type holds it: not as infinity and, unless it is 0, neither as 0 nor as a
   denormal number, which an optimizer's step takes as 0. False for NaN. */
static bool fits(double value)
{
    return value == 0 || isnormal((tarn_real)value);
}

static bool is_in(tarn_range range, double value)
{
    switch (range) {
    case TARN_RANGE_AT_LEAST_0:
        return value >= 0 && fits(value);
    case TARN_RANGE_POSITIVE:
        return value > 0 && fits(value);
    case TARN_RANGE_FRACTION:
        return value >= 0 && value < 1;
    case TARN_RANGE_UNIT:
        return value >= 0 && value <= 1;
    case TARN_RANGE_COUNT:
        return value >= 1 && value <= INT_MAX && value == floor(value);
    case TARN_RANGE_SWITCH:
        return value == 0 || value == 1;
    case TARN_RANGE_ANY:
        return isfinite(value);
    }
    return false;
}

double tarn_option_get(const tarn_option *option, const void *args)
{
    if (!option || !args)
        return NAN;
    const char *at = (const char *)args + option->offset;
    switch (option->type) {
    case TARN_OPTION_double:
        return *(const double *)at;
    case TARN_OPTION_int:
        return *(const int *)at;
    case TARN_OPTION_bool:
        return *(const bool *)at;
    }
    return NAN;
}

static void set(const tarn_option *option, void *args, double value)
{
    char *at = (char *)args + option->offset;
    switch (option->type) {
    case TARN_OPTION_double:
        *(double *)at = value;
        break;
    case TARN_OPTION_int:
        *(int *)at = (int)value;
        break;
    case TARN_OPTION_bool:
        *(bool *)at = value != 0;
        break;
    }
}

const tarn_option *tarn_options_missing(tarn_option_list list, const void *args)
{
    for (int i = 0; i < list.count; i++)
        if (!is_in(list.options[i].range, tarn_option_get(&list.options[i], args)))
            return &list.options[i];
    return NULL;
}

static bool type_has(tarn_option_type type, double value)
{
    switch (type) {
    case TARN_OPTION_double:
        return isfinite(value);
    case TARN_OPTION_int:
        return value >= INT_MIN && value <= INT_MAX && value == floor(value);
    case TARN_OPTION_bool:
        return value == 0 || value == 1;
    }
    return false;
}

bool tarn_option_set(const tarn_option *option, void *args, double value)
{
    if (!option || !args || !type_has(option->type, value) || !is_in(option->range, value))
        return false;
    set(option, args, value);
    return true;
}

bool tarn_options_check(const char *who, tarn_option_list list, const void *args)
{
    const tarn_option *wrong = tarn_options_missing(list, args);
    return !wrong || tarn_fail("%s: %s is %g, expects %s", who, wrong->name,
                               tarn_option_get(wrong, args), tarn_range_text(wrong->range));
}

void tarn_options_set_defaults(tarn_option_list list, void *args)
{
    for (int i = 0; i < list.count; i++)
        set(&list.options[i], args, list.options[i].value);
}

/* ---- From text */

/* Where "name=value" stands, cut out of a longer text. */
typedef struct setting {
    int name_length, value_length;
    const char *name, *value; /* value is NULL without a '=' */
} setting;

static setting setting_at(const char *text)
{
    const int length = (int)strcspn(text, ",");
    const int name_length = (int)strcspn(text, ",=");
    const bool has_value = name_length < length;
    return (setting){.name = text,
                     .name_length = name_length,
                     .value = has_value ? text + name_length + 1 : NULL,
                     .value_length = has_value ? length - name_length - 1 : 0};
}

static bool is_called(const char *name, const char *text, int length)
{
    return (int)strlen(name) == length && memcmp(name, text, (size_t)length) == 0;
}

/* Index in the list, or -1. */
static int find(tarn_option_list list, const setting *s)
{
    for (int i = 0; i < list.count; i++)
        if (is_called(list.options[i].name, s->name, s->name_length))
            return i;
    return -1;
}

/* "lr, beta1, beta2", cut to the size of the text. */
static void write_names(tarn_option_list list, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < list.count; i++)
        used = tarn__add_name(text, size, used, list.options[i].name);
}

/* NaN if it is not one of the option's. */
static double value_of(const tarn_option *option, const setting *s)
{
    char text[64];
    if (!s->value || s->value_length >= (int)sizeof text)
        return NAN;
    snprintf(text, sizeof text, "%.*s", s->value_length, s->value);
    if (option->range == TARN_RANGE_SWITCH)
        return strcmp(text, "true") == 0 ? 1 : strcmp(text, "false") == 0 ? 0 : NAN;
    return tarn__number(text);
}

/* Sets the option that s names. */
static bool read_setting(const char *who, tarn_option_list list, const setting *s, void *args)
{
    const int i = find(list, s);
    if (i < 0) {
        char names[256];
        write_names(list, names, sizeof names);
        return tarn_set_error("%s: there is no option \"%.*s\", expects one of %s", who,
                              s->name_length, s->name, names);
    }
    const tarn_option *option = &list.options[i];
    const double value = value_of(option, s);
    return tarn_option_set(option, args, value) ||
           tarn_set_error("%s: %s is \"%.*s\", expects %s", who, option->name, s->value_length,
                          s->value ? s->value : "", tarn_range_text(option->range));
}

/* Whether the setting's name stands in the text before it. */
static bool is_repeated(const char *text, const setting *s)
{
    for (const char *at = text; at < s->name; at += strcspn(at, ",") + 1) {
        const setting earlier = setting_at(at);
        if (earlier.name_length == s->name_length &&
            memcmp(earlier.name, s->name, (size_t)s->name_length) == 0)
            return true;
    }
    return false;
}

bool tarn_options_read(const char *who, tarn_option_list list, const char *text, void *args)
{
    const char *at = text;
    while (at && *at) {
        const setting s = setting_at(at);
        if (is_repeated(text, &s))
            return tarn_set_error("%s: %.*s is set twice", who, s.name_length, s.name);
        if (!read_setting(who, list, &s, args))
            return false;
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    return true;
}
