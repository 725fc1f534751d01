/* What ./run tune was asked to do. */
#ifndef TARN_LAB_TUNE_SETTINGS_H
#define TARN_LAB_TUNE_SETTINGS_H

#include "examples/lab/lib/digits.h"
#include "examples/lab/tune/search.h"

typedef struct tune_settings {
    char space_text[1024];
    space space;
    digits digits;
    search_settings search;
    const char *out;
    long images, seeds;
    double validation;
    bool resume, compare;
} tune_settings;

/* Reads the command line and fills in the defaults; on a mistake prints a sentence and exits. */
tune_settings *read_tune_settings(int argc, char **argv);

/* Reads the training images, as many as are asked for, and parts them. */
tune_data read_tune_data(const tune_settings *s);
void free_tune_data(tune_data *data);

/* The command, without what has no influence on results: --threads and --out. */
typedef struct command_text {
    char text[2048];
} command_text;
command_text tune_command(const tune_settings *s);

/* Trains a trial once more, to its end, and gives its accuracy on the test images, which nothing
   else looks at. */
double test_accuracy(const tune_settings *s, const tune_data *data, const trial *t);

#endif
