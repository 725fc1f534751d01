/* Those of nn/extras.h. */
#include "core/ops/extras.h"
#include "nn/activations.h"
#include "nn/extras.h"

LAYER(gelu_tanh, "GELUTanh", );
LAYER(log_sigmoid, "LogSigmoid", );
LAYER(mish, "Mish", );
LAYER(selu, "SELU", );
LAYER(softsign, "Softsign", );
LAYER(hardsigmoid, "Hardsigmoid", );
LAYER(hardswish, "Hardswish", );
LAYER(glu, "GLU", );

LAYER_WITH(celu, "CELU", alpha, >, "above 0")
