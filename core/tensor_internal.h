/* Tensors from inside the library, beside core/tensor.h. */
#ifndef TARN_CORE_TENSOR_INTERNAL_H
#define TARN_CORE_TENSOR_INTERNAL_H

#include "core/tensor.h"

struct tarn_tensor {
    tarn_shape shape;
    int64_t size;
    tarn_real *values;
    tarn_real *gradients; /* NULL before any */
    bool gradients_stale; /* counts as zero though the bytes are old: the next writer overwrites */
    bool requires_grad;
    struct tarn_tape *tape; /* the owner; NULL if no tape is */
    bool lent;         /* owned by a module or a loader, which frees it; not the caller's to free */
    tarn_tensor *base; /* for a view, the tensor that has the values and the gradient */
    struct tarn_node *node;           /* how it was computed, where recorded */
    const struct tarn_node *last_use; /* while backward tells when gradients are complete */
#ifdef TARN_DEBUG /* see core/life.h; at the end, so that tests without it see the rest */
    bool dead;
    tarn_tensor *next; /* of the same tape, or of those held back */
    uint64_t *sums;    /* of the inputs it was computed from */
#endif
};

/* The tensor that has the values and the gradient: the base of a view, or t itself. */
static inline tarn_tensor *tarn__holder(tarn_tensor *t)
{
    return t->base ? t->base : t;
}

/* Frees the gradient: there is none then. Not for a tensor of a tape. */
void tarn__forget_gradient(tarn_tensor *t);

/* Frees a tensor marked as lent, for its owner. Safe on NULL. */
void tarn__free_lent(tarn_tensor *t);

/* The gradient as it is in memory; NULL if there is none, or it counts as zero. */
const tarn_real *tarn__gradients_now(const tarn_tensor *t);

#endif
