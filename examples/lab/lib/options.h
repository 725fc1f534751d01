/* Command line options for the instruments: a table says what there is, with help and limits. And
   how a program ends that cannot go on. */
#ifndef TARN_LAB_OPTIONS_H
#define TARN_LAB_OPTIONS_H

#include <stdbool.h>

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
    option_kind kind;
    void *value;          /* where it goes; keeps what is there if the option is not given */
    const char *name;     /* without the dashes; NULL ends the table */
    const char *argument; /* what stands for the value in the help: "DIR" */
    const char *help;
    double min, max;
    const char *const *choices; /* ends with NULL */
    const char *word;           /* a count may be this word too, and is then 0 */
} option;

/* Lines of a table. */
#define OPTION_TEXT_AT(to, name, argument, help)                                                   \
    {                                                                                              \
        OPTION_TEXT, to, name, argument, help, 0, 0, 0, 0                                          \
    }
#define OPTION_CHOICE_AT(to, name, argument, help, list)                                           \
    {                                                                                              \
        OPTION_CHOICE, to, name, argument, help, 0, 0, list, 0                                     \
    }
#define OPTION_NUMBER_AT(to, name, argument, help, low, high)                                      \
    {                                                                                              \
        OPTION_NUMBER, to, name, argument, help, low, high, 0, 0                                   \
    }
#define OPTION_COUNT_AT(to, name, argument, help, low, high)                                       \
    {                                                                                              \
        OPTION_COUNT, to, name, argument, help, low, high, 0, 0                                    \
    }
#define OPTION_WORD_OR_COUNT_AT(to, name, argument, help, low, high, word)                         \
    {                                                                                              \
        OPTION_COUNT, to, name, argument, help, low, high, 0, word                                 \
    }
#define OPTION_FLAG_AT(to, name, help)                                                             \
    {                                                                                              \
        OPTION_FLAG, to, name, "", help, 0, 0, 0, 0                                                \
    }
#define OPTION_FILES_AT(to, name, help)                                                            \
    {                                                                                              \
        OPTION_FILES, to, name, "", help, 0, 0, 0, 0                                               \
    }
#define OPTIONS_END                                                                                \
    {                                                                                              \
        .name = 0                                                                                  \
    }

/* Of programs that train. */
#define OPTION_SEED_AT(to) OPTION_COUNT_AT(to, "seed", "N", "default 1", 0, 1e15)
#define OPTION_THREADS_AT(to) OPTION_COUNT_AT(to, "threads", "N", "default: all cores", 1, 1024)

/* Reads --name value and --name=value; behind -- nothing is an option. On --help prints what the
   program is about and the table, and exits with 0. On a mistake prints one sentence and exits
   with 1. From then on a mistake that Tarn finds, such as a file with the parameters of another
   network, ends the program that way too; without it Tarn aborts. */
void parse_options(int argc, char **argv, const char *about, const option *table);

/* Prints "program: " and a sentence to stderr, in one line (text_print()), and exits with 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and goes on. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Dies with the sentence of tarn_error() unless what Tarn returned is good. */
void check(bool good);

/* Dies if what was printed could not be written: to be called at the end. */
void check_stdout(void);

/* Whether two texts are the same. */
bool is(const char *text, const char *other);

#endif
