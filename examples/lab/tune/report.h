/* What a search found: a table of the best, which hyperparameter mattered, pictures, and the
   command that trains with the winner. */
#ifndef TARN_LAB_TUNE_REPORT_H
#define TARN_LAB_TUNE_REPORT_H

#include "examples/lab/tune/forest.h"
#include "examples/lab/tune/settings.h"

/* The trials, best first; the caller frees the list. */
trial **ranked(const search *s);

/* The place on an axis as others than the draw see it: of a choice the middle of its part. */
double place_of(const axis *a, double place);

/* Prints the best five trials, as far as there are. */
void print_best(const search *s);

/* How much of the variance of the accuracy each axis explains (forest.h), over the trials of
   the first rung, where all are and all had as much training. One that diverged counts as if it
   guessed. Of fewer than TUNE_FEW trials, nothing: no trees. */
enum { TUNE_FEW = 10 };
importance importance_of(const search *s);

/* Prints it. */
void print_importance(const search *s, const importance *m);

/* Prints the command that trains as this trial does, on all images. */
void print_train_command(const tune_settings *s, const trial *winner);

#endif
