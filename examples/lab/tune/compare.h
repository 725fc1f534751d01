/* The three methods at equal cost, with several seeds. */
#ifndef TARN_LAB_TUNE_COMPARE_H
#define TARN_LAB_TUNE_COMPARE_H

#include "examples/lab/tune/settings.h"

/* Searches by each method with each of the seeds, from --seed on: the seed of a search draws its
   trials and that of each training. Prints the mean and the standard error of the best validation
   accuracy over the cost, and draws them. Writes tune_compare.csv, these means, and tune_runs.csv,
   a row for each search. */
void compare_methods(const tune_settings *s, const tune_data *data);

#endif
