/* The pictures of a search. */
#ifndef TARN_LAB_TUNE_PICTURES_H
#define TARN_LAB_TUNE_PICTURES_H

#include "examples/lab/tune_search.h"

/* Draws tune.png of tune.csv, and tune_parallel.png of two tables that it writes: tune_lines.csv
   and tune_axes.csv, which say what goes from where to where. */
void draw_search(const search *s, const char *folder);

#endif
