/* Texts from outside, such as the names of files, of which any byte but 0 may be a part. */
#ifndef TARN_LAB_TEXT_H
#define TARN_LAB_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* How many bytes the character of UTF-8 (RFC 3629) takes that begins the text; 0 if none does, and
   at the end of the text. */
size_t text_character(const char *text);

/* Writes the text in one line, as ls --escape does: a backslash, a line feed, a tab and the like as
   \\, \n, \t, other control characters and what is not UTF-8 as \x and two hexadecimal digits. */
void text_print(FILE *stream, const char *text);

/* Turns what text_print() wrote back into the text, in its place. */
void text_undo(char *text);

/* Writes it as a string of JSON, in quotes. What is not UTF-8 becomes U+FFFD. */
void text_print_json(FILE *stream, const char *text);

#endif
