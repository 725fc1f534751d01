#include "tests/support/golden.h"

UNARY_TESTS(gelu, ANY)
