#include "core/base/text.h"

#include <stdint.h>

/* How many bytes a character takes by its first one. */
static size_t length_by(uint8_t first)
{
    return first == 0     ? 0
           : first < 0x80 ? 1
           : first < 0xC0 ? 0
           : first < 0xE0 ? 2
           : first < 0xF0 ? 3
           : first < 0xF8 ? 4
                          : 0;
}

size_t tarn_utf8_length(const char *text)
{
    /* The least number that takes so many bytes: a smaller one is to be written in fewer. */
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!text)
        return 0;
    const uint8_t *bytes = (const uint8_t *)text;
    const size_t length = length_by(bytes[0]);
    uint32_t number = length > 1 ? bytes[0] & (0x7Fu >> length) : bytes[0];
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) /* the end of the text too */
            return 0;
        number = number << 6 | (bytes[i] & 0x3F);
    }
    const bool surrogate = number >= 0xD800 && number < 0xE000;
    return number < least[length] || number > 0x10FFFF || surrogate ? 0 : length;
}

bool tarn_is_utf8(const char *text)
{
    size_t length = tarn_utf8_length(text);
    while (length > 0) {
        text += length;
        length = tarn_utf8_length(text);
    }
    return !text || *text == '\0';
}
