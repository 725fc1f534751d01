/* Which hyperparameters and values there are: of the lab, and the options of the optimizers. */
#ifndef TARN_LAB_TUNE_NAMES_H
#define TARN_LAB_TUNE_NAMES_H

#include <stdbool.h>

#include "examples/lab/tune/space.h"

/* Ends the program with a sentence that begins with the part in which a name or a value is none;
   tells axes of whole numbers. */
void check_names(space *s);

/* Whether the axis of that name is an option of an optimizer, and not of the lab. */
bool is_optimizer_option(const char *name);

/* Whether the optimizer ("adam", "adam:beta1=0.8") has an option of that name. */
bool optimizer_has(const char *optimizer, const char *name);

#endif
