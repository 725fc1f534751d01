/* Where the values between the steps lie in the one buffer that an exported network works in. */
#ifndef TARN_NN_EXCHANGE_PLAN_H
#define TARN_NN_EXCHANGE_PLAN_H

#include "nn/exchange/steps.h"

typedef struct tarn__plan {
    int64_t *at;  /* of each value; -1 for one that is not in the buffer */
    int64_t size; /* of the buffer */
} tarn__plan;

/* sizes has each value's, 0 for what is elsewhere. A value takes the lowest place that is free from
   the step that writes it to the last that reads it; where in_place says that the step can, it may
   take its input's. False with tarn_error() set when memory runs out. */
typedef bool tarn__plan_in_place(const void *context, const tarn__step *step);
bool tarn__plan_of(tarn__plan *plan, const tarn__steps *steps, const int64_t *sizes,
                   tarn__plan_in_place *in_place, const void *context);
void tarn__plan_free(tarn__plan *plan);

#endif
