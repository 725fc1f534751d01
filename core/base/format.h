/* Text with numbers in it, the same whatever setlocale() was told: 0.25 has a point. */
#ifndef TARN_CORE_BASE_FORMAT_H
#define TARN_CORE_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

#include "core/base/api.h"

/* As snprintf() and vsnprintf(). */
TARN_PRINTF(3, 4) int tarn__format(char *text, size_t size, const char *format, ...);
int tarn__format_list(char *text, size_t size, const char *format, va_list arguments);

/* The number that is the whole text, as strtod() reads it; NaN if the text is no number. */
double tarn__number(const char *text);

/* A number with as many digits as it takes to be read back: 0.1. */
typedef struct tarn__digits {
    char text[32];
} tarn__digits;
tarn__digits tarn__digits_of(double number);

/* Appends a name to a list of them, "lr, beta1", of which so many letters are used; returns how
   many are then. One that does not fit is left out. */
size_t tarn__add_name(char *text, size_t size, size_t used, const char *name);

/* 1199882 as "1,199,882". */
void tarn__count_to_text(double count, char *text, size_t size);

#endif
