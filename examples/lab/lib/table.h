/*
 * What the instruments leave: tables, as CSV or as a JSON object a line, in a folder. What cannot
 * be written ends the program with a sentence.
 */
#ifndef TARN_LAB_TABLE_H
#define TARN_LAB_TABLE_H

/* The folder of an instrument's tables and pictures, unless another is asked for. */
#define OUTPUT_FOLDER "pictures"

/* A line of a table of options (examples/lab/lib/options.h). */
#define OUTPUT_OPTION(folder)                                                                      \
    OPTION_TEXT_AT(folder, "out", "DIR", "folder for tables and pictures; default " OUTPUT_FOLDER)

typedef struct output_path {
    char text[4096];
} output_path;

/* folder/name; makes the folder if it is not there. */
output_path output_in(const char *folder, const char *name);

typedef struct table table;

/* Begins a file with the names of the columns, between which there are commas: JSON lines if the
   path ends with .jsonl, else CSV, of which the names are the first line. */
table *table_begin(const char *path, const char *columns);

/* The same for folder/name. */
table *table_in(const char *folder, const char *name, const char *columns);

/* Goes on with a CSV file behind its first bytes; what is behind them is cut off. */
table *table_go_on(const char *path, long bytes);

/* Adds cells to the present row, between which there are commas: table_add(t, "%ld,%.6g", step,
   loss). A cell is a number, nothing (null in JSON), or a word without comma or quote. */
void table_add(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a cell of any text. */
void table_add_text(table *t, const char *text);

/* Adds cells as table_add() does, and ends the row, which from then on is in the file. */
void table_row(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_end_row(table *t);

/* Closes the file. Safe on NULL. */
void table_end(table *t);

#endif
