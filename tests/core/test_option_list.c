/* Options as data: ranges, defaults and reading from text. */
#include "core/base/option_list.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/options.h"
#include "tests/support/mistakes.h"

#define SAMPLE_OPTIONS(OPTION)                                                                     \
    OPTION(double, rate, 0.5, POSITIVE)                                                            \
    OPTION(double, decay, 0, AT_LEAST_0)                                                           \
    OPTION(double, beta, 0.9, FRACTION)                                                            \
    OPTION(double, share, 1, UNIT)                                                                 \
    OPTION(int, every, 0, COUNT) /* no default */                                                  \
    OPTION(bool, on, true, SWITCH)
typedef struct sample_args {
    char before; /* offsets are not multiples of a size */
    TARN_OPTIONS(SAMPLE_OPTIONS)
    int64_t after;
} sample_args;

typedef sample_args tarn_option_args;
static const tarn_option options[] = {SAMPLE_OPTIONS(TARN_OPTION)};
static const tarn_option_list list = TARN_OPTION_LIST(options);

static sample_args defaults(void)
{
    sample_args args = {.before = 77, .after = -77};
    tarn_options_set_defaults(list, &args);
    args.every = 1;
    return args;
}

Test(option_list, the_table_is_the_list)
{
    cr_assert_eq(list.count, 6);
    cr_expect_str_eq(options[2].name, "beta");
    cr_expect_eq(options[2].value, 0.9);
    cr_expect_eq(options[4].type, TARN_OPTION_int);
    cr_expect_eq(options[5].range, TARN_RANGE_SWITCH);
}

Test(option_list, defaults_are_set_and_nothing_else)
{
    const sample_args args = defaults();
    cr_expect(args.rate == 0.5 && args.decay == 0 && args.beta == 0.9 && args.share == 1 &&
              args.on);
    cr_expect(args.before == 77 && args.after == -77);
}

/* The last value inside a range and the first outside, on both sides. */
Test(option_list, ranges_end_where_they_say)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"rate=0", false},
        {"rate=-1", false},
        {"rate=1e-37", true},
        {"rate=1e-400", false}, /* 0 in any element type */
        {"rate=inf", false},
        {"rate=nan", false},
        {"decay=0", true},
        {"decay=-0", true},
        {"decay=-1e-9", false},
        {"decay=1e999", false},
        {"beta=0", true},
        {"beta=0.9999999999", true},
        {"beta=1", false},
        {"beta=-0.1", false},
        {"share=0", true},
        {"share=1", true},
        {"share=1.0000001", false},
        {"share=nan", false},
        {"every=1", true},
        {"every=2147483647", true},
        {"every=2147483648", false},
        {"every=0", false},
        {"every=1.5", false},
        {"on=false", true},
        {"on=1", false},
        {"on=True", false},
        {"on", false},
        {"on=", false},
        {"rate=", false},
        {"rate", false},
        {"rate=0.1x", false},
        {"rate=0.1 ", false},
        {"rate=0x1p-1", true},
        {"=1", false},
        {",", false},
        {"rate=1,", true}, /* as the last comma of a list in C */
        {"rate=1,,beta=0", false},
        {"rat=1", false},
        {"rates=1", false},
        {"Rate=1", false},
        {"rate=1,beta=0,rate=1", false},
        {"", true},
        {"rate=1,decay=1,beta=0,share=0,every=3,on=false", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample_args args = defaults();
        cr_expect_eq(tarn_options_read("who", list, cases[i].text, &args), cases[i].good, "\"%s\"",
                     cases[i].text);
    }
}

Test(option_list, what_is_read_is_set)
{
    sample_args args = defaults();
    cr_assert(tarn_options_read("who", list, "every=7,rate=1e-3,on=false,beta=0", &args));
    cr_expect(args.every == 7 && args.rate == 1e-3 && !args.on && args.beta == 0);
    cr_expect(args.decay == 0 && args.share == 1 && args.before == 77 && args.after == -77);
    cr_expect(tarn_options_read("who", list, NULL, &args));
    cr_expect(tarn_options_read("who", (tarn_option_list){0, NULL}, "", &args));
}

