/*
 * Checkpoints: all that a training needs to go on where it was, in one file.
 *
 *     tarn_checkpoint all = {.model = model, .optimizer = optimizer, .loader = loader, .step =
 * &step}; if (resumes && !tarn_checkpoint_load(&all, path))
 *         ... tarn_error() ...
 *     while (step < steps) {
 *         ... a step ...
 *         if (step % 100 == 0 && !tarn_checkpoint_save(&all, path))
 *             ... tarn_error() ...
 *     }
 *
 * A training that was stopped anywhere between two steps, and goes on in a program that has made
 * the same objects in the same way, ends in the same weights to the bit, whatever the optimizer,
 * with dropout and shuffling. The file is replaced as a whole or not at all, and is on the disk
 * before the old one is gone: a process that is killed, and a disk that is full, leave the last
 * good one. It is a file of the model too, with more in it: tarn_nn_load() and tarn_nn_from_file()
 * read it. docs/saving.md has more.
 */
#ifndef TARN_NN_CHECKPOINT_H
#define TARN_NN_CHECKPOINT_H

#include "data/data.h"
#include "nn/file.h"
#include "optim/optim.h"
#include "optim/schedule.h"

TARN_API_BEGIN

/* A number of the program's own, and a text in an array of so many characters. Lists of them end
   with a name of NULL: {{"best", &best}, {NULL}}. The names of a list differ. */
typedef struct tarn_checkpoint_number {
    const char *name;
    double *number;
} tarn_checkpoint_number;
typedef struct tarn_checkpoint_text {
    const char *name;
    char *text;
    size_t size;
} tarn_checkpoint_text;

enum { TARN_CHECKPOINT_MORE = 3 };

/* What a checkpoint is made of and read back into. All is borrowed; what is NULL is left out, but
   the model. The generator of this thread (tarn_random_state()) is always in it. */
typedef struct tarn_checkpoint {
    tarn_module *model; /* parameters, buffers, and what tarn_nn_describe() was told */
    tarn_optim *optimizer;
    tarn_optim *more_optimizers[TARN_CHECKPOINT_MORE];
    tarn_ema *ema;
    tarn_plateau *plateau;
    tarn_early_stopping *early_stopping;
    tarn_loader *loader; /* its epoch, and the batch that comes next */
    int64_t *step;       /* steps done: the position of all schedules. At least 0 */
    const tarn_checkpoint_number *numbers;
    const tarn_checkpoint_text *texts; /* what stands behind a text's end is set to 0 */
} tarn_checkpoint;

/* Writes the file. False with tarn_error() set, and the old file untouched, if that fails. A NULL,
   a name that stands twice, and a text without an end are mistakes. */
bool tarn_checkpoint_save(const tarn_checkpoint *checkpoint, const char *path);

/* Reads it back. The file must have been made of the same: a network of the same modules and
   numbers, optimizers of the same rules and options for the same parameters in the same groups,
   loaders with as many batches, and so on; the rate is the one that tarn_optim_set_lr() set last.
   (Not looked at, and to be made alike: which parameters are frozen, whether modules train or
   evaluate, the dataset, and the loader's seed.) Else nothing changes, and tarn_error() says what
   differs. */
bool tarn_checkpoint_load(const tarn_checkpoint *checkpoint, const char *path);

/* Saves to a file in a folder that is there, "checkpoint-00000012.safetensors" for the number 12
   (such as the epoch, at least 0), and removes older ones of such names: all but those `keep` with
   the highest numbers or, with .best, all but those with the best metrics and the last one. Of
   equal metrics the later is the better; NaN is the worst. A file in the folder that is no
   checkpoint is left alone. False with tarn_error() set if it could not be saved, when nothing is
   removed, or an old one not be removed. */
#define TARN_CHECKPOINT_KEEP_OPTIONS(OPTION)                                                       \
    OPTION(int, keep, 3) /* at least 1 */                                                          \
    OPTION(bool, best, false)                                                                      \
    OPTION(double, metric, 0)     /* of this one; less is better */                                \
    OPTION(bool, maximize, false) /* more is better */
typedef struct tarn_checkpoint_keep_args {
    const tarn_checkpoint *checkpoint;
    const char *folder;
    int64_t number;
    TARN_OPTIONS(TARN_CHECKPOINT_KEEP_OPTIONS)
} tarn_checkpoint_keep_args;
bool tarn_checkpoint_keep_with(tarn_checkpoint_keep_args args);
#define tarn_checkpoint_keep(checkpoint_, folder_, ...)                                            \
    TARN_CALL(tarn_checkpoint_keep_with, tarn_checkpoint_keep_args, TARN_CHECKPOINT_KEEP_OPTIONS,  \
              .checkpoint = (checkpoint_), .folder = (folder_),                                    \
              .number = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Loads the one with the highest number. False with tarn_error() set as tarn_checkpoint_load(), and
   if there is none. */
bool tarn_checkpoint_load_last(const tarn_checkpoint *checkpoint, const char *folder);

TARN_API_END

#endif
