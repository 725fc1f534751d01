/* The pictures of a search. */
#ifndef TARN_LAB_TUNE_PICTURES_H
#define TARN_LAB_TUNE_PICTURES_H

#include "examples/lab/tune/forest.h"
#include "examples/lab/tune/search.h"

/* Draws tune.png of tune.csv, and of tables that it writes tune_parallel.png (tune_lines.csv and
   tune_axes.csv say what goes from where to where) and, if there is something to see, the effect of
   each axis by itself, tune_importance.png (tune_importance.csv, tune_effects.csv). */
void draw_search(const search *s, const importance *m, const char *folder);

#endif
