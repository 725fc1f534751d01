/* Tensors from inside the library, beside core/tensor.h. */
#ifndef TARN_CORE_TENSOR_INTERNAL_H
#define TARN_CORE_TENSOR_INTERNAL_H

#include "core/tensor.h"

struct tarn_tensor {
    tarn_shape shape;
    int64_t size;
    tarn_real *values;
    tarn_real *gradients; /* NULL before any */
    bool gradients_stale; /* zero by decree: the bytes are old, and the next writer overwrites */
    bool requires_grad;
    struct tarn_tape *tape; /* the owner; NULL if no tape is */
    bool lent;         /* owned by a module or a loader, which frees it; not the caller's to free */
    tarn_tensor *base; /* for a view, the tensor that has the values and the gradient */
    struct tarn_node *node; /* how it was computed, where recorded */
#ifdef TARN_DEBUG           /* see core/life.h; at the end, so that tests without it see the rest */
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

/* Ends with the gradient: there is none then. Not for one of a tape. */
void tarn__forget_gradient(tarn_tensor *t);

/* Frees a tensor marked as lent, for its owner. Safe on NULL. */
void tarn__free_lent(tarn_tensor *t);

/* The gradient as it is in memory; NULL if there is none, or it is zero by decree. */
const tarn_real *tarn__gradients_now(const tarn_tensor *t);

#endif
