/* A study answers one question about training by an experiment: it prints a table with what it
   says in words, and leaves tables and pictures. */
#ifndef TARN_LAB_STUDY_H
#define TARN_LAB_STUDY_H

#include <stdint.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/plots.h"

/* What can be asked for on the command line. */
typedef struct study_settings {
    digits digits;
    const char *folder; /* of tables and pictures: table_in(folder, "study_NAME.csv", ...) */
    long seed;
} study_settings;

/* Each stands in studies/NAME.c, is listed in study.c, and is drawn by plots/study_NAME.gp if it
   has pictures. It takes under a minute on two cores. */
typedef struct study {
    const char *name;
    const char *question; /* a line of --help */
    void (*run)(const study_settings *s);
    drawing pictures[4]; /* ends with a name of NULL */
} study;

extern const study study_rate, study_batch, study_schedule, study_noise, study_escape,
    study_objective, study_bias_correction, study_sparse, study_edge, study_tune, study_recipe;

/* Parts of studies, in files of their own. */
void batch_on_a_bowl(const study_settings *s);
struct training;
void noise_of_steps(struct training *t, const lessons *l, const char *folder);
/* Leaves the gradient of the loader's next batch in the parameters, and returns its loss. */
double gradient_of_next(struct training *t, tarn_loader *loader);

#endif
