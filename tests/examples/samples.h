/* The sample images of digits, and what tests make of them. */
#ifndef TARN_TESTS_EXAMPLES_SAMPLES_H
#define TARN_TESTS_EXAMPLES_SAMPLES_H

#include "data/picture.h"

#define SAMPLES TARN_SOURCE_DIR "/examples/lab/digits/"

enum { SAMPLE_COUNT = 10 };

/* The names of the files; each begins with its digit, which is its place here. */
extern const char *const samples[SAMPLE_COUNT];

/* The caller frees the pixels. */
tarn__image read_sample(int digit);

int64_t bytes_of(tarn__image photo);

/* The image turned around its middle, counterclockwise; beyond its edges it goes on as they are.
   The caller frees the pixels. */
tarn__image turned(tarn__image from, double degrees);

/* Makes its colours their opposites. */
void invert(tarn__image photo);

#endif
