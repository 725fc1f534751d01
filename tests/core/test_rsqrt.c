#include "tests/support/golden.h"

UNARY_TESTS(rsqrt, POSITIVE)
