/* Options of convert that are lists. What is none ends the program with a sentence. */
#ifndef TARN_LAB_CONVERT_WORDS_H
#define TARN_LAB_CONVERT_WORDS_H

#include <tarn.h>

/* "0=features.0,7=classifier.1" as a list, which holds a copy of the text, cut up. */
enum { MOST_NAMES = 100 };
typedef struct names {
    char text[4096];
    tarn_nn_name list[MOST_NAMES + 1];
} names;

/* NULL for NULL; what the option is called is for messages. */
const tarn_nn_name *names_of(const char *called, const char *text, names *n);

/* "28,28,1" */
tarn_shape shape_of(const char *called, const char *text);

#endif
