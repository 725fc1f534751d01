/* Whether a file of the safetensors format is of the slots that it is to fill. */
#ifndef TARN_NN_MATCH_H
#define TARN_NN_MATCH_H

#include "nn/reader.h"

/* What else than the slots may be in the file: nothing; those parts of a checkpoint that belong to
   no model, whose names have a colon, if it is one; anything. */
typedef enum tarn__others {
    TARN__NO_OTHERS,
    TARN__NO_OTHER_WEIGHTS,
    TARN__ANY_OTHERS
} tarn__others;

/* Whether the file has all slots, each with its type and shape, and nothing else but the others.
   The layout is another matter: nn/exchange/layout.h. */
bool tarn__match(tarn__reader *r, const tarn__slot *slots, int count, tarn__others others);

/* Whether the header describes a tensor of the slot's name, type and shape; no more is said. */
bool tarn__match_one(const tarn__reader *r, const tarn__slot *slot);

#endif
