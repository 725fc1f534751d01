/* The formulas of the playground: values and gradients, the sentences about wrong ones, and the C
 * of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "examples/playground/formula.h"

TestSuite(formula, .timeout = 60);

typedef struct value {
    double f, dx, dy;
} value;

static value value_at(const char *text, double x, double y)
{
    formula f;
    const char *wrong = formula_read(&f, text, "xy");
    cr_assert_null(wrong, "%s: %s", text, wrong);
    tarn_tensor *at[2] = {tarn_requires_grad(tarn_full(tarn_shape(), x), true),
                          tarn_requires_grad(tarn_full(tarn_shape(), y), true)};
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *result = formula_value(&f, at);
    value v = {.f = (double)tarn_item(result)};
    cr_assert(tarn_backward(result));
    v.dx = tarn_gradients(at[0]) ? (double)*tarn_gradients(at[0]) : 0;
    v.dy = tarn_gradients(at[1]) ? (double)*tarn_gradients(at[1]) : 0;
    tarn_tape_end(tape);
    tarn_free(at[0]);
    tarn_free(at[1]);
    return v;
}

static void expect(const char *text, double f, double dx, double dy)
{
    const value v = value_at(text, 2, 0.5);
    cr_expect(fabs(v.f - f) < 1e-4 && fabs(v.dx - dx) < 1e-4 && fabs(v.dy - dy) < 1e-4,
              "%s is %g, %g, %g at (2, 0.5), expects %g, %g, %g", text, v.f, v.dx, v.dy, f, dx, dy);
}

Test(formula, has_values_and_gradients)
{
    expect("x + 2y", 3, 1, 2);
    expect("x y - y/x", 0.75, 0.5 + 0.125, 2 - 0.5);
    expect("-x^2", -4, -4, 0);
    expect("2^x", 4, 4 * log(2), 0);
    expect("x^3 + x^-1 + x^0.5", 8.5 + sqrt(2), 12 - 0.25 + 0.5 / sqrt(2), 0);
    expect("x^y", sqrt(2), 0.5 / sqrt(2), sqrt(2) * log(2));
    expect("(1 - x)(3 - x) 0.5 y", -0.25, 0, -0.5);
    expect("cos(pi y) + sin(x)", sin(2), cos(2), -acos(-1));
    expect("exp(y) log(x) + abs(-x) + tanh(0y)", exp(0.5) * log(2) + 2, exp(0.5) / 2 + 1,
           exp(0.5) * log(2));
    expect("0x + 1/2 - e + x", 2.5 - exp(1), 1, 0);
    expect("x", 2, 1, 0);
    expect("1 + x - 1/4 + y 3 4", 2.75 + 6, 1, 12);
    expect("xy^2 + 2xy", 0.5 + 2, 0.25 + 1, 2 + 4);
}

Test(formula, computes_many_places_at_once)
{
    formula f;
    cr_assert_null(formula_read(&f, "(1 - x)^2 + 100 (y - x^2)^2", "xy"));
    const tarn_real places[] = {1, 0, -1, 2};
    tarn_tensor *x = tarn_from_array(tarn_shape(4), places), *y = tarn_full(tarn_shape(4), 1);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *result = tarn_values(formula_value(&f, (tarn_tensor *[]){x, y}));
    const double wanted[] = {0, 101, 4, 901};
    for (int i = 0; i < 4; i++)
        cr_expect_eq((double)result[i], wanted[i]);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(y);
}

static void expect_wrong(const char *text, const char *sentence)
{
    formula f;
    const char *wrong = formula_read(&f, text, "xy");
    cr_assert(wrong, "%s is taken", text);
    cr_expect(strstr(wrong, sentence), "%s: \"%s\", expects \"%s\"", text, wrong, sentence);
}

Test(formula, says_what_is_wrong)
{
    expect_wrong("", "it ends where");
    expect_wrong("x +", "it ends where");
    expect_wrong("3 + 4", "neither x nor y");
    expect_wrong("(x", "a closing bracket is missing at character 3");
    expect_wrong("x)", "did not expect ) at character 2");
    expect_wrong("x + . y", "did not expect .");
    expect_wrong("sin x", "expects ( behind sin");
    expect_wrong("sinus(x)", "sinus is not known");
    expect_wrong("x/0", "it divides by 0");
    expect_wrong("x + 1/0", "not finite");
    expect_wrong("(-2)^x", "expects a base above 0");
    char deep[2000] = "";
    memset(deep, '(', sizeof deep - 1);
    expect_wrong(deep, "nested too deeply");
    char text[4000] = "x";
    for (int i = 0; i < 300; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "+%dx", i + 2);
    expect_wrong(text, "too long");
}

Test(formula, is_shown_as_c)
{
    formula f;
    cr_assert_null(formula_read(&f, "0.1 x^2 + cos(y)", "xy"));
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    formula_print(&f, to);
    fclose(to);
    cr_expect_str_eq(
        text,
        "    tarn_tensor *op1 = tarn_square(x);\n    tarn_tensor *op2 = tarn_scale(op1, 0.1);\n"
        "    tarn_tensor *op3 = tarn_cos(y);\n    tarn_tensor *op4 = tarn_add(op2, op3);\n    "
        "return op4;\n");
    free(text);
}

Test(formula, takes_any_names_as_variables)
{
    formula f;
    cr_assert_null(formula_read(&f, "tanh(w1*x + b) - w2 e x", NULL));
    cr_expect_eq(f.variables, 4);
    const char *const names[] = {"w1", "x", "b", "w2"};
    for (int i = 0; i < 4; i++)
        cr_expect_str_eq(f.names[i], names[i]);
    char text[16];
    cr_expect_str_eq(formula_name(&f, 1, text), "x");
    cr_expect_str_eq(formula_name(&f, f.count - 1, text), "op6");
    const formula_operation first = formula_operation_of(&f, FORMULA_VARIABLES);
    cr_expect_str_eq(first.name, "mul");
    cr_expect_eq(first.inputs, 2);
    cr_expect_not(first.with_number);
    cr_expect(strstr(formula_read(&f, "3 + 4", NULL), "no variable"));
    cr_expect(strstr(formula_read(&f, "a+b+c+d+f+g+h+i+j", NULL), "too many variables: at most 8"));
}
