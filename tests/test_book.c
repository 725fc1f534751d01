/* The arithmetic in the book, and in the page on curvature, is right. In each line that is indented
   by four,

       w₁ = 1 − 0.1 · 1 / √0.01 = 0.9        v₁ = ...

   what stands between three blanks or more is a chain, and two neighbours in it of which both are
   made of numbers, + − · / √ ² ³ ( ) log( exp( alone must agree, to the digits that the second one
   has. (That the library comes to the same numbers is for tests/optim/test_docs_optimizers.c.) */
#include <ctype.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

/* ---- The value of an expression */

/* Where it has been read to, and whether it could be so far. */
typedef struct reader {
    const char *at;
    bool ok;
} reader;

/* Goes over the sign, and blanks before it, if it comes next. */
static bool comes(reader *r, const char *sign)
{
    const char *at = r->at + strspn(r->at, " ");
    const size_t length = strlen(sign);
    if (strncmp(at, sign, length) != 0)
        return false;
    r->at = at + length;
    return true;
}

static double sum(reader *r);

static double number(reader *r)
{
    r->at += strspn(r->at, " ");
    char *end = (char *)r->at;
    const double value = isdigit((unsigned char)*r->at) ? strtod(r->at, &end) : 0;
    r->ok &= end > r->at;
    r->at = end;
    return value;
}

static double factor(reader *r)
{
    if (comes(r, "−"))
        return -factor(r);
    if (comes(r, "√"))
        return sqrt(factor(r));
    const bool is_log = comes(r, "log("), is_exp = !is_log && comes(r, "exp(");
    double value = is_log || is_exp || comes(r, "(") ? sum(r) : NAN;
    if (isnan(value))
        value = number(r);
    else
        r->ok &= comes(r, ")");
    value = is_log ? log(value) : is_exp ? exp(value) : value;
    return comes(r, "²") ? value * value : comes(r, "³") ? value * value * value : value;
}

static double product(reader *r)
{
    double value = factor(r);
    while (r->ok)
        if (comes(r, "·"))
            value *= factor(r);
        else if (comes(r, "/"))
            value /= factor(r);
        else
            break;
    return value;
}

static double sum(reader *r)
{
    double value = product(r);
    while (r->ok)
        if (comes(r, "+"))
            value += product(r);
        else if (comes(r, "−"))
            value -= product(r);
        else
            break;
    return value;
}

/* NaN if it is no expression. */
static double value_of(const char *text)
{
    reader r = {text, true};
    const double value = sum(&r);
    return r.ok && r.at[strspn(r.at, " ")] == '\0' ? value : NAN;
}

Test(book, expressions_are_computed)
{
    cr_expect_float_eq(value_of("1 − 0.1 · (1 + 0.9 · 1)"), 0.81, 1e-12);
    cr_expect_float_eq(value_of("0.9 − 0.1 · 0.9 / √1.81"), 0.9 - 0.09 / sqrt(1.81), 1e-12);
    cr_expect_float_eq(value_of("√(4 · 2²) − −log(1)"), 4, 1e-12);
    cr_expect_float_eq(value_of("exp(1) + 2³"), exp(1) + 8, 1e-12);
    cr_expect(isnan(value_of("0.9 v")));
    cr_expect(isnan(value_of("0.9ᵗ")));
    cr_expect(isnan(value_of("(1, 2)")));
    cr_expect(isnan(value_of("")));
}

/* ---- The chains */

/* Half a unit of the last digit of a number; whole ones are meant exactly. */
static double precision(const char *printed)
{
    const char *point = strchr(printed, '.');
    return point ? 0.5 * pow(10, -(double)strspn(point + 1, "0123456789")) : 0;
}

/* Returns how many of its neighbours were compared. */
static int check_chain(const char *page, char *chain)
{
    int count = 0;
    double before = NAN;
    for (char *part = chain; part;) {
        char *next = strstr(part, " = ");
        if (next)
            *next = '\0';
        const double value = value_of(part);
        if (!isnan(before) && !isnan(value)) {
            cr_expect(fabs(before - value) <= precision(part) + 1e-9,
                      "%s: %s is wrong, what stands before it is %.9g", page, part, before);
            count++;
        }
        before = value;
        part = next ? next + strlen(" = ") : NULL;
    }
    return count;
}

static int check_line(const char *page, char *line)
{
    int count = 0;
    for (char *chain = line; chain;) {
        char *gap = strstr(chain, "   ");
        if (gap)
            *gap = '\0';
        count += check_chain(page, chain);
        chain = gap ? gap + 1 + strspn(gap + 1, " ") : NULL;
    }
    return count;
}

static int check_page(const char *page)
{
    FILE *file = fopen(page, "r");
    cr_assert(file, "%s", page);
    char line[1024];
    int count = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "    ", 4) == 0)
            count += check_line(page, line + strspn(line, " "));
    }
    fclose(file);
    return count;
}

Test(book, numbers_are_right)
{
    glob_t pages;
    int count = 0;
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/book/*.md", 0, NULL, &pages), 0);
    cr_assert_eq(glob(TARN_SOURCE_DIR "/docs/curvature.md", GLOB_APPEND, NULL, &pages), 0);
    for (size_t i = 0; i < pages.gl_pathc; i++)
        count += check_page(pages.gl_pathv[i]);
    globfree(&pages);
    cr_expect_geq(count, 40);
}
