#include "tests/support/golden.h"

UNARY_TESTS(expm1, ANY)
