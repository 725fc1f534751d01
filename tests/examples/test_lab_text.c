/* Texts of any bytes, as they are printed. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "examples/lab/lib/text.h"

/* What a function writes of a text. */
static char *written(void (*print)(FILE *, const char *), const char *text)
{
    static char result[256];
    FILE *file = fmemopen(result, sizeof result, "w");
    print(file, text);
    fclose(file);
    return result;
}

Test(lab_text, is_escaped_and_back)
{
    static const char text[] = "a\a\b\t\n\v\f\r\\\x01\x7F\xC3\xA4\xFF\xE2\x82 \\x41";
    char *escaped = written(text_print, text);
    cr_expect_str_eq(escaped,
                     "a\\a\\b\\t\\n\\v\\f\\r\\\\\\x01\\x7f\xC3\xA4\\xff\\xe2\\x82 \\\\x41");
    text_undo(escaped);
    cr_expect_str_eq(escaped, text);
    for (int byte = 1; byte < 256; byte++) {
        const char one[] = {(char)byte, '\0'};
        escaped = written(text_print, one);
        text_undo(escaped);
        cr_expect_str_eq(escaped, one);
    }
    /* What text_print() does not write stays. */
    char odd[] = "\\q \\x4 \\";
    text_undo(odd);
    cr_expect_str_eq(odd, "\\q \\x4 \\");
}

Test(lab_text, as_json)
{
    cr_expect_str_eq(written(text_print_json, "a\"\\\n\xC3\xA4\xFF\xC3"),
                     "\"a\\\"\\\\\\u000a\xC3\xA4\\ufffd\\ufffd\"");
}
