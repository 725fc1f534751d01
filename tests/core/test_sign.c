#include "tests/support/golden.h"

UNARY_TESTS(sign, NONZERO)
