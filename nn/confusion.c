/*
 * The confusion matrix: how many rows of each label (truth) had each guess. Printed as
 *
 *     truth \ guess     cat     dog  recall
 *     cat                 8       2   80.0%
 *     dog                 1       9   90.0%
 *     precision       88.9%   81.8%   85.0%
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "nn/confusion.h"
#include "nn/metrics_internal.h"
#include "nn/module.h"

struct tarn_confusion {
    int classes;
    int64_t *counts; /* (classes, classes): truth, guess */
};

tarn_confusion *tarn_confusion_new(int classes)
{
    if (classes < 1)
        return tarn_fail("confusion: %d classes, expects at least 1", classes);
    tarn_confusion *c = malloc(sizeof *c);
    int64_t *counts = calloc((size_t)classes, (size_t)classes * sizeof *counts);
    if (!c || !counts) {
        free(c);
        free(counts);
        tarn_set_error("out of memory for the confusions of %d classes", classes);
        return NULL;
    }
    *c = (tarn_confusion){classes, counts};
    return c;
}

void tarn_confusion_free(tarn_confusion *c)
{
    if (c)
        free(c->counts);
    free(c);
}

void tarn_confusion_clear(tarn_confusion *c)
{
    if (c)
        memset(c->counts, 0, (size_t)c->classes * (size_t)c->classes * sizeof *c->counts);
}

bool tarn_confusion_add(tarn_confusion *c, const tarn_tensor *logits, tarn_labels labels)
{
    if (!c)
        return tarn_fail_null("confusion_add: the matrix");
    if (!tarn__check_guesses("confusion_add", logits, labels))
        return false;
    const int classes = c->classes;
    if (tarn_dim(logits, 1) != classes)
        return tarn_fail("confusion_add: logits are %s, expects (N,%d)",
                         tarn_shape_to_text(tarn_shape_get(logits)).text, classes);
    for (int64_t i = 0; i < labels.count; i++) {
        int64_t guess = tarn__guess(tarn_values(logits) + i * classes, classes);
        c->counts[(int64_t)labels.ids[i] * classes + guess]++;
    }
    return true;
}

/* ---- What was counted */

static int64_t count(const tarn_confusion *c, int truth, int guess)
{
    return c->counts[(int64_t)truth * c->classes + guess];
}

static double share_of_row(const tarn_confusion *c, int label)
{
    int64_t all = 0;
    for (int i = 0; i < c->classes; i++)
        all += count(c, label, i);
    return (double)count(c, label, label) / (double)all;
}

static double share_of_column(const tarn_confusion *c, int guess)
{
    int64_t all = 0;
    for (int i = 0; i < c->classes; i++)
        all += count(c, i, guess);
    return (double)count(c, guess, guess) / (double)all;
}

static bool is_class(const char *name, const tarn_confusion *c, int i)
{
    if (!c || (i >= 0 && i < c->classes))
        return c;
    return tarn_fail("%s: class %d, expects 0 or more and below %d", name, i, c->classes);
}

int64_t tarn_confusion_count(const tarn_confusion *c, int truth, int guess)
{
    return is_class("confusion_count", c, truth) && is_class("confusion_count", c, guess)
               ? count(c, truth, guess)
               : 0;
}

double tarn_confusion_recall(const tarn_confusion *c, int label)
{
    return is_class("confusion_recall", c, label) ? share_of_row(c, label) : NAN;
}

double tarn_confusion_precision(const tarn_confusion *c, int guess)
{
    return is_class("confusion_precision", c, guess) ? share_of_column(c, guess) : NAN;
}

double tarn_confusion_accuracy(const tarn_confusion *c)
{
    int64_t right = 0, all = 0;
    for (int64_t i = 0; c && i < (int64_t)c->classes * c->classes; i++) {
        all += c->counts[i];
        right += i % (c->classes + 1) == 0 ? c->counts[i] : 0;
    }
    return (double)right / (double)all;
}

/* ---- The table: one more row and column on each side than there are classes. */

typedef struct table {
    const tarn_confusion *of;
    const char *const *names;
} table;

typedef struct cell_text {
    char text[32];
} cell_text;

static const char *percent(double share, cell_text *to)
{
    if (isnan(share))
        return "-";
    tarn__format(to->text, sizeof to->text, "%.1f%%", 100 * share);
    return to->text;
}

static const char *number(int64_t value, cell_text *to)
{
    snprintf(to->text, sizeof to->text, "%lld", (long long)value);
    return to->text;
}

static const char *class_name(const table *t, int i, cell_text *to)
{
    return t->names && t->names[i] ? t->names[i] : number(i, to);
}

/* What stands in a cell, counted from the upper left; in the buffer, or elsewhere. */
static const char *cell(const table *t, int row, int column, cell_text *to)
{
    const int last = t->of->classes + 1;
    if (row == 0)
        return column == 0      ? "truth \\ guess"
               : column == last ? "recall"
                                : class_name(t, column - 1, to);
    if (row == last)
        return column == 0      ? "precision"
               : column == last ? percent(tarn_confusion_accuracy(t->of), to)
                                : percent(share_of_column(t->of, column - 1), to);
    return column == 0      ? class_name(t, row - 1, to)
           : column == last ? percent(share_of_row(t->of, row - 1), to)
                            : number(count(t->of, row - 1, column - 1), to);
}

/* In characters of UTF-8, whose bytes but the first are 10xxxxxx. */
static int width(const char *text)
{
    int characters = 0;
    for (; *text; text++)
        characters += (*text & 0xc0) != 0x80;
    return characters;
}

/* Of the first column, and of all others, which are alike. */
static void measure(const table *t, int *first, int *others)
{
    const int last = t->of->classes + 1;
    cell_text buffer;
    *first = *others = 0;
    for (int row = 0; row <= last; row++)
        for (int column = 0; column <= last; column++) {
            const int own = width(cell(t, row, column, &buffer));
            int *of = column == 0 ? first : others;
            *of = own > *of ? own : *of;
        }
}

bool tarn_confusion_print(const tarn_confusion *c, const char *const *names, FILE *stream)
{
    if (!c || !stream)
        return false;
    const table t = {c, names};
    const int last = c->classes + 1;
    int first, others;
    measure(&t, &first, &others);
    for (int row = 0; row <= last; row++) {
        cell_text buffer;
        const char *name = cell(&t, row, 0, &buffer);
        fprintf(stream, "%s%*s", name, first - width(name), "");
        for (int column = 1; column <= last; column++) {
            const char *text = cell(&t, row, column, &buffer);
            fprintf(stream, "  %*s%s", others - width(text), "", text);
        }
        fputc('\n', stream);
    }
    if (fflush(stream) != 0 || ferror(stream))
        return tarn__told(
            tarn_set_error("confusion_print: the stream cannot be written: %s", strerror(errno)));
    return true;
}
