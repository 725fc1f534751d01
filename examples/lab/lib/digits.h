/* The networks and the images of the instruments on digits. What fails ends the program with a
   sentence. */
#ifndef TARN_LAB_DIGITS_H
#define TARN_LAB_DIGITS_H

#include <tarn.h>

#include "examples/lab/lib/options.h"

enum { CLASSES = 10 };

/* The network "lenet" or "cnn" of networks.h for images of digits, (N,28,28,1) to logits (N,10). */
tarn_module *digits_network(const char *name);

/* Which images, and where they are. */
typedef struct digits {
    const char *dataset; /* "mnist", "fashion" or "sample"; NULL before it is chosen */
    const char *folder;
} digits;

extern const char *const digits_datasets[], *const digits_networks[];

/* Lines of a table of options. */
#define DIGITS_OPTIONS(digits)                                                                     \
    OPTION_TEXT_AT(&(digits)->folder, "data", "DIR",                                               \
                   "folder with the data (default: where ./run puts it)"),                         \
        OPTION_CHOICE_AT(&(digits)->dataset, "dataset", "mnist|fashion|sample",                    \
                         "default: mnist if it is there, else sample", digits_datasets)
#define NETWORK_OPTION(name)                                                                       \
    OPTION_CHOICE_AT(name, "model", "lenet|cnn", "default: lenet", digits_networks)

/* Settles what was not asked for: MNIST where ./run puts it, or without it the sample. */
void digits_choose(digits *d);

/* Reads the images of a split, (28,28,1) each, and normalizes them. */
tarn_dataset *digits_read(const digits *d, tarn_split split);

/* Images as they are in the data, ink 1 and paper 0, become what the networks are trained on by
   (x - mean) / deviation. */
#define DIGITS_MEAN 0.1307
#define DIGITS_DEVIATION 0.3081

/* What networks train on and are tested on. */
typedef struct lessons {
    tarn_dataset *training, *test;
    tarn_loader *test_loader;
    uint64_t seed; /* of weights and of the order of the images */
    long steps_per_epoch;
} lessons;

/* Reads the images. */
lessons lessons_new(const digits *d, uint64_t seed);
void lessons_free(lessons *l);

/* Begins to train LeNet on batches of 64 for so many steps, by an optimizer (see optimizers.h) and
   at a rate, with a record. The weights and the batches are the same for every optimizer. */
struct training;
void lesson_begin(struct training *t, const lessons *l, const char *optimizer, double lr,
                  long steps);

#endif
