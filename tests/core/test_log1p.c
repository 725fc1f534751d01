#include "tests/support/golden.h"

UNARY_TESTS(log1p, POSITIVE)
