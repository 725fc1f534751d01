/* How exported C walks through arrays along their axes, of which those that lie in memory as one
   are one: struct axes of nn/exchange/parts/float/axes.c. */
#ifndef TARN_NN_EXCHANGE_C_AXES_H
#define TARN_NN_EXCHANGE_C_AXES_H

#include "nn/exchange/c_writer.h"

typedef struct tarn__c_axes {
    int count;
    /* The outermost first: how many elements, and how far neighbours are apart in two arrays. */
    int64_t size[TARN_MAX_NDIM], a[TARN_MAX_NDIM], b[TARN_MAX_NDIM];
} tarn__c_axes;

/* One axis more, within those that are there. */
void tarn__c_add_axis(tarn__c_axes *axes, int64_t size, int64_t a, int64_t b);

/* How far neighbours are apart along an axis of ndim, which those of the shape are the last of; 0
   where it has one element, which is repeated. */
int64_t tarn__c_step_of(tarn_shape shape, int axis, int ndim);

/* How many elements there are in the axes from `from` to before `to`. */
int64_t tarn__c_count_of(tarn_shape shape, int from, int to);

/* `static const struct axes LABEL<ending> = {...};` */
void tarn__c_put_axes(tarn__c_writer *w, const tarn__step *step, const char *ending,
                      const tarn__c_axes *axes);

#endif
