#ifndef TARN_LAB_PREDICT_PICTURES_H
#define TARN_LAB_PREDICT_PICTURES_H

#include <stdbool.h>

/* Whether the command line names a network of pictures, --model FILE. */
bool wants_model(int argc, char **argv);

/* ./run predict --model FILE IMAGE...: what a network saved by ./run train FOLDER, or by any
   program that describes it (tarn_nn_describe()), takes pictures for. Returns the exit code: 1 if
   one of them cannot be read. */
int predict_pictures(int argc, char **argv);

#endif
