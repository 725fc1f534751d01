/* Records programmer's mistakes instead of aborting, so that tests can ask for them. */
#ifndef TARN_TESTS_SUPPORT_MISTAKES_H
#define TARN_TESTS_SUPPORT_MISTAKES_H

#include <criterion/criterion.h>

#include <tarn.h>

/* From now on mistakes are counted and the last one is kept. */
void record_mistakes(void);

/* The number of mistakes since the last call, and the text of the last of them. */
int mistakes(void);
const char *last_mistake(void);

/* Asserts that the expression gives NULL (or false) with exactly one report, and that it holds the
   words. */
#define assert_mistake(expression, words)                                                          \
    do {                                                                                           \
        record_mistakes();                                                                         \
        cr_assert(!(expression), "%s was accepted", #expression);                                  \
        cr_assert_eq(mistakes(), 1, "%s: expected one report", #expression);                       \
        cr_assert(strstr(last_mistake(), words), "%s: \"%s\" does not hold \"%s\"", #expression,   \
                  last_mistake(), words);                                                          \
    } while (0)

#endif
