#include "core/base/format.h"

#include <locale.h>
#include <stdio.h>

/* The locale is that of this thread alone, and for this call. */
int tarn__format_list(char *text, size_t size, const char *format, va_list arguments)
{
    const locale_t points = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = points ? uselocale(points) : (locale_t)0;
    const int length = vsnprintf(text, size, format, arguments);
    if (points) {
        uselocale(before);
        freelocale(points);
    }
    return length;
}

int tarn__format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = tarn__format_list(text, size, format, arguments);
    va_end(arguments);
    return length;
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