Test(option_list, sentences_name_what_is_wrong)
{
    static const char *const cases[][2] = {
        {"beta=1.5", "who: beta is \"1.5\", expects a number in [0, 1)"},
        {"bet=1",
         "who: there is no option \"bet\", expects one of rate, decay, beta, share, every, on"},
        {"beta=0,beta=0", "who: beta is set twice"},
        {"every", "who: every is \"\", expects a whole number of at least 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample_args args = defaults();
        cr_expect_not(tarn_options_read("who", list, cases[i][0], &args));
        cr_expect_str_eq(tarn_error(), cases[i][1]);
    }
}

/* A value longer than the buffer that it is read from is refused, not cut short. */
Test(option_list, a_long_number_is_not_cut)
{
    char text[128] = "rate=0.";
    for (size_t i = strlen(text); i < 100; i++)
        text[i] = '1';
    sample_args args = defaults();
    cr_expect_not(tarn_options_read("who", list, text, &args));
}

Test(option_list, check_reports_the_first_that_is_wrong)
{
    record_mistakes();
    sample_args args = defaults();
    cr_expect(tarn_options_check("who", list, &args));
    args.share = NAN;
    cr_expect_not(tarn_options_check("who", list, &args));
    cr_expect_str_eq(tarn_error(), "who: share is nan, expects a number in [0, 1]");
    args = defaults();
    args.rate = 1e300;
    cr_expect_eq(tarn_options_check("who", list, &args), sizeof(tarn_real) == sizeof(double));
}

Test(option_list, what_has_no_default_is_missing)
{
    sample_args args = defaults();
    cr_expect_null(tarn_options_missing(list, &args));
    tarn_options_set_defaults(list, &args);
    cr_expect_eq(tarn_options_missing(list, &args), &options[4]);
    cr_assert(tarn_options_read("who", list, "every=2", &args));
    cr_expect_null(tarn_options_missing(list, &args));
}

Test(option_list, one_by_one)
{
    sample_args args = defaults();
    cr_assert_eq(tarn_option_get(&options[2], &args), 0.9);
    cr_assert_eq(tarn_option_get(&options[5], &args), 1);
    cr_assert(isnan(tarn_option_get(NULL, &args)) && isnan(tarn_option_get(&options[0], NULL)));
    cr_assert(tarn_option_set(&options[4], &args, 7) && args.every == 7);
    cr_assert(tarn_option_set(&options[5], &args, 0) && !args.on);
    cr_assert_not(tarn_option_set(&options[4], &args, 7.5));
    cr_assert_not(tarn_option_set(&options[4], &args, 0));
    cr_assert_not(tarn_option_set(&options[5], &args, 2));
    cr_assert_not(tarn_option_set(&options[2], &args, 1.5));
    cr_assert_not(tarn_option_set(&options[0], NULL, 1));
    cr_assert_not(tarn_option_set(NULL, &args, 1));
    cr_assert_eq(args.every, 7);
    cr_assert_eq(args.beta, 0.9);
    cr_assert_eq(args.after, -77);
}

Test(option_list, any_is_what_the_type_has)
{
    static const tarn_option any[] = {TARN_OPTION(double, rate, 0, ANY) TARN_OPTION(
        int, every, 0, ANY) TARN_OPTION(bool, on, 0, ANY)};
    sample_args args = defaults();
    cr_assert(tarn_option_set(&any[0], &args, -1e300) && args.rate == -1e300);
    cr_assert_not(tarn_option_set(&any[0], &args, (double)INFINITY));
    cr_assert_not(tarn_option_set(&any[0], &args, (double)NAN));
    cr_assert(tarn_option_set(&any[1], &args, -3) && args.every == -3);
    cr_assert_not(tarn_option_set(&any[1], &args, 1e10));
    cr_assert_not(tarn_option_set(&any[1], &args, (double)NAN));
    cr_assert_not(tarn_option_set(&any[2], &args, 0.5));
}

/* A range that leaves more than the option's type has. */
Test(option_list, a_number_must_be_one_of_the_type)
{
    typedef struct wide {
        int whole, any;
        bool flag;
    } wide;
    static const tarn_option wides[] = {
        {"whole", TARN_OPTION_int, offsetof(wide, whole), 2, TARN_RANGE_AT_LEAST_0},
        {"any", TARN_OPTION_int, offsetof(wide, any), 3, TARN_RANGE_ANY},
        {"flag", TARN_OPTION_bool, offsetof(wide, flag), 0, TARN_RANGE_ANY}};
    const tarn_option_list of = TARN_OPTION_LIST(wides);
    const char *const refused[] = {"whole=0.5", "any=2.7", "any=1e300", "any=nan", "flag=2"};
    wide args = {2, 3, false};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_expect_not(tarn_options_read("who", of, refused[i], &args), "%s", refused[i]);
    cr_expect(args.whole == 2 && args.any == 3 && !args.flag);
    cr_expect(tarn_options_read("who", of, "any=-7,whole=0", &args));
    cr_expect(args.any == -7 && args.whole == 0);
}

/* More names than the text of the error has room for: whole ones, and no overrun. */
Test(option_list, names_that_do_not_fit_are_left_out)
{
    static char names[40][20];
    static tarn_option many[40];
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "option-number-%02d", i);
        many[i] = (tarn_option){names[i], TARN_OPTION_int, 0, 1, TARN_RANGE_COUNT};
    }
    int args;
    cr_expect_not(tarn_options_read("who", (tarn_option_list){40, many}, "x=1", &args));
    const char *last = strrchr(tarn_error(), ' ');
    cr_expect(last && strlen(last) == strlen(" option-number-00"), "%s", tarn_error());
}
