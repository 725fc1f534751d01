#include <criterion/criterion.h>

#include "core/base/text.h"

Test(text, characters_of_utf_8)
{
    const struct {
        const char *text;
        size_t length;
    } cases[] = {{"", 0},
                 {"a", 1},
                 {"\x7F", 1},
                 {"\xC3\xA4", 2},
                 {"\xE2\x82\xAC!", 3},
                 {"\xF0\x9F\x98\x80", 4},
                 {"\xF4\x8F\xBF\xBF", 4},
                 /* A byte of the middle, one cut off, too long a form, a surrogate, too large. */
                 {"\x80", 0},
                 {"\xC3", 0},
                 {"\xE2\x82", 0},
                 {"\xE2\x82(", 0},
                 {"\xC0\x80", 0},
                 {"\xC1\xBF", 0},
                 {"\xE0\x9F\xBF", 0},
                 {"\xF0\x8F\xBF\xBF", 0},
                 {"\xED\xA0\x80", 0},
                 {"\xF4\x90\x80\x80", 0},
                 {"\xF8\x88\x80\x80\x80", 0},
                 {"\xFF", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(tarn_utf8_length(cases[i].text), cases[i].length, "case %zu", i);
        cr_expect_eq(tarn_is_utf8(cases[i].text), i == 0 || cases[i].length > 0, "case %zu", i);
    }
}

Test(text, whole_texts)
{
    cr_expect(tarn_is_utf8("caf\xC3\xA9, \xF0\x9F\x98\x80"));
    cr_expect_not(tarn_is_utf8("caf\xC3\xA9, \xE9t\xE9"));
    cr_expect_not(tarn_is_utf8("cut o\xC3"));
    cr_expect(tarn_is_utf8(NULL));
    cr_expect_eq(tarn_utf8_length(NULL), 0);
}
