/* For tests that run the examples as a user does, in a new and empty folder. */
#ifndef TARN_TESTS_EXAMPLES_SUPPORT_H
#define TARN_TESTS_EXAMPLES_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <criterion/criterion.h>

/* Where they run. */
extern char folder[64];

/* .init and .fini of a suite. */
void make_folder(void);
void remove_folder(void);

/* Runs a command of the shell in the folder; gives its exit code and what it printed. */
int shell(const char *command, char *output, size_t size);

/* The same for an example, such as "spirals" or "lab/train --epochs 1". */
int run(const char *command, char *output, size_t size);

/* Runs a command of the shell there, which must succeed. */
void in_folder(const char *command);

/* Expects exit code 1, and these words in the last line. */
void assert_refused(const char *command, const char *words);

bool folder_is_empty(void);

/* The number behind the last occurrence of the words. */
double number_after(const char *output, const char *words);

/* Expects a file of the folder to be a PNG of this size. */
void assert_png(const char *name, int width, int height);

/* Expects name.png and name.svg to be there, whole, of this size, and the SVG to have marks and
   texts: what draw_plots() leaves. */
void assert_picture(const char *name, int width, int height);

/* Expects a CSV file of the folder to begin with these columns, and every line to have as many.
   Returns the number of lines behind the first. */
int assert_csv(const char *name, const char *columns);

/* The line of a table of the folder that begins with these words; the next call overwrites it. */
const char *line_of(const char *name, const char *words);

/* The number in a column of a line, the first being 0. */
double column(const char *line, int index);

#endif
