#include "examples/playground/formula.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- The operations. NUMBER is a constant. */

enum { NUMBER, ADD, SUB, MUL, DIV, SCALE, POW, NEG, SQUARE, FUNCTIONS };

static const struct operation {
    const char *name;
    tarn_tensor *(*of_two)(tarn_tensor *, tarn_tensor *);
    tarn_tensor *(*of_one)(tarn_tensor *);
    tarn_tensor *(*with_number)(tarn_tensor *, double);
} operations[] = {
    [NUMBER] = {.name = "tarn_number"},
    [ADD] = {.name = "tarn_add", .of_two = tarn_add},
    [SUB] = {.name = "tarn_sub", .of_two = tarn_sub},
    [MUL] = {.name = "tarn_mul", .of_two = tarn_mul},
    [DIV] = {.name = "tarn_div", .of_two = tarn_div},
    [SCALE] = {.name = "tarn_scale", .with_number = tarn_scale},
    [POW] = {.name = "tarn_pow", .with_number = tarn_pow},
    [NEG] = {.name = "tarn_neg", .of_one = tarn_neg},
    [SQUARE] = {.name = "tarn_square", .of_one = tarn_square},
    [FUNCTIONS] = {.name = "tarn_abs", .of_one = tarn_abs},
    {.name = "tarn_exp", .of_one = tarn_exp},
    {.name = "tarn_log", .of_one = tarn_log},
    {.name = "tarn_relu", .of_one = tarn_relu},
    {.name = "tarn_sigmoid", .of_one = tarn_sigmoid},
    {.name = "tarn_sqrt", .of_one = tarn_sqrt},
    {.name = "tarn_tanh", .of_one = tarn_tanh},
    {.name = "tarn_cos", .of_one = tarn_cos},
    {.name = "tarn_sin", .of_one = tarn_sin},
};
enum { OPERATIONS = sizeof operations / sizeof *operations, PREFIX = sizeof "tarn_" - 1 };

/* ---- Reading. A part that depends on no variable is computed at once, in double. */

typedef struct part {
    int value; /* -1: a constant */
    double number;
} part;

static struct reader {
    formula *f;
    bool open; /* a name is a variable where it was not yet */
    const char *begin, *at;
    int depth;
    bool failed;
    char error[200];
} r;

static part fail(const char *format, ...)
{
    if (!r.failed) {
        va_list list;
        va_start(list, format);
        vsnprintf(r.error, sizeof r.error, format, list);
        va_end(list);
    }
    r.failed = true;
    return (part){-1, 0};
}

static part constant(double number)
{
    return isfinite(number) ? (part){-1, number} : fail("a constant in it is not finite");
}

/* The value of a step; one that is there already serves again. */
static part add_step(int operation, int a, int b, double number)
{
    for (int i = FORMULA_VARIABLES; i < r.f->count; i++) {
        const formula_step *s = r.f->steps + i;
        if (s->operation == operation && s->a == a && s->b == b && s->number == number)
            return (part){i, 0};
    }
    if (r.f->count == FORMULA_STEPS)
        return fail("it is too long: at most %d operations", FORMULA_STEPS - FORMULA_VARIABLES);
    r.f->steps[r.f->count] = (formula_step){operation, a, b, number};
    return (part){r.f->count++, 0};
}

static int value_of(part p)
{
    return p.value >= 0 ? p.value : add_step(NUMBER, 0, 0, p.number).value;
}

static part apply(int operation, part a)
{
    return r.failed ? a : add_step(operation, value_of(a), 0, 0);
}

static part scale(part a, double by)
{
    return add_step(SCALE, a.value, 0, by);
}

static part combine(int operation, part a, part b)
{
    if (r.failed)
        return a;
    if (a.value < 0 && b.value < 0)
        return constant(operation == ADD   ? a.number + b.number
                        : operation == SUB ? a.number - b.number
                        : operation == MUL ? a.number * b.number
                                           : a.number / b.number);
    if (operation == MUL && a.value < 0)
        return scale(b, a.number);
    if (operation == MUL && b.value < 0)
        return scale(a, b.number);
    if (operation == DIV && b.value < 0)
        return b.number == 0 ? fail("it divides by 0") : scale(a, 1 / b.number);
    const int left = value_of(a), right = value_of(b);
    return r.failed ? a : add_step(operation, left, right, 0);
}

