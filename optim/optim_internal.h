/* The step from inside the library, beside optim/optim.h. */
#ifndef TARN_OPTIM_OPTIM_INTERNAL_H
#define TARN_OPTIM_OPTIM_INTERNAL_H

#include "optim/rule.h"

/* All parameters are worked on in pieces of so many elements, the last of each being shorter, see
   optim.c. Six arrays of a piece fit into 48 KB of first-level cache. */
enum { TARN__PIECE = 2048 };

/* What decoupled decay takes of a weight in this step, as a part of it. */
double tarn__optim_decay(const tarn_optim *self, const tarn_optim_piece *piece);

/* Takes it. */
void tarn__optim_shrink(const tarn_optim *self, const tarn_optim_piece *piece);

/* w -= rate x, shared among threads. */
void tarn__optim_descend(tarn_real *w, const tarn_real *x, int64_t count, double rate);

/* The elements of a piece. */
int64_t tarn__piece_count(const tarn_optim_place *place);

/* What looks on at the steps of an optimizer: watch.c's is a struct that begins with it. Freed with
   free(), together with the optimizer. */
typedef struct tarn__optim_observer {
    void (*before)(tarn_optim *self); /* a step changes the weights */
    void (*after)(tarn_optim *self);
    bool is_calling; /* a function of the user's, which must neither step nor free the optimizer */
} tarn__optim_observer;

#endif
