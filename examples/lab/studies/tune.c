/*
 * Random search, a grid or successive halving: which of them has the best setting for the same
 * price? It is ./run tune --compare over a space of three hyperparameters, at the cost of 24 whole
 * trainings for each search, with three seeds; that command has other spaces and more seeds, and
 * tune/search.h says what the three are.
 */
#include "examples/lab/studies/study.h"
#include "examples/lab/tune/compare.h"
#include "examples/lab/tune/names.h"

static void run(const study_settings *s)
{
    static tune_settings t = {.space_text =
                                  "optimizer=adam|momentum,lr=log:1e-4..1e-1,batch=16|32|64",
                              .search = {.trials = 24, .epochs = 2, .eta = 3, .rungs = 3},
                              .images = 5000,
                              .seeds = 3,
                              .validation = 0.2};
    t.digits = s->digits;
    t.out = s->folder;
    t.search.seed = s->seed;
    t.search.threads = tarn_threads();
    space_of(&t.space, t.space_text);
    tune_data data = read_tune_data(&t);
    compare_methods(&t, &data);
    free_tune_data(&data);
}

const study study_tune = {"tune",
                          "random search, a grid or halving: who finds more for the same price?",
                          run,
                          {{0}}}; /* compare_methods() draws it */
