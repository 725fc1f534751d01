/* Cosine and sine, which Tarn has not: operations of one's own, elementwise, any shape.

       y = cos(x)    dx = -dy sin(x)          y = sin(x)    dx = dy cos(x)

   The program that the page shows has these lines too, where its surface needs them. */
#ifndef TARN_PLAYGROUND_COSINE_H
#define TARN_PLAYGROUND_COSINE_H

#include <tarn.h>

tarn_tensor *cosine(tarn_tensor *x);
tarn_tensor *sine(tarn_tensor *x);

#endif
