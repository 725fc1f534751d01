/* Which hyperparameters and values there are: of the lab, and the options of the optimizers. */
#ifndef TARN_LAB_TUNE_NAMES_H
#define TARN_LAB_TUNE_NAMES_H

#include <stdbool.h>

#include "examples/lab/tune/space.h"

/* Reads a space, and tells axes of whole numbers. Ends the program with a sentence that begins with
   the part in which something is wrong, such as a name or a value that is none. */
void space_of(space *s, const char *text);

/* Whether the axis of that name is an option of an optimizer, and not of the lab. */
bool is_optimizer_option(const char *name);

/* Whether the optimizer ("adam", "adam:beta1=0.8") has an option of that name. */
bool optimizer_has(const char *optimizer, const char *name);

#endif
