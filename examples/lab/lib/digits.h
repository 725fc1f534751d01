/*
 * What the examples on digits share: the networks, the images, and how good a network is on them.
 * What fails ends the program with a sentence.
 */
#ifndef TARN_LAB_DIGITS_H
#define TARN_LAB_DIGITS_H

#include <tarn.h>

/* LeNet-5 (LeCun et al. 1998) with ReLU and max pooling, (N,28,28,1) to logits (N,10). NULL without
   memory. */
tarn_module *lenet(void);

/* The network of PyTorch's MNIST example, of the same shapes. */
tarn_module *cnn(void);

/* Which images, and where they are. */
typedef struct digits {
    const char *dataset; /* "mnist", "fashion" or "sample"; NULL before it is chosen */
    const char *folder;
} digits;

extern const char *const digits_datasets[];

/* Lines of a table of options (examples/lab/lib/options.h). */
#define DIGITS_OPTIONS(digits)                                                                     \
    OPTION_TEXT_AT(&(digits)->folder, "data", "DIR",                                               \
                   "folder with the data (default: where ./run puts it)"),                         \
        OPTION_CHOICE_AT(&(digits)->dataset, "dataset", "mnist|fashion|sample",                    \
                         "default: mnist if it is there, else sample", digits_datasets)

/* Settles what was not asked for: MNIST where ./run puts it, or without it the sample. */
void digits_choose(digits *d);

/* Reads the images of a split, (28,28,1) each, and normalizes them. */
tarn_dataset *digits_read(const digits *d, tarn_split split);

/* Images as they are in the data, ink 1 and paper 0, become what the networks are trained on by
   (x - mean) / deviation. */
#define DIGITS_MEAN 0.1307
#define DIGITS_DEVIATION 0.3081

typedef struct score {
    double loss;     /* mean over the images */
    double accuracy; /* the part of the images that is classified correctly */
} score;

/* So many images go through a network at once where it does not learn: in large parts, threads wait
   less for each other on a busy machine. */
enum { EVALUATION_BATCH = 1000 };

/* How good the network is on the loader's images; it is in training mode afterwards. */
score evaluate(tarn_module *model, tarn_loader *loader);

/* Makes a mistake of the program, such as a file with the parameters of another network, a sentence
   and exit code 1; without it Tarn aborts. To be called first. */
void die_of_mistakes(void);

#endif
