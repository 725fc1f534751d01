/* What a training step computes: its tape, as a table with times and as a graph. */
#ifndef TARN_LAB_SHOW_TAPE_H
#define TARN_LAB_SHOW_TAPE_H

#include <tarn.h>

/* Trains for a few steps on the loader's first batch, prints the tape of the last of them with
   times, and writes its graph to the file, in the language of Graphviz. */
void show_tape(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, const char *path);

#endif
