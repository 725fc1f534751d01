/* What a checkpoint consists of, as a list of slots and settings. */
#ifndef TARN_NN_CHECKPOINT_PARTS_H
#define TARN_NN_CHECKPOINT_PARTS_H

#include "core/state.h"
#include "nn/checkpoint.h"
#include "nn/slots.h"

/* All slots in one array: first the model's, then those of the state. */
typedef struct tarn__parts {
    tarn__slots model;
    tarn__state state;
    tarn__slot *slots;
    int count;
    /* What has no place of its own, in slots of the state. */
    uint64_t random;
    tarn_loader_position position;
} tarn__parts;

/* Whether all is given that must be; if not, reports a mistake of tarn_checkpoint_<function>(). */
bool tarn__checkpoint_check(const tarn_checkpoint *c, const char *path, const char *function);

/* Everything; false with tarn_error() set when memory runs out. The parts must stay where they are,
   until they are freed. */
bool tarn__parts_collect(const tarn_checkpoint *c, tarn__parts *parts);
void tarn__parts_free(tarn__parts *parts);

#endif
