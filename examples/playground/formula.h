/* Surfaces as formulas of x and y, computed by Tarn's operations. */
#ifndef TARN_PLAYGROUND_FORMULA_H
#define TARN_PLAYGROUND_FORMULA_H

#include <stdio.h>

#include <tarn.h>

enum { FORMULA_STEPS = 200 };

/* One operation on values before it: value 0 is x, 1 is y, the others are results. */
typedef struct formula_step {
    int operation; /* in the table of formula.c */
    int a, b;
    double number;
} formula_step;

typedef struct formula {
    int count; /* of values; the last is the result */
    formula_step steps[FORMULA_STEPS];
} formula;

/* Reads "(1 - x)^2 + 100 (y - x^2)^2": numbers, x, y, pi, e, + - * / ^, brackets, and abs, cos,
   exp, log, relu, sigmoid, sin, sqrt, tanh of something in brackets. Two factors side by side are
   multiplied. NULL, or a sentence that says what is wrong; valid until the next call. */
const char *formula_read(formula *f, const char *text);

/* The value, on the open tape: x and y are numbers, or equally many of them. NULL after an error of
   Tarn's. */
tarn_tensor *formula_value(const formula *f, tarn_tensor *x, tarn_tensor *y);

/* The same as lines of C, indented by four. */
void formula_print(const formula *f, FILE *stream);

#endif