/* Small whole powers are products, which are exact in their signs and quick. */
static part whole_power(part a, int n)
{
    if (n == 1 || r.failed)
        return a;
    if (n % 2 == 0)
        return apply(SQUARE, whole_power(a, n / 2));
    const part rest = whole_power(a, n - 1);
    return r.failed ? rest : add_step(MUL, rest.value, a.value, 0);
}

static part power(part a, part b)
{
    if (r.failed)
        return a;
    if (a.value < 0 && b.value < 0)
        return constant(pow(a.number, b.number));
    if (b.value < 0 && b.number >= 1 && b.number <= 16 && b.number == floor(b.number))
        return whole_power(a, (int)b.number);
    if (b.value < 0)
        return add_step(POW, a.value, 0, b.number);
    if (a.value < 0 && !(a.number > 0))
        return fail("%g is raised to a power, expects a base above 0", a.number);
    enum { EXP = FUNCTIONS + 1, LOG };
    if (a.value < 0)
        return apply(EXP, scale(b, log(a.number)));
    return apply(EXP, combine(MUL, b, apply(LOG, a)));
}

static char next(void)
{
    while (isspace((unsigned char)*r.at))
        r.at++;
    return *r.at;
}

static bool take(char c)
{
    const bool found = next() == c;
    r.at += found;
    return found;
}

static part read_sum(void);

static part in_brackets(void)
{
    const part inside = read_sum();
    return r.failed || take(')')
               ? inside
               : fail("a closing bracket is missing at character %d", (int)(r.at - r.begin) + 1);
}

/* A letter, and where names are open the digits behind it. */
static part read_variable(const char *name)
{
    char own[sizeof *r.f->names] = {*r.at++};
    for (size_t n = 1; r.open && isdigit((unsigned char)*r.at); r.at++)
        if (n < sizeof own - 1)
            own[n++] = *r.at;
    int i = 0;
    while (i < r.f->variables && strcmp(r.f->names[i], own) != 0)
        i++;
    if (i < r.f->variables)
        return (part){i, 0};
    if (!r.open)
        return fail("%s is not known: there are x, y, pi, e and abs, cos, exp, log, relu, sigmoid, "
                    "sin, sqrt, tanh",
                    name);
    if (i == FORMULA_VARIABLES)
        return fail("it has too many variables: at most %d", FORMULA_VARIABLES);
    strcpy(r.f->names[r.f->variables++], own);
    return (part){i, 0};
}

static part read_name(void)
{
    char name[16];
    size_t n = 0;
    const char *end = r.at;
    for (; isalpha((unsigned char)*end); end++)
        if (n < sizeof name - 1)
            name[n++] = *end;
    name[n] = '\0';
    for (int i = FUNCTIONS; i < OPERATIONS; i++) {
        if (strcmp(operations[i].name + PREFIX, name) != 0)
            continue;
        r.at = end;
        return take('(') ? apply(i, in_brackets()) : fail("expects ( behind %s", name);
    }
    if (strcmp(name, "pi") != 0 && strcmp(name, "e") != 0)
        return read_variable(name);
    r.at = end;
    return constant(name[0] == 'p' ? acos(-1) : exp(1));
}

static part read_atom(void)
{
    const char c = next();
    if (take('('))
        return in_brackets();
    if (isalpha((unsigned char)c))
        return read_name();
    if (isdigit((unsigned char)c) || c == '.') {
        const bool hex = c == '0' && (r.at[1] == 'x' || r.at[1] == 'X'); /* 0 times x here */
        char *end = (char *)r.at + 1;
        const double number = hex ? 0 : strtod(r.at, &end);
        if (end > r.at) {
            r.at = end;
            return constant(number);
        }
    }
    return c ? fail("did not expect %c at character %d", c, (int)(r.at - r.begin) + 1)
             : fail("it ends where a number, a variable or a bracket should stand");
}

