#include "examples/lab/lib/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The least number that takes so many bytes: a smaller one is to be written in fewer. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

size_t text_character(const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;
    const size_t length = bytes[0] == 0     ? 0
                          : bytes[0] < 0x80 ? 1
                          : bytes[0] < 0xC0 ? 0
                          : bytes[0] < 0xE0 ? 2
                          : bytes[0] < 0xF0 ? 3
                          : bytes[0] < 0xF8 ? 4
                                            : 0;
    uint32_t number = length > 1 ? bytes[0] & (0x7Fu >> length) : bytes[0];
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) /* the end of the text too */
            return 0;
        number = number << 6 | (bytes[i] & 0x3F);
    }
    const bool surrogate = number >= 0xD800 && number < 0xE000;
    return number < least[length] || number > 0x10FFFF || surrogate ? 0 : length;
}

/* Characters with a letter that stands for them behind a backslash. */
static const char codes[] = "\a\b\t\n\v\f\r\\", letters[] = "abtnvfr\\";

/* What stands behind a backslash for it; 0 if it needs none. */
static char letter_of(char c)
{
    const char *found = strchr(codes, c);
    return found && c ? letters[found - codes] : '\0';
}

void text_print(FILE *stream, const char *text)
{
    while (*text) {
        const size_t length = text_character(text);
        if (letter_of(*text))
            fprintf(stream, "\\%c", letter_of(*text));
        else if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7F)
            fprintf(stream, "\\x%02x", (unsigned)(unsigned char)*text);
        else
            fwrite(text, 1, length, stream);
        text += length > 0 ? length : 1;
    }
}

void text_print_json(FILE *stream, const char *text)
{
    fputc('"', stream);
    while (*text) {
        const size_t length = text_character(text);
        if (length == 0)
            fputs("\\ufffd", stream);
        else if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(stream, "\\u%04x", (unsigned)*text);
        else
            fwrite(text, 1, length, stream);
        text += length > 0 ? length : 1;
    }
    fputc('"', stream);
}

void text_undo(char *text)
{
    char *to = text;
    while (*text) {
        const char *found = text[0] == '\\' && text[1] ? strchr(letters, text[1]) : NULL;
        unsigned byte;
        int length = 0;
        if (found) {
            *to++ = codes[found - letters];
            text += 2;
        } else if (sscanf(text, "\\x%2x%n", &byte, &length) == 1 && length == 4) {
            *to++ = (char)byte;
            text += 4;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
}
