/* The table of a search, tune.csv, a row for each result; from it a run that was stopped goes on.
 */
#ifndef TARN_LAB_TUNE_RECORDS_H
#define TARN_LAB_TUNE_RECORDS_H

#include "examples/lab/lib/table.h"
#include "examples/lab/tune/settings.h"

#define TUNE_TABLE "tune.csv"
#define TUNE_COMMAND "tune_command.txt"

typedef struct records {
    const tune_settings *settings;
    table *table;
    int known, *numbers, *rungs; /* of the rows that were there */
    outcome *outcomes;
    int reported;
} records;

/* What stands for an axis in tables: the value, or "" where the optimizer has no such option. */
const char *cell_of(const search *s, const trial *t, int a);

/* Begins the table, and writes the command beside it; or with --resume reads what is there, after
   it compared the command, and gives it to the search. Dies where they do not belong together. */
void records_begin(records *r, const tune_settings *s, search *run);

/* search.report: adds a row. */
void records_add(search *s, trial *t, void *records);

void records_end(records *r);

#endif
