#include "tests/support/golden.h"

UNARY_TESTS(tanh, ANY)
