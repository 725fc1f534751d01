#include "tests/support/golden.h"

UNARY_TESTS(silu, ANY)
