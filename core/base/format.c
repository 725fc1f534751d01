#include "core/base/format.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Numbers have a point in this thread until restore(), which takes what was returned. Where memory
   runs out for it the locale stays as it is. */
static locale_t use_points(void)
{
    const locale_t points = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return points ? uselocale(points) : (locale_t)0;
}

static void restore(locale_t before)
{
    if (before)
        freelocale(uselocale(before));
}

int tarn__format_list(char *text, size_t size, const char *format, va_list arguments)
{
    const locale_t before = use_points();
    const int length = vsnprintf(text, size, format, arguments);
    restore(before);
    return length;
}

double tarn__number(const char *text)
{
    const locale_t before = use_points();
    char *end;
    const double value = strtod(text, &end);
    restore(before);
    return end == text || *end != '\0' ? NAN : value;
}

int tarn__format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = tarn__format_list(text, size, format, arguments);
    va_end(arguments);
    return length;
}

tarn__digits tarn__digits_of(double number)
{
    tarn__digits digits;
    for (int precision = 1; precision <= 17; precision++) {
        tarn__format(digits.text, sizeof digits.text, "%.*g", precision, number);
        if (tarn__number(digits.text) == number)
            break;
    }
    return digits;
}

size_t tarn__add_name(char *text, size_t size, size_t used, const char *name)
{
    const int added = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", name);
    if (added >= 0 && (size_t)added < size - used)
        return used + (size_t)added;
    text[used] = '\0';
    return used;
}

void tarn__count_to_text(double count, char *text, size_t size)
{
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%.0f", count);
    size_t used = 0;
    for (int i = 0; i < length && i < (int)sizeof digits - 1 && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}
