/* Texts from outside, such as the names of files, in which any byte but 0 may stand. */
#ifndef TARN_CORE_BASE_TEXT_H
#define TARN_CORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* How many bytes the character of UTF-8 (RFC 3629) takes that begins the text, 1 to 4; 0 if none
   does, at the end of the text, and for NULL. */
size_t tarn_utf8_length(const char *text);

/* Whether the whole text is UTF-8, as the names of classes have to be. True for NULL, which says
   nothing else. */
bool tarn_is_utf8(const char *text);

TARN_API_END

#endif
