/* Formulas as Tarn's operations on scalars, or on equally many numbers at once. */
#ifndef TARN_PLAYGROUND_FORMULA_H
#define TARN_PLAYGROUND_FORMULA_H

#include <stdio.h>

#include <tarn.h>

enum { FORMULA_VARIABLES = 8, FORMULA_STEPS = 200 };

/* One operation on values before it. Values 0 to FORMULA_VARIABLES - 1 are the variables, the
   others the results of the steps of the same number. */
typedef struct formula_step {
    int operation; /* in the table of formula.c */
    int a, b;
    double number;
} formula_step;

typedef struct formula {
    int variables; /* how many there are */
    char names[FORMULA_VARIABLES][8];
    int count; /* of values, from FORMULA_VARIABLES on; the last is the result */
    formula_step steps[FORMULA_STEPS];
} formula;

/* Reads "(1 - x)^2 + 100 (y - x^2)^2": numbers, variables, pi, e, + - * / ^, brackets, and abs,
   cos, exp, log, relu, sigmoid, sin, sqrt, tanh of something in brackets. Two factors side by side
   are multiplied. With variables = "xy" there are these; with NULL a letter, and digits behind it,
   is a variable, in the order in which they appear. NULL, or a sentence that says what is wrong;
   valid until the next call. */
const char *formula_read(formula *f, const char *text, const char *variables);

/* Value i, of a step, from those before it, on the open tape. NULL after an error of Tarn's. */
tarn_tensor *formula_compute(const formula *f, int i, tarn_tensor *const *values);

/* The result, from the variables, which are numbers or equally many of them. */
tarn_tensor *formula_value(const formula *f, tarn_tensor *const *variables);

/* The operation of step i: "tanh", "scale"; how many values it takes, 0 to 2; and whether it has a
   number of its own, as scale has. */
typedef struct formula_operation {
    const char *name;
    int inputs;
    bool with_number;
} formula_operation;
formula_operation formula_operation_of(const formula *f, int i);

/* The steps as lines of C, indented by four, that declare op1, op2, ...; one, of value i, only as
   "tarn_tanh(op3)". */
void formula_print(const formula *f, FILE *stream);
void formula_print_step(const formula *f, int i, FILE *stream);

/* "w", "op3" */
const char *formula_name(const formula *f, int i, char text[16]);

#endif
