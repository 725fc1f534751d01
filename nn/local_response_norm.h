/* Local response normalization as a function, for graphs of other programs (nn/exchange/graph.h).
 */
#ifndef TARN_NN_LOCAL_RESPONSE_NORM_H
#define TARN_NN_LOCAL_RESPONSE_NORM_H

#include "nn/extras.h"

/* What tarn_nn_local_response_norm() with these arguments gives for x. NULL after a mistake, also
   for arguments that it refuses. */
tarn_tensor *tarn__local_response_norm(tarn_tensor *x, int size, double alpha, double beta,
                                       double k);

#endif
