#include "tests/support/golden.h"

UNARY_TESTS(gelu_tanh, ANY)
