/* The numbers of docs/book/10-tuning.md, computed again. What it quotes is in test_docs.c. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "examples/lab/tune/forest.h"
#include "examples/lab/tune/names.h"
#include "examples/lab/tune/space.h"

/* Expects the words in the chapter. */
static void expect(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void expect(const char *format, ...)
{
    static char page[65536];
    char words[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    FILE *file = fopen(TARN_SOURCE_DIR "/docs/book/10-tuning.md", "rb");
    cr_assert(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    cr_expect(strstr(page, words), "the chapter does not say \"%s\"", words);
}

static value middle(const char *text, double place)
{
    space s;
    space_of(&s, text);
    return axis_value(&s.axes[0], place);
}

Test(book_tuning, a_draw)
{
    const char *lr = "lr=log:1e-4..1e-1";
    expect("0.0001 · 1000^0.25 = %s\n", middle(lr, 0.25).text);
    expect("0.0001 · 1000^0.5  = %s\n", middle(lr, 0.5).text);
    expect("0.0001 · 1000^0.75 = %s\n", middle(lr, 0.75).text);
    expect("1 − 0.1 · 0.001^0.5 = %s\n", middle("beta2=1-log:0.9..0.9999", 0.5).text);
    expect("would draw %.0f%% of the rates", 100 * (0.1 - 0.01) / (0.1 - 1e-4));
}

Test(book_tuning, halving)
{
    const double first = 94 / 9.0, second = 31 * (1 / 3.0 - 1 / 9.0), third = 10 * (1 - 1 / 3.0);
    expect("= %.3f + %.3f + %.3f = %.0f\n", first, second, third, first + second + third);
    cr_expect_leq(first + second + third, 24);
}

Test(book_tuning, importance)
{
    const forest_box boxes[] = {{{0, 0}, {0.5, 0.5}, 90},
                                {{0, 0.5}, {0.5, 1}, 92},
                                {{0.5, 0}, {1, 0.5}, 94},
                                {{0.5, 0.5}, {1, 1}, 98}};
    double v[FOREST_AXES];
    const double whole = forest_variances(boxes, 4, 2, v);
    expect("/ 4 = %.2f\n", whole);
    expect("/ 2 = %.2f\n", v[0]);
    expect("/ 2 = %.2f\n", v[1]);
    expect("%.2f / %.2f = %.1f%% of the variance, β₁ %.1f%%, and %.1f%% are left", v[0], whole,
           100 * v[0] / whole, 100 * v[1] / whole, 100 * (1 - (v[0] + v[1]) / whole));
}

Test(book_tuning, noise_and_the_exercise)
{
    const double trials = log(0.05) / log(0.95);
    expect("/ 1000) = %.2f points", 100 * sqrt(0.96 * 0.04 / 1000));
    expect("= %.1f, so %.0f trials\n", trials, ceil(trials));
}
