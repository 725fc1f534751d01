#include "examples/lab/tune/space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* ---- Reading */

/* Copies so many letters; dies if there is no room. */
static void copy(const axis *a, char *to, size_t size, const char *from, size_t length)
{
    if (length >= size)
        die("%s: \"%.*s\" is too long, expects at most %zu letters", a->part, (int)length, from,
            size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

bool is_number(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

static double read_end(const axis *a, const char *text, size_t length)
{
    char word[VALUE_SIZE];
    double number;
    copy(a, word, sizeof word, text, length);
    if (!is_number(word, &number))
        die("%s: \"%s\" is no number, expects a range such as 0.8..0.99", a->part, word);
    return number;
}

static void read_range(axis *a, const char *text, const char *dots)
{
    a->low = read_end(a, text, (size_t)(dots - text));
    a->high = read_end(a, dots + 2, strlen(dots + 2));
    if (a->low == a->high)
        die("%s: is a range of one number, expects %s=%.*s", a->part, a->name, (int)(dots - text),
            text);
    if (a->low > a->high)
        die("%s: the range ends below its beginning", a->part);
    if (a->scale == SCALE_LOG && a->low <= 0)
        die("%s: a logarithmic range begins above 0", a->part);
    if (a->scale == SCALE_ONE_MINUS_LOG && a->high >= 1)
        die("%s: a range that is logarithmic in 1 - %s ends below 1", a->part, a->name);
}

static void read_choices(axis *a, const char *text)
{
    while (text) {
        const size_t length = strcspn(text, "|");
        if (length == 0)
            die("%s: a choice is empty", a->part);
        if (a->count == AXIS_CHOICES)
            die("%s: has more than %d choices", a->part, AXIS_CHOICES);
        value *v = &a->choices[a->count];
        copy(a, v->text, sizeof v->text, text, length);
        for (int i = 0; i < a->count; i++)
            if (is(a->choices[i].text, v->text))
                die("%s: names %s twice", a->part, v->text);
        a->count++;
        text = text[length] ? text + length + 1 : NULL;
    }
}

/* The scale that a prefix asks for; *text is then behind it. */
static axis_scale read_scale(const char **text)
{
    static const struct {
        const char *prefix;
        axis_scale scale;
    } scales[] = {{"log:", SCALE_LOG}, {"1-log:", SCALE_ONE_MINUS_LOG}};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const size_t length = strlen(scales[i].prefix);
        if (strncmp(*text, scales[i].prefix, length) == 0) {
            *text += length;
            return scales[i].scale;
        }
    }
    return SCALE_LINEAR;
}

static void read_axis(space *s, const char *part, size_t length)
{
    if (length >= sizeof s->axes->part)
        die("%.40s...: is too long for a part of a space", part);
    if (s->count == SPACE_AXES)
        die("%.*s: is one hyperparameter too many, expects at most %d", (int)length, part,
            SPACE_AXES);
    axis *a = &s->axes[s->count];
    copy(a, a->part, sizeof a->part, part, length);
    const size_t name_length = strcspn(a->part, "=");
    if (name_length == 0 || a->part[name_length] == '\0')
        die("%s: expects a name and values, such as lr=log:1e-4..1e-1 or batch=16|32", a->part);
    if (strchr(a->part, '"'))
        die("%s: holds a quotation mark", a->part);
    copy(a, a->name, sizeof a->name, a->part, name_length);
    if (space_axis(s, a->name))
        die("%s: %s stands there twice", a->part, a->name);
    const char *text = a->part + name_length + 1;
    a->scale = read_scale(&text);
    const char *dots = strstr(text, "..");
    if (dots)
        read_range(a, text, dots);
    else if (a->scale != SCALE_LINEAR)
        die("%s: expects a range behind the colon, such as %s=log:1e-4..1e-1", a->part, a->name);
    else {
        a->scale = SCALE_CHOICES;
        read_choices(a, text);
    }
    s->count++;
}

void space_read(space *s, const char *text)
{
    *s = (space){0};
    while (text) {
        const size_t length = strcspn(text, ",");
        if (length == 0)
            die("\"%s\": a part of the space is empty, expects parts such as lr=log:1e-4..1e-1 "
                "with commas between them",
                text);
        read_axis(s, text, length);
        text = text[length] ? text + length + 1 : NULL;
    }
}

const axis *space_axis(const space *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (is(s->axes[i].name, name))
            return &s->axes[i];
    return NULL;
}

/* ---- Values */

/* Rounded to four digits, or as many as it takes to stay in the range. */
static value rounded(const axis *a, double number)
{
    value v;
    for (int digits = 4; digits <= 17; digits++) {
        snprintf(v.text, sizeof v.text, "%.*g", digits, number);
        const double read = strtod(v.text, NULL);
        if (read >= a->low && read <= a->high)
            break;
    }
    return v;
}

value axis_value(const axis *a, double place)
{
    value v;
    double number = a->low + place * (a->high - a->low);
    if (a->scale == SCALE_CHOICES) {
        const int i = (int)(place * a->count);
        return a->choices[i < a->count ? i : a->count - 1];
    }
    if (a->scale == SCALE_LOG)
        number = a->low * pow(a->high / a->low, place);
    if (a->scale == SCALE_ONE_MINUS_LOG) {
        /* Three digits of what is missing to 1. */
        snprintf(v.text, sizeof v.text, "%.3g",
                 (1 - a->low) * pow((1 - a->high) / (1 - a->low), place));
        number = 1 - strtod(v.text, NULL);
        snprintf(v.text, sizeof v.text, "%.12g", fmin(fmax(number, a->low), a->high));
        return v;
    }
    number = fmin(fmax(number, a->low), a->high);
    if (!a->whole)
        return rounded(a, number);
    snprintf(v.text, sizeof v.text, "%.0f", number);
    return v;
}
