#include "examples/lab/lib/text.h"

#include <string.h>

#include <tarn.h>

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
        const size_t length = tarn_utf8_length(text);
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
        const size_t length = tarn_utf8_length(text);
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
