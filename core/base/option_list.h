/*
 * Options as data, beside core/base/options.h: checked against their ranges, listed, and read from
 * text such as "lr=1e-3,nesterov=true".
 *
 * A list of options may give a range with each: OPTION(double, beta1, 0.9, FRACTION). Then
 *
 *     typedef X_args tarn_option_args;
 *     static const tarn_option options[] = {X_OPTIONS(TARN_OPTION)};
 *     static const tarn_option_list list = TARN_OPTION_LIST(options);
 *
 * are the same options as a table; each is found in a struct at its offset.
 */
#ifndef TARN_CORE_BASE_OPTION_LIST_H
#define TARN_CORE_BASE_OPTION_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/api.h"

TARN_API_BEGIN

typedef enum tarn_option_type {
    TARN_OPTION_double,
    TARN_OPTION_int,
    TARN_OPTION_bool
} tarn_option_type;

/* Where a number must lie. The first two also want one that the element
   type can hold. */
typedef enum tarn_range {
    TARN_RANGE_AT_LEAST_0, /* finite */
    TARN_RANGE_POSITIVE,   /* above 0 and finite */
    TARN_RANGE_FRACTION,   /* 0 <= x < 1 */
    TARN_RANGE_UNIT,       /* 0 <= x <= 1 */
    TARN_RANGE_COUNT,      /* whole, at least 1 */
    TARN_RANGE_SWITCH,     /* true or false */
    TARN_RANGE_ANY         /* that the option's type has: whoever takes the struct looks himself */
} tarn_range;

typedef struct tarn_option {
    const char *name;
    tarn_option_type type;
    size_t offset; /* in the struct of arguments */
    double value;  /* the default */
    tarn_range range;
} tarn_option;

typedef struct tarn_option_list {
    int count;
    const tarn_option *options;
} tarn_option_list;

#define TARN_OPTION(type, name, value, range)                                                      \
    {#name, TARN_OPTION_##type, offsetof(tarn_option_args, name), value, TARN_RANGE_##range},
#define TARN_OPTION_LIST(options)                                                                  \
    {                                                                                              \
        sizeof(options) / sizeof *(options), options                                               \
    }

/* The option in the struct, as a number (a bool is 0 or 1). NaN for NULL. */
double tarn_option_get(const tarn_option *option, const void *args);

/* Sets it. False, and nothing changes, for a number that is not in its range, or that its type does
   not have: no whole number for an int, neither 0 nor 1 for a bool, NaN or an infinity. */
bool tarn_option_set(const tarn_option *option, void *args, double value);

/* The range in words: "a number in [0, 1)". */
const char *tarn_range_text(tarn_range range);

/* Whether all options in the struct lie in their ranges; if not, reports a mistake, "optim_adam:
   beta1 is 1.5, expects a number in [0, 1)", and returns false. */
bool tarn_options_check(const char *who, tarn_option_list list, const void *args);

/* Sets all options in the struct to their defaults. */
void tarn_options_set_defaults(tarn_option_list list, void *args);

/* The first option that is not in its range, NULL if there is none. An option whose default is not
   in its range has none, and must be set: after reading a text, this is one that was forgotten. */
const tarn_option *tarn_options_missing(tarn_option_list list, const void *args);

/* Sets those that the text names: "name=value", with commas between; a SWITCH is true or false. ""
   sets none. Numbers have a point, whatever the locale. False with tarn_error() set, beginning with
   who, for a name that is none of them or stands there twice, and a value that is no number or not
   in its range; the struct is then partly set. */
bool tarn_options_read(const char *who, tarn_option_list list, const char *text, void *args);

TARN_API_END

#endif
