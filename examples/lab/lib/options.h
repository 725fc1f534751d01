/* Command line options for the examples: a table says what there is, with help and limits. */
#ifndef TARN_LAB_OPTIONS_H
#define TARN_LAB_OPTIONS_H

typedef enum option_kind {
    OPTION_TEXT,   /* const char * */
    OPTION_CHOICE, /* const char *, one of choices */
    OPTION_NUMBER, /* double, from min to max */
    OPTION_COUNT,  /* long, from min to max */
    OPTION_FLAG,   /* bool, true if the option is given; it has no value behind it */
    OPTION_FILES,  /* files: what has no dashes; its name is shown in the help only */
} option_kind;

typedef struct files {
    int count;
    char **paths;
} files;

typedef struct option {
    const char *name;     /* without the dashes; NULL ends the table */
    const char *argument; /* what stands for the value in the help: "DIR" */
    const char *help;
    option_kind kind;
    void *value; /* where it goes; keeps what is there if the option is not given */
    double min, max;
    const char *const *choices; /* ends with NULL */
    const char *word;           /* a count may be this word too, and is then 0 */
} option;

/* Lines of a table. */
#define OPTION_TEXT_AT(to, name_, argument_, help_)                                                \
    {                                                                                              \
        .name = name_, .argument = argument_, .help = help_, .kind = OPTION_TEXT, .value = to      \
    }
#define OPTION_CHOICE_AT(to, name_, argument_, help_, list)                                        \
    {                                                                                              \
        .name = name_, .argument = argument_, .help = help_, .kind = OPTION_CHOICE, .value = to,   \
        .choices = list                                                                            \
    }
#define OPTION_NUMBER_AT(to, name_, argument_, help_, low, high)                                   \
    {                                                                                              \
        .name = name_, .argument = argument_, .help = help_, .kind = OPTION_NUMBER, .value = to,   \
        .min = low, .max = high                                                                    \
    }
#define OPTION_COUNT_AT(to, name_, argument_, help_, low, high)                                    \
    {                                                                                              \
        .name = name_, .argument = argument_, .help = help_, .kind = OPTION_COUNT, .value = to,    \
        .min = low, .max = high                                                                    \
    }
#define OPTION_FLAG_AT(to, name_, help_)                                                           \
    {                                                                                              \
        .name = name_, .argument = "", .help = help_, .kind = OPTION_FLAG, .value = to             \
    }
#define OPTION_FILES_AT(to, name_, help_)                                                          \
    {                                                                                              \
        .name = name_, .argument = "", .help = help_, .kind = OPTION_FILES, .value = to            \
    }

/* Reads --name value and --name=value. On --help prints what the program is about and the table,
   and exits with 0. On a mistake prints one sentence and exits with 1. */
void parse_options(int argc, char **argv, const char *about, const option *table);

/* Prints "program: " and a sentence to stderr and exits with 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Dies if what was printed could not be written: to be called at the end. */
void check_stdout(void);

#endif