static part read_factor(void)
{
    if (r.depth == 100)
        return fail("it is nested too deeply");
    r.depth++;
    part p;
    if (take('-')) {
        p = read_factor();
        p = r.failed ? p : p.value < 0 ? constant(-p.number) : apply(NEG, p);
    } else {
        p = read_atom();
        if (!r.failed && take('^'))
            p = power(p, read_factor());
    }
    r.depth--;
    return p;
}

static part read_product(void)
{
    part p = read_factor();
    while (!r.failed) {
        const char c = next();
        if (take('*') || c == '(' || isalnum((unsigned char)c) || c == '.')
            p = combine(MUL, p, read_factor());
        else if (take('/'))
            p = combine(DIV, p, read_factor());
        else
            break;
    }
    return p;
}

static part read_sum(void)
{
    part p = read_product();
    while (!r.failed) {
        if (take('+'))
            p = combine(ADD, p, read_product());
        else if (take('-'))
            p = combine(SUB, p, read_product());
        else
            break;
    }
    return p;
}

const char *formula_read(formula *f, const char *text, const char *variables)
{
    *f = (formula){.count = FORMULA_VARIABLES};
    for (; variables && *variables; variables++)
        f->names[f->variables++][0] = *variables;
    r = (struct reader){.f = f, .open = !variables, .begin = text, .at = text};
    const part p = read_sum();
    if (!r.failed && next())
        fail("did not expect %c at character %d", *r.at, (int)(r.at - r.begin) + 1);
    if (!r.failed && p.value < 0)
        fail(r.open ? "there is no variable in it" : "it depends on neither x nor y");
    if (!r.failed && p.value != f->count - 1) /* the result is the last value */
        add_step(SCALE, p.value, 0, 1);
    return r.failed ? r.error : NULL;
}

/* ---- Computing and printing */

tarn_tensor *formula_compute(const formula *f, int i, tarn_tensor *const *values)
{
    const formula_step *s = f->steps + i;
    const struct operation *o = operations + s->operation;
    return o->of_two        ? o->of_two(values[s->a], values[s->b])
           : o->of_one      ? o->of_one(values[s->a])
           : o->with_number ? o->with_number(values[s->a], s->number)
                            : tarn_number(s->number);
}

tarn_tensor *formula_value(const formula *f, tarn_tensor *const *variables)
{
    tarn_tensor *values[FORMULA_STEPS] = {0};
    for (int i = 0; i < f->variables; i++)
        values[i] = variables[i];
    for (int i = FORMULA_VARIABLES; i < f->count; i++)
        values[i] = formula_compute(f, i, values);
    return values[f->count - 1];
}

formula_operation formula_operation_of(const formula *f, int i)
{
    const struct operation *o = operations + f->steps[i].operation;
    const bool number = f->steps[i].operation == NUMBER;
    return (formula_operation){.name = o->name + PREFIX,
                               .inputs = o->of_two ? 2 : !number,
                               .with_number = number || o->with_number};
}

const char *formula_name(const formula *f, int i, char text[16])
{
    if (i < FORMULA_VARIABLES)
        return f->names[i];
    snprintf(text, 16, "op%d", i - FORMULA_VARIABLES + 1); /* no variable has two letters */
    return text;
}

/* The shortest that is read back as the same. */
static const char *number_text(double number, char text[32])
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return text;
}

void formula_print_step(const formula *f, int i, FILE *stream)
{
    const formula_step *s = f->steps + i;
    const formula_operation o = formula_operation_of(f, i);
    char a[16], b[16], number[32];
    fprintf(stream, "tarn_%s(", o.name);
    if (o.inputs > 0)
        fputs(formula_name(f, s->a, a), stream);
    if (o.inputs > 1)
        fprintf(stream, ", %s", formula_name(f, s->b, b));
    if (o.with_number)
        fprintf(stream, "%s%s", o.inputs ? ", " : "", number_text(s->number, number));
    fputc(')', stream);
}

void formula_print(const formula *f, FILE *stream)
{
    char name[16];
    for (int i = FORMULA_VARIABLES; i < f->count; i++) {
        fprintf(stream, "    tarn_tensor *%s = ", formula_name(f, i, name));
        formula_print_step(f, i, stream);
        fputs(";\n", stream);
    }
    fprintf(stream, "    return %s;\n", formula_name(f, f->count - 1, name));
}
