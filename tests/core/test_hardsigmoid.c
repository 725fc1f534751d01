#include "tests/support/golden.h"

UNARY_TESTS(hardsigmoid, ANY)
