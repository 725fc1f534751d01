/* Text files with a table: CSV, TSV, and what spreadsheets write with semicolons. */
#ifndef TARN_DATA_TABLE_H
#define TARN_DATA_TABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tarn__table {
    const char *path; /* borrowed */
    int64_t rows, columns;
    char **cells;   /* (rows, columns) */
    int64_t *lines; /* on which each row begins, from 1 */
    char separator;
    char *text; /* of all cells */
} tarn__table;

/* Reads a table with as many cells in each row: separated by tabs in a file called .tsv or if
   the first line has one, else by semicolons if it has one (numbers can have commas then), else by
   commas. A cell can stand in quotes, and then hold separators, line ends, and quotes as "". Blanks
   around cells and empty lines are left out. False, with tarn_error() set, if the file cannot be
   read, holds no row, or rows of different lengths. */
bool tarn__table_read(tarn__table *table, const char *path);
void tarn__table_free(tarn__table *table);

#endif
