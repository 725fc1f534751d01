/* Texts from outside, such as the names of files, of which any byte but 0 may be a part. */
#ifndef TARN_LAB_TEXT_H
#define TARN_LAB_TEXT_H

#include <stdio.h>

/* Writes the text in one line, as ls --escape does: a backslash, a line feed, a tab and the like as
   \\, \n, \t, other control characters and what is not UTF-8 as \x and two hexadecimal digits. */
void text_print(FILE *stream, const char *text);

/* Turns what text_print() wrote back into the text, in its place. */
void text_undo(char *text);

/* Writes it as a string of JSON, in quotes. What is not UTF-8 becomes U+FFFD. */
void text_print_json(FILE *stream, const char *text);

#endif
